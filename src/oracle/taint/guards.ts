// Barrier guards: what a condition proves of a variable, by outcome. Comparison with constants,
// membership in constants, and the checks that models list (isdigit, startswith after realpath …).
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiGuard } from "./api.ts";
import { readCall } from "./call-reader.ts";
import { type CallArgument, type CallSite, chooseArguments } from "./call-site.ts";
import { meets } from "./conditions.ts";
import type { Value } from "./domain.ts";
import { type Guard, NO_GUARD, type Refinement } from "./env.ts";
import { lengthGuard } from "./lengths.ts";
import type { Frame, Machine } from "./machine.ts";
import { clearedByMatching } from "./patterns.ts";
import { provenByHelper } from "./proofs.ts";
import { quantifiedGuard } from "./quantified.ts";
import { deepFacts } from "./values.ts";

const ALL_KINDS = -1;
const MAX_DEPTH = 40;
const MAX_KEY_PARTS = 6;

/** What a condition proves. */
export function guardOf(machine: Machine, node: SyntaxNode, frame: Frame, depth = 0): Guard {
  if (machine.settings.everythingPasses || depth > MAX_DEPTH) return NO_GUARD;
  const inner = (child: SyntaxNode | undefined): Guard =>
    child === undefined ? NO_GUARD : guardOf(machine, child, frame, depth + 1);
  switch (node.type) {
    case "parenthesized_expression":
    case "await":
      return inner(node.namedChildren[0]);
    case "not_operator":
      return turned(inner(node.child("argument")));
    case "boolean_operator": {
      const left = inner(node.child("left"));
      const right = inner(node.child("right"));
      return node.child("operator")?.type === "and"
        ? both(left, right)
        : turned(both(turned(left), turned(right)));
    }
    case "comparison_operator":
      return comparisonGuard(machine, node, frame);
    case "call":
      return either(
        callGuard(machine, node, frame),
        quantifiedGuard(machine, node, { frame, inner, keyOf: (one) => taintedKey(machine, one, frame) }),
      );
    case "named_expression":
      return inner(node.child("value"));
    case "identifier":
      return frame.env?.guards.get(node.text) ?? emptyGuard(machine, node, frame);
    case "attribute":
      return emptyGuard(machine, node, frame);
    default:
      return NO_GUARD;
  }
}

function either(a: Guard, b: Guard): Guard {
  return a === NO_GUARD ? b : a;
}

/** `if not urlparse(url).netloc`: an attribute that is empty. */
function emptyGuard(machine: Machine, node: SyntaxNode, frame: Frame): Guard {
  const whenFalse = provenByAttribute(machine, node, { by: "empty", holds: () => true, frame });
  return whenFalse.length === 0 ? NO_GUARD : { whenTrue: [], whenFalse };
}

function turned({ whenTrue, whenFalse }: Guard): Guard {
  return { whenTrue: whenFalse, whenFalse: whenTrue };
}

/** `a and b`: true proves what both prove; false only what either would have proved alone. */
function both(a: Guard, b: Guard): Guard {
  if (a === NO_GUARD && b === NO_GUARD) return NO_GUARD;
  const whenFalse = a.whenFalse.flatMap(({ key, clearMask }): Refinement[] => {
    const other = b.whenFalse.find((refinement) => refinement.key === key);
    return other === undefined ? [] : [{ key, clearMask: clearMask & other.clearMask }];
  });
  return { whenTrue: [...a.whenTrue, ...b.whenTrue], whenFalse };
}

function comparisonGuard(machine: Machine, node: SyntaxNode, frame: Frame): Guard {
  const operands = node.children.filter((child) => child.field !== "operators" && child.named);
  const operators = node.childrenOf("operators");
  const [left, right] = operands;
  const operator = operators[0]?.type;
  const length = lengthGuard(machine, {
    operands,
    operators: operators.map(({ type }) => type),
    frame,
    keyOf: (one) => taintedKey(machine, one, frame),
  });
  if (length !== undefined) return length;
  if (operands.length !== 2 || left === undefined || right === undefined) return NO_GUARD;
  switch (operator) {
    case "==":
    case "is":
    case "!=":
    case "<>":
    case "is not": {
      const guard = equalityGuard(machine, { left, right, frame });
      return operator === "==" || operator === "is" ? guard : turned(guard);
    }
    case "in":
    case "not in": {
      const guard = membershipGuard(machine, { left, right, frame });
      return operator === "in" ? guard : turned(guard);
    }
    default:
      return NO_GUARD;
  }
}

