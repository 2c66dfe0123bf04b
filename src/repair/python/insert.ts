// New statements: before or after an existing one, indented as it is, or nowhere when a line
// cannot be added there.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import { functionOf, indentOf, indentUnit, runsWithStatement, sharesLine, statementOf } from "./nodes.ts";
import type { Program } from "./program.ts";

/** Lines of code; an inner array is one level deeper. */
export type Lines = readonly (string | Lines)[];

/** Puts statements in front of the statement that holds a node; undefined where that cannot be done. */
export function insertBefore(program: Program, node: SyntaxNode, lines: Lines): Edit | undefined {
  const statement = statementOf(node);
  if (statement === undefined || sharesLine(program.tree, statement) || !runsWithStatement(node))
    return undefined;
  const indent = indentOf(program.tree, statement);
  const text = render(lines, indentUnit(program.tree))
    .map((line) => `${line}\n${indent}`)
    .join("");
  return { start: statement.start, end: statement.start, text };
}

/** Puts statements after the line on which the node's statement ends; undefined where that cannot be done. */
export function insertAfter(program: Program, node: SyntaxNode, lines: Lines): Edit | undefined {
  const statement = statementOf(node);
  if (statement === undefined || sharesLine(program.tree, statement)) return undefined;
  if (statement.children.some((child) => child.type === "block")) return undefined;
  const { source } = program.tree;
  const newline = source.indexOf("\n", statement.end);
  const end = newline < 0 ? source.length : newline;
  const at = source.charAt(end - 1) === "\r" ? end - 1 : end;
  const indent = indentOf(program.tree, statement);
  const text = render(lines, indentUnit(program.tree))
    .map((line) => `\n${indent}${line}`)
    .join("");
  return { start: at, end: at, text };
}

/**
 * Puts definitions two blank lines apart: in front of the first function or class, or after the
 * imports where the node that needs them runs before that.
 */
export function insertHelper(program: Program, needed: SyntaxNode, lines: Lines): Edit | undefined {
  const { root } = program.tree;
  const text = render(lines, indentUnit(program.tree)).join("\n");
  const first = root.namedChildren.find((child) => /_definition$/.test(child.type));
  const inTime = first !== undefined && (functionOf(needed) !== undefined || first.start < needed.start);
  if (inTime) return { start: first.start, end: first.start, text: `${text}\n\n\n` };
  const last = program.imports.headImports().at(-1);
  if (last !== undefined) return { start: last.end, end: last.end, text: `\n\n\n${text}\n\n` };
  const start = root.namedChildren.find((child) => child.type !== "comment")?.start ?? 0;
  return { start, end: start, text: `${text}\n\n\n` };
}

function render(lines: Lines, unit: string, depth = 0): string[] {
  return lines.flatMap((line) => {
    if (typeof line !== "string") return render(line, unit, depth + 1);
    return [line === "" ? "" : `${unit.repeat(depth)}${line}`];
  });
}
