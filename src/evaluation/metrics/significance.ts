// How far a difference between two arms may be chance, and what many looks cost. The test flips the signs of
// families' differences (a randomisation test: no distribution is assumed); the correction is Holm's, which
// holds whatever the comparisons have to do with one another.
import { seededRandom } from "../../util/random.ts";
import type { PairedCluster } from "./bootstrap.ts";

// Up to so many families, every assignment of signs is looked at.
const EXACT_UP_TO = 14;
const DRAWS = 9999;

/**
 * The two-sided p of the hypothesis that before and after are exchangeable within each family; undefined
 * without a pair. With no difference in any family it is 1.
 */
export function pairedP(pairs: readonly PairedCluster[], { seed }: { seed: number }): number | undefined {
  const counted = pairs.filter(({ before, after }) => before.trials > 0 && after.trials > 0);
  if (counted.length === 0) return undefined;
  const total = (side: "before" | "after"): number =>
    counted.reduce((sum, pair) => sum + pair[side].trials, 0);
  const [trialsBefore, trialsAfter] = [total("before"), total("after")];
  const differences = counted
    .map(({ before, after }) => after.hits / trialsAfter - before.hits / trialsBefore)
    .filter((difference) => difference !== 0);
  const seen = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  return differences.length <= EXACT_UP_TO ? exactP(differences, seen) : drawnP(differences, seen, seed);
}

// Sums of the same numbers in another order differ in the last digits.
const SLACK = 1e-12;

function exactP(differences: readonly number[], seen: number): number {
  const assignments = 2 ** differences.length;
  let asLarge = 0;
  for (let signs = 0; signs < assignments; signs++) {
    let sum = 0;
    for (const [place, difference] of differences.entries()) {
      sum += ((signs >> place) & 1) === 1 ? difference : -difference;
    }
    if (Math.abs(sum) >= seen - SLACK) asLarge++;
  }
  return asLarge / assignments;
}

function drawnP(differences: readonly number[], seen: number, seed: number): number {
  const random = seededRandom(seed);
  let asLarge = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (const difference of differences) sum += random() < 0.5 ? difference : -difference;
    if (Math.abs(sum) >= seen - SLACK) asLarge++;
  }
  // What was seen is one of the assignments: so p is never 0.
  return (asLarge + 1) / (DRAWS + 1);
}

/** Holm's adjusted p values, in the order given; those that are undefined do not count as looks. */
export function holm(ps: readonly (number | undefined)[]): (number | undefined)[] {
  const ranked = ps
    .flatMap((p, place) => (p === undefined ? [] : [{ p, place }]))
    .sort((a, b) => a.p - b.p || a.place - b.place);
  const adjusted: (number | undefined)[] = ps.map(() => undefined);
  let highest = 0;
  for (const [rank, { p, place }] of ranked.entries()) {
    highest = Math.max(highest, Math.min(1, (ranked.length - rank) * p));
    adjusted[place] = highest;
  }
  return adjusted;
}
