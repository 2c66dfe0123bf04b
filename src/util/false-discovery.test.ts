import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { falseDiscovery } from "./false-discovery.ts";

describe("Benjamini and Hochberg's q", () => {
  it.each([
    // By hand: p × m / rank, then the least of it and of all that follow.
    { ps: [0.01, 0.02, 0.03, 0.04], expected: [0.04, 0.04, 0.04, 0.04] },
    { ps: [0.9, 0.005, 0.04], expected: [0.9, 0.015, 0.06] },
    { ps: [0.2], expected: [0.2] },
    { ps: [0.03, 0.03], expected: [0.03, 0.03] },
    { ps: [0.01, undefined, 0.04], expected: [0.02, undefined, 0.04] },
    { ps: [], expected: [] },
  ])("of $ps is $expected", ({ ps, expected }) => {
    for (const [place, q] of falseDiscovery(ps).entries()) {
      const wanted = expected[place];
      if (wanted === undefined) expect(q).toBeUndefined();
      else expect(q).toBeCloseTo(wanted, 12);
    }
  });

  it("calls sure what the step-up rule as it was published calls sure", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (ps) => {
        const level = 0.05;
        const sorted = [...ps].sort((a, b) => a - b);
        const last = sorted.findLastIndex((p, i) => p <= ((i + 1) / ps.length) * level);
        const sure = ps.filter((p) => last >= 0 && p <= (sorted[last] ?? 0)).length;
        const qs = falseDiscovery(ps).map((q) => q ?? Number.NaN);
        expect(qs.filter((q) => q <= level + 1e-12)).toHaveLength(sure);
        for (const [i, p] of ps.entries()) expect(qs[i]).toBeGreaterThanOrEqual(p - 1e-12);
      }),
    );
  });
});
