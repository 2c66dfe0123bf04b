import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../util/random.ts";
import {
  type Cluster,
  estimateChange,
  estimateRate,
  type PairedCluster,
  quantile,
  widenedTail,
} from "./bootstrap.ts";

const cluster = (hits: number, trials: number): Cluster => ({ hits, trials });
const pair = (before: Cluster, after: Cluster): PairedCluster => ({ before, after });
const repeat = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

describe("the interval of a rate", () => {
  it("is the exact bound where no family has a hit", () => {
    const { rate, ci95, method } = estimateRate(repeat(8, cluster(0, 10)), { seed: 1 });
    expect({ rate, method }).toEqual({ rate: 0, method: "families-agree" });
    expect(ci95?.[0]).toBe(0);
    expect(ci95?.[1]).toBeCloseTo(1 - 0.025 ** (1 / 8), 12);
  });

  it("is the exact bound where all are hits", () => {
    const { ci95 } = estimateRate(repeat(8, cluster(10, 10)), { seed: 1 });
    expect(ci95?.[0]).toBeCloseTo(0.025 ** (1 / 8), 12);
    expect(ci95?.[1]).toBe(1);
  });

  it("does not vanish where three families happen to agree", () => {
    const { ci95, method } = estimateRate(repeat(3, cluster(1, 5)), { seed: 1 });
    expect(method).toBe("families-agree");
    expect(ci95?.[0]).toBeCloseTo(0.0246, 3); // Wilson's interval for 0.6 of 3
    expect(ci95?.[1]).toBeCloseTo(0.7123, 3);
  });

  it("is undefined for a single family and for nothing at all", () => {
    expect(estimateRate([cluster(3, 10)], { seed: 1 })).toEqual({
      rate: 0.3,
      ci95: undefined,
      method: "none",
    });
    expect(estimateRate([], { seed: 1 })).toEqual({ rate: undefined, ci95: undefined, method: "none" });
    expect(estimateRate([cluster(0, 0)], { seed: 1 }).rate).toBeUndefined();
  });

  it("covers the truth about as often as it says, also with ten families", () => {
    const random = seededRandom(11);
    let covered = 0;
    for (let trial = 0; trial < 400; trial++) {
      const clusters = Array.from({ length: 10 }, () => {
        const difficulty = 0.2 + 0.4 * random();
        return cluster(
          Array.from({ length: 5 }, () => Number(random() < difficulty)).reduce((a, b) => a + b, 0),
          5,
        );
      });
      const { ci95 } = estimateRate(clusters, { seed: trial, replicates: 300 });
      if (ci95 !== undefined && ci95[0] <= 0.4 && ci95[1] >= 0.4) covered++;
    }
    expect(covered / 400).toBeGreaterThan(0.92);
    expect(covered / 400).toBeLessThan(0.995);
  });

  it("comes near the binomial one when every family is one sample", () => {
    const clusters = [...repeat(60, cluster(1, 1)), ...repeat(140, cluster(0, 1))];
    const { ci95 } = estimateRate(clusters, { seed: 7 });
    const error = 1.96 * Math.sqrt((0.3 * 0.7) / 200);
    expect(ci95?.[0]).toBeCloseTo(0.3 - error, 1.7);
    expect(ci95?.[1]).toBeCloseTo(0.3 + error, 1.7);
  });

  it("is wider when samples of a family agree", () => {
    const apart = [...repeat(50, cluster(1, 1)), ...repeat(50, cluster(0, 1))];
    const together = [...repeat(5, cluster(10, 10)), ...repeat(5, cluster(0, 10))];
    const width = (clusters: Cluster[]): number => {
      const { ci95 } = estimateRate(clusters, { seed: 3 });
      return (ci95?.[1] ?? 0) - (ci95?.[0] ?? 0);
    };
    expect(width(together)).toBeGreaterThan(2 * width(apart));
  });

  it("repeats for a seed and moves with another", () => {
    const clusters = [cluster(1, 5), cluster(4, 5), cluster(2, 5), cluster(0, 5), cluster(5, 5)];
    expect(estimateRate(clusters, { seed: 5 })).toEqual(estimateRate(clusters, { seed: 5 }));
    const few = { replicates: 50 };
    expect(estimateRate(clusters, { seed: 5, ...few })).not.toEqual(
      estimateRate(clusters, { seed: 6, ...few }),
    );
  });

  it("holds the rate and stays between 0 and 1, whatever the families", () => {
    const families = fc.array(
      fc
        .integer({ min: 1, max: 9 })
        .chain((trials) =>
          fc.record({ trials: fc.constant(trials), hits: fc.integer({ min: 0, max: trials }) }),
        ),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(families, fc.nat(), (clusters, seed) => {
        const { rate, ci95 } = estimateRate(clusters, { seed, replicates: 60 });
        expect(ci95?.[0]).toBeGreaterThanOrEqual(0);
        expect(ci95?.[1]).toBeLessThanOrEqual(1);
        expect(ci95?.[0]).toBeLessThanOrEqual(rate ?? -1);
        expect(ci95?.[1]).toBeGreaterThanOrEqual(rate ?? 2);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the change between two arms", () => {
  it("is exact where every family changes alike", () => {
    const change = estimateChange(repeat(10, pair(cluster(8, 10), cluster(2, 10))), { seed: 1 });
    expect(change.reduction).toBeCloseTo(0.75, 12);
    expect(change.ci95?.[0]).toBeCloseTo(0.75, 12);
    expect(change.difference).toBeCloseTo(-0.6, 12);
    expect(change.families).toBe(10);
  });

  it("has no reduction, but a difference, when nothing was flagged before", () => {
    const change = estimateChange(repeat(4, pair(cluster(0, 5), cluster(1, 5))), { seed: 1 });
    expect(change.reduction).toBeUndefined();
    expect(change.ci95).toBeUndefined();
    expect(change.difference).toBeCloseTo(0.2, 12);
  });

  it("has no interval when too many draws find nothing flagged before", () => {
    const pairs = [pair(cluster(1, 5), cluster(0, 5)), ...repeat(9, pair(cluster(0, 5), cluster(0, 5)))];
    const change = estimateChange(pairs, { seed: 1 });
    expect(change.reduction).toBe(1);
    expect(change.ci95).toBeUndefined();
  });

  it("does not claim certainty when nothing is flagged after", () => {
    const change = estimateChange(repeat(64, pair(cluster(8, 10), cluster(0, 10))), { seed: 1 });
    expect(change.reduction).toBe(1);
    expect(change.ci95?.[1]).toBe(1);
    expect(change.ci95?.[0]).toBeCloseTo(1 - (1 - 0.025 ** (1 / 64)) / 0.8, 12);
  });

  // A family as one trial: 1 − 0.025^(1/10) = 0.3085 at 0 and 1; Newcombe's square-and-add of the two.
  it.each([
    { before: 0, after: 0, expected: [-0.3085, 0.3085] },
    { before: 10, after: 0, expected: [-1, -1 + Math.SQRT2 * 0.3085] },
    { before: 0, after: 10, expected: [1 - Math.SQRT2 * 0.3085, 1] },
  ])("has width where all families go from $before to $after alike", ({ before, after, expected }) => {
    const pairs = repeat(10, pair(cluster(before, 10), cluster(after, 10)));
    const { differenceCi95 } = estimateChange(pairs, { seed: 1 });
    for (const [place, bound] of expected.entries()) expect(differenceCi95?.[place]).toBeCloseTo(bound, 3);
  });

  it("is narrower paired than unpaired when families differ in difficulty", () => {
    const pairs = [0, 2, 4, 6, 8, 10].flatMap((hits) =>
      repeat(4, pair(cluster(hits, 10), cluster(Math.round(hits / 2), 10))),
    );
    const { differenceCi95 } = estimateChange(pairs, { seed: 2 });
    const before = estimateRate(
      pairs.map((one) => one.before),
      { seed: 2 },
    ).ci95;
    const width = (interval: readonly [number, number] | undefined): number =>
      interval === undefined ? Number.NaN : interval[1] - interval[0];
    expect(width(differenceCi95)).toBeLessThan(width(before));
  });
});

describe("the tail that is cut off", () => {
  // Hesterberg, What teachers should know about the bootstrap (2015), table of adjusted percentiles.
  it.each([
    { families: 5, expected: 0.001 },
    { families: 10, expected: 0.0086 },
    { families: 20, expected: 0.0159 },
    { families: 40, expected: 0.0203 },
    { families: 100, expected: 0.0231 },
  ])("for $families families is $expected", ({ families, expected }) => {
    expect(widenedTail(families)).toBeCloseTo(expected, 4);
  });

  it("comes to 2.5 % with very many", () => {
    expect(widenedTail(100_000)).toBeCloseTo(0.025, 4);
  });
});

describe("quantile", () => {
  it.each([
    { share: 0, expected: 1 },
    { share: 1, expected: 5 },
    { share: 0.5, expected: 3 },
    { share: 0.1, expected: 1.4 },
  ])("at $share of 1…5 is $expected", ({ share, expected }) => {
    expect(quantile([1, 2, 3, 4, 5], share)).toBeCloseTo(expected, 12);
  });
});
