// The condition under which a calculation leaves the range of its type, written so that nothing in
// the condition itself can overflow.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { bareC, type CProgram } from "../program.ts";
import type { Limit } from "./limits.ts";

/** See the file's head; undefined where no simple condition says it. */
export function outsideRange(program: CProgram, expression: SyntaxNode, limit: Limit): string | undefined {
  const operator = (expression.child("operator")?.text ?? "").replace("=", "");
  const [left, right] = [bareC(expression.child("left")), bareC(expression.child("right"))];
  if (left === undefined || right === undefined) return undefined;
  if (operator === "*") return product(program, [...factors(left), ...factors(right)], limit);
  if (operator === "+") return sum(program, left, right, limit);
  if (operator === "-") return difference(program, left, right, limit);
  return undefined;
}

/** The factors of a product. */
export function factors(node: SyntaxNode): SyntaxNode[] {
  const inner = bareC(node) ?? node;
  if (inner.type !== "binary_expression" || inner.child("operator")?.text !== "*") return [inner];
  const [left, right] = [inner.child("left"), inner.child("right")];
  return [left, right].flatMap((part) => (part === undefined ? [] : factors(part)));
}

/** Whether a factor is the same in every run, and no zero. */
export function isFixed(program: CProgram, node: SyntaxNode): boolean {
  return node.type === "sizeof_expression" || (program.constant(node) ?? 0) > 0;
}

function product(program: CProgram, all: readonly SyntaxNode[], { most, least }: Limit): string | undefined {
  const fixed = all.filter((node) => isFixed(program, node));
  const open = all.filter((node) => !isFixed(program, node));
  const [first, ...more] = open;
  if (
    first === undefined ||
    more.length > 2 ||
    open.some((node) => /_expression$/.test(node.type) && !isAtom(node))
  )
    return undefined;
  const share = [most, ...fixed.map(atom)].join(" / ");
  if (least !== undefined) {
    if (more.length > 0) return undefined;
    const low = [least, ...fixed.map(atom)].join(" / ");
    return `${atom(first)} > ${share} || ${atom(first)} < ${low}`;
  }
  const tests = more.map((node) => `${atom(node)} != 0`);
  const whole = `${atom(first)} > ${[share, ...more.map(atom)].join(" / ")}`;
  return [...tests, whole].join(" && ");
}

function sum(
  program: CProgram,
  left: SyntaxNode,
  right: SyntaxNode,
  { most, least }: Limit,
): string | undefined {
  const inner = left.type === "binary_expression" ? factors(left) : [];
  if (inner.length > 1 && least === undefined && isFixed(program, right)) {
    // `count * size + 1`: what is added leaves less for the product.
    const fixed = inner.filter((node) => isFixed(program, node));
    const [open, ...more] = inner.filter((node) => !isFixed(program, node));
    if (open === undefined || more.length > 0) return undefined;
    return `${atom(open)} > ${[`(${most} - ${atom(right)})`, ...fixed.map(atom)].join(" / ")}`;
  }
  if (!isAtom(left) || !isAtom(right)) return undefined;
  if (least === undefined) {
    return isFixed(program, left) && !isFixed(program, right)
      ? `${atom(right)} > ${most} - ${atom(left)}`
      : `${atom(left)} > ${most} - ${atom(right)}`;
  }
  if (isFixed(program, right)) return `${atom(left)} > ${most} - ${atom(right)}`;
  const [a, b] = [atom(left), atom(right)];
  return `(${b} > 0 && ${a} > ${most} - ${b}) || (${b} < 0 && ${a} < ${least} - ${b})`;
}

function difference(
  program: CProgram,
  left: SyntaxNode,
  right: SyntaxNode,
  { most, least }: Limit,
): string | undefined {
  if (!isAtom(left) || !isAtom(right)) return undefined;
  const [a, b] = [atom(left), atom(right)];
  if (least === undefined) return `${a} < ${b}`;
  if (isFixed(program, right)) return `${a} < ${least} + ${b}`;
  return `(${b} < 0 && ${a} > ${most} + ${b}) || (${b} > 0 && ${a} < ${least} + ${b})`;
}

function isAtom({ type }: SyntaxNode): boolean {
  return /^(identifier|field_expression|subscript_expression|number_literal|sizeof_expression|pointer_expression|cast_expression|call_expression)$/.test(
    type,
  );
}

function atom(node: SyntaxNode): string {
  return isAtom(node) && node.type !== "cast_expression" ? node.text : `(${node.text})`;
}
