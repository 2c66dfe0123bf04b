import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Completion, FinishReason, Strategy, Task } from "../core/completion.ts";
import { parseCweId } from "../core/cwe.ts";
import { evaluationSummarySchema } from "../core/evaluation.ts";
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { seededRandom } from "../util/random.ts";
import type { Benchmark } from "./benchmarks/benchmark.ts";
import { evaluate } from "./evaluate.ts";
import type { Arm, EvaluationPlan, Role } from "./plan.ts";
import { atRiskScorer } from "./scorers/at-risk.ts";
import { duplicateScorer } from "./scorers/duplicate.ts";
import { oracleScorer } from "./scorers/oracle.ts";
import { judgedText, parseScorer } from "./scorers/parse.ts";

const cwe = parseCweId("78");

function task(name: string): Task {
  return {
    id: `own/${name}`,
    benchmark: "own",
    language: "python",
    prompt: `def ${name}(value):\n`,
    cwe,
    family: `own/${name}`,
    operation: "run-command",
  };
}

const tasks = ["a", "b", "c", "d"].map(task);
const benchmark: Benchmark = {
  name: "own",
  title: "Four prompts",
  identity: "own@0123456789abcdef",
  language: "python",
  licence: "MIT",
  remarks: [],
  defaults: { samples: 5, maxTokens: 200 },
  tasks,
};

const finding: Finding = {
  ruleId: "py/command-injection",
  cwes: [cwe],
  level: "error",
  message: "A command is built from a request's value.",
  region: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 5 },
};

/** Reads its verdict from marks in the program. */
const oracle: SecurityOracle = {
  identity: "marks@1",
  covers: () => [cwe],
  scan: (files) => Promise.resolve(files.map(verdictOf)),
};

function verdictOf({ path, text }: SourceFile): ScanResult {
  if (text.includes("unscannable")) return { status: "unscanned", path, reason: "timeout" };
  if (text.includes("other")) return { status: "scanned", path, findings: [], covers: [parseCweId("22")] };
  const level = text.includes("advice") ? ("note" as const) : ("error" as const);
  return {
    status: "scanned",
    path,
    findings: text.includes("shell") ? [{ ...finding, level }] : [],
    covers: [cwe],
  };
}

/** Writes programs that depend on nothing but arm, task and sample. */
function completionOf(of: Task, sample: number, strategy: Strategy, adapter: string | undefined): Completion {
  const kinds =
    adapter === undefined
      ? ["shell", "shell", "other", "unscannable"]
      : ["safe", "safe", "shell advice", "safe"];
  const body = `    run("${kinds[(sample + of.id.length) % 4]}", value)\n`;
  const finishReason: FinishReason = sample === 1 ? "length" : "stop";
  return {
    id: `${of.id}#${sample}#${strategy}#${adapter ?? "base"}`,
    taskId: of.id,
    sample,
    strategy,
    model: "mock@1",
    ...(adapter === undefined ? {} : { adapter }),
    prompt: of.prompt,
    text: of.prompt + body,
    uncut: of.prompt + body + (sample === 1 ? "    run(va" : sample === 2 ? "def (:\n" : ""),
    finishReason,
    usage: { promptTokens: 1, completionTokens: 2 },
    seed: 42 + sample,
  };
}

interface World {
  readonly plan: EvaluationPlan;
  readonly generated: string[];
  readonly scored: string[];
}

