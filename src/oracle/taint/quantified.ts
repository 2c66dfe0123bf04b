// `all(check(c) for c in text)` and `any(bad(c) for c in text)`: what is proven of each element is
// proven of the whole.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Guard, NO_GUARD, type Refinement } from "./env.ts";
import type { Frame, Machine } from "./machine.ts";
import { elementOf } from "./values.ts";

/** What such a call proves; `inner` says what a condition proves, `keyOf` names what a check can refine. */
export function quantifiedGuard(
  machine: Machine,
  call: SyntaxNode,
  by: {
    frame: Frame;
    inner: (condition: SyntaxNode) => Guard;
    keyOf: (node: SyntaxNode) => string | undefined;
  },
): Guard {
  const { frame, inner, keyOf } = by;
  const name = call.child("function")?.text;
  const generator = generatorOf(call);
  if ((name !== "all" && name !== "any") || generator === undefined || frame.env === undefined)
    return NO_GUARD;
  const { variable, whole, body } = generator;
  const key = keyOf(whole);
  if (key === undefined) return NO_GUARD;
  const before = frame.env;
  frame.env = before.copy();
  machine.assign(variable, elementOf(machine.evaluate(whole, frame)), frame);
  const guard = inner(body);
  frame.env = before;
  const ofWhole = (refinements: readonly Refinement[]): Refinement[] =>
    refinements.flatMap((one) => (one.key === variable.text ? [{ ...one, key }] : []));
  return name === "all"
    ? { whenTrue: ofWhole(guard.whenTrue), whenFalse: [] }
    : { whenTrue: [], whenFalse: ofWhole(guard.whenFalse) };
}

/** The parts of a generator expression with one loop and no condition. */
function generatorOf(
  call: SyntaxNode,
): { variable: SyntaxNode; whole: SyntaxNode; body: SyntaxNode } | undefined {
  const list = call.child("arguments");
  const generator = list?.type === "generator_expression" ? list : list?.namedChildren[0];
  if (generator?.type !== "generator_expression" && generator?.type !== "list_comprehension")
    return undefined;
  const clauses = generator.namedChildren.filter(
    ({ type }) => type === "for_in_clause" || type === "if_clause",
  );
  const variable = clauses[0]?.child("left");
  const [whole] = clauses[0]?.childrenOf("right") ?? [];
  const body = generator.child("body");
  if (clauses.length !== 1 || variable?.type !== "identifier" || whole === undefined || body === undefined)
    return undefined;
  return { variable, whole, body };
}
