// Whether a state says nothing that another one does not allow: then a loop has nothing more to give.
import { leastOf, rangeOfLin, type State, sameValue, taintOf, type Value } from "./domain.ts";
import { addScaled, type Lin, type Sym, sameLin, symbolic } from "./linear.ts";

/** Whether everything that may be in `back` was foreseen in `head`. */
export function covers(head: State, back: State): boolean {
  const now = new Map<number, { sym: Sym; lin: Lin }>();
  const values = pairs(head, back, now);
  if (values === undefined) return false;
  return (
    values.every(([one, other]) => allows(head, back, one, other)) &&
    sameMarks(head, back) &&
    relationsHold(head, back, now)
  );
}

/** Values side by side; `now` says what has become of the symbols that stand for values of several paths. */
function pairs(
  head: State,
  back: State,
  now: Map<number, { sym: Sym; lin: Lin }>,
): (readonly [Value, Value])[] | undefined {
  const found: (readonly [Value, Value])[] = [];
  const note = (one: Lin | undefined, other: Lin | undefined): void => {
    const [term] = one?.terms ?? [];
    if (other !== undefined && one?.k === 0 && one.terms.length === 1 && term?.c === 1 && term.sym.joined)
      now.set(term.sym.id, { sym: term.sym, lin: other });
  };
  for (const [id, one] of head.cells.entries()) {
    const other = back.cells.get(id);
    if (other === undefined) return undefined;
    found.push([one, other]);
    note(one.lin, other.lin);
    if (one.to !== undefined && one.to.region === other.to?.region) note(one.to.at, other.to.at);
  }
  return found;
}

function allows(head: State, back: State, one: Value, other: Value): boolean {
  if (sameValue(one, other)) return true;
  if (taintOf(one) === undefined && taintOf(other) !== undefined) return false;
  if (one.lin !== undefined) return other.lin !== undefined && within(head, back, one.lin, other.lin);
  if (one.to !== undefined) {
    return one.to.region === other.to?.region && within(head, back, one.to.at, other.to.at);
  }
  return other.lin === undefined && other.to === undefined;
}

function within(head: State, back: State, one: Lin, other: Lin): boolean {
  if (sameLin(one, other)) return true;
  // Only a symbol for several paths stands for other values than its own.
  if (!one.terms.some(({ sym }) => sym.joined)) return false;
  const [wide, narrow] = [rangeOfLin(head, one), rangeOfLin(back, other)];
  return narrow.lo >= wide.lo && narrow.hi <= wide.hi;
}

function sameMarks(head: State, back: State): boolean {
  for (const [id, taint] of back.taints.entries()) {
    if (taint !== null && head.taints.get(id) == null) return false;
  }
  for (const [id, value] of head.nulls.entries()) if (back.nulls.get(id) !== value) return false;
  if (head.freed.size !== back.freed.size) return false;
  for (const [id] of head.freed.entries()) if (!back.freed.has(id)) return false;
  for (const [id, length] of head.lengths.entries()) {
    const other = back.lengths.get(id);
    if (other === undefined || (length === null) !== (other === null)) return false;
    if (length !== null && other !== null && !within(head, back, length, other)) return false;
  }
  return true;
}

/** Differences and sums that were taken to hold must still do so. */
function relationsHold(head: State, back: State, now: ReadonlyMap<number, { sym: Sym; lin: Lin }>): boolean {
  for (const [key, bound] of head.differences.entries()) {
    const [up, down] = key.split(":").map((id) => now.get(Number(id)));
    if (up === undefined && down === undefined) continue;
    if (up === undefined || down === undefined) {
      // To a symbol that stayed as it is: the same difference, of the new value.
      if (!heldTo(back, { key, bound, up, down })) return false;
    } else {
      const apart = addScaled(up.lin, down.lin, -1);
      if (apart === undefined || -leastOf(back, negative(apart)) > bound) return false;
    }
  }
  for (const [, fact] of head.facts.entries()) {
    const moved = substitute(fact, now);
    if (moved === undefined || -leastOf(back, negative(moved)) > 0) return false;
  }
  return true;
}

function heldTo(
  back: State,
  {
    key,
    bound,
    up,
    down,
  }: { key: string; bound: number; up?: { lin: Lin } | undefined; down?: { lin: Lin } | undefined },
): boolean {
  const lin = up?.lin ?? down?.lin;
  const [term] = lin?.terms ?? [];
  if (lin === undefined || lin.terms.length !== 1 || term?.c !== 1) return false;
  const [first = "", second = ""] = key.split(":");
  const own = up === undefined ? `${first}:${term.sym.id}` : `${term.sym.id}:${second}`;
  const known = back.differences.get(own);
  return known !== undefined && known + (up === undefined ? -lin.k : lin.k) <= bound;
}

function substitute(lin: Lin, now: ReadonlyMap<number, { sym: Sym; lin: Lin }>): Lin | undefined {
  let sum: Lin | undefined = { k: lin.k, terms: [] };
  for (const { sym, c } of lin.terms) {
    sum = sum === undefined ? undefined : addScaled(sum, now.get(sym.id)?.lin ?? symbolic(sym), c);
  }
  return sum;
}

function negative(lin: Lin): Lin {
  return { k: -lin.k, terms: lin.terms.map(({ sym, c }) => ({ sym, c: -c })) };
}