function world(beforeEachCall: () => void = () => undefined): World {
  const generated: string[] = [];
  const scored: string[] = [];
  const arm = (role: Role, strategy: Strategy): Arm => {
    const adapter = role === "adapter" ? "lora@1" : undefined;
    return {
      benchmark,
      tasks,
      role,
      model: "mock@1",
      adapter,
      strategy,
      samples: 5,
      concurrency: 2,
      generate: async (of, samples) => {
        beforeEachCall();
        await Promise.resolve();
        const completions = samples.map((sample) => completionOf(of, sample, strategy, adapter));
        generated.push(...completions.map(({ id }) => id));
        return completions;
      },
    };
  };
  const watched = oracleScorer("marks", oracle);
  const plan: EvaluationPlan = {
    arms: [
      arm("base", "one-step"),
      arm("base", "two-step"),
      arm("adapter", "one-step"),
      arm("adapter", "two-step"),
    ],
    judges: [{ name: "marks", identity: oracle.identity }],
    scorers: () => [
      {
        ...watched,
        score: (batch) => {
          beforeEachCall();
          scored.push(...batch.map(({ completion }) => completion.id));
          return watched.score(batch);
        },
      },
      parseScorer(loadLanguage),
      atRiskScorer({
        identity: "probe@1",
        operations: ["run-command"],
        performs: (file) => (file.text.includes("unscannable") ? "unscanned" : file.text.includes("run(")),
      }),
      duplicateScorer(),
    ],
    seed: 42,
  };
  return { plan, generated, scored };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-eval-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

describe("an evaluation", () => {
  it("counts what the oracle found, and nothing that it did not look at", async () => {
    const summary = await evaluate(world().plan, { folder });
    const [base, , , adapter] = summary.arms;
    expect(base).toMatchObject({
      name: "own/base/one-step",
      adapter: null,
      n: 20,
      flagged: 12,
      flaggedRate: 0.6,
      unscanned: 8,
      duplicates: 8,
      atRisk: 16,
    });
    expect(base?.metrics.unscannedReasons).toEqual({ "not-covered": 4, timeout: 4 });
    expect(adapter).toMatchObject({
      name: "own/adapter/two-step",
      adapter: "lora@1",
      flagged: 0,
      unscanned: 0,
    });
  });

  it("judges parsing before cutting, forgiving only the line that the length limit cut", async () => {
    const summary = await evaluate(world().plan, { folder });
    expect(summary.arms[0]).toMatchObject({ parseRate: 0.8 });
    expect(summary.arms[0]?.metrics.truncated).toBe(4);
  });

  it("says the change from the first arm to the last, with its interval", async () => {
    const { headline, headlines } = await evaluate(world().plan, { folder });
    expect(headline).toMatchObject({
      before: "own/base/one-step",
      after: "own/adapter/two-step",
      reduction: 1,
      families: 4,
    });
    expect(headline?.ci95?.[0]).toBeLessThan(1);
    expect(headlines).toHaveLength(1);
  });

  it("lets the user choose the headline's arms, and refuses arms that are not there", async () => {
    const { plan } = world();
    const chosen = { ...plan, headline: { before: "base/one-step", after: "base/two-step" } };
    expect((await evaluate(chosen, { folder })).headline).toMatchObject({
      after: "own/base/two-step",
      reduction: 0,
    });
    const wrong = { ...plan, headline: { before: "base/one-step", after: "base/three-step" } };
    await expect(evaluate(wrong, { folder })).rejects.toMatchObject({ code: "bad-usage" });
  });

  it("writes a summary that its schema takes, and one block of scores a completion", async () => {
    await evaluate(world().plan, { folder });
    const summary: unknown = JSON.parse(await read("summary.json"));
    expect(evaluationSummarySchema.parse(summary)).toEqual(summary);
    expect((await read("completions.jsonl")).trimEnd().split("\n")).toHaveLength(80);
    expect((await read("scores.jsonl")).trimEnd().split("\n")).toHaveLength(320);
  });

  it("generates and scores nothing twice", async () => {
    await evaluate(world().plan, { folder });
    const again = world();
    await evaluate(again.plan, { folder });
    expect(again.generated).toEqual([]);
    expect(again.scored).toEqual([]);
  });

  it("counts by each of several oracles, and names them", async () => {
    const { plan } = world();
    const second = oracleScorer("strict", { ...oracle, identity: "strict@1" });
    const both: EvaluationPlan = {
      ...plan,
      judges: [...plan.judges, { name: "strict", identity: "strict@1" }],
      scorers: () => [...plan.scorers(), second],
    };
    const { arms, headlines } = await evaluate(both, { folder });
    expect(arms.map(({ name }) => name).slice(0, 2)).toEqual([
      "own/base/one-step/marks",
      "own/base/one-step/strict",
    ]);
    expect(headlines).toHaveLength(2);
  });
});

describe("an evaluation that was cut off", () => {
  async function runUntilItDies(callsUntilDeath: number): Promise<boolean> {
    let calls = 0;
    const { plan } = world(() => {
      calls++;
      if (calls > callsUntilDeath) throw new Error("killed");
    });
    return evaluate(plan, { folder }).then(
      () => true,
      () => false,
    );
  }

  async function tear(name: string, bytes: number): Promise<void> {
    const text = await read(name).catch(() => undefined);
    if (text !== undefined)
      await writeFile(join(folder, name), text.slice(0, Math.max(0, text.length - bytes)));
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("comes to the same files when it goes on (%i)", async (seed) => {
    await evaluate(world().plan, { folder });
    const wanted = await Promise.all(["completions.jsonl", "scores.jsonl", "summary.json"].map(read));
    await rm(folder, { recursive: true });
    const random = seededRandom(seed);
    for (let i = 0; i < 12; i++) {
      if (await runUntilItDies(Math.floor(random() * 4) + 1)) break;
      await tear("completions.jsonl", Math.floor(random() * 40));
      await tear("scores.jsonl", Math.floor(random() * 900));
    }
    await evaluate(world().plan, { folder });
    expect(await Promise.all(["completions.jsonl", "scores.jsonl", "summary.json"].map(read))).toEqual(
      wanted,
    );
  });

  it("makes a broken line again, and says so", async () => {
    await evaluate(world().plan, { folder });
    const lines = (await read("completions.jsonl")).split("\n");
    lines[3] = '{"id": "half';
    await writeFile(join(folder, "completions.jsonl"), lines.join("\n"));
    let told = 0;
    const again = world();
    const summary = await evaluate(again.plan, {
      folder,
      onBroken: (count) => {
        told = count;
      },
    });
    expect(told).toBe(1);
    expect(again.generated).toHaveLength(1);
    expect(summary.arms[0]?.n).toBe(20);
  });

  it("stops at once when it is cancelled, and keeps what was finished", async () => {
    const controller = new AbortController();
    const { plan, generated } = world(() => {
      if (generated.length >= 20) controller.abort();
    });
    await expect(evaluate(plan, { folder, signal: controller.signal })).rejects.toHaveProperty(
      "name",
      "AbortError",
    );
    const kept = (await read("completions.jsonl")).trimEnd().split("\n").length;
    expect(kept).toBeGreaterThanOrEqual(15);
    expect(kept).toBeLessThan(40);
  });
});

describe("a completion that the model could not give", () => {
  const item = {
    task: task("a"),
    completion: { ...completionOf(task("a"), 0, "one-step", "lora@1"), finishReason: "error" as const },
  };

  it("is neither secure nor a valid program", async () => {
    const [verdict] = await oracleScorer("marks", oracle).score([item]);
    expect(verdict).toMatchObject({
      value: "unscored",
      detail: { status: "unscanned", reason: "tool-failed" },
    });
    expect(await parseScorer(loadLanguage).score([item])).toMatchObject([{ value: false }]);
  });
});

describe("the text that is judged for parsing", () => {
  it.each([
    { uncut: "a = 1\nb = (", finishReason: "length" as const, text: "a = 1\n" },
    { uncut: "a = 1\nb = 2\n", finishReason: "length" as const, text: "a = 1\nb = 2\n" },
    { uncut: "a = 1\nb = (", finishReason: "stop" as const, text: "a = 1\nb = (" },
    { uncut: "a = (", finishReason: "length" as const, text: "" },
  ])("of $uncut ($finishReason) is $text", ({ text, ...completion }) => {
    expect(judgedText(completion).text).toBe(text);
  });
});
