// Changes in place: `list.append(x)`, `d[key] = x`, `self.name = x`. Values are immutable, so a
// change gives the variable at the root of the expression a new value.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type FunctionUnit, UNKNOWN, type Value } from "./domain.ts";
import { keyOf } from "./guards.ts";
import type { Frame, Machine } from "./machine.ts";
import { bindName } from "./names.ts";
import { elementOf, join, makeValue, withFacts, withField } from "./values.ts";

/** What a change in place does: taint the whole, add at the end, the start, a position or anywhere, turn round. */
type How = "whole" | "end" | "start" | "anywhere" | "reversed" | number;

/** Adds a value to the container that an argument names. */
export function addToArgument(
  machine: Machine,
  node: SyntaxNode,
  change: { value: Value; how: How; frame: Frame },
): void {
  const { value, how, frame } = change;
  const before = machine.evaluate(node, frame);
  const after = added(before, { value, how, frame });
  if (after !== before) update(machine, node, { before, after, delta: value, key: undefined, frame });
}

function added(before: Value, { value, how, frame }: { value: Value; how: How; frame: Frame }): Value {
  if (how === "whole") return withFacts(before, value.facts);
  const { items } = before;
  const next = how === "anywhere" ? undefined : nextPosition(before, frame);
  if (next !== undefined && items !== undefined) {
    if (how === "end") return withField(before, next, value);
    const elements = [...items.fields.values()];
    if (how === "reversed") elements.reverse();
    else elements.splice(how === "start" ? 0 : Number(how), 0, value);
    const fields = new Map(elements.map((element, place) => [String(place), element]));
    return { ...before, items: { ...items, fields } };
  }
  if (how === "reversed") return unplaced(before);
  if (items === undefined || items.fields.size === 0 || how === "end")
    return withField(before, undefined, value);
  // Inserted anywhere, it may stand at any position and under any key.
  const fields = new Map([...items.fields].map(([key, field]) => [key, join(field, value)]));
  return withField({ ...before, items: { ...items, fields } }, undefined, value);
}

/** A list of which nobody knows any more what stands where. */
function unplaced(value: Value): Value {
  return value.items === undefined || value.items.shape === "dict"
    ? value
    : { ...value, items: { ...value.items, fields: new Map(), rest: elementOf(value) } };
}

/** Where a list whose elements are all known goes on; in a loop nobody knows. */
export function nextPosition({ items, facts }: Value, frame: Frame): string | undefined {
  if (items?.shape !== "list" || items.rest !== undefined || frame.loops.length > 0) return undefined;
  const isParameter = facts.some(({ origin }) => origin.kind === "parameter");
  return isParameter || items.fields.size >= MAX_POSITIONS ? undefined : String(items.fields.size);
}

const MAX_POSITIONS = 16;

/** Stores a field (`.name` or a constant key) into the object that a node names. */
export function storeField(
  machine: Machine,
  node: SyntaxNode,
  change: { key: string | undefined; value: Value; frame: Frame },
): void {
  const { key, value, frame } = change;
  const before = machine.evaluate(node, frame);
  const name = key?.startsWith(".") === true ? key.slice(1) : undefined;
  let isInstance = false;
  for (const ref of before.refs) {
    if (name === undefined || (ref.kind !== "instance" && ref.kind !== "class")) continue;
    machine.write(ref.unit.cell(name), value);
    isInstance = true;
  }
  if (name !== undefined) frame.env?.values.delete(`${keyOf(node) ?? ""}.${name}`);
  if (isInstance) return;
  const after = withField(before, key, value);
  if (after !== before) update(machine, node, { before, after, delta: value, key, frame });
}

interface Change {
  readonly before: Value;
  readonly after: Value;
  /** The element that was stored … */
  readonly delta: Value;
  /** … and where. */
  readonly key: string | undefined;
  readonly frame: Frame;
}

function update(machine: Machine, node: SyntaxNode, change: Change): void {
  const { frame, after } = change;
  switch (node.type) {
    case "identifier":
      noteParameterWrite(machine, change);
      rebind(machine, node.text, change);
      return;
    case "attribute": {
      const object = node.child("object");
      const key = `.${node.child("attribute")?.text ?? ""}`;
      if (object !== undefined) storeField(machine, object, { key, value: after, frame });
      return;
    }
    case "subscript": {
      const object = node.child("value");
      const [subscript] = node.childrenOf("subscript").filter((child) => child.named);
      if (object === undefined || subscript === undefined) return;
      const lit = machine.evaluate(subscript, frame).lit;
      storeField(machine, object, {
        key: lit === undefined ? undefined : String(lit.value),
        value: after,
        frame,
      });
      return;
    }
    case "parenthesized_expression":
      if (node.namedChildren[0] !== undefined) update(machine, node.namedChildren[0], change);
      return;
    default:
  }
}

function rebind(machine: Machine, name: string, { before, after, frame }: Change): void {
  if (frame.env === undefined) return;
  if (frame.env.values.has(name)) {
    bindName(machine, name, { value: after, frame });
    return;
  }
  // A container that belongs to an enclosing function or to the module.
  for (let outer: FunctionUnit | undefined = frame.unit.parent; outer !== undefined; outer = outer.parent) {
    if (!outer.locals.has(name)) continue;
    machine.write(outer.cell(name), join(before, after));
    return;
  }
}

/** A container that came in as a parameter changes for the caller as well. */
function noteParameterWrite(machine: Machine, { before, delta, key, frame }: Change): void {
  for (const { origin } of before.facts) {
    if (origin.kind !== "parameter" || origin.unit !== frame.unit || origin.field !== "") continue;
    const { writes, readers } = frame.unit.summary;
    const written = writes.get(origin.index) ?? UNKNOWN;
    const field = key === undefined ? undefined : written.items?.fields.get(key);
    const element = field === undefined ? delta : join(field, delta);
    const grown = join(written, withField(makeValue({}), key, element));
    if (grown === written) continue;
    writes.set(origin.index, grown);
    machine.schedule(readers);
  }
}
