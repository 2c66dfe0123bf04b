import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PairedCluster } from "./bootstrap.ts";
import { holm, pairedP } from "./significance.ts";

/** Families of ten trials each, with these hits before and after. */
function pairs(hits: readonly (readonly [before: number, after: number])[]): PairedCluster[] {
  return hits.map(([before, after]) => ({
    before: { hits: before, trials: 10 },
    after: { hits: after, trials: 10 },
  }));
}

describe("the chance of a paired difference", () => {
  it.each([
    // Five families that all fall: 2 of the 32 assignments of signs are as far from 0.
    {
      hits: [
        [5, 1],
        [6, 2],
        [7, 1],
        [4, 0],
        [9, 3],
      ] as const,
      expected: 2 / 32,
    },
    // 3, 1, 1 and −1: |sum| ≥ 4 for 3+1+1−1, 3+1+1+1, 3+1−1+1, 3−1+1+1 and their opposites.
    {
      hits: [
        [3, 0],
        [1, 0],
        [1, 0],
        [0, 1],
      ] as const,
      expected: 8 / 16,
    },
    { hits: [[3, 0]] as const, expected: 1 },
    {
      hits: [
        [3, 3],
        [4, 4],
      ] as const,
      expected: 1,
    },
  ])("is $expected, by all assignments of signs, for $hits", ({ hits, expected }) => {
    expect(pairedP(pairs(hits), { seed: 1 })).toBeCloseTo(expected, 12);
  });

  it("is undefined without a pair", () => {
    expect(pairedP([], { seed: 1 })).toBeUndefined();
  });

  it("by draws agrees with all assignments, and repeats", () => {
    const differing = pairs(Array.from({ length: 15 }, (_, i) => [i % 4, (i * 7) % 3] as const));
    const moved = differing.filter(({ before, after }) => before.hits !== after.hits);
    const exact = pairedP(moved.slice(0, 14), { seed: 1 }) ?? 0;
    // One more pair of families that cancel out changes the test little, but takes the way by draws.
    const drawn =
      pairedP(
        [
          ...moved.slice(0, 14),
          ...pairs([
            [1, 0],
            [0, 1],
          ]),
        ],
        { seed: 1 },
      ) ?? 0;
    expect(Math.abs(drawn - exact)).toBeLessThan(0.15);
    expect(pairedP(differing, { seed: 7 })).toBe(pairedP(differing, { seed: 7 }));
  });

  it("lies between 0 and 1 and does not mind which arm is called before", () => {
    const hits = fc.tuple(fc.nat(10), fc.nat(10));
    fc.assert(
      fc.property(fc.array(hits, { minLength: 1, maxLength: 10 }), (drawn) => {
        const p = pairedP(pairs(drawn), { seed: 3 }) ?? Number.NaN;
        const turned = pairedP(pairs(drawn.map(([before, after]) => [after, before] as const)), { seed: 3 });
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(turned).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe("Holm's correction", () => {
  it.each([
    { ps: [0.01, 0.04, 0.03], expected: [0.03, 0.06, 0.06] },
    { ps: [0.2], expected: [0.2] },
    { ps: [0.5, 0.9], expected: [1, 1] },
    { ps: [0.01, undefined, 0.02], expected: [0.02, undefined, 0.02] },
    { ps: [], expected: [] },
  ])("makes $expected of $ps", ({ ps, expected }) => {
    for (const [place, p] of holm(ps).entries()) {
      const wanted = expected[place];
      if (wanted === undefined) expect(p).toBeUndefined();
      else expect(p).toBeCloseTo(wanted, 12);
    }
  });

  it("never lowers a p, keeps their order, and stays at most Bonferroni's", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (ps) => {
        const adjusted = holm(ps).map((p) => p ?? Number.NaN);
        for (const [i, p] of ps.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length) + 1e-12);
          for (const [j, other] of ps.entries()) {
            if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? 0);
          }
        }
      }),
    );
  });
});
