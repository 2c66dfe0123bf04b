// Values that their names tell to be secret: variables, parameters, attributes, keys and functions
// called `password` and the like. A name is no proof, so constants such as None and what is visibly
// something else (a hash, a length) do not count.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Fact, Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { withFacts } from "./values.ts";

const MAX_NAME = 80;

/** A value with what a name tells of it. */
export function namedValue(machine: Machine, value: Value, by: { name: string; at: SyntaxNode }): Value {
  const { name, at } = by;
  if (name === "" || name.length > MAX_NAME || isPlain(value) || isMadeHarmless(machine, at)) return value;
  const facts: Fact[] = [];
  for (const { label, says, mask } of machine.model.namedAs(name)) {
    if (!machine.settings.labels.has(label)) continue;
    const origin = machine.source(at, label, says);
    facts.push({ origin, mask, step: { node: at, message: says, previous: undefined, inner: undefined } });
  }
  return facts.length === 0 ? value : withFacts(value, facts);
}

/** Numbers, truth values, None and the empty text are no secrets; nor are functions and classes. */
function isPlain({ lit, refs }: Value): boolean {
  if (lit !== undefined) return typeof lit.value !== "string" || lit.value === "";
  return refs.some((ref) => ref.kind === "function" || ref.kind === "class");
}

/** `password = hash_of(password)`: what is assigned says itself that it is something else. */
function isMadeHarmless(machine: Machine, at: SyntaxNode): boolean {
  if (at.field !== "left" || at.parent?.type !== "assignment") return false;
  const right = at.parent.child("right");
  if (right?.type === "await" || right?.type === "call") {
    const made = right.type === "await" ? right.namedChildren[0] : right;
    const callee = made?.child("function")?.text ?? "";
    return machine.model.named.some(({ except }) => except?.test(callee) === true);
  }
  return right?.type === "comparison_operator" || right?.type === "not_operator";
}
