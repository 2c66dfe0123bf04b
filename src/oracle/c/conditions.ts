// Conditions: what is known on the path where one is true, or false. Ranges get narrower,
// differences between symbols are noted, pointers turn out null or not; a path that cannot be ends.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { guard } from "./arithmetic.ts";
import { isText, textTaint } from "./containers.ts";
import { leastOf, NONZERO, rangeOfSym, type Value, WALKS } from "./domain.ts";
import { learnEnd } from "./ends.ts";
import { addScaled, constant, constantOf, type Lin, minus } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { lengthOf, rootOf } from "./memory.ts";
import { atMostZero } from "./narrowing.ts";
import { excludes } from "./quoting.ts";
import { ALL, clear, endOfFolder, harmlessCharacter, refusedSlash, seeksNoZero, wholeSpan } from "./texts.ts";
import { INT } from "./types.ts";

const NEGATED: Readonly<Record<string, string>> = {
  "<": ">=",
  ">": "<=",
  "<=": ">",
  ">=": "<",
  "==": "!=",
  "!=": "==",
};

/** Follows the path on which a condition is true. */
export function assume(machine: Machine, node: SyntaxNode): void {
  if (!decide(machine, node)) machine.die();
}

/** Follows one way of a condition, and says which: each way is followed in turn. */
export function decide(machine: Machine, node: SyntaxNode): boolean {
  machine.spend();
  if (machine.state.dead) return false;
  const inner = node.namedChildren.find(({ type }) => type !== "comment");
  switch (node.type) {
    case "parenthesized_expression":
      if (inner !== undefined) return decide(machine, inner);
      break;
    case "condition_clause": {
      const value = node.child("value");
      const first = value === undefined ? undefined : node.child("initializer");
      if (first !== undefined) machine.ops.evaluate(machine, first);
      const condition = value ?? inner;
      if (condition !== undefined) return decide(machine, condition);
      break;
    }
    case "unary_expression": {
      const operator = node.child("operator")?.text;
      const argument = node.child("argument");
      if ((operator === "!" || operator === "not") && argument !== undefined)
        return !decide(machine, argument);
      break;
    }
    case "comma_expression": {
      const [left, right] = [node.child("left"), node.child("right")];
      if (left !== undefined) machine.ops.evaluate(machine, left);
      if (right !== undefined) return decide(machine, right);
      break;
    }
    case "binary_expression":
      return decideBinary(machine, node);
    case "call_expression": {
      const argument = node.child("arguments")?.namedChildren[0];
      if (argument !== undefined && TRANSPARENT.test(node.child("function")?.text ?? ""))
        return decide(machine, argument);
      break;
    }
    default:
  }
  const value = machine.ops.evaluate(machine, node);
  machine.asked = node;
  return eitherWay(machine, "!=", value, ZERO_VALUE);
}

/** Macros and built-in functions that are worth what they are given. */
const TRANSPARENT = /^(?:likely|unlikely|__builtin_expect|BOOL|WARN_ON|WARN_ON_ONCE|G_LIKELY|G_UNLIKELY)$/;

const ZERO_VALUE: Value = { type: INT, lin: constant(0) };

function decideBinary(machine: Machine, node: SyntaxNode): boolean {
  const operator = node.child("operator")?.text ?? "";
  const left = node.child("left");
  const right = node.child("right");
  if (left !== undefined && right !== undefined) {
    if (operator === "&&" || operator === "and") return decide(machine, left) && decide(machine, right);
    if (operator === "||" || operator === "or") return decide(machine, left) || decide(machine, right);
    if (operator in NEGATED) {
      const a = machine.ops.evaluate(machine, left);
      const b = machine.ops.evaluate(machine, right);
      machine.asked = left;
      return eitherWay(machine, operator, a, b);
    }
  }
  return eitherWay(machine, "!=", machine.ops.evaluate(machine, node), ZERO_VALUE);
}

/** A comparison holds, or its opposite does. */
function eitherWay(machine: Machine, operator: string, a: Value, b: Value): boolean {
  if (machine.state.dead) return false;
  const holds = machine.choose(() => [true, false]) === true;
  compare(machine, holds ? operator : (NEGATED[operator] ?? operator), a, b);
  return holds;
}

