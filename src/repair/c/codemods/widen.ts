// A calculation written in a wider type: a cast on the first factor of every product, and on
// the first summand, so that nothing is calculated in the narrow type any more.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { bareC, type CProgram } from "../program.ts";
import { factors } from "./range-condition.ts";

/** The calculation in the wider type; undefined where it might overflow that one, too. */
export function widened(program: CProgram, node: SyntaxNode, type: string): string | undefined {
  const inner = bareC(node) ?? node;
  if (inner.type !== "binary_expression") return cast(inner, type);
  const operator = inner.child("operator")?.text ?? "";
  const [left, right] = [inner.child("left"), inner.child("right")];
  if (left === undefined || right === undefined) return undefined;
  if (operator === "*") return product(program, inner, type);
  if (operator !== "+" && operator !== "-") return cast(inner, type);
  const a = widened(program, left, type);
  // The left side is wide: a lone summand is widened with it.
  const isLone = bareC(right)?.type !== "binary_expression";
  const b = isLone ? right.text : widened(program, right, type);
  if (a === undefined || b === undefined) return undefined;
  const isSum = bareC(right)?.type === "binary_expression" && right.type === "parenthesized_expression";
  return `${a} ${operator} ${isSum ? `(${b})` : b}`;
}

function product(program: CProgram, node: SyntaxNode, type: string): string | undefined {
  const all = factors(node);
  const open = all.filter((factor) => program.constant(factor) === undefined);
  const known = all.reduce((so, factor) => so * Math.abs(program.constant(factor) ?? 1), 1);
  // Two numbers of 32 bits give one of 62 bits and a sign; a constant may take its share.
  if (open.length > 2 || (open.length === 2 && known > 1) || known > 2 ** 30) return undefined;
  const [first, ...rest] = all;
  if (first === undefined || all.some((factor) => factor.type === "binary_expression")) return undefined;
  return [cast(first, type), ...rest.map(({ text }) => text)].join(" * ");
}

function cast(node: SyntaxNode, type: string): string {
  if (node.type === "number_literal") return `${node.text}LL`.replace(/[uUlL]*LL$/, "LL");
  return /^(identifier|field_expression|subscript_expression|call_expression)$/.test(node.type)
    ? `(${type})${node.text}`
    : `(${type})(${node.text})`;
}
