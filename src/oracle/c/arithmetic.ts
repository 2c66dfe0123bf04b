// Arithmetic on sums of symbols and on pointers, and whether it may leave the range of its type
// with a number that someone outside chooses (CodeQL: ArithmeticTainted, ArithmeticUncontrolled).
import type { SyntaxNode } from "../../lang/syntax.ts";
import { isDividedInCheck } from "./asked.ts";
import { joinTexts } from "./containers.ts";
import {
  leastOf,
  type Range,
  rangeOfLin,
  rangeOfSym,
  STEPS,
  TOLD,
  taintedEnd,
  taintOf,
  type Value,
} from "./domain.ts";
import {
  addScaled,
  constantOf,
  keyOfLin,
  type Lin,
  minus,
  type Sym,
  symbolic,
  type Taint,
  times,
} from "./linear.ts";
import type { Machine } from "./machine.ts";
import { calculate } from "./program.ts";
import { type CType, commonType, LONG, promoted, rangeOf, sizeOf, targetOf } from "./types.ts";

/** The value of `a operator b`. */
export function combine(
  machine: Machine,
  node: SyntaxNode,
  parts: { operator: string; a: Value; b: Value },
): Value {
  const { operator, a, b } = parts;
  const joined = operator === "+" ? (joinTexts(machine, a, b) ?? joinedText(a, b)) : undefined;
  if (joined !== undefined) return joined;
  if (a.to !== undefined || b.to !== undefined) return pointerArithmetic(machine, operator, a, b);
  if (a.lin === undefined || b.lin === undefined) {
    const taint = taintOf(a) ?? taintOf(b);
    return taint === undefined
      ? { type: commonType(a.type, b.type) }
      : { type: commonType(a.type, b.type), taint };
  }
  const type = operator === "<<" || operator === ">>" ? promoted(a.type) : commonType(a.type, b.type);
  const known = calculate(operator, constantOf(a.lin), constantOf(b.lin));
  if (known !== undefined) {
    if (overflows(operator, known, type)) machine.report("arithmetic", node);
    return { type, lin: { k: wrapConstant(known, type), terms: [] } };
  }
  const made = numbers(machine, node, { operator, a: a.lin, b: b.lin, type });
  const says = partOf(operator, a, b);
  return says === undefined ? made : { ...made, says };
}

/** A part of a character by which it is known: `c & 0xc0`. */
function partOf(operator: string, a: Value, b: Value): Value["says"] {
  if (!/^(?:&|\*|%|\/|>>)$/.test(operator)) return undefined;
  const whole =
    a.origin ?? a.says ?? (operator === "&" || operator === "*" ? (b.origin ?? b.says) : undefined);
  return whole === undefined ? undefined : { count: 1, ...whole };
}

/** C++: a text and a string that holds something untrusted make such a string. */
function joinedText(a: Value, b: Value): Value | undefined {
  const [text, other] = a.to === undefined ? [b, a] : [a, b];
  const isString = other.type.k === "unknown" && other.lin === undefined && other.to === undefined;
  return text.to !== undefined && isString && other.taint !== undefined ? other : undefined;
}

/** A sum or product of known numbers that a signed type cannot hold. */
function overflows(operator: string, known: number, type: CType): boolean {
  if (type.k !== "int" || !type.signed || type.size !== 4 || !/^[-+*]$/.test(operator)) return false;
  const { lo, hi } = rangeOf(type);
  return known < lo || known > hi;
}

function wrapConstant(k: number, type: CType): number {
  const { lo, hi } = rangeOf(type);
  if (k >= lo && k <= hi) return k;
  return type.k === "int" && !type.signed && k < 0 ? k + 2 ** (type.size * 8) : k;
}

function pointerArithmetic(machine: Machine, operator: string, a: Value, b: Value): Value {
  if (a.to !== undefined && b.to !== undefined) {
    const size = sizeOf(targetOf(a.type)) ?? 1;
    const apart = a.to.region === b.to.region ? minus(a.to.at, b.to.at) : undefined;
    if (
      operator === "-" &&
      apart !== undefined &&
      apart.terms.every(({ c }) => c % size === 0) &&
      apart.k % size === 0
    ) {
      return { type: LONG, lin: times(apart, 1 / size) };
    }
    return machine.unknown(LONG);
  }
  const [pointer, offset] = a.to === undefined ? [b, a] : [a, b];
  if (pointer.to === undefined) return { type: a.type };
  const size =
    sizeOf(targetOf(pointer.type)) ??
    (pointer.type.k === "pointer" && pointer.type.to.k === "void" ? 1 : undefined);
  const move = offset.lin ?? symbolic(machine.symbol(LONG));
  const at = size === undefined ? undefined : addScaled(pointer.to.at, move, operator === "-" ? -size : size);
  const type: CType = pointer.type.k === "array" ? { k: "pointer", to: pointer.type.of } : pointer.type;
  if (at !== undefined) return { type, to: { region: pointer.to.region, at } };
  const sym = machine.symbol(LONG, { taint: taintOf(offset) });
  return { type, to: { region: pointer.to.region, at: symbolic(sym) } };
}

