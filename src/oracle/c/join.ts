// Where paths meet: equal states become one, and too many are joined, first those that agree on
// what pointers are worth. Loops end by widening: a bound that moved is given up.
import {
  type Freed,
  leastOf,
  type Maker,
  type Range,
  type Region,
  rangeOfLin,
  rangeOfSym,
  STEPS,
  State,
  sameValue,
  taintOf,
  type Value,
} from "./domain.ts";
import { constantOf, type Lin, sameLin, symbolic, times } from "./linear.ts";
import { type Changed, relate } from "./relations.ts";
import { sharedSize } from "./sizes.ts";

/** At most so many states, with as little lost as may be. */
export function reduceStates(machine: Maker, states: readonly State[], limit: number): State[] {
  const different: State[] = [];
  for (const state of states) {
    machine.spend(1 + ((state.size * different.length) >> 5));
    if (!different.some((other) => sameState(other, state))) different.push(state);
  }
  if (different.length <= limit) return different;
  const grouped = joinGroups(machine, different, (state) => `${protocolKey(state)}|${flagsKey(state)}`);
  if (grouped.length <= limit) return grouped;
  const coarser = joinGroups(machine, grouped, protocolKey);
  if (coarser.length <= limit) return coarser;
  const kept = coarser.slice(0, limit - 1);
  const rest = joinAll(machine, coarser.slice(limit - 1));
  return rest === undefined ? kept : [...kept, rest];
}

/** One state for several. */
export function joinAll(machine: Maker, states: readonly State[]): State | undefined {
  const [first, ...rest] = states;
  return rest.reduce<State | undefined>(
    (all, state) => (all === undefined ? state : joinStates(machine, all, state)),
    first,
  );
}

function joinGroups(machine: Maker, states: readonly State[], keyOf: (state: State) => string): State[] {
  const groups = new Map<string, State[]>();
  for (const state of states) {
    machine.spend(state.size >> 3);
    const key = keyOf(state);
    groups.set(key, [...(groups.get(key) ?? []), state]);
  }
  return [...groups.values()].flatMap((group) => joinAll(machine, group) ?? []);
}

/** What decides over use after free and null: which regions are gone, which pointers null. */
function protocolKey(state: State): string {
  const nulls = [...state.nulls.entries()]
    .filter(([, value]) => value !== "unknown")
    .map(([id, value]) => `${id}${value}`);
  return `${[...state.freed.entries()]
    .map(([id]) => id)
    .sort()
    .join()};${nulls.sort().join()}`;
}

/** Variables that hold small constants: flags and results. */
function flagsKey(state: State): string {
  const flags: string[] = [];
  for (const [id, { lin, to }] of state.cells.entries()) {
    if (lin !== undefined && lin.terms.length === 0 && Math.abs(lin.k) <= 2) flags.push(`${id}=${lin.k}`);
    if (to?.region.kind === "null") flags.push(`${id}=null`);
  }
  return flags.sort().join();
}

function sameState(a: State, b: State): boolean {
  return (
    sameLayer(a.cells, b.cells, sameValue) &&
    sameLayer(a.ranges, b.ranges, sameRange) &&
    sameLayer(a.nulls, b.nulls, Object.is) &&
    sameLayer(a.freed, b.freed, (x: Freed, y: Freed) => x.node === y.node) &&
    sameLayer(a.taints, b.taints, Object.is) &&
    sameLayer(a.guards, b.guards, Object.is) &&
    sameLayer(a.differences, b.differences, Object.is) &&
    sameLayer(a.lengths, b.lengths, sameLength)
  );
}

function sameLayer<K, V>(a: State["cells"] | unknown, b: unknown, same: (x: V, y: V) => boolean): boolean {
  // Both are layers of the same map; TypeScript cannot say so for a private class field's type.
  const left = a as { is(other: unknown): boolean; size: number; entries(): Iterable<[K, V]> };
  const right = b as { size: number; get(key: K): V | undefined };
  if (left.is(b)) return true;
  if (left.size !== right.size) return false;
  for (const [key, value] of left.entries()) {
    const other = right.get(key);
    if (other === undefined || !same(value, other)) return false;
  }
  return true;
}

