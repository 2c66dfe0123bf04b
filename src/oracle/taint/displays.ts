// Displays: lists, tuples, sets and dictionaries as a program writes them.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Literal, UNKNOWN, type Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { clearFacts, deepFacts, elementOf, join, makeValue, mapFacts, moveOn, withFacts } from "./values.ts";

/** `[a, *b]`, `(a, b)`, `{a, b}`. */
export function evaluateDisplay(
  machine: Machine,
  node: SyntaxNode,
  at: { shape: "list" | "tuple" | "set"; frame: Frame },
): Value {
  const fields = new Map<string, Value>();
  let rest: Value | undefined;
  for (const child of node.children) {
    if (!child.named || child.type === "comment") continue;
    const value = machine.evaluate(child, at.frame);
    const isSplat = child.type === "list_splat";
    if (isSplat || rest !== undefined || fields.size >= MAX_POSITIONS) {
      const element = isSplat ? elementOf(value) : value;
      rest = rest === undefined ? element : join(rest, element);
    } else fields.set(String(fields.size), value);
  }
  return makeValue({ items: { shape: at.shape, fields, rest } });
}

const MAX_POSITIONS = 40;

/** `{"key": value, **others}`. */
export function evaluateDictionary(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const fields = new Map<string, Value>();
  let rest: Value | undefined;
  for (const child of node.children) {
    if (child.type === "pair") {
      const key = part(machine, child, { field: "key", frame });
      const value = part(machine, child, { field: "value", frame });
      const given = underKey(machine, key.lit?.value, value);
      if (key.lit !== undefined && fields.size < MAX_POSITIONS) fields.set(String(key.lit.value), given);
      else rest = rest === undefined ? value : join(rest, value);
    } else if (child.type === "dictionary_splat") {
      const value = spread(machine, child, frame);
      for (const [name, field] of value.items?.fields ?? []) fields.set(name, field);
      if (value.facts.length > 0 || value.items === undefined) {
        // Keys that nobody knows may be those given before.
        const any = elementOf(value);
        for (const [name, field] of fields) fields.set(name, withFacts(field, deepFacts(any)));
        rest = rest === undefined ? any : join(rest, any);
      } else if (value.items.rest !== undefined)
        rest = rest === undefined ? value.items.rest : join(rest, value.items.rest);
    }
  }
  return makeValue({ items: { shape: "dict", fields, rest } });
}

/** A value in a dictionary that some library reads: `{"$eq": value}` asks for a value, `{"$where": value}` runs code. */
function underKey(machine: Machine, key: Literal["value"] | undefined, value: Value): Value {
  if (typeof key !== "string" || !key.startsWith("$")) return value;
  const harmless = machine.model.wrappers.get(key);
  if (harmless !== undefined) return mapFacts(value, (facts) => clearFacts(facts, ~harmless));
  const stage = machine.model.entries.get(key);
  return stage === undefined ? value : mapFacts(value, (facts) => moveOn(facts, stage));
}

function part(machine: Machine, pair: SyntaxNode, at: { field: string; frame: Frame }): Value {
  const child = pair.child(at.field);
  return child === undefined ? UNKNOWN : machine.evaluate(child, at.frame);
}

function spread(machine: Machine, splat: SyntaxNode, frame: Frame): Value {
  const [inner] = splat.namedChildren;
  return inner === undefined ? UNKNOWN : machine.evaluate(inner, frame);
}
