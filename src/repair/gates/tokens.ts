// Programs as tokens without layout and comments: what gates compare.
import type { SyntaxNode } from "../../lang/syntax.ts";

/** The tokens below a node: leaves in order, without comments and layout. */
export function tokensOf(node: SyntaxNode, { strings = true } = {}): string[] {
  const out: string[] = [];
  const visit = (current: SyntaxNode): void => {
    if (current.type === "comment" || isDocstring(current)) return;
    if (!strings && current.type === "string_content") return;
    if (current.children.length === 0 || current.type === "string_content") {
      const text = current.text.trim();
      if (text !== "") out.push(text);
      return;
    }
    for (const child of current.children) visit(child);
  };
  visit(node);
  return out;
}

/** Tokens as words, strings taken apart: what a statement is about. */
export function wordsOf(node: SyntaxNode, { strings = true } = {}): string[] {
  return tokensOf(node, { strings }).flatMap((token) => token.match(/[\w.$-]*\w[\w.$-]*/g) ?? []);
}

/** A statement that is nothing but a string. */
export function isDocstring(node: SyntaxNode): boolean {
  if (node.type !== "expression_statement") return false;
  const [only, ...more] = node.namedChildren;
  return more.length === 0 && /^(string|concatenated_string)$/.test(only?.type ?? "");
}

/** How much of one bag of words is in another, 0 to 1. */
export function overlap(words: readonly string[], others: readonly string[]): number {
  if (words.length === 0) return 1;
  const left = new Map<string, number>();
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of words) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared++;
  }
  return shared / words.length;
}

/** Nodes of a type in one program that have no equal in another, by their tokens. */
export function newNodes(
  before: SyntaxNode,
  after: SyntaxNode,
  wanted: (node: SyntaxNode) => boolean,
): SyntaxNode[] {
  const key = (node: SyntaxNode): string => tokensOf(node).join(" ");
  const known = new Map<string, number>();
  for (const node of before.descendants()) {
    if (!wanted(node)) continue;
    const tokens = key(node);
    known.set(tokens, (known.get(tokens) ?? 0) + 1);
  }
  return [...after.descendants()].filter((node) => {
    if (!wanted(node)) return false;
    const tokens = key(node);
    const count = known.get(tokens) ?? 0;
    known.set(tokens, count - 1);
    return count <= 0;
  });
}
