// Conditions on the arguments of a call, as models state them.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { parseRegex } from "../regex/parse.ts";
import { growthOf } from "../regex/superlinear.ts";
import { apiBases } from "./attributes.ts";
import { type CallArgument, type CallSite, chooseArguments } from "./call-site.ts";
import type { Value } from "./domain.ts";
import type { Condition } from "./model-schema.ts";

/** Whether a call meets all conditions. */
export function meets(call: CallSite | undefined, conditions: readonly Condition[] | undefined): boolean {
  if (conditions === undefined || conditions.length === 0) return true;
  return call !== undefined && conditions.every((condition) => meetsOne(call, condition));
}

function meetsOne(call: CallSite, condition: Condition): boolean {
  if (condition.within !== undefined)
    return new RegExp(condition.within, "is").test(functionAround(call.node).text) !== condition.not;
  const [argument] = chooseArguments(call, condition.arg);
  if (argument === undefined)
    return call.spreadKeywords === undefined ? condition.orAbsent : mayMeet(condition);
  const { text } = condition;
  const verdict = text === undefined ? compare(argument.value, condition) : hasText(argument, text);
  return verdict === "unknown" ? condition.orUnknown : verdict !== condition.not;
}

/** The function that a call stands in, or all of the program. */
function functionAround(node: SyntaxNode): SyntaxNode {
  let at = node;
  while (at.parent !== undefined && at.type !== "function_definition") at = at.parent;
  return at;
}

/** Whether an argument that may be among those of `**options` meets a condition. */
function mayMeet({ arg, orAbsent, orUnknown }: Condition): boolean {
  return arg.some((name) => typeof name === "string") ? orAbsent && orUnknown : orAbsent;
}

/** By the source text, or by the constant behind it. */
function hasText({ node, value }: CallArgument, text: string): boolean {
  const pattern = new RegExp(text);
  return (
    pattern.test(node.text) || (typeof value.lit?.value === "string" && pattern.test(`"${value.lit.value}"`))
  );
}

function compare(value: Value, condition: Condition): boolean | "unknown" {
  if (condition.is !== undefined) {
    if (value.lit === undefined) return "unknown";
    return condition.is.includes(value.lit.value);
  }
  if (condition.anyBits !== undefined) {
    return typeof value.lit?.value === "number" ? (value.lit.value & condition.anyBits) !== 0 : "unknown";
  }
  if (condition.below !== undefined) {
    return typeof value.lit?.value === "number" ? value.lit.value < condition.below : "unknown";
  }
  if (condition.superlinear !== undefined) {
    if (typeof value.lit?.value !== "string") return "unknown";
    return (
      growthOf(parseRegex(value.lit.value), { anywhere: condition.superlinear === "anywhere" }) !== "linear"
    );
  }
  if (condition.matches !== undefined) {
    if (value.lit === undefined) return "unknown";
    return typeof value.lit.value === "string" && new RegExp(condition.matches, "i").test(value.lit.value);
  }
  if (condition.refers !== undefined) return refersTo(value, condition.refers);
  if (condition.shape !== undefined) return hasShape(value, condition.shape);
  return true;
}

function refersTo(value: Value, paths: readonly string[]): boolean | "unknown" {
  const known = value.refs.flatMap((ref) =>
    ref.kind === "api" ? [ref] : ref.kind === "class" ? apiBases(ref.unit) : [],
  );
  if (known.length === 0) return value.lit === undefined ? "unknown" : false;
  return known.some((ref) => ref.lineage().some((node) => paths.includes(node.path)));
}

function hasShape(value: Value, shape: "list" | "dict" | "string"): boolean | "unknown" {
  if (shape === "string") return typeof value.lit?.value === "string" || "unknown";
  const actual = value.items?.shape;
  if (actual === undefined || actual === "object") return value.lit === undefined ? "unknown" : false;
  return shape === "dict" ? actual === "dict" : actual === "list" || actual === "tuple";
}