const sameRange = (a: Range, b: Range): boolean => a.lo === b.lo && a.hi === b.hi;
const sameLength = (a: Lin | null, b: Lin | null): boolean =>
  a === b || (a !== null && b !== null && sameLin(a, b));

/** How bounds that moved are treated: kept, moved on to what they are compared with, or given up. */
export type Widening = "no" | "steps" | "all";

/** What holds in both. */
export function joinStates(machine: Maker, a: State, b: State, widen: Widening = "no"): State {
  machine.spend(1 + ((a.size + b.size) >> 3));
  const joined = new State(a.symbols);
  const changed: Changed[] = [];
  joinCells(machine, joined, { a, b, widen, changed });
  for (const [id, range] of a.ranges.entries()) {
    const other = b.ranges.get(id);
    if (other === undefined) continue;
    const hull = widen === "no" ? hullOf(range, other) : widened(undefined, range, other);
    if (hull.lo > -Infinity || hull.hi < Infinity) joined.ranges.set(id, hull);
  }
  for (const [key, bound] of a.differences.entries()) {
    const other = b.differences.get(key);
    if (other !== undefined) joined.differences.set(key, Math.max(bound, other));
  }
  for (const [id, bits] of a.guards.entries()) {
    const both = bits & (b.guards.get(id) ?? 0);
    if (both !== 0) joined.guards.set(id, both);
  }
  for (const [key, fact] of a.facts.entries()) if (b.facts.has(key)) joined.facts.set(key, fact);
  joinNulls(joined, a, b);
  for (const [id, node] of a.freed.entries()) if (b.freed.has(id)) joined.freed.set(id, node);
  for (const [id, owner] of a.owned.entries()) if (b.owned.has(id)) joined.owned.set(id, owner);
  joinTaints(joined, a, b);
  for (const [id, length] of a.lengths.entries()) {
    const other = b.lengths.get(id);
    if (other !== undefined && sameLength(length, other)) joined.lengths.set(id, length);
    else if (length !== null && other !== undefined && other !== null) {
      joined.lengths.set(id, phi(machine, joined, { a, b, left: length, right: other, widen, changed }));
    }
  }
  relate(machine, joined, { a, b, widen: widen !== "no", changed });
  for (const [key, term] of a.terms.entries()) if (b.terms.get(key) === term) joined.terms.set(key, term);
  return joined;
}

function joinNulls(joined: State, a: State, b: State): void {
  for (const [id, value] of a.nulls.entries()) {
    const other = b.nulls.get(id);
    if (other === undefined) continue;
    joined.nulls.set(
      id,
      value === other ? value : value === "unknown" || other === "unknown" ? "unknown" : "maybe",
    );
  }
}

/** Untrusted where one is; of two, the one that more checks have been made of. */
function joinTaints(joined: State, a: State, b: State): void {
  for (const [id, taint] of a.taints.entries()) {
    const other = b.taints.get(id);
    if (other === undefined) {
      if (taint !== null) joined.taints.set(id, taint);
    } else if (taint === null || (other !== null && isBetter(other.cleared, taint.cleared)))
      joined.taints.set(id, other);
    else joined.taints.set(id, taint);
  }
  for (const [id, taint] of b.taints.entries()) {
    if (taint !== null && !a.taints.has(id)) joined.taints.set(id, taint);
  }
}

/** What was decoded is so wherever it happened; of two others, that of which more checks have been made. */
function isBetter(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const [first, second] = [one.has("decoded"), other.has("decoded")];
  return first === second ? one.size > other.size : first;
}

interface Sides {
  readonly a: State;
  readonly b: State;
  readonly widen: Widening;
  /** Numbers that differ between the two, and what stands for them. */
  readonly changed: Changed[];
}

function joinCells(machine: Maker, joined: State, sides: Sides): void {
  const { a, b } = sides;
  const elsewhere: { id: number; left: Value; right: Value }[] = [];
  for (const [id, left] of a.cells.entries()) {
    const right = b.cells.get(id);
    if (right === undefined) continue;
    if (sameValue(left, right)) joined.cells.set(id, left);
    else if (left.to !== undefined && right.to !== undefined && left.to.region !== right.to.region)
      elsewhere.push({ id, left, right });
    else joined.cells.set(id, joinValues(machine, joined, { ...sides, left, right }));
  }
  // After the numbers, one of which may be the size of what these lead to.
  for (const { id, left, right } of elsewhere)
    joined.cells.set(id, joinValues(machine, joined, { ...sides, left, right }));
}

