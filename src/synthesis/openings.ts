// Openings: the beginning of a seed, up to a statement before its weakness. A completion model
// writes the rest, and writes it as it always does: that is how weak programs of its own are had
// (the paper shows a model whole examples; a small model that only continues text needs a beginning).
import type { Finding } from "../core/finding.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import type { SyntaxNode } from "../lang/syntax.ts";
import { LineIndex } from "../util/text.ts";

const FUNCTIONS = ["function_definition", "lambda"];
// Python's grammar and C's name a block of statements differently.
const BLOCKS = ["block", "compound_statement"];

/** Beginnings of a program that stop between the source of a finding and its sink, shortest first. */
export function openingsOf(code: string, findings: readonly Finding[], language: LanguageSupport): string[] {
  const lines = new LineIndex(code);
  const { root } = language.parse(code);
  const cuts = new Set<number>();
  for (const finding of findings) {
    for (const offset of cutsFor(root, finding, lines)) cuts.add(offset);
  }
  return [...cuts].sort((a, b) => a - b).map((offset) => code.slice(0, offset));
}

function cutsFor(root: SyntaxNode, finding: Finding, lines: LineIndex): number[] {
  const sink = lines.offset(finding.region.startLine, finding.region.startColumn);
  const body = enclosingFunction(root, sink);
  if (body === undefined) return [];
  const source = finding.codeFlow?.[0]?.region;
  const known = source === undefined ? body.start : lines.offset(source.endLine, source.endColumn);
  const from = Math.max(body.start, Math.min(known, sink));
  return statementsIn(body)
    .filter((statement) => statement.start >= from && statement.start <= sink)
    .map((statement) => lines.offset(lines.position(statement.start).line, 1));
}

function enclosingFunction(root: SyntaxNode, offset: number): SyntaxNode | undefined {
  let found: SyntaxNode | undefined;
  for (const node of root.descendants()) {
    if (FUNCTIONS.includes(node.type) && node.start <= offset && offset < node.end) found = node;
  }
  return found?.child("body");
}

/** Statements at any depth that begin a line of their own; a docstring is none. */
function statementsIn(block: SyntaxNode): SyntaxNode[] {
  return [...block.descendants()].filter(
    (node) =>
      BLOCKS.includes(node.parent?.type ?? "") && node.named && node.type !== "comment" && !isDocstring(node),
  );
}

function isDocstring(statement: SyntaxNode): boolean {
  return statement.type === "expression_statement" && statement.namedChildren[0]?.type === "string";
}
