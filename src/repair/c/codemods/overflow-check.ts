// CWE-190: before a calculation with a number from outside is made, it is held against what the
// type can bear. Products and sums of unsigned numbers are compared by division and subtraction;
// those of `int` are made in a wider type first. CWE-681: one operand is widened before the product.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { replace } from "../../edits.ts";
import { guardLines, leaveFor } from "../leave.ts";
import { argumentsOfCall, bareC, type CProgram, calledName } from "../program.ts";
import { type CCodemod, type CRewrite, type CSite, callAt, cEdits, needsDesign } from "../rewrite.ts";
import { isRepeatable, linesBefore, runsWithItsStatement, statementAround } from "../statements.ts";
import { limitOf } from "./limits.ts";
import { outsideRange } from "./range-condition.ts";
import { widened } from "./widen.ts";

/** See the file's head. */
export const overflowCheck: CCodemod = {
  name: "overflow-check",
  cwes: [190, 191, 680, 681, 789].map((id) => parseCweId(String(id))),
  rewrite(site) {
    if (site.finding.cwes.includes(parseCweId("CWE-789"))) return allocation(site);
    if (site.finding.cwes.includes(parseCweId("CWE-681"))) return castFirst(site);
    const expression = outermost(site.node);
    if (!site.program.claim(expression)) return undefined;
    return (
      intoWiderTarget(site.program, expression) ??
      addedInWiderType(site.program, expression) ??
      inWiderType(site.program, expression) ??
      heldAgainstLimit(site.program, expression)
    );
  },
};

/** The whole calculation that an operation is a part of. */
function outermost(node: SyntaxNode): SyntaxNode {
  let found = node;
  for (let { parent } = node; parent !== undefined; parent = parent.parent) {
    if (parent.type === "binary_expression" && /^[-+*]$/.test(parent.child("operator")?.text ?? ""))
      found = parent;
    else if (
      parent.type === "assignment_expression" &&
      /^[-+]=$/.test(parent.child("operator")?.text ?? "")
    ) {
      return parent;
    } else if (parent.type !== "parenthesized_expression") break;
  }
  return found;
}

/** `long long total = units * cents;`: the target has room, so the product is made in its type. */
function intoWiderTarget(program: CProgram, expression: SyntaxNode): CRewrite | undefined {
  const { parent } = expression;
  const isGiven = /^(init_declarator|assignment_expression)$/.test(parent?.type ?? "");
  const target = parent?.child("declarator") ?? parent?.child("left");
  const [type, own] = [program.typeOf(target), program.typeOf(expression)];
  if (!isGiven || type.k !== "int" || type.size !== 8 || own.k !== "int" || own.size !== 4 || !own.signed)
    return undefined;
  const wide = type.signed ? widened(program, expression, "long long") : undefined;
  return wide === undefined ? undefined : cEdits([replace(expression, wide)]);
}

/** `total += price * count;`: the whole sum is made in the wider type, and fits or is not taken. */
function addedInWiderType(program: CProgram, expression: SyntaxNode): CRewrite | undefined {
  const operator = expression.child("operator")?.text;
  const [left, right] = [expression.child("left"), expression.child("right")];
  if (expression.type !== "assignment_expression" || left === undefined || right === undefined)
    return undefined;
  const [type, other] = [program.typeOf(left), program.typeOf(right)];
  const isInt =
    type.k === "int" &&
    type.size === 4 &&
    type.signed &&
    other.k === "int" &&
    other.size <= 4 &&
    other.signed;
  const statement = statementAround(expression);
  if (!isInt || statement === undefined || !isInPlace(expression) || !/^[-+]=$/.test(operator ?? ""))
    return undefined;
  const isCalculated = bareC(right)?.type === "binary_expression";
  const isSum = isCalculated && bareC(right)?.child("operator")?.text !== "*";
  const added = isCalculated ? widened(program, right, "long long") : right.text;
  const leave = leaveFor(program, { at: statement, skippable: true, silent: true });
  if (added === undefined || leave === undefined) return undefined;
  const name = program.freshName("exact", "exact_value");
  const lines = [
    `const long long ${name} = (long long)${left.text} ${operator?.charAt(0)} ${isSum ? `(${added})` : added};`,
    ...guardLines(`${name} < INT_MIN || ${name} > INT_MAX`, leave),
  ];
  return cEdits(
    [linesBefore(program, statement, lines), replace(expression, `${left.text} = (int)${name}`)],
    ["limits.h", ...leave.headers],
  );
}