/** Follows the path on which `a operator b` holds. */
export function compare(machine: Machine, operator: string, a: Value, b: Value): void {
  if (isText(a) || isText(b)) {
    if (operator === "==") sameText(machine, a, b);
    return;
  }
  if (a.to !== undefined || b.to !== undefined) {
    comparePointers(machine, operator, a, b);
    return;
  }
  if (a.lin === undefined || b.lin === undefined) {
    if (operator !== "==" && operator !== "!=") guardAgainstUnknown(machine, a, b);
    return;
  }
  compareNumbers(machine, operator, a.lin, b.lin);
  if (machine.state.dead) return;
  learnEnd(machine, a, b, operator);
  learnEnd(machine, b, a, operator);
  if (machine.state.dead) return;
  if (operator === "==") {
    endOfText(machine, a, b);
    endOfFolder(machine, a, b);
    harmlessCharacter(machine, a, b);
    wholeSpan(machine, a.lin, b.lin);
    wholeSpan(machine, b.lin, a.lin);
  }
  if (operator === "!=") {
    insideText(machine, a, b);
    refusedSlash(machine, a, b);
  }
}

/** C++: a text that equals one that nobody outside chose. */
function sameText(machine: Machine, a: Value, b: Value): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    if (textTaint(machine, one) !== undefined && textTaint(machine, other) === undefined)
      clear(machine, one, { kinds: ALL });
}

/** `text[i] != 0`, where `i` is at most the length: it is less. */
function insideText(machine: Machine, a: Value, b: Value): void {
  const [character, other] = a.origin === undefined ? [b, a] : [a, b];
  if (character.origin === undefined || constantOf(other.lin) !== 0) return;
  const { region, at } = character.origin;
  const length = lengthOf(machine, { type: character.type, to: { region, at: constant(0) } });
  if (length === null && at.terms.some(({ sym }) => sym.grown)) seeksNoZero(machine, region, at);
  if (at.terms.length > 0) machine.walked.add(region.id);
  if (length != null && !length.terms.some(({ sym }) => machine.lengths.has(sym.id)))
    for (const { sym } of at.terms) guard(machine, sym, WALKS, 3);
  const rest = length == null ? undefined : minus(length, at);
  if (rest !== undefined && leastOf(machine.state, rest) >= 0) {
    atMostZero(machine, addScaled(constant(1), rest, -1), false);
  }
}

/** `*p == 0` at the start of a text: it is empty, and harmless. */
function endOfText(machine: Machine, a: Value, b: Value): void {
  const [character, other] = a.origin === undefined ? [b, a] : [a, b];
  if (character.origin === undefined || constantOf(other.lin) !== 0) return;
  const { region, at } = character.origin;
  wholeSpan(machine, at);
  if (constantOf(at) === 0) {
    machine.state.taints.set(region.id, null);
    machine.state.lengths.set(region.id, constant(0));
  }
}

function comparePointers(machine: Machine, operator: string, a: Value, b: Value): void {
  const isNull = (value: Value): boolean => value.to?.region.kind === "null" || constantOf(value.lin) === 0;
  if (isNull(a) || isNull(b)) {
    const pointer = isNull(b) ? a : b;
    if (operator === "==" || operator === "!=") nullTest(machine, pointer, operator === "==");
    return;
  }
  if (a.to === undefined || b.to === undefined) return;
  if (a.to.region === b.to.region) compareNumbers(machine, operator, a.to.at, b.to.at);
  else if (operator === "==" && a.to.region.kind !== "outside" && b.to.region.kind !== "outside")
    machine.die();
}

function nullTest(machine: Machine, pointer: Value, isNull: boolean): void {
  if (pointer.to === undefined) {
    if (constantOf(pointer.lin) === 0 && !isNull) machine.die();
    return;
  }
  const { region } = pointer.to;
  if (region.kind === "null") {
    if (!isNull) machine.die();
    return;
  }
  const root = rootOf(region);
  const known = machine.state.nulls.get(root.id) ?? root.nullness;
  if (machine.frame.depth > 0) machine.frame.asked.add(root.id);
  if (known === "no" && isNull && region === root && constantOf(pointer.to.at) === 0)
    askedTooLate(machine, root.id);
  if ((known === "no" && isNull) || (known === "yes" && !isNull)) machine.die();
  else machine.state.nulls.set(root.id, isNull ? "yes" : "no");
}

