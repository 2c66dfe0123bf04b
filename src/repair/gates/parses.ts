// The fixed side parses, also with Pythons before 3.12, where an f-string cannot hold its own quotes.
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
    return failed(`An f-string holds its own quotes, which only Python 3.12 and later read: ${nested.text}`);
  }
  return passed;
};

function nestedQuotes(root: SyntaxNode): SyntaxNode | undefined {
  for (const node of root.descendants()) {
    if (node.type !== "interpolation" || node.parent?.type !== "string") continue;
    if (node.text.includes(literalStart(node.parent).quote)) return node.parent;
  }
  return undefined;
}
