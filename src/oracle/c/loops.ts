// Loops: they run once or twice as they are, and then to a fixpoint in which bounds that moved are given up.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { decide } from "./conditions.ts";
import type { State } from "./domain.ts";
import { forgetSymbols } from "./forget.ts";
import { joinAll, joinStates, reduceStates } from "./join.ts";
import { type Machine, MOST_PATHS } from "./machine.ts";

type States = readonly State[];

interface LoopParts {
  readonly condition: SyntaxNode | undefined;
  readonly update: SyntaxNode | undefined;
  readonly body: SyntaxNode | undefined;
  /** Whether it may end though there is no condition. */
  readonly ends?: boolean;
}

/** What a loop is made of. */
export function parts(node: SyntaxNode): LoopParts {
  return { condition: node.child("condition"), update: node.child("update"), body: node.child("body") };
}

const MOST_ROUNDS = 5;

/** Runs a loop: a round or two as it is, then to a widened fixpoint. */
export function loop(machine: Machine, states: States, about: LoopParts): State[] {
  const exits: State[] = [];
  const breaks: State[] = [];
  const depth = machine.loopsAround + machine.frames.length - 1;
  // Loops in loops, and in what loops call, multiply: the deeper, the coarser.
  const deep = depth > 2 || machine.left < 0.3;
  let current: State[] = deep ? reduceStates(machine, states, 1) : [...states];
  const peeled = deep ? 0 : depth <= 1 ? 2 : 1;
  for (let round = 0; round < peeled && current.length > 0; round++) {
    current = once(machine, about, { current, exits, breaks });
  }
  tidy(machine, current);
  let head = joinAll(machine, current);
  for (let round = 0; head !== undefined && round < MOST_ROUNDS; round++) {
    const outs: State[] = [];
    const leaving: State[] = [];
    const back = joinAll(machine, once(machine, about, { current: [head], exits: outs, breaks: leaving }));
    if (back !== undefined) tidy(machine, [back]);
    if (back === undefined || round === MOST_ROUNDS - 1 || covers(machine, head, back)) {
      exits.push(...outs);
      breaks.push(...leaving);
      break;
    }
    head = joinStates(machine, head, back, deep || round >= 1);
  }
  const after = reduceStates(machine, [...exits, ...breaks], MOST_PATHS);
  tidy(machine, after);
  return after;
}

/** Between statements; in a macro's statement the expression around it still holds values. */
function tidy(machine: Machine, states: States): void {
  if (machine.site !== undefined) return;
  for (const state of states) forgetSymbols(machine, state, machine.frame);
}

function covers(machine: Machine, head: State, back: State): boolean {
  return reduceStates(machine, [head, back], 2).length === 1;
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
    const { yes, no } = machine.split(current, () => decide(machine, condition));
    into.exits.push(...no);
    inside = yes;
  } else if (about.ends === true) into.exits.push(...current);
  const level = { breaks: into.breaks, continues: [] as State[] };
  machine.frame.loops.push(level);
  const after = body === undefined ? [...inside] : machine.ops.execute(machine, body, inside);
  machine.frame.loops.pop();
  const next = reduceStates(machine, [...after, ...level.continues], MOST_PATHS / 2);
  return update === undefined
    ? next
    : machine.each(next, () => void machine.ops.evaluate(machine, update), MOST_PATHS / 2);
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