function joinValues(machine: Maker, joined: State, sides: Sides & { left: Value; right: Value }): Value {
  const { left, right } = sides;
  if (left.lin !== undefined && right.lin !== undefined) {
    const lin = phi(machine, joined, { ...sides, left: left.lin, right: right.lin, type: left });
    return { type: left.type, lin };
  }
  if (left.to !== undefined && right.to !== undefined) {
    if (left.to.region === right.to.region) {
      const at = phi(machine, joined, { ...sides, left: left.to.at, right: right.to.at });
      return { type: left.type, to: { region: left.to.region, at } };
    }
    return joinPointers(machine, joined, { ...sides, from: left.to.region, or: right.to.region });
  }
  const taint = taintOf(left) ?? taintOf(right);
  return taint === undefined ? { type: left.type } : { type: left.type, taint };
}

function joinPointers(
  machine: Maker,
  joined: State,
  sides: Sides & { left: Value; right: Value; from: Region; or: Region },
): Value {
  const { from, or, a, b } = sides;
  const one = a.nulls.get(from.id) ?? from.nullness;
  const two = b.nulls.get(or.id) ?? or.nullness;
  const maybe = one === "maybe" || one === "yes" || two === "maybe" || two === "yes";
  const sure = one === "no" && two === "no";
  const taint = a.taints.get(from.id) ?? b.taints.get(or.id) ?? from.born ?? or.born;
  const whole = constantOf(sides.left.to?.at) === 0 && constantOf(sides.right.to?.at) === 0;
  const size =
    whole && from.size !== undefined && or.size !== undefined
      ? sharedSize(sides.changed, from.size, or.size)
      : undefined;
  const region = machine.region({
    name: from.name,
    kind: "outside",
    type: from.kind === "null" ? or.type : from.type,
    size,
    born: taint ?? undefined,
    nullness: sure ? "no" : maybe ? "maybe" : "unknown",
  });
  joined.nulls.set(region.id, region.nullness);
  return machine.pointer(region, sides.left.type);
}

function phi(machine: Maker, joined: State, sides: Sides & { left: Lin; right: Lin; type?: Value }): Lin {
  if (sameLin(sides.left, sides.right)) return sides.left;
  const left = boundsOf(sides.a, sides.left);
  const right = boundsOf(sides.b, sides.right);
  const line = lineOf(sides.left) ?? lineOf(sides.right);
  const thresholds = sides.widen === "steps" ? machine.thresholds.get(line ?? 0) : undefined;
  const hull = sides.widen === "no" ? hullOf(left, right) : widened(thresholds, left, right);
  const taint =
    taintOf({ type: { k: "unknown" }, lin: sides.left }) ??
    taintOf({ type: { k: "unknown" }, lin: sides.right });
  const kinds = [...sides.left.terms, ...sides.right.terms].map(({ sym }) => sym.kind);
  const kind = kinds.includes("length") ? "length" : kinds.includes("parameter") ? "parameter" : "other";
  const grows = sides.widen !== "no" && right.hi > left.hi && hull.hi === Infinity;
  const grown = grows || [...sides.left.terms, ...sides.right.terms].some(({ sym }) => sym.grown);
  const sym = machine.symbol(sides.type?.type ?? { k: "unknown" }, {
    taint,
    kind,
    joined: true,
    grown,
    line,
  });
  if (hull.lo > sym.lo || hull.hi < sym.hi)
    joined.ranges.set(sym.id, { lo: Math.max(hull.lo, sym.lo), hi: Math.min(hull.hi, sym.hi) });
  const guards = guardsOf(sides.a, sides.left) & guardsOf(sides.b, sides.right);
  // What grows was bounded at each step, not in the end.
  const kept = grows && (guards & 1) !== 0 ? (guards & ~1) | STEPS : guards;
  if (kept !== 0) joined.guards.set(sym.id, kept);
  boundsOfPhi(joined, sides, sym.id);
  sides.changed.push({ left: sides.left, right: sides.right, lin: symbolic(sym) });
  return symbolic(sym);
}

