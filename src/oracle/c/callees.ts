// What a call calls: a function by its name, by a macro that stands for one, or through a pointer that
// was given one. A function's own value is a region that bears its name.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { load } from "./memory.ts";
import { find, lastingValue } from "./names.ts";
import { typeOfExpression } from "./type-of.ts";
import { type CType, UNKNOWN } from "./types.ts";

const MOST_ALIASES = 4;

/** The name of the function that is called; undefined where it is not known. */
export function calleeName(machine: Machine, callee: SyntaxNode): string | undefined {
  const written = nameOf(callee);
  if (written === undefined) return undefined;
  const variable = callee.type === "identifier" ? find(machine, written) : undefined;
  const held = variable === undefined ? undefined : functionIn(load(machine, variable));
  const own = machine.program.functions.has(written) ? undefined : lastingValue(machine, written);
  return (
    held ??
    (variable === undefined ? functionNamed(machine, own) : undefined) ??
    throughMacros(machine, written)
  );
}

/** `static void (*handler)(int) = on_alarm;` */
function functionNamed(machine: Machine, value: SyntaxNode | undefined): string | undefined {
  const name = value?.type === "pointer_expression" ? value.child("argument")?.text : value?.text;
  return name !== undefined && machine.program.functions.has(name) ? name : undefined;
}

/** The function that an expression leads to which is no name: `(*f)`, `table[0]`, `ops->run`. */
export function functionBehind(machine: Machine, callee: SyntaxNode): string | undefined {
  if (callee.type === "field_expression") {
    const type = typeOfExpression(machine, callee);
    if (type.k !== "pointer" || type.to.k !== "function") return undefined;
  }
  return functionIn(machine.ops.evaluate(machine, callee));
}

/** A function as a value; undefined where none is known by that name. */
export function functionValue(machine: Machine, name: string): Value | undefined {
  const unit = machine.program.functions.get(name);
  if (unit === undefined && machine.model.function(name) === undefined) return undefined;
  const type: CType = { k: "function", returns: unit?.returns ?? UNKNOWN };
  let region = machine.functions.get(name);
  if (region === undefined) {
    region = machine.region({ name, kind: "literal", type, nullness: "no" });
    machine.functions.set(name, region);
  }
  return machine.pointer(region, { k: "pointer", to: type });
}

function functionIn({ to }: Value): string | undefined {
  return to?.region.type.k === "function" && to.region.kind === "literal" ? to.region.name : undefined;
}

function nameOf(callee: SyntaxNode): string | undefined {
  if (callee.type === "identifier") return callee.text;
  if (callee.type === "qualified_identifier" || callee.type === "template_function") {
    return callee.text
      .replace(/<[\s\S]*$/, "")
      .split("::")
      .at(-1);
  }
  return callee.type === "parenthesized_expression" && /^\(\w+\)$/.test(callee.text)
    ? callee.text.slice(1, -1)
    : undefined;
}

/** `#define RUN system`. */
function throughMacros(machine: Machine, written: string): string {
  const { macros } = machine.program;
  let name = written;
  for (let i = 0; i < MOST_ALIASES; i++) {
    const macro = macros.get(name);
    if (macro === undefined || macro.parameters !== undefined || !/^[A-Za-z_]\w*$/.test(macro.text))
      return name;
    name = macro.text;
  }
  return name;
}