interface Numbers {
  readonly operator: string;
  readonly a: Lin;
  readonly b: Lin;
  readonly type: CType;
}

function numbers(machine: Machine, node: SyntaxNode, parts: Numbers): Value {
  const { operator, a, b, type } = parts;
  const range = resultRange(machine, parts);
  const over = leavesType(machine, parts, range);
  if (over) reportOverflow(machine, node, parts, range);
  const linear = linearResult(parts);
  if (linear !== undefined) {
    if (
      over &&
      !anyTaint(parts) &&
      type.k === "int" &&
      type.size === 8 &&
      !type.signed &&
      range.lo < 0 &&
      range.hi < 0
    ) {
      return machine.unknown(type);
    }
    const product = operator === "*" && isNarrowProduct(machine, parts, range) ? node : undefined;
    return product === undefined ? { type, lin: linear } : { type, lin: linear, product };
  }
  const key = `${operator}${keyOfLin(a)}|${keyOfLin(b)}`;
  const before = machine.state.terms.get(key);
  if (before !== undefined) return before;
  const value = derived(machine, parts, range);
  const product = operator === "*" && isNarrowProduct(machine, parts, range) ? node : undefined;
  const result = product === undefined ? value : { ...value, product };
  machine.state.terms.set(key, result);
  return result;
}

function linearResult({ operator, a, b }: Numbers): Lin | undefined {
  const [x, y] = [constantOf(a), constantOf(b)];
  switch (operator) {
    case "+":
      return addScaled(a, b, 1);
    case "-":
      return addScaled(a, b, -1);
    case "*":
      return x !== undefined ? times(b, x) : y !== undefined ? times(a, y) : undefined;
    case "<<":
      return y !== undefined && y >= 0 && y < 63 ? times(a, 2 ** y) : undefined;
    case "/":
      return y === 1 ? a : undefined;
    case ">>":
      return y === 0 ? a : undefined;
    default:
      return undefined;
  }
}

/** A symbol for a result that is no sum. */
function derived(machine: Machine, { operator, a, b, type }: Numbers, range: Range): Value {
  const taint = derivedTaint({ operator, a, b, type });
  const natural = rangeOf(type);
  const bounds = {
    ...(range.lo > natural.lo ? { lo: range.lo } : {}),
    ...(range.hi < natural.hi ? { hi: range.hi } : {}),
  };
  const sym = machine.symbol(type, { taint, ...bounds });
  const bases = [...a.terms, ...b.terms].map(({ sym: base }) => base);
  machine.bases.set(sym.id, bases);
  const checked = bases.every(
    ({ taint: own, id }) => own === undefined || (machine.state.guards.get(id) ?? 0) !== 0,
  );
  // A remainder is held by its divisor.
  if ((checked || operator === "%") && taint !== undefined) machine.state.guards.set(sym.id, 3);
  const divisor = b.terms[0];
  if (operator === "%" && divisor !== undefined && b.terms.length === 1 && divisor.c === 1) {
    machine.state.differences.set(`${sym.id}:${divisor.sym.id}`, b.k - 1);
  }
  const dividend = a.terms[0];
  if (
    (operator === "/" || operator === "%" || operator === ">>") &&
    dividend !== undefined &&
    a.terms.length === 1 &&
    dividend.c === 1
  ) {
    if (rangeOfLin(machine.state, a).lo >= 0)
      machine.state.differences.set(`${sym.id}:${dividend.sym.id}`, a.k);
  }
  // A half is less than the whole, where there is one.
  const part = operator === "/" && (constantOf(b) ?? 0) >= 2 ? minus(symbolic(sym), a) : undefined;
  if (part !== undefined && part.terms.length <= 3) {
    const least = leastOf(machine.state, a);
    const fact = least >= 1 ? { k: part.k + 1, terms: part.terms } : least >= 0 ? part : undefined;
    if (fact !== undefined) machine.state.facts.set(keyOfLin(fact), fact);
  }
  return { type, lin: symbolic(sym) };
}

