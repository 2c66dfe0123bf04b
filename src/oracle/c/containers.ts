// C++: objects of the standard library's classes. What such an object holds is a block of its own: a
// pointer, reference or iterator into it leads to nothing once the block has moved.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ObjectType } from "./ctype.ts";
import { type Region, taintOf, type Value } from "./domain.ts";
import { constant, type Lin, plus, symbolic, type Taint, times, ZERO } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, fieldOf, lengthOf, rootOf, setTaint } from "./memory.ts";
import { quotedTaint } from "./quoting.ts";
import { type CType, SIZE, sizeOf, UNKNOWN } from "./types.ts";

/** The class of a region's object. */
export function classOf(region: Region | undefined): ObjectType | undefined {
  return region?.type.k === "unknown" ? region.type.object : undefined;
}

/** Whether a value is an object that holds a text. */
export function isText({ type }: Value): boolean {
  return type.k === "unknown" && type.object?.behaves === "text";
}

const DATA = "#data";
const COUNT = "#size";
const FIRST = "#first";
const RESERVED = "#reserved";

/** How many elements or characters an object holds. */
export function countOf(machine: Machine, object: Region): Lin {
  const known = classOf(object)?.count;
  if (known !== undefined) return constant(known);
  const cell = fieldOf(machine, object, COUNT);
  const held = machine.state.cells.get(cell.id)?.lin;
  if (held !== undefined) return held;
  const kind = classOf(object)?.behaves === "text" ? "length" : "other";
  const count = symbolic(machine.symbol(SIZE, kind === "length" ? { kind } : { lo: 0, hi: 2 ** 40 }));
  machine.state.cells.set(cell.id, { type: SIZE, lin: count });
  return count;
}

/** Says how many it holds; undefined for what is not known. */
export function setCount(machine: Machine, object: Region, count: Lin | undefined): void {
  const cell = fieldOf(machine, object, COUNT);
  if (count === undefined) machine.state.cells.delete(cell.id);
  else machine.state.cells.set(cell.id, { type: SIZE, lin: count });
}

/** A pointer to the first element or character. */
export function contentsOf(machine: Machine, object: Region): Value {
  const cell = fieldOf(machine, object, DATA);
  const about = classOf(object);
  const of: CType = about?.of ?? UNKNOWN;
  const type: CType = { k: "pointer", to: of };
  const taint = contentTaint(machine, object);
  const held = machine.state.cells.get(cell.id);
  if (held?.to !== undefined) {
    if (taint !== undefined) setTaint(machine, held.to.region, taint);
    else if (machine.state.taints.get(object.id) === null) machine.state.taints.set(held.to.region.id, null);
    return held;
  }
  const count = countOf(machine, object);
  const one = sizeOf(of);
  const bounded = about?.behaves === "sequence" || about?.behaves === "fixed";
  const block = machine.region({
    name: object.name,
    kind: "heap",
    type: { k: "array", of, count: undefined },
    size: bounded && one !== undefined ? times(count, one) : undefined,
    nullness: "no",
    node: object.node,
    born: taint,
    holder: object,
  });
  if (about?.behaves === "text") {
    block.initialLength = count;
    machine.pin(count);
  }
  const value = machine.pointer(block, type);
  machine.state.cells.set(cell.id, value);
  return value;
}

/** The block that an object holds moves: what points into it leads to nothing. */
export function moveAway(machine: Machine, object: Region, node: SyntaxNode | undefined): void {
  const cell = fieldOf(machine, object, DATA);
  const held = machine.state.cells.get(cell.id);
  machine.state.cells.delete(cell.id);
  if (held?.to === undefined || node === undefined || classOf(object)?.behaves === "fixed") return;
  const root = rootOf(held.to.region);
  const reserved = machine.state.cells.has(fieldOf(machine, object, RESERVED).id);
  if (!reserved) machine.state.freed.set(root.id, { node, frames: [...machine.frames] });
}

/** From now on it grows in its place. */
export function reserve(machine: Machine, object: Region): void {
  machine.state.cells.set(fieldOf(machine, object, RESERVED).id, { type: SIZE, lin: constant(1) });
}

/** What an object holds may be anything now. */
export function forgetContents(machine: Machine, object: Region): void {
  machine.state.cells.delete(fieldOf(machine, object, DATA).id);
  if (classOf(object)?.behaves !== "fixed") setCount(machine, object, undefined);
}

