// CWE-787, CWE-120: a copy is told how much room there is. Where the destination is an array whose
// size the compiler knows, the bounded function takes the place of the unbounded one; a length that
// comes from elsewhere is held against the room before it is used.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { replace } from "../../edits.ts";
import { guardLines, leaveFor } from "../leave.ts";
import { argumentsOfCall, bareC, type CProgram, calledName } from "../program.ts";
import { type CCodemod, type CRewrite, type CSite, callAt, cEdits } from "../rewrite.ts";
import {
  isRepeatable,
  linesAfter,
  linesBefore,
  runsWithItsStatement,
  statementAround,
} from "../statements.ts";
import { scanWidths } from "./scan-width.ts";

type Copy = (site: CSite, call: SyntaxNode, all: readonly SyntaxNode[]) => CRewrite | undefined;

/** See the file's head. */
export const boundedCopy: CCodemod = {
  name: "bounded-copy",
  cwes: [parseCweId("CWE-787"), parseCweId("CWE-120"), parseCweId("CWE-125"), parseCweId("CWE-676")],
  rewrite(site) {
    const call = callAt(site.node);
    const copy = call === undefined ? undefined : copies[calledName(call)];
    if (call === undefined || copy === undefined || !site.program.claim(call)) return undefined;
    return copy(site, call, argumentsOfCall(call));
  },
};

const copies: Readonly<Record<string, Copy>> = {
  strcpy: (site, call, [to, from]) => printed(site, call, [to, from]),
  stpcpy: (site, call, [to, from]) => printed(site, call, [to, from]),
  strcat: (site, call, [to, from]) => appended(site, call, [to, from]),
  sprintf: (site, call, all) => formatted(site, call, { all, bounded: "snprintf" }),
  vsprintf: (site, call, all) => formatted(site, call, { all, bounded: "vsnprintf" }),
  strncpy: (site, call, all) => cutCopy(site, call, all),
  strncat: (site, call, [to, from]) => appended(site, call, [to, from]),
  snprintf: (site, _call, [to, size]) => roomOf(site.program, to, size),
  fgets: (site, _call, [to, size]) => roomOf(site.program, to, size),
  scanf: (site, _call, all) => scanWidths(site.program, all, 0),
  fscanf: (site, _call, all) => scanWidths(site.program, all, 1),
  sscanf: (site, _call, all) => scanWidths(site.program, all, 1),
  memcpy: (site, call, [to, , length]) => held(site, call, { to, length }),
  memmove: (site, call, [to, , length]) => held(site, call, { to, length }),
  memset: (site, call, [to, , length]) => held(site, call, { to, length }),
  read: (site, call, [, to, length]) => held(site, call, { to, length }),
  recv: (site, call, [, to, length]) => held(site, call, { to, length }),
  recvfrom: (site, call, [, to, length]) => held(site, call, { to, length }),
};

/** Whether an expression is an array of characters, whose room `sizeof` tells. */
export function isRoom(program: CProgram, to: SyntaxNode | undefined): to is SyntaxNode {
  const type = program.typeOf(to);
  return type.k === "array" && type.of.k === "int" && type.of.size === 1;
}

function printed(
  { program }: CSite,
  call: SyntaxNode,
  [to, from]: readonly (SyntaxNode | undefined)[],
): CRewrite | undefined {
  if (!isRoom(program, to) || from === undefined || !isStatement(call)) return undefined;
  // Source and destination of snprintf must not overlap.
  if (from.text.includes(to.text)) return undefined;
  return cEdits([replace(call, `snprintf(${to.text}, sizeof(${to.text}), "%s", ${from.text})`)], ["stdio.h"]);
}

function appended(
  { program }: CSite,
  call: SyntaxNode,
  [to, from]: readonly (SyntaxNode | undefined)[],
): CRewrite | undefined {
  if (!isRoom(program, to) || from === undefined) return undefined;
  const room = `sizeof(${to.text}) - strlen(${to.text}) - 1`;
  return cEdits([replace(call, `strncat(${to.text}, ${from.text}, ${room})`)], ["string.h"]);
}