/** Whoever asks after the use whether there is something thinks that there may be nothing. */
function askedTooLate(machine: Machine, id: number): void {
  const use = machine.used.get(id);
  const name = machine.asked?.type === "identifier" ? machine.asked.text : undefined;
  const own = machine.frame.depth === 0 || machine.frame.scopes[0]?.has(name ?? "") === true;
  if (name !== undefined && own && use?.frame === machine.frame && machine.site === undefined)
    machine.report("null", use.node);
}

function compareNumbers(machine: Machine, operator: string, a: Lin, b: Lin): void {
  const difference = minus(a, b);
  if (difference === undefined) {
    guardBoth(machine, a, b);
    return;
  }
  switch (operator) {
    case "<":
      atMostZero(machine, { k: difference.k + 1, terms: difference.terms });
      break;
    case "<=":
      atMostZero(machine, difference);
      break;
    case ">":
      atMostZero(machine, addScaled(constant(1), difference, -1));
      break;
    case ">=":
      atMostZero(machine, addScaled(constant(0), difference, -1));
      break;
    case "==":
      if (isKnownNonzero(machine, difference)) machine.die();
      else atMostZero(machine, difference);
      if (!machine.state.dead) atMostZero(machine, addScaled(constant(0), difference, -1));
      break;
    case "!=":
      notZero(machine, difference);
      break;
    default:
  }
}

/** A number that is held against something of which nothing is known: a constant of a header, say. */
function guardAgainstUnknown(machine: Machine, a: Value, b: Value): void {
  for (const { lin } of [a, b]) {
    for (const { sym } of lin?.terms ?? []) guard(machine, sym, 3);
  }
}

function guardBoth(machine: Machine, a: Lin, b: Lin): void {
  for (const { sym } of [...a.terms, ...b.terms]) guard(machine, sym, 3);
}

/** A flag that was true before: `if (x) …; if (!x) …`. */
function isKnownNonzero({ state }: Machine, { k, terms }: Lin): boolean {
  const [term] = terms;
  return (
    k === 0 &&
    term !== undefined &&
    terms.length === 1 &&
    ((state.guards.get(term.sym.id) ?? 0) & NONZERO) !== 0
  );
}

function notZero(machine: Machine, lin: Lin): void {
  const { state } = machine;
  if (constantOf(lin) === 0) {
    machine.die();
    return;
  }
  const [term] = lin.terms;
  if (lin.terms.length !== 1 || term === undefined) {
    if (lin.terms.length === 2) tighten(machine, lin);
    return;
  }
  const excluded = -lin.k / term.c;
  if (excluded >= 0 && excluded < 128)
    excludes(state, { k: 0, terms: [{ ...term, c: 1 }] }, String.fromCharCode(excluded));
  if (excluded === 0) state.guards.set(term.sym.id, (state.guards.get(term.sym.id) ?? 0) | NONZERO);
  const own = rangeOfSym(state, term.sym);
  if (own.lo === excluded && own.hi === excluded) machine.die();
  else if (own.lo === excluded) state.ranges.set(term.sym.id, { lo: own.lo + 1, hi: own.hi });
  else if (own.hi === excluded) state.ranges.set(term.sym.id, { lo: own.lo, hi: own.hi - 1 });
}

/** `a - b <= k` and `a - b != k` make `a - b <= k - 1`: loops that end by `!=`. */
function tighten(machine: Machine, lin: Lin): void {
  const [x, y] = lin.terms;
  if (x === undefined || y === undefined || Math.abs(x.c) !== 1 || x.c !== -y.c) return;
  for (const [up, down, k] of [
    [x, y, -lin.k / x.c],
    [y, x, -lin.k / y.c],
  ] as const) {
    const key = `${up.sym.id}:${down.sym.id}`;
    if (machine.state.differences.get(key) === k) machine.state.differences.set(key, k - 1);
  }
}
