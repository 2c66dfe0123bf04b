// CWE-787, CWE-125: an index is held against the length of the array. A write that does not fit is
// left out; a read that does not fit cannot be, so the function is left.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { replace } from "../../edits.ts";
import { guardLines, leaveFor } from "../leave.ts";
import { argumentsOfCall, bareC, type CProgram, calledName } from "../program.ts";
import { type CCodemod, type CRewrite, cEdits } from "../rewrite.ts";
import { isRepeatable, linesBefore, runsWithItsStatement, statementAround } from "../statements.ts";

/** See the file's head. */
export const indexGuard: CCodemod = {
  name: "index-guard",
  cwes: [parseCweId("CWE-787"), parseCweId("CWE-125"), parseCweId("CWE-120")],
  rewrite({ program, node }) {
    const access = node.type === "subscript_expression" ? node : undefined;
    const index = indexOf(access);
    const array = access?.child("argument");
    if (access === undefined || index === undefined || array === undefined) return undefined;
    if (program.typeOf(array).k !== "array") return undefined;
    const length = lengthText(program, array);
    const statement = statementAround(access);
    if (length === undefined || statement === undefined) return undefined;
    const about = { access, index, length, statement };
    return loopEnd(program, about) ?? growing(program, about) ?? guarded(program, about);
  },
};

interface Access {
  readonly access: SyntaxNode;
  readonly index: SyntaxNode;
  readonly length: { text: string; signed: string };
  readonly statement: SyntaxNode;
}

function indexOf(access: SyntaxNode | undefined): SyntaxNode | undefined {
  const index = access?.child("index") ?? access?.child("indices");
  return index?.type === "subscript_argument_list" ? index.namedChildren[0] : index;
}

/** How many elements there are, as the program would write it. */
function lengthText(program: CProgram, array: SyntaxNode): { text: string; signed: string } | undefined {
  const type = program.typeOf(array);
  if (type.k !== "array") return undefined;
  const size = type.length?.text;
  const isCharacters = type.of.k === "int" && type.of.size === 1;
  const text = isCharacters ? `sizeof(${array.text})` : `sizeof(${array.text}) / sizeof(${array.text}[0])`;
  const isName = size !== undefined && /^[A-Za-z_]\w*$/.test(size);
  return isName
    ? { text: size, signed: size }
    : { text, signed: isCharacters ? `(int)${text}` : `(int)(${text})` };
}

/** `for (i = 0; i <= LENGTH; i++)` goes one too far: the loop ends where the array does. */
function loopEnd(program: CProgram, { access, index, length }: Access): CRewrite | undefined {
  const loop = access.ancestor("for_statement");
  const condition = bareC(loop?.child("condition"));
  const [left, right] = [condition?.child("left"), condition?.child("right")];
  if (condition?.type !== "binary_expression" || left?.text !== index.text || right === undefined)
    return undefined;
  const end =
    program.constant(right) ?? (right.text.includes("sizeof") ? Number.POSITIVE_INFINITY : undefined);
  const elements = program.lengthOf(access.child("argument"));
  const operator = condition.child("operator")?.text;
  if (end === undefined || elements === undefined || !/^<=?$/.test(operator ?? "")) return undefined;
  if (operator === "<" ? end <= elements : end < elements) return undefined;
  const type = program.typeOf(index);
  const most = type.k === "int" && type.signed ? length.signed : length.text;
  return program.claim(condition) ? cEdits([replace(condition, `${index.text} < ${most}`)]) : undefined;
}

