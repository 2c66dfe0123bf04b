import { mkdtemp, readFile, rm } from "node:fs/promises";
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
    expect(out).toMatch(/incoder-6b( +[\d.]+( M)?){7}\n/);
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
    expect(JSON.parse(out)).toMatchObject({ models: [{ model: "incoder-6b" }] });
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

describe("hexacoder harden", () => {
  it("reads the thresholds before anything is done", async () => {
    const args = ["harden", "--base", "tiny", "--thresholds", "none.yml", "--out", "out"];
    const { code, talk } = await runCli(args, { cwd: folder });
    expect(code).toBe(2);
    expect(talk).toMatch(/none\.yml does not exist/);
    await expect(readFile(join(folder, "out", "manifest.json"))).rejects.toThrow();
  });
});
