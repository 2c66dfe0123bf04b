import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AgreementCounts, addCounts, agreementFigures, noCounts } from "./kappa.ts";

const counts = (both: number, onlyFirst: number, onlySecond: number, neither: number): AgreementCounts => ({
  both,
  onlyFirst,
  onlySecond,
  neither,
});

describe("Cohen's kappa", () => {
  // Expected values worked out as fractions: (po − pe) / (1 − pe).
  it.each([
    { table: counts(20, 5, 10, 15), observed: 0.7, kappa: 2 / 5, positive: 8 / 11 },
    { table: counts(45, 15, 25, 15), observed: 0.6, kappa: 3 / 23, positive: 9 / 13 },
    { table: counts(25, 35, 5, 35), observed: 0.6, kappa: 7 / 27, positive: 5 / 9 },
    { table: counts(10, 0, 0, 10), observed: 1, kappa: 1, positive: 1 },
    { table: counts(0, 10, 10, 0), observed: 0, kappa: -1, positive: 0 },
    { table: counts(5, 5, 5, 5), observed: 0.5, kappa: 0, positive: 0.5 },
    // One flags everything, the other half of it: agreement as by chance.
    { table: counts(5, 5, 0, 0), observed: 0.5, kappa: 0, positive: 2 / 3 },
  ])("is $kappa for $table", ({ table, observed, kappa, positive }) => {
    const figures = agreementFigures(table);
    expect(figures.observed).toBeCloseTo(observed, 12);
    expect(figures.kappa).toBeCloseTo(kappa, 12);
    expect(figures.positive).toBeCloseTo(positive, 12);
  });

  it.each([
    { says: "without programs", table: noCounts, observed: null },
    { says: "where both flag all", table: counts(7, 0, 0, 0), observed: 1 },
    { says: "where neither flags any", table: counts(0, 0, 0, 1_000_003), observed: 1 },
  ])("is undefined $says, and not 1", ({ table, observed }) => {
    expect(agreementFigures(table)).toMatchObject({ observed, kappa: null, ci95: null });
  });

  it("has the interval of a large sample", () => {
    // po = 0.7, pe = 0.5, n = 50: 0.4 ± 1.96 · sqrt(0.21 / 50) / 0.5
    const [low, high] = agreementFigures(counts(20, 5, 10, 15)).ci95 ?? [];
    expect(low).toBeCloseTo(0.14595, 4);
    expect(high).toBeCloseTo(0.65405, 4);
    expect(agreementFigures(counts(10, 0, 0, 10)).ci95).toBeNull();
  });

  const some = fc.record({
    both: fc.nat(50),
    onlyFirst: fc.nat(50),
    onlySecond: fc.nat(50),
    neither: fc.nat(50),
  });

  it("lies between −1 and 1, is the same for exchanged judges, and never above the agreement", () => {
    fc.assert(
      fc.property(some, (table) => {
        const { kappa, observed } = agreementFigures(table);
        const turned = agreementFigures({
          ...table,
          onlyFirst: table.onlySecond,
          onlySecond: table.onlyFirst,
        });
        expect(turned.kappa).toBe(kappa);
        if (kappa === null || observed === null) return;
        expect(kappa).toBeGreaterThanOrEqual(-1);
        expect(kappa).toBeLessThanOrEqual(observed + 1e-12);
      }),
    );
  });

  it("does not change when every program counts twice", () => {
    fc.assert(
      fc.property(some, (table) => {
        const [once, twice] = [
          agreementFigures(table).kappa,
          agreementFigures(addCounts(table, table)).kappa,
        ];
        if (once === null) expect(twice).toBeNull();
        else expect(twice).toBeCloseTo(once, 10);
      }),
    );
  });
});