/** `text[used++] = c` in a loop: what does not fit is left out; for text one place stays for the zero. */
function growing(program: CProgram, { access, index, length, statement }: Access): CRewrite | undefined {
  if (index.type !== "update_expression" || statement.type !== "expression_statement") return undefined;
  const assignment = access.parent;
  const name = index.child("argument");
  if (assignment?.type !== "assignment_expression" || assignment.child("left") !== access) return undefined;
  if (name === undefined || !isRepeatable(name) || !index.text.endsWith("++")) return undefined;
  const type = program.typeOf(name);
  const isText = /^sizeof\((.+)\)$/.test(length.text) && !length.text.includes("/");
  const signed = type.k === "int" && type.signed;
  const most = `${signed ? length.signed : length.text}${isText ? " - 1" : ""}`;
  return onlyIf(program, statement, `${name.text} < ${most}`);
}

function guarded(program: CProgram, { access, index, length, statement }: Access): CRewrite | undefined {
  if (!isRepeatable(index)) return undefined;
  const type = program.typeOf(index);
  if (type.k !== "int") return undefined;
  // A write can be left out, unless others rely on it: the zero at a text's end, or the index itself.
  const isWrite =
    isWritten(access) &&
    statement.type === "expression_statement" &&
    !/=\s*('\\0'|0|L'\\0')\s*;$/.test(statement.text) &&
    !isUsedAfter(statement, index);
  const text = operand(index);
  const known = /^[A-Za-z_]\w*$/.test(length.text) ? length.text : type.signed ? length.signed : length.text;
  if (isWrite) {
    const low = type.signed ? `${text} >= 0 && ` : "";
    return onlyIf(program, statement, `${low}${text} < ${known}`);
  }
  if (!runsWithItsStatement(access)) return undefined;
  const outside = type.signed ? `${text} < 0 || ${text} >= ${known}` : `${text} >= ${known}`;
  const leave = leaveFor(program, { at: statement, about: index.text, skippable: true });
  if (leave === undefined) return undefined;
  return cEdits([linesBefore(program, statement, guardLines(outside, leave))], leave.headers);
}

/** Whether statements that follow look at the index, too. */
function isUsedAfter(statement: SyntaxNode, index: SyntaxNode): boolean {
  const siblings = statement.parent?.namedChildren ?? [];
  const rest = siblings.slice(siblings.indexOf(statement) + 1);
  return rest.some((node) =>
    [...node.descendants()].some(({ text, type }) => type === index.type && text === index.text),
  );
}

function operand(index: SyntaxNode): string {
  return /^(identifier|field_expression|subscript_expression|number_literal|parenthesized_expression|cast_expression)$/.test(
    index.type,
  ) ||
    (index.type === "binary_expression" && /^[-+*/]$/.test(index.child("operator")?.text ?? ""))
    ? index.text
    : `(${index.text})`;
}

/** The statement becomes the body of an `if`, indented one level deeper. */
function onlyIf(program: CProgram, statement: SyntaxNode, condition: string): CRewrite | undefined {
  const { source } = program.tree;
  const lineStart = source.lastIndexOf("\n", statement.start - 1) + 1;
  const indent = source.slice(lineStart, statement.start);
  // Under a header without braces, or before an `else`, another `if` would change what belongs to what.
  if (indent.trim() !== "" || statement.text.includes("\n")) return undefined;
  if (/^(if|else)/.test(statement.parent?.type ?? "") || /^\s*else\b/.test(source.slice(statement.end)))
    return undefined;
  const unit = /\{[^\S\n]*\r?\n([ \t]+)\S/.exec(source)?.[1] ?? "    ";
  return cEdits([replace(statement, `if (${condition})\n${indent}${unit}${statement.text}`)]);
}

function isWritten(access: SyntaxNode): boolean {
  const { parent } = access;
  if (parent?.type === "assignment_expression") return parent.child("left") === access;
  if (parent?.type === "update_expression") return true;
  return parent?.type === "argument_list" && isCopyTarget(access);
}

function isCopyTarget(access: SyntaxNode): boolean {
  const call = access.ancestor("call_expression");
  return (
    call !== undefined &&
    /^(strcpy|memcpy|snprintf)$/.test(calledName(call)) &&
    argumentsOfCall(call)[0] === access
  );
}
