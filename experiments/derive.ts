// Datasets for controls, made out of the one that `dataset build --vulnerable-side` wrote (and `dataset extend`
// made larger): the same rows with the spans elsewhere, or with the sides changed over.
import type { Change, TrainingRow } from "../src/core/pair.ts";
import { type Random, seededRandom } from "../src/util/random.ts";
import type { Experiment } from "./plan.ts";

/** Turns rows into those of a control; rows that it cannot be made of are undefined. */
export function deriver(
  dataset: Experiment["datasets"][string],
): (row: TrainingRow) => TrainingRow | undefined {
  switch (dataset.kind) {
    case "built":
      return (row) => row;
    case "vulnerable-side":
      return onVulnerableSide;
    case "random-spans": {
      const random = seededRandom(dataset.seed);
      return (row) => ({ ...row, changes: randomSpans(row.text.length, row.changes, random) });
    }
    default:
      return dataset satisfies never;
  }
}

function onVulnerableSide({ vulnerable, ...row }: TrainingRow): TrainingRow | undefined {
  return vulnerable === undefined || vulnerable.changes.length === 0 ? undefined : { ...row, ...vulnerable };
}

/** As many spans of the same lengths, disjoint, anywhere: the gaps between them are drawn at random. */
export function randomSpans(length: number, changes: readonly Change[], random: Random): Change[] {
  const sizes = changes.map(({ start, end }) => end - start);
  const free = length - sizes.reduce((sum, size) => sum + size, 0);
  // Places in what remains of the text when the spans are taken out; ascending, so the spans keep apart.
  const gaps = sizes.map(() => Math.floor(random() * (free + 1))).sort((one, other) => one - other);
  let before = 0;
  return sizes.map((size, index) => {
    const start = (gaps[index] ?? 0) + before;
    before += size;
    return { start, end: start + size };
  });
}