function formatted(
  { program }: CSite,
  call: SyntaxNode,
  { all, bounded }: { all: readonly SyntaxNode[]; bounded: string },
): CRewrite | undefined {
  const [to] = all;
  const name = call.child("function");
  if (to === undefined || name === undefined) return undefined;
  const room = roomText(program, to);
  // What snprintf returns is the length that there was no room for: nobody may go on from it.
  if (room === undefined || !isStatement(call)) return undefined;
  return cEdits([replace(name, bounded), { start: to.end, end: to.end, text: `, ${room}` }]);
}

/** `sizeof(line)` for `line`, `sizeof(line) - strlen(line)` for `line + strlen(line)`, and so on. */
function roomText(program: CProgram, to: SyntaxNode): string | undefined {
  if (isRoom(program, to)) return `sizeof(${to.text})`;
  const node = bareC(to);
  const [left, right] = [node?.child("left"), node?.child("right")];
  if (node?.type !== "binary_expression" || node.child("operator")?.text !== "+" || right === undefined)
    return undefined;
  const isKnown = program.constant(right) !== undefined || right.text === `strlen(${left?.text})`;
  return isKnown && isRoom(program, left) ? `sizeof(${left.text}) - ${right.text}` : undefined;
}

/** `strncpy` leaves no zero where the text fills the room. */
function cutCopy(
  { program }: CSite,
  call: SyntaxNode,
  [to, , size]: readonly SyntaxNode[],
): CRewrite | undefined {
  const statement = statementAround(call);
  if (!isRoom(program, to) || size === undefined || statement === undefined || !isStatement(call))
    return undefined;
  const end = `${to.text}[sizeof(${to.text}) - 1] = '\\0';`;
  return cEdits([replace(size, `sizeof(${to.text}) - 1`), linesAfter(program, statement, [end])]);
}

/** A wrong size becomes the right one. */
function roomOf(
  program: CProgram,
  to: SyntaxNode | undefined,
  size: SyntaxNode | undefined,
): CRewrite | undefined {
  if (size === undefined || to === undefined || size.text === `sizeof(${to.text})`) return undefined;
  const room = roomText(program, to);
  return room === undefined ? undefined : cEdits([replace(size, room)]);
}

/** `if (length > sizeof(buffer)) leave` before the copy. */
function held(
  { program }: CSite,
  call: SyntaxNode,
  { to, length }: { to: SyntaxNode | undefined; length: SyntaxNode | undefined },
): CRewrite | undefined {
  const statement = statementAround(call);
  if (to === undefined || length === undefined || statement === undefined) return undefined;
  const room = program.typeOf(to).k === "array" ? `sizeof(${to.text})` : roomText(program, to);
  if (room === undefined || !isOpen(program, length)) return undefined;
  if (!runsWithItsStatement(call) || !isRepeatable(length)) return undefined;
  const lengthType = program.typeOf(length);
  const isSigned = lengthType.k === "int" && lengthType.signed;
  const big = isSigned
    ? `${length.text} < 0 || (size_t)${asOperand(length)} > ${room}`
    : `${length.text} > ${room}`;
  const leave = leaveFor(program, { at: statement, skippable: true });
  if (leave === undefined) return undefined;
  return cEdits([linesBefore(program, statement, guardLines(big, leave))], leave.headers);
}

/** Whether a length is not the same in every run. */
function isOpen(program: CProgram, length: SyntaxNode): boolean {
  return program.constant(length) === undefined && bareC(length)?.type !== "sizeof_expression";
}

function asOperand(node: SyntaxNode): string {
  return /^(identifier|field_expression|subscript_expression|number_literal|parenthesized_expression)$/.test(
    node.type,
  )
    ? node.text
    : `(${node.text})`;
}

/** Whether nobody looks at what the call returns. */
function isStatement(call: SyntaxNode): boolean {
  const { parent } = call;
  return (
    parent?.type === "expression_statement" ||
    (parent?.type === "cast_expression" && parent.parent?.type === "expression_statement")
  );
}