interface Sides {
  readonly left: SyntaxNode;
  readonly right: SyntaxNode;
  readonly frame: Frame;
}

function equalityGuard(machine: Machine, { left, right, frame }: Sides): Guard {
  const whenTrue: Refinement[] = [];
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (side.type === "call")
      whenTrue.push(...provenByCall(machine, side, { by: "equality", outcome: true, frame }));
    const key = taintedKey(machine, side, frame);
    const isConstant = (): boolean => machine.evaluate(other, frame).lit !== undefined;
    if (key !== undefined && isConstant()) whenTrue.push({ key, clearMask: ALL_KINDS });
    const isKnown = (): boolean => isConstant() || isOwnPart(machine, other, { side, frame });
    whenTrue.push(...provenByAttribute(machine, side, { by: "constant", holds: isKnown, frame }));
  }
  const outcome = outcomeGuard(machine, { left, right, frame });
  if (outcome !== NO_GUARD) {
    return { whenTrue: [...whenTrue, ...outcome.whenTrue], whenFalse: outcome.whenFalse };
  }
  return whenTrue.length === 0 ? NO_GUARD : { whenTrue, whenFalse: [] };
}

/** `urlparse(target).netloc == urlparse(request.host_url).netloc`: the same part of something that is this site's own. */
function isOwnPart(machine: Machine, other: SyntaxNode, at: { side: SyntaxNode; frame: Frame }): boolean {
  const attribute = attributeOfVariable(other, at.frame);
  const same = attributeOfVariable(at.side, at.frame)?.child("attribute")?.text;
  const object = attribute?.child("object");
  if (object === undefined || attribute?.child("attribute")?.text !== same) return false;
  const { facts } = machine.evaluate(object, at.frame);
  return facts.every(({ origin }) => origin.kind === "source" && OWN_ADDRESS.test(origin.node.text));
}

const OWN_ADDRESS = /\b(?:host|host_url|url_root|base_url|get_host\(\)|server_name)$/i;

/** `match(text) is None`, `is_allowed(name) == True`: the outcome of a check, compared. */
function outcomeGuard(machine: Machine, { left, right, frame }: Sides): Guard {
  if (right.type !== "none" && right.type !== "true" && right.type !== "false") return NO_GUARD;
  const checked = left.type === "parenthesized_expression" ? (left.namedChildren[0] ?? left) : left;
  if (checked.type !== "call" && checked.type !== "identifier" && checked.type !== "named_expression")
    return NO_GUARD;
  const guard = guardOf(machine, checked, frame, MAX_DEPTH - 1);
  return right.type === "true" ? guard : turned(guard);
}

function membershipGuard(machine: Machine, { left, right, frame }: Sides): Guard {
  const whenTrue = provenByAttribute(machine, right, { by: "contains", holds: () => true, frame });
  const isConstant = (): boolean => isConstantCollection(machine.evaluate(keyed(right), frame));
  whenTrue.push(...provenByAttribute(machine, left, { by: "constant", holds: isConstant, frame }));
  const key = taintedKey(machine, left, frame);
  if (key !== undefined && isConstant()) whenTrue.push({ key, clearMask: ALL_KINDS });
  const whenFalse = absentCharacter(machine, { left, right, frame });
  return whenTrue.length + whenFalse.length === 0 ? NO_GUARD : { whenTrue, whenFalse };
}

/** `"'" in name`, where it is false: what needs that character to do harm is cleared. */
function absentCharacter(machine: Machine, { left, right, frame }: Sides): Refinement[] {
  if (left.type !== "string") return [];
  const key = taintedKey(machine, right, frame);
  const char = key === undefined ? undefined : machine.evaluate(left, frame).lit?.value;
  if (key === undefined || typeof char !== "string" || char.length !== 1) return [];
  let clearMask = 0;
  for (const { bit, needs, quotes } of machine.model.kinds.values())
    if (needs?.includes(char) === true || quotes?.includes(char) === true) clearMask |= bit;
  return clearMask === 0 ? [] : [{ key, clearMask }];
}

