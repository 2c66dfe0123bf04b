// Switches: what holds at each case, and falling through from one to the next.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { compare } from "./conditions.ts";
import type { State } from "./domain.ts";
import { reduceStates } from "./join.ts";
import { type Machine, MOST_PATHS } from "./machine.ts";

type States = readonly State[];

/** Runs a switch: every case from its label on. */
export function switchStatement(machine: Machine, node: SyntaxNode, states: States): State[] {
  const condition = node.child("condition");
  const body = node.child("body");
  if (condition === undefined || body === undefined) return [...states];
  // A `continue` belongs to the loop around the switch.
  const level = { breaks: [] as State[] };
  machine.frame.scopes.push(new Map());
  machine.frame.loops.push(level);
  let falling: State[] = [];
  let open: State[] = [...states];
  const cases = body.namedChildren;
  const hasDefault = cases.some(
    (item) => item.type === "case_statement" && item.child("value") === undefined,
  );
  for (const item of cases) {
    if (item.type !== "case_statement") {
      falling = machine.ops.execute(machine, item, falling);
      continue;
    }
    const label = item.child("value");
    let entering: State[];
    if (label === undefined)
      entering = machine.each(remaining(machine, condition, cases, states), () => void 0);
    else {
      entering = machine.each(open, () =>
        compare(
          machine,
          "==",
          machine.ops.evaluate(machine, condition),
          machine.ops.evaluate(machine, label),
        ),
      );
      open = machine.each(open, () =>
        compare(
          machine,
          "!=",
          machine.ops.evaluate(machine, condition),
          machine.ops.evaluate(machine, label),
        ),
      );
    }
    const statements = item.namedChildren.filter(({ field }) => field !== "value");
    falling = reduceStates(machine, [...falling, ...entering], MOST_PATHS);
    for (const statement of statements) falling = machine.ops.execute(machine, statement, falling);
  }
  machine.frame.loops.pop();
  machine.frame.scopes.pop();
  return reduceStates(machine, [...falling, ...level.breaks, ...(hasDefault ? [] : open)], MOST_PATHS);
}

/** States in which no case holds. */
function remaining(
  machine: Machine,
  condition: SyntaxNode,
  cases: readonly SyntaxNode[],
  states: States,
): State[] {
  let open: State[] = [...states];
  for (const item of cases) {
    const label = item.type === "case_statement" ? item.child("value") : undefined;
    if (label === undefined) continue;
    open = machine.each(open, () =>
      compare(machine, "!=", machine.ops.evaluate(machine, condition), machine.ops.evaluate(machine, label)),
    );
  }
  return open;
}