/** Differences to other symbols that hold on both sides hold for the new one. */
function boundsOfPhi(
  joined: State,
  { a, b, left, right, widen }: Sides & { left: Lin; right: Lin },
  id: number,
): void {
  const [from, other] = left.terms.length === 0 ? [right, left] : [left, right];
  const [fromState, otherState] = from === left ? [a, b] : [b, a];
  const [term] = from.terms;
  if (term === undefined) boundsOfConstants(joined, { a, b }, { left: left.k, right: right.k, id });
  if (term === undefined || from.terms.length > 1 || term.c !== 1) return;
  const prefix = `${term.sym.id}:`;
  for (const [key, bound] of fromState.differences.entries()) {
    if (!key.startsWith(prefix)) continue;
    const to = Number(key.slice(prefix.length));
    const second = boundTo(otherState, other, to);
    if (second === undefined) continue;
    const own = bound + from.k;
    // A bound that still grows will go on growing.
    if (widen !== "no" && (from === left ? second > own : own > second)) continue;
    joined.differences.set(`${id}:${to}`, Math.max(own, second));
  }
}

/** A counter that is known on both sides is held to what is known to be no less on both: a length, an end. */
function boundsOfConstants(
  joined: State,
  { a, b }: Pick<Sides, "a" | "b">,
  { left, right, id }: { left: number; right: number; id: number },
): void {
  for (const [end, { lo }] of a.ranges.entries()) {
    const sym = joined.symbols.get(end);
    const other = b.ranges.get(end)?.lo;
    if (sym === undefined || other === undefined || Math.min(lo, other) <= sym.lo) continue;
    // In step: what is known of the end comes from the counter, and will go on to do so.
    if (left - lo === right - other && left <= lo) joined.differences.set(`${id}:${end}`, left - lo);
  }
}

/** The greatest difference of a sum to a symbol. */
function boundTo(state: State, lin: Lin, to: number): number | undefined {
  const [term] = lin.terms;
  if (term === undefined) {
    const range = state.ranges.get(to);
    return lin.k - (range?.lo ?? 0);
  }
  if (lin.terms.length > 1 || term.c !== 1) return undefined;
  if (term.sym.id === to) return lin.k;
  const bound = state.differences.get(`${term.sym.id}:${to}`);
  return bound === undefined ? undefined : bound + lin.k;
}

/** Bits that hold for all symbols of a sum; a constant is bounded on both sides. */
export function guardsOf(state: State, lin: Lin): number {
  return lin.terms.reduce((bits, { sym }) => {
    const range = rangeOfSym(state, sym);
    const own =
      (state.guards.get(sym.id) ?? 0) |
      (range.hi < sym.hi ? 1 : 0) |
      (range.lo > sym.lo ? 2 : 0) |
      (sym.exact ? 3 : 0);
    return bits & ((own & 1) === 0 ? own : own | STEPS);
  }, 3 | STEPS);
}

function hullOf(a: Range, b: Range): Range {
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

function lineOf({ terms }: Lin): number | undefined {
  const [term] = terms;
  return terms.length === 1 && term?.sym.joined ? term.sym.line : undefined;
}

/** A bound that moved goes to the next number that anything is compared with, or is given up. */
function widened(thresholds: ReadonlySet<number> | undefined, a: Range, b: Range): Range {
  const next = (least: number): number => {
    let found = Infinity;
    for (const number of thresholds ?? []) if (number >= least && number < found) found = number;
    return found;
  };
  return { lo: b.lo < a.lo ? -Infinity : a.lo, hi: b.hi > a.hi ? next(b.hi) : a.hi };
}

/** Ends of a sum, with what is known of its symbols together. */
function boundsOf(state: State, lin: Lin): Range {
  const range = rangeOfLin(state, lin);
  if (lin.terms.length < 2) return range;
  return {
    lo: Math.max(range.lo, leastOf(state, lin)),
    hi: Math.min(range.hi, -leastOf(state, times(lin, -1))),
  };
}