/** `name in table.keys()` is `name in table`. */
function keyed(node: SyntaxNode): SyntaxNode {
  const callee = node.type === "call" ? node.child("function") : undefined;
  const isKeys = callee?.type === "attribute" && callee.child("attribute")?.text === "keys";
  return isKeys ? (callee.child("object") ?? node) : node;
}

/** What a check of `object.attribute` proves of the object, and of what it was made of (`urlparse(url).hostname`). */
function provenByAttribute(
  machine: Machine,
  node: SyntaxNode,
  check: { by: "contains" | "constant" | "empty"; holds: () => boolean; frame: Frame },
): Refinement[] {
  const attribute = attributeOfVariable(node, check.frame);
  const guards = machine.model.attributeGuards.get(attribute?.child("attribute")?.text ?? "") ?? [];
  const object = attribute?.child("object");
  const fitting = guards.filter(({ by }) => by === check.by);
  if (object === undefined || fitting.length === 0 || !check.holds()) return [];
  const origins = new Set(machine.evaluate(object, check.frame).facts.map(({ origin }) => origin));
  const clearMask = fitting.reduce((mask, guard) => mask | guard.clearMask, 0);
  return [...(check.frame.env?.values ?? [])].flatMap(([key, value]) =>
    value.facts.some(({ origin }) => origins.has(origin)) ? [{ key, clearMask }] : [],
  );
}

/** The attribute that a node is, or that a variable was last assigned. */
function attributeOfVariable(node: SyntaxNode, frame: Frame): SyntaxNode | undefined {
  const inner = unwrapped(node);
  if (inner.type === "attribute") return inner;
  return inner.type === "identifier" ? frame.env?.attributes.get(inner.text) : undefined;
}

/** A display of constants, or a dictionary with constant keys. */
function isConstantCollection(value: Value): boolean {
  const { items } = value;
  // A part of a constant text is as harmless as the text.
  if (typeof value.lit?.value === "string") return value.lit.value !== "" && value.facts.length === 0;
  if (items === undefined || value.facts.length > 0 || items.rest !== undefined) return false;
  if (items.fields.size === 0) return false;
  if (items.shape === "dict") return true;
  return [...items.fields.values()].every((field) => field.lit !== undefined);
}

function callGuard(machine: Machine, node: SyntaxNode, frame: Frame): Guard {
  const whenTrue = provenByCall(machine, node, { by: "truth", outcome: true, frame });
  const whenFalse = provenByCall(machine, node, { by: "truth", outcome: false, frame });
  return whenTrue.length + whenFalse.length === 0 ? NO_GUARD : { whenTrue, whenFalse };
}

/** What a call proves of its arguments when it has returned without raising. */
export function provenByReturning(machine: Machine, node: SyntaxNode, frame: Frame): readonly Refinement[] {
  if (machine.settings.everythingPasses) return [];
  return provenByCall(machine, node, { by: "not-raising", outcome: true, frame });
}

function provenByCall(
  machine: Machine,
  node: SyntaxNode,
  check: { by: ApiGuard["model"]["by"]; outcome: boolean; frame: Frame },
): Refinement[] {
  const { by, outcome, frame } = check;
  const name = calledName(node);
  const byMethod = machine.model.methodGuards.get(name) ?? [];
  const isHelper = machine.units.provers.has(name);
  if (byMethod.length === 0 && !machine.model.guardNames.has(name) && !isHelper) return [];
  const call = readCall(machine, node, frame);
  if (isHelper && by !== "equality") {
    const truth = outcome ? "whenTrue" : "whenFalse";
    const key = (argument: SyntaxNode): string | undefined => taintedKey(machine, argument, frame);
    const proven = provenByHelper(call, { outcome: by === "truth" ? truth : "returning", keyOf: key });
    if (proven.length > 0) return proven;
  }
  const apis = call.callee.refs.flatMap((ref) =>
    ref.kind === "api" ? ref.lineage().flatMap(({ guards }) => guards) : [],
  );
  return [...apis, ...byMethod]
    .filter(({ model }) => model.by === by && model.outcome === outcome && meets(call, model.when))
    .flatMap((guard) => refinementsOf(machine, guard, { call, frame }));
}