/** Gives an object another one's contents, or those of a text of C. */
export function assignObject(machine: Machine, object: Region, value: Value, node?: SyntaxNode): void {
  const taint = textTaint(machine, value);
  const count = countBehind(machine, object, value);
  if (value.copyOf === object) return;
  const first = beginning(machine, value);
  moveAway(machine, object, node);
  setCount(machine, object, count);
  setTaint(machine, object, taint ?? null);
  setBeginning(machine, object, first);
}

/** The taint of a text, of either kind. */
export function textTaint(machine: Machine, value: Value): Taint | undefined {
  if (value.to !== undefined) return contentTaint(machine, value.to.region);
  return value.taint ?? (value.copyOf === undefined ? undefined : contentTaint(machine, value.copyOf));
}

function countBehind(machine: Machine, object: Region, value: Value): Lin | undefined {
  if (value.to !== undefined && classOf(object)?.behaves === "text")
    return lengthOf(machine, value) ?? undefined;
  const from = value.copyOf;
  if (from === undefined || classOf(from)?.behaves !== classOf(object)?.behaves) return undefined;
  return machine.state.cells.get(fieldOf(machine, from, COUNT).id)?.lin;
}

/** An object that has no name: the result of an operator or call. */
export function temporary(
  machine: Machine,
  type: CType,
  about: { taint: Taint | undefined; count?: Lin | undefined },
): Value {
  const object = machine.region({ name: "", kind: "variable", type, nullness: "no" });
  setCount(machine, object, about.count);
  setTaint(machine, object, about.taint ?? null);
  return { type, copyOf: object, ...(about.taint === undefined ? {} : { taint: about.taint }) };
}

/** `a + b`, where one is an object that holds a text; undefined where none is. */
export function joinTexts(machine: Machine, a: Value, b: Value): Value | undefined {
  const text = isText(a) ? a : isText(b) ? b : undefined;
  if (text === undefined) return undefined;
  const [one, two] = [lengthBehind(machine, a), lengthBehind(machine, b)];
  const begins = beginning(machine, a);
  const character = taintOf(b);
  const own =
    b.lin === undefined || character === undefined
      ? textTaint(machine, b)
      : quotedTaint(machine.state, { value: b, taint: character, first: begins, previous: undefined });
  const made = temporary(machine, text.type, {
    taint: worse(textTaint(machine, a), own),
    count: one === undefined || two === undefined ? undefined : plus(one, two),
  });
  if (made.copyOf !== undefined) setBeginning(machine, made.copyOf, begins);
  return made;
}

/** Of two texts that are put together, the one of which fewer checks have been made decides. */
function worse(a: Taint | undefined, b: Taint | undefined): Taint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.cleared.size < a.cleared.size ? b : a;
}

/** The first character of a text, where it is known. */
function beginning(machine: Machine, { to, copyOf }: Value): Lin | undefined {
  const first = to?.region.text?.codePointAt(0);
  if (first !== undefined) return constant(first);
  return copyOf === undefined ? undefined : machine.state.cells.get(fieldOf(machine, copyOf, FIRST).id)?.lin;
}

function setBeginning(machine: Machine, object: Region, first: Lin | undefined): void {
  const cell = fieldOf(machine, object, FIRST);
  if (first === undefined) machine.state.cells.delete(cell.id);
  else machine.state.cells.set(cell.id, { type: SIZE, lin: first });
}

function lengthBehind(machine: Machine, value: Value): Lin | undefined {
  if (value.to !== undefined) return lengthOf(machine, value) ?? undefined;
  if (value.copyOf !== undefined && isText(value)) return countOf(machine, value.copyOf);
  return value.type.k === "int" ? constant(1) : undefined;
}

/** Nothing is in it yet. */
export function beginEmpty(machine: Machine, object: Region): void {
  const behaves = classOf(object)?.behaves;
  if (behaves === "text" || behaves === "sequence") setCount(machine, object, ZERO);
  machine.state.taints.set(object.id, null);
}

/** What an object holds does no harm to kinds of sink. */
export function clearObject(machine: Machine, object: Region, kinds: readonly string[]): void {
  const taint = contentTaint(machine, object);
  if (taint === undefined) return;
  const cleaned = { ...taint, cleared: new Set([...taint.cleared, ...kinds]) };
  machine.state.taints.set(object.id, cleaned);
  const block = machine.state.cells.get(fieldOf(machine, object, DATA).id)?.to?.region;
  if (block !== undefined) machine.state.taints.set(block.id, cleaned);
}
