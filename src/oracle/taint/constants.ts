// Constant conditions: what a program computes of its own constants, such as `7 * 6 > 40`. Only of
// constants in the same function: a setting of the module or a default is there to be changed.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type FunctionUnit, type Literal, NOTHING } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";

type Constant = Literal["value"];

/** The outcome of a condition that is always the same; undefined for all others. */
export function constantOutcome(machine: Machine, condition: SyntaxNode, frame: Frame): boolean | undefined {
  if (machine.settings.everythingPasses || !isOfUnit(condition, frame.unit)) return undefined;
  const lit = machine.evaluate(condition, frame).lit;
  return lit === undefined ? undefined : isTrue(lit.value);
}

function isTrue(value: Constant): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}

const PARTS = new Set([
  "integer",
  "float",
  "string",
  "true",
  "false",
  "none",
  "comparison_operator",
  "not_operator",
  "boolean_operator",
  "binary_operator",
  "unary_operator",
  "parenthesized_expression",
  "subscript",
]);

/** Made of constants and of the function's own variables, which nothing else can change. */
export function isOfFunction(node: SyntaxNode, frame: Frame): boolean {
  return isOfUnit(node, frame.unit);
}

function isOfUnit(node: SyntaxNode, unit: FunctionUnit): boolean {
  if (node.type === "identifier") {
    const isOwn = unit.locals.has(node.text) && unit.parent !== undefined && !unit.rebound.has(node.text);
    return isOwn && unit.parameters.every(({ name }, index) => name !== node.text || isGiven(unit, index));
  }
  if (node.type === "string_content" || node.type.startsWith("string_") || node.type === "escape_sequence")
    return true;
  if (node.type === "call" && node.child("function")?.text === "len")
    return node.child("arguments")?.namedChildren.every((child) => isOfUnit(child, unit)) === true;
  return PARTS.has(node.type) && node.namedChildren.every((child) => isOfUnit(child, unit));
}

/** Whether all calls in the file write the parameter's one constant out, and nothing else calls the function. */
function isGiven(unit: FunctionUnit, index: number): boolean {
  const { lit } = unit.contexts[index]?.value ?? NOTHING;
  return lit !== undefined && !unit.defaulted.has(index) && unit.handlers.length === 0;
}

/** What an operator makes of two constants; undefined where that is not a plain number or truth value. */
export function computed(operator: string, left: Constant, right: Constant): number | boolean | undefined {
  if (operator === "==" || operator === "!=") return (left === right) === (operator === "==");
  if (typeof left === "string" && typeof right === "string") return compared(operator, left, right);
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  return compared(operator, left, right) ?? calculated(operator, left, right);
}

function compared<T extends string | number>(operator: string, left: T, right: T): boolean | undefined {
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    default:
      return undefined;
  }
}

const MAX_BITS = 0x7fffffff;

function calculated(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "//":
      return right === 0 ? undefined : Math.floor(left / right);
    case "%":
      return right === 0 ? undefined : left - right * Math.floor(left / right);
    case "**":
      return right < 0 || right > MAX_POWER ? undefined : left ** right;
    default:
      return Number.isInteger(left) && Number.isInteger(right) ? ofBits(operator, left, right) : undefined;
  }
}

const MAX_POWER = 64;

/** Bits of numbers as large as modes and flags; JavaScript has 32 of them. */
function ofBits(operator: string, left: number, right: number): number | undefined {
  if (left < 0 || right < 0 || left > MAX_BITS || right > MAX_BITS) return undefined;
  switch (operator) {
    case "|":
      return left | right;
    case "&":
      return left & right;
    case "^":
      return left ^ right;
    case "<<":
      return right > 30 ? undefined : left * 2 ** right;
    case ">>":
      return right > 30 ? 0 : left >> right;
    default:
      return undefined;
  }
}
