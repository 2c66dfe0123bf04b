// Names that make what they get a sink: a variable, an attribute, a key, an argument or a function
// called `reset_token` holds or gives something that nobody may foresee.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { deepFacts } from "./values.ts";

const MAX_NAME = 80;

/** Reports what a name that makes a sink gets or gives. */
export function reachReceivers(machine: Machine, value: Value, by: { name: string; at: SyntaxNode }): void {
  const { receivers } = machine.model;
  if (receivers.length === 0 || by.name === "" || by.name.length > MAX_NAME) return;
  const facts = deepFacts(value);
  if (facts.length === 0) return;
  for (const { names, except, bit } of receivers) {
    if (!facts.some(({ mask }) => (mask & bit) !== 0)) continue;
    if (names.test(by.name) && except?.test(by.name) !== true) machine.reach(bit, facts, by.at);
  }
}
