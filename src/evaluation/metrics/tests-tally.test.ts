import { describe, expect, it } from "vitest";
import type { Task } from "../../core/completion.ts";
import { TestsTally, type TestVerdict } from "./tests-tally.ts";

const task = (id: string, family = id): Task => ({
  id,
  benchmark: "own",
  language: "python",
  prompt: "",
  family,
});

/** A fraction of whole numbers, kept exact. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

function choose(n: bigint, k: bigint): bigint {
  let result = 1n;
  for (let i = 1n; i <= k; i++) result = (result * (n - k + i)) / i;
  return k > n ? 0n : result;
}

/** Mean over prompts of 1 − C(n−c, k)/C(n, k), exactly. */
function exactMean(counts: readonly { n: number; hits: number }[], k: number): number {
  const sum = counts
    .map(({ n, hits }): Fraction => {
      const all = choose(BigInt(n), BigInt(k));
      return { over: all - choose(BigInt(n - hits), BigInt(k)), under: all };
    })
    .reduce((a, b) => ({ over: a.over * b.under + b.over * a.under, under: a.under * b.under }), {
      over: 0n,
      under: 1n,
    });
  const scale = 10n ** 18n;
  return Number((sum.over * scale) / (sum.under * BigInt(counts.length))) / 1e18;
}

/** A prompt's samples: passing both, functional only, security only, neither. */
function fill(tally: TestsTally, id: string, [both, func, sec, none]: readonly number[]): void {
  const add = (times: number | undefined, verdict: Omit<TestVerdict, "clean">): void => {
    for (let i = 0; i < (times ?? 0); i++) tally.add(id, { clean: verdict.security, ...verdict });
  };
  add(both, { functional: true, security: true });
  add(func, { functional: true, security: false });
  add(sec, { functional: false, security: true });
  add(none, { functional: false, security: false });
}

describe("figures of tasks' own tests", () => {
  const cases = [
    { prompts: [[3, 2, 1, 4]], ks: [1, 2, 5, 10] },
    {
      prompts: [
        [0, 10, 0, 0],
        [10, 0, 0, 0],
      ],
      ks: [1, 5, 10],
    },
    {
      prompts: [
        [0, 0, 0, 10],
        [1, 0, 0, 9],
        [0, 1, 8, 1],
      ],
      ks: [1, 3, 9, 10],
    },
    {
      prompts: [
        [7, 13, 2, 8],
        [0, 1, 29, 0],
      ],
      ks: [1, 10, 30],
    },
  ];

  it.each(cases)("equal exact fractions for $prompts", ({ prompts, ks }) => {
    const tally = new TestsTally(prompts.map((_, i) => task(`p${i}`)));
    for (const [i, counts] of prompts.entries()) fill(tally, `p${i}`, counts);
    const count = (of: (counts: readonly number[]) => number) =>
      prompts.map((counts) => ({ n: counts.reduce((a, b) => a + b, 0), hits: of(counts) }));
    for (const at of tally.metrics(ks, { seed: 1, replicates: 50 }).atK) {
      expect(at.func).toBeCloseTo(
        exactMean(
          count(([b = 0, f = 0]) => b + f),
          at.k,
        ),
        12,
      );
      expect(at.sec).toBeCloseTo(
        exactMean(
          count(([b = 0, , s = 0]) => b + s),
          at.k,
        ),
        12,
      );
      expect(at.funcSec).toBeCloseTo(
        exactMean(
          count(([b = 0]) => b),
          at.k,
        ),
        12,
      );
      expect(at.vulnerable).toBeCloseTo(
        exactMean(
          count(([, f = 0, , none = 0]) => f + none),
          at.k,
        ),
        12,
      );
      expect(at.securePass).toBeCloseTo(
        exactMean(
          count(([b = 0]) => b),
          at.k,
        ),
        12,
      );
    }
  });

  it("are undefined, not 1 and not 0, with fewer samples than k", () => {
    const tally = new TestsTally([task("a"), task("b")]);
    fill(tally, "a", [10, 0, 0, 0]);
    fill(tally, "b", [3, 0, 0, 0]);
    const [at1, at5] = tally.metrics([1, 5], { seed: 1 }).atK;
    expect(at1?.func).toBe(1);
    expect(at5).toEqual({
      k: 5,
      func: null,
      funcCi95: null,
      sec: null,
      funcSec: null,
      funcSecCi95: null,
      vulnerable: null,
      securePass: null,
    });
  });

  it("leave out what was not tested, say why, and bound what it could have changed", () => {
    const tally = new TestsTally([task("a"), task("b")]);
    fill(tally, "a", [2, 0, 0, 2]);
    const untested = { functional: undefined, security: undefined, clean: undefined };
    tally.add("b", { ...untested, reason: "tool-missing" });
    tally.add("b", { ...untested, reason: "tool-missing" });
    expect(tally.metrics([1], { seed: 1 })).toMatchObject({
      tested: 4,
      untested: 2,
      untestedReasons: { "tool-missing": 2 },
      promptsUntested: 1,
      functional: { rate: 0.5, hits: 2, of: 4 },
      functionalBounds: [2 / 6, 4 / 6],
      atK: [{ k: 1, func: 0.5 }],
    });
  });

  it("have no security rate where tasks have no security tests", () => {
    const tally = new TestsTally([task("a")]);
    tally.add("a", { functional: true, security: undefined, clean: undefined });
    expect(tally.metrics([1], { seed: 1 })).toMatchObject({
      functional: { rate: 1 },
      security: { rate: null, of: 0 },
      functionalAndSecure: { rate: null },
      securePass: { rate: null },
      atK: [{ func: 1, sec: null, funcSec: null, vulnerable: null, securePass: null }],
    });
  });

  it("are paired by family", () => {
    const [before, after] = [
      new TestsTally([task("a", "f"), task("b", "f")]),
      new TestsTally([task("a", "f")]),
    ];
    fill(before, "a", [1, 0, 0, 1]);
    fill(before, "b", [1, 0, 0, 0]);
    fill(after, "a", [2, 0, 0, 0]);
    expect(before.pairedWith(after, "functional")).toEqual([
      { before: { hits: 2, trials: 3 }, after: { hits: 2, trials: 2 } },
    ]);
  });
});