/** `(long long)hours * 3600 + …` cannot overflow; whether it fits is asked before it is narrowed. */
function inWiderType(program: CProgram, expression: SyntaxNode): CRewrite | undefined {
  const type = program.typeOf(expression);
  if (expression.type !== "binary_expression" || type.k !== "int" || type.size !== 4 || !type.signed)
    return undefined;
  const wide = widened(program, expression, "long long");
  const statement = statementAround(expression);
  if (wide === undefined || statement === undefined || !isInPlace(expression)) return undefined;
  const leave = leaveFor(program, { at: statement, skippable: true, silent: true });
  if (leave === undefined) return undefined;
  const name = program.freshName("exact", "exact_value");
  const lines = [
    `const long long ${name} = ${wide};`,
    ...guardLines(`${name} < INT_MIN || ${name} > INT_MAX`, leave),
  ];
  return cEdits(
    [linesBefore(program, statement, lines), replace(expression, `(int)${name}`)],
    ["limits.h", ...leave.headers],
  );
}

/** `if (count > SIZE_MAX / size) leave` and its like. */
function heldAgainstLimit(program: CProgram, expression: SyntaxNode): CRewrite | undefined {
  const statement = statementAround(expression);
  const limit = limitOf(program, expression);
  if (statement === undefined || limit === undefined || !isInPlace(expression)) return undefined;
  const outside = outsideRange(program, expression, limit);
  const leave = leaveFor(program, { at: statement, skippable: true, silent: true });
  if (outside === undefined || leave === undefined) return undefined;
  return cEdits(
    [linesBefore(program, statement, guardLines(outside, leave))],
    [limit.header, ...leave.headers],
  );
}

/** Whether the calculation can be looked at before its statement: nothing in it happens twice. */
function isInPlace(expression: SyntaxNode): boolean {
  const isAssignment = expression.type === "assignment_expression";
  const parts = isAssignment ? [expression.child("left"), expression.child("right")] : [expression];
  return (
    runsWithItsStatement(expression) &&
    parts.every((part) => part !== undefined && isRepeatable(part)) &&
    !isGivenInSameStatement(expression)
  );
}

/** `int a = input(), b = a * 2;`: before the statement there is no `a` yet. */
function isGivenInSameStatement(expression: SyntaxNode): boolean {
  const statement = statementAround(expression);
  if (statement?.type !== "declaration") return false;
  const names = new Set(
    statement
      .childrenOf("declarator")
      .map((node) => (node.child("declarator") ?? node).text.replace(/[*\s]/g, "")),
  );
  return [...expression.descendants()].some(({ type, text }) => type === "identifier" && names.has(text));
}

/** A size that is a product is checked as one; for a plain number the program must say what is too much. */
function allocation({ program, node }: CSite): CRewrite | undefined {
  const call = callAt(node);
  const sizes = call === undefined ? [] : argumentsOfCall(call);
  const product = sizes.map(bareC).find((size) => size?.type === "binary_expression");
  const isCounted = call !== undefined && /^(calloc|reallocarray)$/.test(calledName(call));
  if (product === undefined || isCounted) {
    return needsDesign("The size comes from outside and the program does not say how much is too much.");
  }
  const expression = outermost(product);
  return program.claim(expression) ? heldAgainstLimit(program, expression) : undefined;
}

/** `long area = (long)width * height`. */
function castFirst({ program, node }: CSite): CRewrite | undefined {
  const product = bareC(node);
  const left = product?.child("left");
  if (product?.type !== "binary_expression" || left === undefined) return undefined;
  const type = program.typeOf(product);
  if (type.k !== "int") return undefined;
  const wide = type.signed ? "long long" : "unsigned long long";
  let first = left;
  while (first.type === "binary_expression") first = first.child("left") ?? first;
  return cEdits([{ start: first.start, end: first.start, text: `(${wide})` }]);
}
