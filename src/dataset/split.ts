// Training and evaluation parts by program family: programs that come from one seed, prompt or
// near-duplicate cluster stay together, else the evaluation loss would be of programs already seen.
import type { TrainingRow } from "../core/pair.ts";
import { groupBy } from "../util/group.ts";
import { seededRandom, shuffled } from "../util/random.ts";

/** Rows in two parts. */
export interface Split {
  /** Rows to learn from. */
  readonly train: TrainingRow[];
  /** Rows to measure the loss on. */
  readonly eval: TrainingRow[];
}

/** Splits by family; each weakness gives about `evalShare` of its rows to evaluation. */
export function splitByFamily(
  rows: readonly { readonly row: TrainingRow; readonly family: string }[],
  { evalShare, seed }: { evalShare: number; seed: number },
): Split {
  const families = [...groupBy(rows, (entry) => entry.family).values()];
  const quota = new Map<string, number>();
  for (const { row } of rows) bump(quota, topicOf(row), evalShare);
  const split: Split = { train: [], eval: [] };
  for (const family of shuffled(families, seededRandom(seed))) {
    const toEval = fits(family, quota);
    for (const { row } of family) {
      (toEval ? split.eval : split.train).push(row);
      if (toEval) bump(quota, topicOf(row), -1);
    }
  }
  return split;
}

/** A family goes to evaluation when it overruns what its weaknesses still owe by at most half of itself. */
function fits(family: readonly { readonly row: TrainingRow }[], quota: ReadonlyMap<string, number>): boolean {
  const needs = new Map<string, number>();
  for (const { row } of family) bump(needs, topicOf(row), 1);
  return [...needs].every(([topic, count]) => (quota.get(topic) ?? 0) >= count / 2);
}

function topicOf(row: TrainingRow): string {
  return `${row.language}/${row.cwe ?? "unknown"}`;
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
