// C++: calls that only C++ has: casts that are written as calls, and classes of the standard library that
// are called by their names.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { objectTypeOf } from "./classes.ts";
import { temporary, textTaint } from "./containers.ts";
import type { Value } from "./domain.ts";
import { constant, type Lin, symbolic } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { convert, store } from "./memory.ts";
import { isOwner, makeOwned } from "./owners.ts";
import { placeOf } from "./places.ts";
import { type CType, rangeOf, SIZE, typeOfSpecifier, UNKNOWN } from "./types.ts";

/** C++: `static_cast<T>(x)` and the like; a `dynamic_cast` of a pointer may find another class. */
export function castTo(machine: Machine, callee: SyntaxNode, argument: SyntaxNode): Value {
  const value = machine.ops.evaluate(machine, argument);
  if (callee.text.startsWith("dynamic_cast") && callee.text.includes("*")) {
    const fits = machine.choose(() => [true, false]) === true;
    if (fits || value.to === undefined) return value;
    const nothing = machine.region({
      name: "cast",
      kind: "outside",
      type: UNKNOWN,
      nullness: "yes",
      node: callee,
    });
    return machine.pointer(nothing, value.type);
  }
  const type = callee.text.startsWith("static_cast") ? castType(machine, callee) : undefined;
  if (type !== undefined) return convert(machine, value, type);
  // What is moved from a smart pointer leaves nothing in it.
  if (/^(?:std::)?move\b/.test(callee.text) && isOwner(value.type)) {
    const place = placeOf(machine, argument, "address");
    if (place !== undefined) store(machine, place.region, machine.pointer(machine.nullRegion, place.type));
  }
  return value;
}

/** The number's type that a `static_cast` names. */
function castType(machine: Machine, callee: SyntaxNode): CType | undefined {
  const named = [...callee.descendants()].find(({ type }) => type === "type_descriptor");
  const type = typeOfSpecifier(named, machine.program.types);
  return type.k === "int" || type.k === "float" ? type : undefined;
}

/** C++: `std::numeric_limits<T>::max()`. */
function limitOf(machine: Machine, callee: SyntaxNode): Value | undefined {
  const which = /^std::numeric_limits<[^()]*>::(max|min|lowest)$/.exec(callee.text)?.[1];
  if (which === undefined) return undefined;
  const named = [...callee.descendants()].find(({ type }) => type === "type_descriptor");
  const type = typeOfSpecifier(named, machine.program.types);
  const { lo, hi } = rangeOf(type);
  return type.k === "int" ? { type, lin: constant(which === "max" ? hi : lo) } : { type };
}

/** How long a number is as a text. */
function digits(machine: Machine): Lin {
  return symbolic(machine.symbol(SIZE, { lo: 1, hi: 24 }));
}

/** C++: calls by the name of a class, or of what makes smart pointers. */
export function makeOfClass(
  machine: Machine,
  {
    node,
    callee,
    name,
    values,
  }: { node: SyntaxNode; callee: SyntaxNode; name: string; values: readonly Value[] },
): Value | undefined {
  const owned = makeOwned(machine, { node, name, values });
  if (owned !== undefined) return owned;
  const limit = limitOf(machine, callee);
  if (limit !== undefined) return limit;
  if (!callee.text.startsWith("std::")) return undefined;
  const type = objectTypeOf(name === "to_string" ? "string" : name);
  if (type === undefined) return undefined;
  if (name === "to_string") return temporary(machine, type, { taint: undefined, count: digits(machine) });
  const taint = values.map((value) => textTaint(machine, value)).find((found) => found !== undefined);
  return temporary(machine, type, { taint });
}
