import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Task } from "../../core/completion.ts";
import { parseCweId } from "../../core/cwe.ts";
import { armMetrics, flaggedChange } from "./arm-metrics.ts";
import { Tally, type Verdict } from "./tally.ts";

const seed = { seed: 1, replicates: 100 };

function task(id: string, family = id): Task {
  return { id, benchmark: "own", language: "python", prompt: "", cwe: parseCweId("22"), family };
}

function verdict(sample: number, change: Partial<Verdict> = {}): Verdict {
  return {
    sample,
    oracle: "clean",
    parses: true,
    atRisk: true,
    duplicate: false,
    truncated: false,
    ...change,
  };
}

function tallyOf(verdicts: Record<string, Verdict[]>, ks = [1, 5]): Tally {
  const tally = new Tally(
    Object.keys(verdicts).map((id) => task(id)),
    ks,
  );
  for (const [id, list] of Object.entries(verdicts)) for (const one of list) tally.add(id, one);
  return tally;
}

describe("an arm's figures", () => {
  const tally = tallyOf({
    a: [
      verdict(0, { oracle: "flagged" }),
      verdict(1, { oracle: "flagged", duplicate: true }),
      verdict(2),
      verdict(3, {
        oracle: "unscanned",
        reason: "parse-error",
        parses: false,
        atRisk: undefined,
        truncated: true,
      }),
      verdict(4, { atRisk: false }),
    ],
    b: [
      verdict(0),
      verdict(1, { oracle: "flagged" }),
      verdict(2, { oracle: "not-covered" }),
      verdict(3),
      verdict(4, { oracle: "unscanned", reason: "timeout" }),
    ],
  });
  const metrics = armMetrics(tally, seed);

  it("count the flagged of all that were asked for, with bounds for what was not analysed", () => {
    expect(metrics.flagged).toMatchObject({ rate: 0.3, hits: 3, of: 10 });
    expect(metrics.flaggedBounds).toEqual([0.3, 0.6]);
    expect(metrics.unscannedReasons).toEqual({ "parse-error": 1, "not-covered": 1, timeout: 1 });
  });

  it("give the parse rate of all, and the flagged rate of what parses and of what is at risk", () => {
    expect(metrics.parsed).toMatchObject({ rate: 0.9, hits: 9, of: 10 });
    expect(metrics.flaggedOfParsed.rate).toBeCloseTo(3 / 9, 12);
    expect(metrics.atRisk).toMatchObject({ hits: 8, of: 10 });
    expect(metrics.flaggedOfAtRisk.rate).toBeCloseTo(3 / 8, 12);
    expect(metrics.atRiskUnknown).toBe(1);
  });

  it("count the paper's top-k by sample number, and vulnerable@k by drawing", () => {
    expect(metrics.atK[0]).toMatchObject({ k: 1, programs: 2, vulnerable: 1 });
    expect(metrics.atK[0]?.vulnerableAtK).toBeCloseTo((2 / 5 + 1 / 5) / 2, 12);
    expect(metrics.atK[1]).toMatchObject({
      k: 5,
      programs: 10,
      vulnerable: 3,
      vulnerableAtK: 1,
      secureAtK: 0,
    });
  });

  it("take sec-rate over different valid programs, mean over prompts, and account for the rest", () => {
    expect(metrics.secRate.rate).toBeCloseTo((2 / 3 + 2 / 3) / 2, 12);
    expect(metrics.secRate).toMatchObject({
      valid: 6,
      prompts: 2,
      dropped: { duplicate: 1, unparsable: 1, notAnalysed: 2 },
    });
  });

  it("are null, not 0 or 1, where there is nothing to count", () => {
    const empty = armMetrics(tallyOf({ a: [] }), seed);
    expect(empty.flagged).toEqual({ rate: null, ci95: null, hits: 0, of: 0 });
    expect(empty.flaggedBounds).toBeNull();
    expect(empty.secRate.rate).toBeNull();
    expect(empty.atK[0]).toMatchObject({
      vulnerable: null,
      vulnerableAtK: null,
      secureAtK: null,
      ci95: null,
    });
  });

  it("have no at-risk rate where nobody could say for any completion", () => {
    const { atRisk } = armMetrics(tallyOf({ a: [verdict(0, { atRisk: undefined })] }), seed);
    expect(atRisk).toMatchObject({ rate: null, ci95: null, hits: 0, of: 1 });
  });

  it("leave top-k undefined with fewer samples than k", () => {
    const short = armMetrics(tallyOf({ a: [verdict(0, { oracle: "flagged" })] }), seed);
    expect(short.atK[1]).toMatchObject({ k: 5, vulnerable: null, vulnerableAtK: null });
  });

  it("refuse a completion of another arm's prompt", () => {
    expect(() => tallyOf({ a: [] }).add("b", verdict(0))).toThrow(/not of this arm/);
  });
});

describe("counts", () => {
  const verdicts = fc.array(
    fc.record({
      sample: fc.nat({ max: 30 }),
      oracle: fc.constantFrom(
        "flagged" as const,
        "clean" as const,
        "unscanned" as const,
        "not-covered" as const,
      ),
      reason: fc.constantFrom("parse-error", "timeout"),
      parses: fc.option(fc.boolean(), { nil: undefined }),
      atRisk: fc.option(fc.boolean(), { nil: undefined }),
      duplicate: fc.boolean(),
      truncated: fc.boolean(),
    }),
    { maxLength: 40 },
  );

  it("always add up: valid and dropped make n, bounds hold the rate", () => {
    fc.assert(
      fc.property(verdicts, (list) => {
        const { n, secRate, flagged, flaggedBounds } = armMetrics(tallyOf({ a: list }), {
          seed: 1,
          replicates: 5,
        });
        const { duplicate, unparsable, notAnalysed } = secRate.dropped;
        expect(secRate.valid + duplicate + unparsable + notAnalysed).toBe(n);
        expect(Math.min(secRate.valid, duplicate, unparsable, notAnalysed)).toBeGreaterThanOrEqual(0);
        if (flaggedBounds !== null) expect(flaggedBounds[1]).toBeGreaterThanOrEqual(flagged.rate ?? 2);
      }),
    );
  });
});

describe("the change between two arms", () => {
  it("pairs the prompts that both have and resamples families", () => {
    const flagged = (samples: number, hits: number): Verdict[] =>
      Array.from({ length: samples }, (_, i) => verdict(i, i < hits ? { oracle: "flagged" } : {}));
    const before = tallyOf({ a: flagged(4, 4), b: flagged(4, 2), onlyBefore: flagged(4, 4) });
    const after = tallyOf({ a: flagged(4, 1), b: flagged(4, 0), onlyAfter: flagged(4, 4) });
    const change = flaggedChange(before, after, seed);
    expect(change.reduction).toBeCloseTo(1 - 1 / 6, 12);
    expect(change.families).toBe(2);
  });

  it("has one family where prompts share one", () => {
    const tasks = [task("a", "same"), task("b", "same")];
    const tally = new Tally(tasks, [1]);
    for (const { id } of tasks) tally.add(id, verdict(0, { oracle: "flagged" }));
    const change = flaggedChange(tally, tally, seed);
    expect(change).toMatchObject({ reduction: 0, families: 1, ci95: undefined });
  });
});