/** What went into a result; a checksum or a power of two is no number that anybody chose. */
function derivedTaint({ operator, a, b }: Numbers): Taint | undefined {
  const taint =
    a.terms.find(({ sym }) => sym.taint)?.sym.taint ?? b.terms.find(({ sym }) => sym.taint)?.sym.taint;
  const powers = operator === "<<" && taint?.label === "parameters";
  if (taint === undefined || (operator !== "^" && !powers)) return taint;
  return { ...taint, cleared: new Set([...taint.cleared, "arithmetic"]) };
}

function resultRange(machine: Machine, { operator, a, b, type }: Numbers): Range {
  const x = rangeOfLin(machine.state, a);
  const y = rangeOfLin(machine.state, b);
  switch (operator) {
    case "+":
    case "-": {
      const sum = addScaled(a, b, operator === "+" ? 1 : -1);
      if (sum !== undefined) {
        const { lo, hi } = rangeOfLin(machine.state, sum);
        return { lo: Math.max(lo, leastOf(machine.state, sum)), hi };
      }
      return operator === "+" ? { lo: x.lo + y.lo, hi: x.hi + y.hi } : { lo: x.lo - y.hi, hi: x.hi - y.lo };
    }
    case "*":
      return hull([x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi]);
    case "<<":
      return y.hi < 63 && y.lo >= 0 ? hull([x.lo, x.hi, x.lo * 2 ** y.hi, x.hi * 2 ** y.hi]) : rangeOf(type);
    case "/":
      return y.lo > 0
        ? hull([x.lo / y.lo, x.hi / y.lo, x.lo / y.hi, x.hi / y.hi].map(Math.trunc))
        : rangeOf(type);
    case "%":
      return remainder(x, y, type);
    case "&":
      return masked(x, y, type);
    case ">>":
      return x.lo >= 0 && y.lo >= 0
        ? { lo: 0, hi: Math.floor(x.hi / 2 ** Math.min(63, y.lo)) }
        : rangeOf(type);
    case "|":
    case "^":
      return x.lo >= 0 && y.lo >= 0
        ? { lo: 0, hi: Math.min(rangeOf(type).hi, 2 ** Math.ceil(Math.log2(Math.max(x.hi, y.hi) + 1)) - 1) }
        : rangeOf(type);
    default:
      return rangeOf(type);
  }
}

function hull(numbers: readonly number[]): Range {
  const known = numbers.map((number) => (Number.isNaN(number) ? 0 : number));
  return { lo: Math.min(...known), hi: Math.max(...known) };
}

function remainder(x: Range, y: Range, type: CType): Range {
  if (y.hi <= 0 || y.lo < 0) return rangeOf(type);
  const most = Math.min(y.hi - 1, Math.max(Math.abs(x.lo), Math.abs(x.hi)));
  return { lo: x.lo >= 0 ? 0 : -most, hi: most };
}

function masked(x: Range, y: Range, type: CType): Range {
  const ends = [x, y].filter(({ lo }) => lo >= 0).map(({ hi }) => hi);
  return ends.length === 0 ? rangeOf(type) : { lo: 0, hi: Math.min(...ends) };
}

function anyTaint({ a, b }: Numbers): boolean {
  return [...a.terms, ...b.terms].some(({ sym }) => sym.taint !== undefined);
}

function leavesType(machine: Machine, { operator, a, b, type }: Numbers, range: Range): boolean {
  if (type.k !== "int" || !["+", "-", "*", "<<"].includes(operator)) return false;
  const natural = rangeOf(type);
  if (range.hi > natural.hi || range.lo < natural.lo) return true;
  // Beyond 2^53 doubles do not tell a bound from its neighbour.
  if (type.size < 8) return false;
  const grows = operator === "*" || constantOf(b) !== 0;
  const x = rangeOfLin(machine.state, a);
  const y = rangeOfLin(machine.state, b);
  const far = x.hi >= natural.hi || (operator === "+" && y.hi >= natural.hi);
  return grows && operator !== "-" && range.hi >= natural.hi && far;
}

