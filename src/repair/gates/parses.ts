// The fixed side parses, also with Pythons before 3.12, where an f-string's expressions hold
// neither its own quotes nor a backslash.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { literalStart } from "../python/strings.ts";
import { failed, passed, type StaticGate } from "./gate.ts";

/** See the file's head. */
export const parses: StaticGate = ({ before, after, candidate }) => {
  const { firstError } = after.tree;
  if (firstError !== undefined) {
    const line = candidate.slice(0, firstError.start).split("\n").length;
    return failed(`The repaired program does not parse (line ${line}).`);
  }
  const nested = nestedQuotes(after.tree.root);
  if (nested !== undefined && nestedQuotes(before.tree.root) === undefined) {
    const what = "An f-string holds its own quotes or a backslash, which only Python 3.12 and later read";
    return failed(`${what}: ${nested.text}`);
  }
  return passed;
};

function nestedQuotes(root: SyntaxNode): SyntaxNode | undefined {
  for (const node of root.descendants()) {
    if (node.type !== "interpolation" || node.parent?.type !== "string") continue;
    // The format specification is outside of the expression, and may hold what it likes.
    const text = node.child("expression")?.text ?? "";
    if (text.includes(literalStart(node.parent).quote) || text.includes("\\")) return node.parent;
  }
  return undefined;
}
