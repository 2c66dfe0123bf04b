import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-reproduce-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<CommandResult> => runCli(["reproduce", ...args], { cwd: folder });

describe("hexacoder reproduce --dry-run", () => {
  it("says samples, tokens, hours and dollars of every model, and names every arm", async () => {
    const { code, out } = await run("paper", "--dry-run", "--usd-per-hour", "2.5");
    expect(code).toBe(0);
    expect(out).toMatch(/model +adapters +evals +samples +tokens +training tokens +hours +dollars\n/);
    expect(out).toMatch(/incoder-6b( +[\d.,]+( M)?){7}\n/);
    expect(out).toMatch(/^all /m);
    expect(out).toMatch(/paper {2}two-step:authors: /);
  });

  it("does not guess a price", async () => {
    const { out, talk } = await run("paper", "--dry-run");
    expect(out).toMatch(/incoder-6b.* \?\n/);
    expect(talk).toMatch(/--usd-per-hour/);
  });

  it("prints the same as JSON, for some models only", async () => {
    const { out } = await run("paper", "--dry-run", "--models", "incoder-6b", "--json");
    const { models, total, repair } = JSON.parse(out);
    expect(models).toMatchObject([{ model: "incoder-6b" }]);
    expect(total).toEqual({ ...models[0], model: "all" });
    expect(repair.requests).toBe(1200);
  });

  it("counts less where less is asked for", async () => {
    const small = ["--samples", "1", "--limit", "2", "--max-tokens", "10", "--ablation-count", "5"];
    const { out } = await run("paper", "--dry-run", "--models", "incoder-6b", "--json", ...small);
    const { total, repair } = JSON.parse(out);
    // Two prompts a benchmark, one sample, over all runs: see experiments.ts for the arms and draws.
    expect(total.samples).toBe(
      [
        ...[6 * 6, 4 * 4, 3 * 4 * 6], // main: Python, C without the authors' script, function at three temperatures
        ...[6, 4], // security comment
        ...[6 * 4, 4 * 4], // guard only, at all its draws
        ...[6 * 4, 4 * 4], // equal-cost resampling
        ...[6 * 2, 4 * 2, 3 * 4 * 2], // SVEN's data
        6 * 2, // script settings
      ].reduce((sum, samples) => sum + samples, 0),
    );
    expect(repair.requests).toBe(15);
  });
});

describe("hexacoder reproduce", () => {
  it.each([
    { args: ["paper", "--models", "gpt"], code: 2, says: /no model gpt.*incoder-6b/ },
    { args: ["nope"], code: 2, says: /nope/ },
    { args: ["paper", "--source", "."], code: 3, says: /training data hexacoder.*--dry-run/ },
  ])("explains $args in one paragraph", async ({ args, code, says }) => {
    const result = await run(...args, "--out", "out");
    expect(result.code).toBe(code);
    expect(result.talk.trim()).toMatch(says);
    expect(result.talk.trim().split("\n")).toHaveLength(1);
  });
});

describe("hexacoder reproduce, before it trains anything,", () => {
  it("looks for every benchmark", async () => {
    await mkdir(join(folder, "sven/train"), { recursive: true });
    await writeFile(join(folder, "sven/train/cwe-078.jsonl"), "");
    await writeFile(join(folder, "train.jsonl"), "");
    const { code, talk } = await run("paper", "--models", "incoder-6b", "--source", ".", "--out", "out");
    expect(code).toBe(3);
    expect(talk.trim()).toMatch(/does not hold codelmsec.*Get codelmsec from https:/);
    expect(talk).not.toContain("[1/");
  });
});

describe("hexacoder harden", () => {
  const harden = async (thresholds: string, ...more: string[]): Promise<CommandResult> => {
    await writeFile(join(folder, "thresholds.yml"), thresholds);
    const args = ["harden", "--base", "tiny", "--thresholds", "thresholds.yml", "--out", "out", ...more];
    return await runCli(args, { cwd: folder, env: { HEXACODER_CACHE: join(folder, "cache") } });
  };

  it.each([
    { what: "thresholds that are none", thresholds: "flaged: {max: 1}", more: [], says: /flaged/ },
    { what: "a benchmark", more: ["--benchmark", "hexabenhc"], says: /no benchmark "hexabenhc"/ },
    {
      what: "its files",
      more: ["--benchmark", "humaneval", "--source", "."],
      says: /does not hold humaneval/,
    },
    { what: "an oracle", more: ["--oracle", "builtim"], says: /builtim/ },
    { what: "a strategy", more: ["--strategy", "three-step"], says: /"three-step" is no strategy/ },
    { what: "settings", more: ["--preset", "huge"], says: /no preset "huge"/ },
    { what: "room for code", more: ["--max-tokens", "20"], says: /leave none for the code/ },
    { what: "exploits", thresholds: "exploited: {max: 0}", more: [], says: /no oracle of this run tries/ },
    {
      what: "tests",
      thresholds: "functional: {min: 0}",
      more: [],
      says: /no benchmark of this run has tests/,
    },
  ])("misses $what before anything is done", async ({ thresholds = "flagged: {max: 1}", more, says }) => {
    const { code, talk } = await harden(thresholds, ...more);
    expect(code).toBeGreaterThanOrEqual(2);
    expect(talk.trim()).toMatch(says);
    await expect(readFile(join(folder, "out", "manifest.json"))).rejects.toThrow();
  });

  it("misses the thresholds' file before anything is done", async () => {
    const args = ["harden", "--base", "tiny", "--thresholds", "none.yml", "--out", "out"];
    const { code, talk } = await runCli(args, { cwd: folder });
    expect(code).toBe(2);
    expect(talk).toMatch(/none\.yml does not exist/);
  });
});
