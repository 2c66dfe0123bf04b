// The repair changes code: comments, layout and docstrings are no repair.
import type { GateOutcome } from "../../core/pair.ts";
import type { SyntaxTree } from "../../lang/syntax.ts";
import { failed, passed, type RepairSides } from "./gate.ts";
import { tokensOf } from "./tokens.ts";

/** See the file's head. */
export function changed({
  before,
  after,
}: Pick<RepairSides<{ tree: SyntaxTree }>, "before" | "after">): GateOutcome {
  const tokens = (side: { tree: SyntaxTree }): string => JSON.stringify(tokensOf(side.tree.root));
  return tokens(before) === tokens(after)
    ? failed("Nothing but comments or layout differs from the vulnerable program.")
    : passed;
}