function refinementsOf(
  machine: Machine,
  guard: ApiGuard,
  at: { call: CallSite; frame: Frame },
): Refinement[] {
  const { call, frame } = at;
  const checked: CallArgument[] = chooseArguments(call, [guard.model.arg]);
  return checked
    .flatMap(({ node }) => elementsOf(node))
    .flatMap((node) => {
      const canonical = normalizedArgument(machine, node, { guard, frame });
      if (canonical !== undefined) return [canonical];
      const key = taintedKey(machine, node, frame);
      if (key === undefined) return [];
      const { pattern, whole } = guard.model;
      const matched = pattern === undefined ? 0 : clearedByMatching(machine.model, call, { pattern, whole });
      const { together } = guard.model;
      return [{ key, clearMask: guard.clearMask | matched, weakens: guard.weakens, together }];
    });
}

/** `abspath(path).startswith(…)` is a check of the path itself, which is then harmless as it is. */
function normalizedArgument(
  machine: Machine,
  node: SyntaxNode,
  by: { guard: ApiGuard; frame: Frame },
): Refinement | undefined {
  if (node.type !== "call") return undefined;
  const call = readCall(machine, node, by.frame);
  for (const ref of call.callee.refs) {
    if (ref.kind !== "api") continue;
    for (const { normalizes, model } of ref.lineage().flatMap(({ propagators }) => propagators)) {
      const touched = by.guard.clearMask | (by.guard.weakens?.[0] ?? 0);
      if (normalizes === undefined || (touched & normalizes[1]) === 0) continue;
      const [argument] = chooseArguments(call, model.from);
      const key = argument === undefined ? undefined : taintedKey(machine, argument.node, by.frame);
      if (key === undefined) continue;
      if (by.guard.weakens !== undefined)
        return { key, clearMask: 0, weakens: [normalizes[0], by.guard.weakens[1]] };
      return { key, clearMask: by.guard.clearMask | normalizes[0] };
    }
  }
  return undefined;
}

/** The elements of a display; any other expression itself. */
function elementsOf(node: SyntaxNode): SyntaxNode[] {
  return node.type === "list" || node.type === "tuple" ? node.namedChildren : [node];
}

/** Last name of what a call calls. */
export function calledName(call: SyntaxNode): string {
  const callee = call.child("function");
  if (callee?.type === "attribute") return callee.child("attribute")?.text ?? "";
  return callee?.type === "identifier" ? callee.text : "";
}

/** The key of an expression that a check can refine: a tainted variable or dotted path. */
function taintedKey(machine: Machine, node: SyntaxNode, frame: Frame): string | undefined {
  const checked = unwrapped(node);
  const key = keyOf(checked);
  if (key === undefined || frame.env === undefined) return undefined;
  let value = frame.env.values.get(key);
  if (value === undefined && key.includes(".")) {
    value = machine.evaluate(checked, frame);
    if (value.facts.length > 0) frame.env.refine(key, value);
  }
  return value !== undefined && deepFacts(value).length > 0 ? key : undefined;
}

const CASE_METHODS = new Set(["lower", "upper", "casefold"]);

/** The variable behind `(x)`, `str(x)`, `x.lower()` and `(y := x)`: equal to a constant only where it is harmless. */
function unwrapped(node: SyntaxNode): SyntaxNode {
  if (node.type === "parenthesized_expression") return unwrapped(node.namedChildren[0] ?? node);
  if (node.type === "named_expression") return node.child("name") ?? node;
  if (node.type !== "call") return node;
  const callee = node.child("function");
  const first = node.child("arguments")?.namedChildren;
  if (callee?.type === "attribute" && CASE_METHODS.has(callee.child("attribute")?.text ?? "")) {
    return unwrapped(callee.child("object") ?? node);
  }
  if (callee?.type === "identifier" && callee.text === "str" && first?.length === 1)
    return unwrapped(first[0] ?? node);
  return node;
}

/** The environment's key of a name or of a dotted path of names. */
export function keyOf(node: SyntaxNode): string | undefined {
  let key = "";
  let part: SyntaxNode | undefined = node;
  for (let depth = 0; part?.type === "attribute" && depth < MAX_KEY_PARTS; depth++) {
    key = `.${part.child("attribute")?.text ?? ""}${key}`;
    part = part.child("object");
  }
  return part?.type === "identifier" ? part.text + key : undefined;
}
