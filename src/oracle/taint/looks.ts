// Data that counts as checked where a condition looks at it: a program that asks of an archive
// member's name whether it climbs (`..`, a path function) means to check it. For the archive as a whole, a loop
// has to look at every member and give up at a bad one.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Fact, Origin, Value } from "./domain.ts";
import type { Env } from "./env.ts";
import type { Frame, Machine } from "./machine.ts";
import type { Looks } from "./model.ts";
import { clearFacts, mapFacts } from "./values.ts";

const MAX_DEPTH = 30;

/** What a condition has looked at. */
export interface Looked {
  readonly looks: Looks;
  readonly origins: ReadonlySet<Origin>;
  /** Whether the condition holds for data that is good, or for data that is bad. */
  readonly holdsFor: "good" | "bad";
}

/** What a condition looks at; undefined for most. */
export function lookedAt(machine: Machine, condition: SyntaxNode, frame: Frame): Looked | undefined {
  for (const looks of machine.model.looks) {
    if (!looks.imports.some((name) => machine.imports.has(name)) || !looks.by.test(condition.text)) continue;
    const origins = new Set<Origin>();
    for (const node of condition.descendants()) {
      if (node.type !== "identifier" && node.type !== "attribute") continue;
      if (node.field === "attribute" || node.field === "function") continue;
      const value = machine.evaluate(node, frame);
      const isGiven = isAsked(node, looks) && !isWhole(value, looks);
      for (const fact of value.facts) if (isGiven || isLate(fact, looks)) origins.add(fact.origin);
    }
    if (origins.size > 0) return { looks, origins, holdsFor: polarity(condition, looks) };
  }
  return undefined;
}

const OPPOSITE = { good: "bad", bad: "good" } as const;

/** `".." in name`, `isabs(name)` and `!=` ask for what is bad; other checks for what is good. */
function polarity(node: SyntaxNode, looks: Looks, depth = 0): "good" | "bad" {
  const [first] = node.namedChildren;
  if (depth > MAX_DEPTH || first === undefined) return "good";
  switch (node.type) {
    case "not_operator":
      return OPPOSITE[polarity(node.child("argument") ?? first, looks, depth + 1)];
    case "parenthesized_expression":
      return polarity(first, looks, depth + 1);
    case "boolean_operator": {
      const right = node.child("right") ?? first;
      return polarity(
        /path|\.\.|safe|within|startswith|relative/.test(first.text) ? first : right,
        looks,
        depth + 1,
      );
    }
    case "comparison_operator": {
      const operator = node.child("operators")?.type;
      const asksForDots = operator === "in" && /^[rb]?["']/.test(first.text);
      return asksForDots || operator === "!=" ? "bad" : "good";
    }
    case "call":
      return /\bisabs\(|startswith\(\s*["'(]+[/\\.]+["']/.test(node.text) ? "bad" : "good";
    default:
      return "good";
  }
}

function isLate({ mask, origin }: Fact, { bit, stage, label }: Looks): boolean {
  if (origin.kind === "source" && origin.label === label) return true;
  return (mask & stage) !== 0 && (mask & bit) === 0;
}

/** Given to a function whose name says that it checks: `is_safe_path(member)`. */
function isAsked(node: SyntaxNode, { by }: Looks): boolean {
  const call = node.parent?.type === "argument_list" ? node.parent.parent : undefined;
  return call?.type === "call" && by.test(`${call.child("function")?.text ?? ""}(`);
}

/** The environment in which what was looked at counts as checked; all of it where bad data gives up. */
export function withLooked(env: Env, looked: Looked | undefined, how: { all: boolean }): Env {
  if (looked === undefined) return env;
  const { looks } = looked;
  const checked = env.copy();
  for (const [name, value] of env.values) {
    if (!how.all && isWhole(value, looks)) continue;
    const after = mapFacts(value, (facts) => {
      const kept = facts.flatMap((fact) =>
        isLookedAt(fact, looked) ? clearFacts([fact], ~clearedMask(fact, looks)) : [fact],
      );
      return kept.length === facts.length && kept.every((fact, i) => fact === facts[i]) ? facts : kept;
    });
    if (after !== value) checked.refine(name, after);
  }
  return checked;
}

function clearedMask({ origin }: Fact, { bit, stage, label, alsoMask }: Looks): number {
  const isName = origin.kind === "source" && origin.label === label;
  return bit | stage | (isName ? alsoMask : 0);
}

/** A member's own data, or the parameter that it is an element of. */
function isLookedAt({ origin }: Fact, { origins }: Looked): boolean {
  if (origins.has(origin)) return true;
  if (origin.kind !== "parameter") return false;
  return [...origins].some(
    (other) => other.kind === "parameter" && other.unit === origin.unit && other.index === origin.index,
  );
}

function isWhole(value: Value, looks: Looks): boolean {
  return value.refs.some(
    (ref) => ref.kind === "api" && ref.lineage().some((node) => looks.whole.includes(node)),
  );
}

/** Whether a block ends by giving up: raise, return, or leaving the program. */
export function givesUp(block: SyntaxNode): boolean {
  const last = block.namedChildren.filter((child) => child.type !== "comment").at(-1);
  return (
    last?.type === "raise_statement" ||
    last?.type === "return_statement" ||
    last?.type === "expression_statement"
  );
}

/** After a loop over all members, what each round has checked is checked for good. */
export function keepLooked(machine: Machine, before: Env, round: Env | undefined): Env {
  if (round === undefined || machine.model.looks.length === 0) return before;
  let kept = before;
  for (const { bit, stage, imports } of machine.model.looks) {
    if (!imports.some((name) => machine.imports.has(name))) continue;
    for (const [name, value] of before.values) {
      const after = round.values.get(name);
      if (after === undefined || !value.facts.some(({ mask }) => (mask & bit) !== 0)) continue;
      if (after.facts.some(({ mask }) => (mask & bit) !== 0)) continue;
      if (kept === before) kept = before.copy();
      kept.refine(name, { ...value, facts: clearFacts(value.facts, ~(bit | stage)) });
    }
  }
  return kept;
}
