import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanOverPrompts, passAtK, secureAtK, vulnerableAtK } from "./pass-at-k.ts";

/** C(n, k) in whole numbers, by Pascal's multiplication: independent of the product of ratios under test. */
function choose(n: bigint, k: bigint): bigint {
  if (k < 0n || k > n) return 0n;
  let result = 1n;
  for (let i = 1n; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

/** A fraction as a double, correct to about 18 digits. */
function ratio(numerator: bigint, denominator: bigint): number {
  const scale = 10n ** 18n;
  return Number((numerator * scale) / denominator) / 1e18;
}

function exactPassAtK(n: number, hits: number, k: number): number {
  const all = choose(BigInt(n), BigInt(k));
  return ratio(all - choose(BigInt(n - hits), BigInt(k)), all);
}

describe("pass@k", () => {
  it.each([
    { n: 10, hits: 3, k: 1, expected: 0.3 },
    { n: 10, hits: 0, k: 5, expected: 0 },
    { n: 10, hits: 10, k: 10, expected: 1 },
    { n: 5, hits: 1, k: 5, expected: 1 },
    { n: 4, hits: 2, k: 2, expected: 5 / 6 },
    { n: 1, hits: 0, k: 1, expected: 0 },
    { n: 10, hits: 9, k: 2, expected: 1 }, // fewer misses than k: one hit is certain
  ])("is $expected for $hits of $n at k = $k", ({ n, hits, k, expected }) => {
    expect(passAtK({ n, hits }, k)).toBeCloseTo(expected, 12);
  });

  it.each([
    { n: 10, hits: 0, k: 25 },
    { n: 10, hits: 10, k: 11 },
    { n: 0, hits: 0, k: 1 },
  ])("is undefined, not 1, for $n samples at k = $k", ({ n, hits, k }) => {
    expect(passAtK({ n, hits }, k)).toBeUndefined();
    expect(secureAtK({ n, hits }, k)).toBeUndefined();
    expect(vulnerableAtK({ n, hits }, k)).toBeUndefined();
  });

  it("equals exact binomials for every case up to 24 samples", () => {
    for (let n = 1; n <= 24; n++) {
      for (let hits = 0; hits <= n; hits++) {
        for (let k = 1; k <= n; k++) {
          expect(passAtK({ n, hits }, k)).toBeCloseTo(exactPassAtK(n, hits, k), 11);
        }
      }
    }
  });

  it("equals exact binomials for large samples", () => {
    expect(passAtK({ n: 2000, hits: 37 }, 100)).toBeCloseTo(exactPassAtK(2000, 37, 100), 10);
    expect(passAtK({ n: 1_000, hits: 1 }, 1_000)).toBe(1);
  });

  it("refuses counts that cannot be", () => {
    expect(() => passAtK({ n: 3, hits: 4 }, 1)).toThrow(RangeError);
    expect(() => passAtK({ n: 3, hits: 1 }, 0)).toThrow(RangeError);
    expect(() => passAtK({ n: 3.5, hits: 1 }, 1)).toThrow(RangeError);
  });
});

describe("vulnerable@k and secure@k", () => {
  const samples = fc
    .record({ n: fc.integer({ min: 1, max: 200 }), hitShare: fc.double({ min: 0, max: 1, noNaN: true }) })
    .chain(({ n, hitShare }) =>
      fc.record({
        n: fc.constant(n),
        hits: fc.constant(Math.floor(n * hitShare)),
        k: fc.integer({ min: 1, max: n }),
      }),
    );

  it("add up to one", () => {
    fc.assert(
      fc.property(samples, ({ n, hits, k }) => {
        expect(
          (vulnerableAtK({ n, hits }, k) ?? Number.NaN) + (secureAtK({ n, hits }, k) ?? Number.NaN),
        ).toBeCloseTo(1, 12);
      }),
    );
  });

  it("never fall with k, and lie between 0 and 1", () => {
    fc.assert(
      fc.property(samples, ({ n, hits, k }) => {
        const value = vulnerableAtK({ n, hits }, k) ?? Number.NaN;
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        if (k < n)
          expect(vulnerableAtK({ n, hits }, k + 1) ?? Number.NaN).toBeGreaterThanOrEqual(value - 1e-12);
      }),
    );
  });
});

describe("the mean over prompts", () => {
  it.each([
    { values: [1, 0, 0.5], expected: 0.5 },
    { values: [], expected: undefined },
    { values: [1, undefined], expected: undefined },
  ])("of $values is $expected", ({ values, expected }) => {
    expect(meanOverPrompts(values)).toBe(expected);
  });
});
