import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type CompletionEndpoint,
  startCompletionEndpoint,
} from "../../../test/support/completion-endpoint.ts";
import { evaluationSummarySchema } from "../../core/evaluation.ts";
import { cli } from "../main.ts";

let folder: string;
let endpoint: CompletionEndpoint;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-eval-cli-"));
  endpoint = await startCompletionEndpoint({ texts: ["    return None\n"] });
});
afterEach(async () => {
  await endpoint.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; talk: string }> {
  let out = "";
  let talk = "";
  const code = await cli(["eval", ...args], {
    out: (text) => {
      out += text;
    },
    talk: (line) => {
      talk += `${line}\n`;
    },
    signal: new AbortController().signal,
    env: { HEXACODER_CACHE: join(folder, "cache") },
    cwd: folder,
    interactive: false,
  });
  return { code, out, talk };
}

const small = (): string[] => [
  ...["--benchmark", "hexabench-dev", "--limit", "2", "--samples", "2", "--strategy", "one-step"],
  ...["--model", endpoint.model, "--out", "run"],
];

describe("hexacoder eval", () => {
  it("writes completions, scores and a summary, and prints the arms", async () => {
    const { code, out, talk } = await run(...small());
    expect({ code, talk }).toMatchObject({ code: 0 });
    expect(out).toContain("hexabench-dev/base/one-step");
    const summary = evaluationSummarySchema.parse(
      JSON.parse(await readFile(join(folder, "run/summary.json"), "utf8")),
    );
    expect(summary.arms[0]).toMatchObject({ n: 4, flagged: 0, duplicates: 2, parseRate: 1 });
    expect(summary.headline).toBeNull();
  });

  it("prints the summary as JSON, and nothing else, on standard output", async () => {
    const { out } = await run(...small(), "--json");
    expect(evaluationSummarySchema.parse(JSON.parse(out)).benchmarks[0]).toMatchObject({
      prompts: 2,
      promptsInAll: 24,
    });
  });

  it("goes on with a run without asking the model again", async () => {
    await run(...small());
    const before = endpoint.asked.length;
    expect((await run(...small(), "--resume")).code).toBe(0);
    expect(endpoint.asked).toHaveLength(before);
  });

  it.each([
    { what: "a folder that holds a run", again: [], says: /--resume/ },
    {
      what: "to resume with other options",
      again: ["--resume", "--temperature", "0.9"],
      says: /temperature/,
    },
  ])("refuses $what", async ({ again, says }) => {
    await run(...small());
    const { code, talk } = await run(...small(), ...again);
    expect(code).toBe(2);
    expect(talk).toMatch(says);
  });

  it.each([
    { what: "an unknown benchmark", change: ["--benchmark", "nope"], code: 2, says: /codelmsec/ },
    { what: "an unknown strategy", change: ["--strategy", "three-step"], code: 2, says: /two-step/ },
    { what: "an unknown oracle", change: ["--oracle", "nope"], code: 2, says: /builtin/ },
    {
      what: "a source without the benchmark",
      change: ["--benchmark", "pearce", "--source", "."],
      code: 3,
      says: /github\.com.*--source/,
    },
    {
      what: "a headline of other arms",
      change: ["--headline", "base/one-step,adapter/two-step"],
      code: 2,
      says: /base\/one-step/,
    },
    { what: "weaknesses that the benchmark lacks", change: ["--cwe", "89"], code: 2, says: /no prompt/ },
  ])("explains $what in one paragraph and asks the model nothing", async ({ change, code, says }) => {
    const result = await run(...small(), ...change);
    expect(result.code).toBe(code);
    expect(result.talk.trim()).toMatch(says);
    expect(result.talk.trim().split("\n")).toHaveLength(1);
    expect(endpoint.asked).toEqual([]);
  });
});
