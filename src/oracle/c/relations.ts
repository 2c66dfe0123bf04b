// What numbers that change together have to do with one another: a loop's counters, a pointer and the
// room that is left behind it. Ranges alone forget it where paths meet.
import { leastOf, type Maker, rangeOfLin, type State } from "./domain.ts";
import { addScaled, keyOfLin, type Lin, minus, plus, sameLin, times } from "./linear.ts";

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
    }
  }
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
  if (!(Math.abs(most) < FAR) || (widen && two > one)) return;
  if (most < rangeOfLin(joined, x.lin).hi - rangeOfLin(joined, y.lin).lo)
    joined.differences.set(`${up.id}:${down.id}`, most);
}

/** Bounds beyond this come from types. */
const FAR = 2 ** 31 - 1;

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

/** The sum itself, or what it is known to be at most. */
function totals(sum: Lin, a: State, b: State): Lin[] {
  const found: Lin[] = [];
  for (const [key, fact] of a.facts.entries()) {
    const total = b.facts.has(key) ? minus(sum, fact) : undefined;
    if (total !== undefined && total.terms.length < sum.terms.length) found.push(total);
  }
  return found.length > 0 ? found : [sum];
}
