// What Python's own parser refuses and tree-sitter's grammar lets through: odd indentation, blocks
// without a statement, `try` without a handler, a comma that leads nowhere. A completion that was cut off behind `def f():`
// must not count as a program that parses.
import { indentationColumn } from "./python-lines.ts";
import type { SyntaxNode } from "./syntax.ts";

const PYTHON_2 = new Set(["print_statement", "exec_statement"]);
const CLAUSES = new Set([
  "elif_clause",
  "else_clause",
  "except_clause",
  "finally_clause",
  "except_group_clause",
]);
const COMPOUND = new Set([
  "if_statement",
  "for_statement",
  "while_statement",
  "try_statement",
  "with_statement",
  "function_definition",
  "class_definition",
  "match_statement",
  "case_clause",
  "decorated_definition",
  "block",
  ...CLAUSES,
]);

/** The first node that Python would refuse for its layout, or undefined. */
export function layoutError(root: SyntaxNode, source: string): SyntaxNode | undefined {
  return firstAmongBlocks(root, (node) => faultOf(node, source));
}

/** The first statement that only Python 2 knows, or undefined. */
export function python2Statement(root: SyntaxNode): SyntaxNode | undefined {
  return firstAmongBlocks(root, (node) => node.children.find(({ type }) => PYTHON_2.has(type)));
}

/** Looks at blocks and compound statements in source order; expressions hold no statements. */
function firstAmongBlocks(
  root: SyntaxNode,
  look: (node: SyntaxNode) => SyntaxNode | undefined,
): SyntaxNode | undefined {
  const stack: SyntaxNode[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const found = look(node);
    if (found !== undefined) return found;
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i];
      if (child !== undefined && COMPOUND.has(child.type)) stack.push(child);
    }
  }
  return undefined;
}

function faultOf(node: SyntaxNode, source: string): SyntaxNode | undefined {
  if (node.type === "block" && isEmpty(node)) return node;
  if (node.type === "block" || node.type === "module") return unevenIn(node, source) ?? openImportIn(node);
  if (node.type === "try_statement" && !node.children.some(({ type }) => CLAUSES.has(type))) return node;
  if (node.type === "match_statement") return undefined;
  return node.children.find(
    (child) =>
      (CLAUSES.has(child.type) || node.type === "decorated_definition") &&
      !sameIndentation(source, node.start, child.start),
  );
}

function isEmpty(block: SyntaxNode): boolean {
  return block.children.every(({ type }) => type === "comment");
}

/** The first statement of a block that is not indented as the block's first one; at the top, not at the margin. */
function unevenIn(block: SyntaxNode, source: string): SyntaxNode | undefined {
  let first: number | undefined;
  for (const child of block.children) {
    if (child.type === "comment" || child.type === ";" || child.type === "ERROR") continue;
    const start = lineStart(source, child.start);
    if (!isBlank(source, start, child.start)) continue;
    if (block.type === "module" && indentationColumn(source, start) > 0) return child;
    if (first !== undefined && !sameIndentation(source, first, child.start)) return child;
    first ??= child.start;
  }
  return undefined;
}

/** `from x import a,` without brackets. */
function openImportIn(block: SyntaxNode): SyntaxNode | undefined {
  return block.children.find(
    ({ type, children }) => type.startsWith("import") && children.at(-1)?.type === ",",
  );
}

/** Compares as Python does: equal with tabs of 8 columns and with tabs of one. */
function sameIndentation(source: string, a: number, b: number): boolean {
  const [startA, startB] = [lineStart(source, a), lineStart(source, b)];
  if (!isBlank(source, startA, a) || !isBlank(source, startB, b)) return true;
  return [8, 1].every(
    (tab) => indentationColumn(source, startA, tab) === indentationColumn(source, startB, tab),
  );
}

function lineStart(source: string, offset: number): number {
  // Searching backwards by hand: lastIndexOf would look for a CR that is nowhere up to the file's start.
  let start = offset;
  while (start > 0 && source[start - 1] !== "\n" && source[start - 1] !== "\r") start--;
  return start;
}

function isBlank(source: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (!" \t\f\ufeff".includes(source[at] ?? "x")) return false;
  }
  return true;
}
