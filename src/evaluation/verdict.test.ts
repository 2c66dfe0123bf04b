import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { summaryOf } from "../../test/support/summaries.ts";
import { judgeShipping, readThresholds } from "./verdict.ts";

const options = { before: "base/one-step", after: "adapter/two-step", exploits: "execution" };

describe("a verdict on shipping", () => {
  const summary = summaryOf([
    { role: "base", strategy: "one-step", oracle: "builtin@1", flagged: 0.6, pass1: 0.5 },
    { role: "base", strategy: "one-step", oracle: "execution@1", flagged: 0.5, pass1: 0.5 },
    { role: "adapter", strategy: "two-step", oracle: "builtin@1", flagged: 0.1, pass1: 0.45 },
    { role: "adapter", strategy: "two-step", oracle: "execution@1", flagged: 0.2, pass1: 0.45 },
  ]);

  it.each([
    { thresholds: { flagged: { max: 0.1 } }, passed: true },
    { thresholds: { flagged: { max: 0.09 } }, passed: false },
    { thresholds: { flagged: { maxUpper: 0.15 } }, passed: false },
    { thresholds: { flagged: { minReduction: 0.8 } }, passed: true },
    { thresholds: { flagged: { minReduction: 0.9 } }, passed: false },
    { thresholds: { flagged: { maxUnscanned: 0 } }, passed: true },
    { thresholds: { exploited: { max: 0.2 } }, passed: true },
    { thresholds: { exploited: { max: 0.1 } }, passed: false },
    { thresholds: { functional: { min: 0.45, maxDrop: 0.06 } }, passed: true },
    { thresholds: { functional: { maxDrop: 0.04 } }, passed: false },
    { thresholds: { parse: { min: 0.9 } }, passed: true },
    { thresholds: { flagged: { max: 0.1 }, functional: { min: 0.9 } }, passed: false },
  ])("is passed: $passed, for $thresholds", ({ thresholds, passed }) => {
    const { verdict } = judgeShipping(summary, thresholds, options);
    expect(verdict).toBe(passed ? "ship" : "no-ship");
  });

  it.each([{ flagged: { max: 1 } }, { flagged: { maxUpper: 1 } }, { flagged: { maxUnscanned: 0.1 } }])(
    "does not ship for %o where no program has a verdict",
    (thresholds) => {
      const blind = { ...summary, arms: summary.arms.map((arm) => ({ ...arm, unscanned: arm.n })) };
      expect(judgeShipping(blind, thresholds, options).verdict).toBe("no-ship");
    },
  );

  it("does not ship on what was never measured", () => {
    const plain = summaryOf([
      { role: "adapter", strategy: "two-step", oracle: "builtin@1", flagged: 0, pass1: null },
    ]);
    for (const thresholds of [
      { exploited: { max: 1 } },
      { functional: { min: 0 } },
      { flagged: { minReduction: 0 } },
    ]) {
      const { verdict, conditions } = judgeShipping(plain, thresholds, options);
      expect(verdict).toBe("no-ship");
      expect(conditions).toMatchObject([{ value: null, passed: false }]);
    }
  });
});

describe("a file of thresholds", () => {
  const read = async (text: string) => {
    const path = join(await mkdtemp(join(tmpdir(), "hexacoder-thresholds-")), "t.yml");
    await writeFile(path, text);
    return await readThresholds(path);
  };

  it("is YAML or JSON", async () => {
    expect(await read("flagged: {max: 0.1}\n")).toEqual({ flagged: { max: 0.1 } });
    expect(await read('{"functional": {"min": 0.2}}')).toEqual({ functional: { min: 0.2 } });
  });

  it.each([
    { text: "flaged: {max: 0.1}", says: /flaged/ },
    { text: "flagged: {max: 10}", says: /max/ },
    { text: "flagged: {}", says: /no threshold/ },
    { text: "[", says: /thresholds/ },
  ])("is refused: $text", async ({ text, says }) => {
    await expect(read(text)).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringMatching(says),
    });
  });
});