function reportOverflow(
  machine: Machine,
  node: SyntaxNode,
  { operator, a, b, type }: Numbers,
  range: Range,
): void {
  if (isHash({ operator, a, b, type })) return;
  const natural = rangeOf(type);
  // Whoever made sure that a difference is not below zero has thought of both numbers.
  if (operator === "-" && range.lo >= 0) return;
  const tooGreat = range.hi >= natural.hi;
  const bit = (tooGreat ? 1 : 0) | (range.lo < natural.lo ? 2 : 0);
  const sides = [
    ...a.terms.map((term) => ({ ...term })),
    ...b.terms.map((term) => ({ ...term, c: operator === "-" ? -term.c : term.c })),
  ];
  // `product *= i`, where `i` goes as far as somebody outside says.
  if (operator === "*" && type.k === "int" && type.size === 4 && !anyTaint({ operator, a, b, type })) {
    if (node.type !== "assignment_expression") return;
    const taint = sides.map(({ sym }) => taintedEnd(machine.state, sym)).find((end) => end !== undefined);
    if (taint !== undefined && !isDividedInCheck(machine, node))
      machine.report("arithmetic", node, { taint });
    return;
  }
  for (const { sym, c } of sides) {
    // A sum that grows in a loop has no end here; in 64 bits it has none in practice either.
    if (sym.taint === undefined || (sym.joined && type.k === "int" && type.size === 8)) continue;
    const known = machine.state.guards.get(sym.id) ?? 0;
    const guards = operator !== "*" && (known & STEPS) !== 0 ? known | 1 : known;
    const needed = operator === "*" || c > 0 ? bit : ((bit & 1) << 1) | ((bit & 2) >> 1);
    const own = rangeOfSym(machine.state, sym);
    // In 64 bits only a number of 64 bits is too great; a product with a great constant is a hash.
    const small = type.k === "int" && type.size === 8 && own.hi < 2 ** 32;
    if (small && (operator !== "-" || (needed & 1) !== 0)) continue;
    const open = (needed & 1 && own.hi >= 2 ** 7 ? 1 : 0) | (needed & 2 ? 2 : 0);
    if ((open & ~guards) === 0) continue;
    if (operator === "-" && !(type.k === "int" && type.signed) && (guards !== 0 || own.lo > sym.lo)) continue;
    if (sym.taint.cleared.has("arithmetic")) continue;
    if (sym.taint.label === "parameters" && isFarFetched({ operator, a, b, type }, needed)) continue;
    // Of a product it may be asked afterwards whether it wrapped around.
    if (operator === "*" && isDividedInCheck(machine, node)) continue;
    if ((known & TOLD) === 0 && !isShiftedIndex(node, { operator, a, b, type }))
      machine.report("arithmetic", node, { taint: sym.taint });
    guard(machine, sym, TOLD);
    return;
  }
}

/**
 * What only a caller could bring about who passes the ends of a type: bits that are shifted out, a small
 * number taken from the least one of a signed type, and sums of signed numbers of 64 bits.
 */
function isFarFetched({ operator, b, type }: Numbers, needed: number): boolean {
  if (operator === "<<") return true;
  if (type.k !== "int" || !type.signed || operator === "*") return false;
  const known = constantOf(b);
  return type.size === 8 || (needed === 2 && known !== undefined && Math.abs(known) <= SMALL);
}

const SMALL = 2 ** 16;

/** `days[month - 1]`: what is wrong with it is the index. */
function isShiftedIndex(node: SyntaxNode, { b }: Numbers): boolean {
  const known = constantOf(b);
  return node.field === "index" && known !== undefined && Math.abs(known) <= SMALL;
}

/** Bits that are shifted out of an unsigned number, or multiplied away, are meant to be lost. */
function isHash({ operator, a, b, type }: Numbers): boolean {
  if (type.k !== "int" || type.signed) return false;
  if (operator === "<<") return true;
  const factor = constantOf(b) ?? constantOf(a) ?? 0;
  return operator === "*" && factor > 2 ** 20;
}

/** Notes that a symbol was held against something; so were those that it was computed from. */
export function guard(machine: Machine, sym: Sym, bits: number, depth = 0): void {
  const { guards } = machine.state;
  guards.set(sym.id, (guards.get(sym.id) ?? 0) | bits);
  if (depth < 3) for (const base of machine.bases.get(sym.id) ?? []) guard(machine, base, 3, depth + 1);
}

/** A product of two numbers that are not known, in a type of 32 bits. */
function isNarrowProduct(machine: Machine, { a, b, type }: Numbers, range: Range): boolean {
  if (type.k !== "int" || type.size !== 4 || a.terms.length === 0 || b.terms.length === 0) return false;
  const natural = rangeOf(type);
  if (range.hi <= natural.hi) return false;
  return [...a.terms, ...b.terms].every(({ sym }) => {
    const own = rangeOfSym(machine.state, sym);
    return own.hi > 2 ** 16 && ((machine.state.guards.get(sym.id) ?? 0) & 1) === 0;
  });
}
