// Narrowing: what is known of numbers once a sum of them is at most zero. Ranges get narrower, differences
// between symbols are noted, a path on which it cannot be ends.
import { guard } from "./arithmetic.ts";
import { rangeOfLin, rangeOfSym, TYPE_END } from "./domain.ts";
import { keyOfLin, type Lin, type Sym } from "./linear.ts";
import type { Machine } from "./machine.ts";

const HUGE = 2 ** 53;
/** A type's end, less a little that was taken from it on the way. */
const NEAR_FAR = 2 ** 31 - 2 ** 10;
const MOST_THRESHOLDS = 20;

/** A sum is at most zero: each of its symbols is bounded by the others. */
export function atMostZero(machine: Machine, lin: Lin | undefined, asked = true): void {
  if (lin === undefined) return;
  const { state } = machine;
  const range = rangeOfLin(state, lin);
  if (range.lo > 0) {
    machine.die();
    return;
  }
  for (const { sym, c } of lin.terms) {
    const own = rangeOfSym(state, sym);
    // Not off the sum where there is one symbol: next to the ends of 64 bits, doubles lose small numbers.
    const alone = lin.terms.length === 1;
    const rest = alone ? lin.k : range.lo - (c > 0 ? c * own.lo : c * own.hi);
    const several = lin.terms.length > 1;
    if (several || Math.abs(lin.k) >= HUGE) {
      // That a text goes on says nothing of how long it may be.
      if (asked) guard(machine, sym, c > 0 ? 1 : 2);
    } else for (const base of machine.bases.get(sym.id) ?? []) guard(machine, base, 3, 2);
    if (!Number.isFinite(rest)) continue;
    // c * sym <= -rest
    const end = -rest / c;
    if (c > 0 && asked && sym.joined && Math.abs(end) < TYPE_END)
      noteThreshold(machine, sym, Math.floor(end));
    if (c > 0 && Math.floor(end) < own.hi) narrow(machine, sym, { lo: own.lo, hi: Math.floor(end) }, several);
    else if (c < 0 && Math.ceil(end) > own.lo)
      narrow(machine, sym, { lo: Math.ceil(end), hi: own.hi }, several);
  }
  if (lin.terms.length > 1 && lin.terms.length < 4) state.facts.set(keyOfLin(lin), lin);
  noteDifference(machine, lin);
}

function noteThreshold(machine: Machine, { line }: Sym, end: number): void {
  const known = machine.thresholds.get(line) ?? new Set();
  machine.thresholds.set(line, known);
  if (known.size < MOST_THRESHOLDS) for (const near of [0, 1, 2]) known.add(end + near);
}

function narrow(machine: Machine, sym: Sym, range: { lo: number; hi: number }, several: boolean): void {
  const own = rangeOfSym(machine.state, sym);
  // A bound that follows from another symbol's type alone says nothing worth keeping.
  if (
    several &&
    (Math.abs(range.lo) > NEAR_FAR || range.lo === own.lo) &&
    (Math.abs(range.hi) > NEAR_FAR || range.hi === own.hi)
  )
    return;
  if (range.lo > range.hi) machine.die();
  else machine.state.ranges.set(sym.id, range);
}

function noteDifference(machine: Machine, lin: Lin): void {
  const [x, y] = lin.terms;
  if (lin.terms.length !== 2 || x === undefined || y === undefined || x.c !== -y.c) return;
  const [up, down] = x.c > 0 ? [x, y] : [y, x];
  const key = `${up.sym.id}:${down.sym.id}`;
  const bound = Math.floor(-lin.k / up.c);
  const before = machine.state.differences.get(key);
  if (before === undefined || bound < before) machine.state.differences.set(key, bound);
  const back = machine.state.differences.get(`${down.sym.id}:${up.sym.id}`);
  if (back !== undefined && bound + back < 0) machine.die();
}
