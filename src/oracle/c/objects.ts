// C++ objects, as far as they are followed: which object a method is called on, strings and streams
// that are added to, lines that are read into them.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { checkPointer } from "./bounds.ts";
import { assignObject, classOf } from "./containers.ts";
import type { Region } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { source } from "./memory.ts";
import { placeOf } from "./places.ts";

/** The object that a method is called on; undefined where it is none of the file's classes. */
export function selfOf(machine: Machine, object: SyntaxNode, callee: SyntaxNode): Region | undefined {
  const arrow = callee.children.some(({ type }) => type === "->");
  if (!arrow) {
    const place = placeOf(machine, object, "address");
    return place?.type.k === "struct" ? place.region : undefined;
  }
  const value = machine.ops.evaluate(machine, object);
  if (value.to === undefined || value.to.region.type.k !== "struct") return undefined;
  checkPointer(machine, value, callee);
  return value.to.region;
}

/** The variable that a chain of calls or of `<<` changes: `out` in `out.append(a).append(b)`. */
export function holderOf(machine: Machine, node: SyntaxNode): Region | undefined {
  let at: SyntaxNode | undefined = node;
  while (at !== undefined && at.type !== "identifier") {
    at =
      at.child("left") ??
      at.child("argument") ??
      at.child("function") ??
      (at.type === "parenthesized_expression" ? at.namedChildren[0] : undefined);
  }
  return at === undefined ? undefined : placeOf(machine, at, "address")?.region;
}

/** `std::getline(stream, text)`: false where it is C's function of that name. */
export function readsLine(machine: Machine, node: SyntaxNode, nodes: readonly SyntaxNode[]): boolean {
  const [stream, text] = nodes;
  if (stream === undefined || text === undefined || stream.type === "pointer_expression") return false;
  const from = machine.ops.evaluate(machine, stream);
  const place = placeOf(machine, text, "address");
  if (from.to !== undefined || place === undefined || place.type.k === "pointer") return false;
  const own =
    classOf(from.copyOf)?.behaves === "stream"
      ? undefined
      : source(machine, node, { kind: "local", says: "a line of input" });
  const taint = from.taint ?? own;
  if (classOf(place.region) !== undefined) {
    assignObject(
      machine,
      place.region,
      { type: place.type, ...(taint === undefined ? {} : { taint }) },
      node,
    );
    return true;
  }
  machine.state.cells.set(
    place.region.id,
    taint === undefined ? { type: place.type } : { type: place.type, taint },
  );
  return true;
}
