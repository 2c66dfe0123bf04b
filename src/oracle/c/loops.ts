// Loops: they run once or twice as they are, and then to a fixpoint in which bounds that moved are given up.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { decide } from "./conditions.ts";
import { covers } from "./covers.ts";
import { rangeOfLin, type State, taintOf, unsay } from "./domain.ts";
import { forgetSymbols } from "./forget.ts";
import { joinAll, joinStates, reduceStates } from "./join.ts";
import { type Machine, MOST_PATHS } from "./machine.ts";
import { rangeOf } from "./types.ts";

type States = readonly State[];

interface LoopParts {
  readonly condition: SyntaxNode | undefined;
  readonly update: SyntaxNode | undefined;
  readonly body: SyntaxNode | undefined;
  /** What happens before each round. */
  readonly each?: () => void;
  /** Whether a first round is taken for granted: what it would not go through is empty, and harmless. */
  once?: boolean;
  /** Whether it may end though there is no condition. */
  readonly ends?: boolean;
  /** What happens after each round. */
  readonly after?: (() => void) | undefined;
  /** How many rounds there are still to come in a state, where that is known. */
  readonly left?: (state: State) => number | undefined;
}

/** What a loop is made of. */
export function parts(node: SyntaxNode): LoopParts {
  return { condition: node.child("condition"), update: node.child("update"), body: node.child("body") };
}

/** From this round on, bounds that move are given up. */
const ROUNDS_OF_STEPS = 3;
const MOST_ROUNDS = 7;

/** Runs a loop: a round or two as it is, then to a widened fixpoint. */
export function loop(machine: Machine, states: States, about: LoopParts): State[] {
  const exits: State[] = [];
  const breaks: State[] = [];
  const depth = machine.loopsAround + machine.frames.length - 1;
  // Loops in loops, and in what loops call, multiply: the deeper, the coarser.
  const deep = depth > 2 || machine.left < 0.3;
  let current: State[] = deep ? reduceStates(machine, states, 1) : [...states];
  const known = states.map((state) => about.left?.(state) ?? 0);
  const peeled = Math.max(deep ? 0 : depth <= 1 ? 2 : 1, ...known);
  for (let round = 0; round < peeled && current.length > 0; round++) {
    current = once(machine, about, { current, exits, breaks });
  }
  tidy(machine, current);
  const entry = joinAll(machine, current);
  let head = entry;
  let [narrowing, widened] = [false, false];
  for (let round = 0; head !== undefined && round < MOST_ROUNDS; round++) {
    const found = machine.reports.length;
    const outs: State[] = [];
    const leaving: State[] = [];
    const back = joinAll(machine, once(machine, about, { current: [head], exits: outs, breaks: leaving }));
    if (back !== undefined) tidy(machine, [back]);
    const stable = back === undefined || (!narrowing && covers(head, back));
    if (back === undefined || narrowing || round === MOST_ROUNDS - 1 || (stable && round < (deep ? 1 : 2))) {
      exits.push(...outs);
      breaks.push(...leaving);
      break;
    }
    if (stable && entry !== undefined) {
      // Bounds that were given up on the way come back where the loop itself keeps them.
      if (widened) takeBack(machine, found, back);
      head = joinStates(machine, entry, back);
      narrowing = true;
      continue;
    }
    // What is wrong only where bounds were given up for a moment is not wrong.
    if (widened) takeBack(machine, found, back);
    widened = deep || round >= 1;
    const far = round >= (deep ? 0 : ROUNDS_OF_STEPS);
    head = joinStates(machine, head, back, widened ? (far ? "all" : "steps") : "no");
  }
  const after = reduceStates(machine, [...exits, ...breaks], MOST_PATHS);
  tidy(machine, after);
  return after;
}

/** Findings of a round are not meant, nor is what they forgave. */
function takeBack(machine: Machine, found: number, back: State): void {
  machine.reports.length = found;
  unsay(back);
}

/** Between statements; in a macro's statement the expression around it still holds values. */
function tidy(machine: Machine, states: States): void {
  if (machine.site !== undefined) return;
  for (const state of states) forgetSymbols(machine, state, machine.frame);
}

function once(
  machine: Machine,
  about: LoopParts,
  into: { current: States; exits: State[]; breaks: State[] },
): State[] {
  const { condition, update, body } = about;
  const { current } = into;
  let inside: States = current;
  if (condition !== undefined) {
    machine.each(current, () => checkCounter(machine, condition, about), 1);
    const { yes, no } = machine.split(current, () => decide(machine, condition));
    into.exits.push(...no);
    inside = yes;
  } else if (about.ends === true) {
    const known = current.map((state) => about.left?.(state));
    into.exits.push(
      ...current.filter((_, i) => known[i] === 0 || (known[i] === undefined && about.once !== true)),
    );
    inside = current.filter((_, i) => known[i] !== 0);
    about.once = false;
  }
  if (about.each !== undefined) inside = machine.each(inside, about.each, MOST_PATHS / 2);
  const level = { breaks: into.breaks, continues: [] as State[] };
  machine.frame.loops.push(level);
  const after = body === undefined ? [...inside] : machine.ops.execute(machine, body, inside);
  machine.frame.loops.pop();
  const reached = reduceStates(machine, [...after, ...level.continues], MOST_PATHS / 2);
  const next = about.after === undefined ? reached : machine.each(reached, about.after, MOST_PATHS / 2);
  return update === undefined
    ? next
    : machine.each(next, () => void machine.ops.evaluate(machine, update), MOST_PATHS / 2);
}

/** `i < n`, where `i` is too narrow a type to get as far as `n` may be (CodeQL: ComparisonWithWiderType). */
function checkCounter(machine: Machine, condition: SyntaxNode, about: LoopParts): void {
  const inner = condition.type === "parenthesized_expression" ? condition.namedChildren[0] : condition;
  const [left, right] = [inner?.child("left"), inner?.child("right")];
  if (inner?.type !== "binary_expression" || left?.type !== "identifier" || right === undefined) return;
  if (!/^(?:<=?|!=)$/.test(inner.child("operator")?.text ?? "")) return;
  const counter = machine.ops.evaluate(machine, left);
  if (counter.type.k !== "int" || counter.type.size > 2 || !stepsBy(left.text, about)) return;
  const bound = machine.ops.evaluate(machine, right);
  if (bound.lin === undefined || bound.type.k !== "int" || bound.type.size <= counter.type.size) return;
  const most = rangeOfLin(machine.state, bound.lin).hi;
  if (most > rangeOf(counter.type).hi) machine.report("arithmetic", inner, { taint: taintOf(bound) });
}

function stepsBy(name: string, { update, body }: LoopParts): boolean {
  const pattern = new RegExp(`(?:\\+\\+\\s*${name}\\b|\\b${name}\\s*(?:\\+\\+|\\+=))`);
  return pattern.test(update?.text ?? "") || pattern.test(body?.text ?? "");
}

/** Runs a loop that is entered before its condition is asked. */
export function doStatement(machine: Machine, node: SyntaxNode, states: States): State[] {
  const { condition, body } = parts(node);
  const level = { breaks: [] as State[], continues: [] as State[] };
  machine.frame.loops.push(level);
  const first = body === undefined ? [...states] : machine.ops.execute(machine, body, states);
  machine.frame.loops.pop();
  const after = reduceStates(machine, [...first, ...level.continues], MOST_PATHS);
  const once = /^\(?\s*(?:0|false)\s*\)?$/.test(condition?.text ?? "");
  const rest = once ? after : loop(machine, after, { condition, update: undefined, body });
  return reduceStates(machine, [...rest, ...level.breaks], MOST_PATHS);
}
