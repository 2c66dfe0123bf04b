// What numbers that change together have to do with one another: a loop's counters, a pointer and the
// room that is left behind it. Ranges alone forget it where paths meet.
import { leastOf, type Maker, rangeOfLin, type State, TYPE_END } from "./domain.ts";
import { addScaled, keyOfLin, type Lin, minus, plus, sameLin, symbolic, times, ZERO } from "./linear.ts";

/** A number that differs between two states, and the symbol that stands for it where they meet. */
export interface Changed {
  readonly left: Lin;
  readonly right: Lin;
  readonly lin: Lin;
}

/** More at once are compared with their neighbours only. */
const MOST_RELATED = 6;

/** Notes differences and sums of numbers that changed, as far as they are bounded on both sides. */
export function relate(
  machine: Maker,
  joined: State,
  about: { a: State; b: State; widen: boolean; changed: readonly Changed[] },
): void {
  const { changed } = about;
  for (let i = 0; i < changed.length; i++) {
    for (let j = i + 1; j < changed.length && j < i + MOST_RELATED; j++) {
      const [x, y] = [changed[i], changed[j]];
      if (x === undefined || y === undefined) continue;
      machine.spend();
      bound(joined, about, { x, y, sign: -1 });
      bound(joined, about, { x: y, y: x, sign: -1 });
      keepSum(joined, about, x, y);
      if (!about.widen) {
        findRatio(joined, about, x, y);
        findRatio(joined, about, y, x);
      }
    }
  }
  keepRatios(machine, joined, about);
}

function combined(x: Lin, y: Lin, sign: number): Lin | undefined {
  return addScaled(x, y, sign);
}

/** The greatest value of `x - y` on both sides holds for what stands for them. */
function bound(
  joined: State,
  { a, b, widen }: { a: State; b: State; widen: boolean },
  { x, y, sign }: { x: Changed; y: Changed; sign: number },
): void {
  const [left, right] = [combined(x.left, y.left, sign), combined(x.right, y.right, sign)];
  const [up, down] = [x.lin.terms[0]?.sym, y.lin.terms[0]?.sym];
  if (left === undefined || right === undefined || up === undefined || down === undefined) return;
  const [one, two] = [greatest(a, left), greatest(b, right)];
  const most = Math.max(one, two);
  if (!(Math.abs(most) < TYPE_END) || (widen && two > one)) return;
  if (most < rangeOfLin(joined, x.lin).hi - rangeOfLin(joined, y.lin).lo)
    joined.differences.set(`${up.id}:${down.id}`, most);
}

function greatest(state: State, lin: Lin): number {
  return -leastOf(state, times(lin, -1));
}

/** What one loses, the other gains: their sum stays. */
function keepSum(joined: State, { a, b }: { a: State; b: State }, x: Changed, y: Changed): void {
  const [left, right] = [plus(x.left, y.left), plus(x.right, y.right)];
  if (left === undefined || right === undefined || !sameLin(left, right)) return;
  const own = plus(x.lin, y.lin);
  if (own === undefined) return;
  for (const total of totals(left, a, b)) {
    const fact = minus(own, total);
    if (fact !== undefined) joined.facts.set(keyOfLin(fact), fact);
  }
}

/** More for one than this is no rewriting of a text. */
const MOST_FOR_ONE = 16;

/** One number grows by several where another one grows by one: four characters for each that is read. */
function findRatio(joined: State, { a, b }: Pick<Sides, "a" | "b">, x: Changed, y: Changed): void {
  const grown = rangeOfLin(b, x.right).hi - rangeOfLin(a, x.left).hi;
  const rounds = rangeOfLin(b, y.right).lo - rangeOfLin(a, y.left).lo;
  const ratio = Math.ceil(grown / rounds);
  if (!(rounds >= 1 && ratio >= 2 && ratio <= MOST_FOR_ONE)) return;
  const [left, right] = [addScaled(x.left, y.left, -ratio), addScaled(x.right, y.right, -ratio)];
  const own = addScaled(x.lin, y.lin, -ratio);
  if (left === undefined || right === undefined || own === undefined) return;
  noteAtMost(joined, own, Math.max(greatest(a, left), greatest(b, right)));
}

interface Sides {
  readonly a: State;
  readonly b: State;
  readonly widen: boolean;
  readonly changed: readonly Changed[];
}

/** What one number is at most for so many of another one holds on, with what they have become. */
function keepRatios(machine: Maker, joined: State, about: Sides): void {
  const { a, b, widen, changed } = about;
  if (changed.length === 0) return;
  for (const [side, state] of [["left", a] as const, ["right", b] as const]) {
    for (const [, fact] of state.facts.entries()) {
      if (!isRatio(fact)) continue;
      machine.spend();
      const now = substituted(fact, changed, side);
      if (now === undefined || joined.facts.has(keyOfLin(now.lin))) continue;
      const [one, two] = [greatest(a, now.left), greatest(b, now.right)];
      if (!(widen && two > one)) noteAtMost(joined, now.lin, Math.max(one, two));
    }
  }
}

function noteAtMost(joined: State, lin: Lin, most: number): void {
  if (!(Math.abs(most) < TYPE_END)) return;
  const fact = { k: -most, terms: lin.terms };
  joined.facts.set(keyOfLin(fact), fact);
}

function isRatio({ terms }: Lin): boolean {
  const [x, y] = terms;
  if (terms.length !== 2 || x === undefined || y === undefined || x.c > 0 === y.c > 0) return false;
  return Math.abs(x.c) !== Math.abs(y.c);
}

/** A fact's symbols, each as what it is on both sides and afterwards, without the constant. */
function substituted(
  { terms }: Lin,
  changed: readonly Changed[],
  side: "left" | "right",
): Changed | undefined {
  let [left, right, lin]: (Lin | undefined)[] = [ZERO, ZERO, ZERO];
  let moved = false;
  for (const { sym, c } of terms) {
    const found = changed.find((each) => {
      const [term] = each[side].terms;
      return each[side].terms.length === 1 && term?.sym === sym && term.c === 1;
    });
    if (found !== undefined) moved = true;
    const same = symbolic(sym);
    left = left && addScaled(left, found?.left ?? same, c);
    right = right && addScaled(right, found?.right ?? same, c);
    lin = lin && addScaled(lin, found?.lin ?? same, c);
  }
  return moved && left && right && lin ? { left, right, lin } : undefined;
}

/** The sum itself, or what it is known to be at most. */
function totals(sum: Lin, a: State, b: State): Lin[] {
  const found: Lin[] = [];
  for (const [key, fact] of a.facts.entries()) {
    const total = b.facts.has(key) ? minus(sum, fact) : undefined;
    if (total !== undefined && total.terms.length < sum.terms.length) found.push(total);
  }
  return found.length > 0 ? found : [sum];
}
