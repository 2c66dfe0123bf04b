// Statements of C programs: which one holds a node, whether code before it runs exactly when the
// node would be reached, and new lines before and after it, in braces where there were none.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import type { CProgram } from "./program.ts";

/** Lines of code; an inner array is one level deeper. */
export type Lines = readonly (string | Lines)[];

const BLOCKS = /^(compound_statement|translation_unit|declaration_list|preproc_\w+)$/;

/** The statement that holds a node: a child of a block, of a `case`, or the only one under a header. */
export function statementAround(node: SyntaxNode): SyntaxNode | undefined {
  for (let current = node; current.parent !== undefined; current = current.parent) {
    const { parent, field } = current;
    if (BLOCKS.test(parent.type)) return current;
    if (parent.type === "case_statement" && field !== "value") return current;
    if (isLoneBody(current)) return current;
  }
  return undefined;
}

/** `if (c) statement;`: a statement under a header, without braces. */
function isLoneBody({ parent, field, type }: SyntaxNode): boolean {
  if (parent === undefined || type === "compound_statement") return false;
  if (parent.type === "else_clause") return /_statement$/.test(type) && type !== "if_statement";
  return /^(if|while|for|do)_statement$/.test(parent.type) && (field === "consequence" || field === "body");
}

/** The function around a node. */
export function functionAround(node: SyntaxNode): SyntaxNode | undefined {
  return node.ancestor("function_definition");
}

/** The innermost loop around a statement, within its function. */
export function loopAround(node: SyntaxNode): SyntaxNode | undefined {
  for (let current = node.parent; current !== undefined; current = current.parent) {
    if (/^(while|for|do)_statement$/.test(current.type)) return current;
    if (current.type === "function_definition") return undefined;
  }
  return undefined;
}

/** Whether code put before a node's statement runs exactly when the node would be reached. */
export function runsWithItsStatement(node: SyntaxNode): boolean {
  const statement = statementAround(node);
  if (statement === undefined || statement.type === "field_declaration") return false;
  for (let current = node; current !== statement; ) {
    const { parent, field } = current;
    if (parent === undefined) return false;
    if (/^(while|do)_statement$/.test(parent.type) && field === "condition") return false;
    if (parent.type === "for_statement" && field !== "initializer") return false;
    // `else if (…)`: its condition is looked at only after the first one.
    if (parent.type === "else_clause") return false;
    if (parent.type === "conditional_expression" && field !== "condition") return false;
    if (parent.type === "binary_expression" && field === "right" && isShortCut(parent)) return false;
    if (parent.type === "lambda_expression") return false;
    current = parent;
  }
  return true;
}

function isShortCut(node: SyntaxNode): boolean {
  return /^(&&|\|\|)$/.test(node.child("operator")?.text ?? "");
}

/** Whether an expression can be written twice: it changes nothing and calls nobody. */
export function isRepeatable(node: SyntaxNode): boolean {
  return ![...node.descendants()].some(({ type }) =>
    /^(call_expression|assignment_expression|update_expression|statement_expression)$/.test(type),
  );
}

/** Puts lines in front of a statement. */
export function linesBefore(program: CProgram, statement: SyntaxNode, lines: Lines): Edit[] | undefined {
  if (!startsItsLine(program, statement) || isThere(statement, lines)) return undefined;
  const indent = indentBefore(program, statement);
  const text = render(lines, unitOf(program))
    .map((line) => (line === "" ? "\n" : `${line}\n${indent}`))
    .join("");
  return inBraces(program, statement, [{ start: statement.start, end: statement.start, text }]);
}

/** Puts lines after a statement; `again` where the same line is taken away elsewhere. */
export function linesAfter(
  program: CProgram,
  statement: SyntaxNode,
  lines: Lines,
  { again = false } = {},
): Edit[] | undefined {
  if (!startsItsLine(program, statement) || (!again && isThere(statement, lines))) return undefined;
  const at = endOfLine(program, statement.end);
  if (at === undefined) return undefined;
  const indent = indentBefore(program, statement);
  const text = render(lines, unitOf(program))
    .map((line) => `\n${indent}${line}`)
    .join("");
  return inBraces(program, statement, [{ start: at, end: at, text }]);
}

/** Whether the same line stands beside the statement already: what it did not help, it will not help twice. */
function isThere({ parent, start }: SyntaxNode, [first]: Lines): boolean {
  if (typeof first !== "string") return false;
  return (parent?.namedChildren ?? []).some((other) => other.start !== start && other.text.startsWith(first));
}

/** A lone statement under a header gets braces when it gets company. */
function inBraces(program: CProgram, statement: SyntaxNode, edits: Edit[]): Edit[] | undefined {
  if (!isLoneBody(statement)) return edits;
  const { parent } = statement;
  const index = parent?.children.indexOf(statement) ?? -1;
  const before = parent?.children.slice(0, index).findLast(({ type }) => type !== "comment");
  if (parent === undefined || before === undefined) return undefined;
  const { source } = program.tree;
  if (!/^[ \t]*\r?\n\s*$/.test(source.slice(before.end, statement.start))) return undefined;
  const end = endOfLine(program, statement.end);
  const outer = statementAround(parent.type === "else_clause" ? (parent.parent ?? parent) : parent) ?? parent;
  if (end === undefined) return undefined;
  const closed = `\n${indentBefore(program, outer)}}`;
  const goesOn = /^\s*else\b/.exec(source.slice(end));
  const close: Edit =
    goesOn === null
      ? { start: end, end, text: closed }
      : { start: end, end: end + goesOn[0].length, text: `${closed} else` };
  return [{ start: before.end, end: before.end, text: " {" }, ...edits, close];
}

function startsItsLine({ tree }: CProgram, { start }: SyntaxNode): boolean {
  return tree.source.slice(tree.source.lastIndexOf("\n", start - 1) + 1, start).trim() === "";
}

/** Where the line ends on which a statement ends; undefined where more code follows on it. */
function endOfLine({ tree }: CProgram, end: number): number | undefined {
  const newline = tree.source.indexOf("\n", end);
  const stop = newline < 0 ? tree.source.length : newline;
  const rest = tree.source.slice(end, stop);
  if (!/^\s*(\/\/.*|\/\*.*\*\/\s*)?$/.test(rest)) return undefined;
  return end + rest.trimEnd().length;
}

/** The blanks before a statement on its line. */
export function indentBefore({ tree }: CProgram, { start }: SyntaxNode): string {
  const lineStart = tree.source.lastIndexOf("\n", start - 1) + 1;
  return /^[ \t]*/.exec(tree.source.slice(lineStart, start))?.[0] ?? "";
}

/** What the program indents with. */
export function unitOf({ tree }: CProgram): string {
  return /\{[^\S\n]*\r?\n([ \t]+)\S/.exec(tree.source)?.[1] ?? "    ";
}

/** Lines as text, indented. */
export function render(lines: Lines, unit: string, depth = 0): string[] {
  return lines.flatMap((line) => {
    if (typeof line !== "string") return render(line, unit, depth + 1);
    return [line === "" ? "" : `${unit.repeat(depth)}${line}`];
  });
}
