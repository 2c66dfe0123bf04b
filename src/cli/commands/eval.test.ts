import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type CompletionEndpoint,
  startCompletionEndpoint,
} from "../../../test/support/completion-endpoint.ts";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";
import { evaluationSummarySchema } from "../../core/evaluation.ts";
import { loadBenchmark } from "../../evaluation/benchmarks/load.ts";

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

const run = (...args: string[]): Promise<CommandResult> =>
  runCli(["eval", ...args], { cwd: folder, env: { HEXACODER_CACHE: join(folder, "cache") } });

const small = (): string[] => [
  ...["--benchmark", "hexabench-dev", "--limit", "2", "--samples", "2", "--strategy", "one-step"],
  ...["--model", endpoint.model, "--out", "run"],
];

describe("hexacoder eval score", () => {
  const score = (file: string, ...more: string[]): ReturnType<typeof run> =>
    run("score", file, "--benchmark", "hexabench-dev", "--out", "scored", ...more);

  it("gives completions of a run the figures that the run gave them", async () => {
    await run(...small());
    const before = endpoint.asked.length;
    expect((await score("run/completions.jsonl")).code).toBe(0);
    const [first, second] = await Promise.all(
      ["run", "scored"].map(async (name) => readFile(join(folder, name, "summary.json"), "utf8")),
    );
    expect(JSON.parse(second ?? "").arms).toEqual(JSON.parse(first ?? "").arms);
    expect(endpoint.asked).toHaveLength(before);
  });

  it("takes completions from elsewhere, and says what it leaves out", async () => {
    const { tasks } = await loadBenchmark("hexabench-dev");
    const lines = tasks
      .slice(0, 3)
      .map(({ id }) => JSON.stringify({ taskId: id, text: "x = 1\n", model: "theirs" }));
    const file = [...lines, lines[0], '{"taskId": "nope/1", "text": ""}', '{"taskId": 3}', "{"].join("\n");
    await writeFile(join(folder, "theirs.jsonl"), file);
    const { code, out, talk } = await score("theirs.jsonl", "--json");
    expect(code).toBe(0);
    expect(talk).toMatch(/4 completions are scored; left out are 2 lines .* 1 of tasks/);
    const [arm] = evaluationSummarySchema.parse(JSON.parse(out)).arms;
    expect(arm).toMatchObject({
      name: "hexabench-dev/base/one-step",
      model: "theirs",
      n: 4,
      duplicates: 1,
      atRisk: 0,
    });
    expect((await score("theirs.jsonl", "--resume")).code).toBe(0);
  });

  it.each([
    { what: "a file that is not there", prepare: () => Promise.resolve(), says: /does not exist/ },
    {
      what: "a file without completions",
      prepare: () => writeFile(join(folder, "x.jsonl"), "[]\n"),
      says: /taskId/,
    },
  ])("explains $what", async ({ prepare, says }) => {
    await prepare();
    const { code, talk } = await score("x.jsonl");
    expect(code).toBe(2);
    expect(talk).toMatch(says);
  });
});

describe("hexacoder eval", () => {
  it("names every option that is missing", async () => {
    const { code, talk } = await run("--model", "tiny");
    expect(code).toBe(2);
    expect(talk).toContain("--benchmark, --out");
  });

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

  it.each([
    { says: "draws again what the guard refuses", temperature: "0.4", requests: 4, retries: 3 },
    { says: "draws nothing again where it would be the same", temperature: "0", requests: 1, retries: 0 },
  ])("$says, and says so in the manifest", async ({ temperature, requests, retries }) => {
    const weak = await startCompletionEndpoint({
      texts: ['    import flask\n    return eval(flask.request.args["x"])\n'],
    });
    const guarded = ["--limit", "1", "--guard", "reject", "--temperature", temperature];
    const { code, talk } = await run(...small(), "--model", weak.model, ...guarded);
    await weak.close();
    expect({ code, asked: weak.asked.length }).toEqual({ code: 0, asked: requests });
    const manifest = JSON.parse(await readFile(join(folder, "run/manifest.json"), "utf8"));
    expect(manifest.options).toMatchObject({ guard: "reject", retries });
    expect(talk.includes("draws none again")).toBe(retries === 0);
  });

  it("draws once for many draws that would be the same", async () => {
    const { talk } = await run(...small(), "--draws", "4", "--temperature", "0");
    expect(endpoint.asked).toHaveLength(2);
    expect(talk).toContain("one draw stands for all");
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
