import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completionOf, oracle, task, type World, world } from "../../test/support/evaluation-world.ts";
import { type EvaluationSummary, evaluationSummarySchema } from "../core/evaluation.ts";
import { loadLanguage } from "../lang/registry.ts";
import { seededRandom } from "../util/random.ts";
import { evaluate } from "./evaluate.ts";
import type { Arm, EvaluationPlan } from "./plan.ts";
import { oracleScorer } from "./scorers/oracle.ts";
import { judgedText, parseScorer } from "./scorers/parse.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-eval-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const FILES = ["completions.jsonl", "scores.jsonl", "summary.json"] as const;
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
const readAll = (): Promise<string[]> => Promise.all(FILES.map(read));
const linesOf = async (name: string): Promise<string[]> => (await read(name)).trimEnd().split("\n");

/** Evaluates the plan, changed so. */
function evaluated(change: (plan: EvaluationPlan) => EvaluationPlan = (plan) => plan) {
  return evaluate(change(world().plan), { folder });
}

/** The plan with another judge of the same mind, called so. */
const alsoJudgedBy =
  (name: string) =>
  (plan: EvaluationPlan): EvaluationPlan => ({
    ...plan,
    judges: [...plan.judges, { name, identity: `${name}@1` }],
    scorers: () => [...plan.scorers(), oracleScorer(name, { ...oracle, identity: `${name}@1` })],
  });

/** A model with its adapter that never gives a completion. */
const giveUp =
  ({ strategy }: Arm): Arm["generate"] =>
  (of, samples) =>
    Promise.resolve(
      samples.map((sample) => ({ ...completionOf(of, sample, strategy, "lora@1"), finishReason: "error" })),
    );

describe("an evaluation", () => {
  it.each([
    {
      claim: "counts what the oracle found, and nothing that it did not look at",
      arm: 0,
      figures: {
        name: "own/base/one-step",
        adapter: null,
        n: 20,
        flagged: 12,
        flaggedRate: 0.6,
        unscanned: 8,
        duplicates: 8,
        atRisk: 16,
        metrics: { unscannedReasons: { "not-covered": 4, timeout: 4 } },
      },
    },
    {
      claim: "takes advice for no verdict",
      arm: 3,
      figures: { name: "own/adapter/two-step", adapter: "lora@1", flagged: 0, unscanned: 0 },
    },
    {
      claim: "judges parsing before cutting, forgiving only the line that the length limit cut",
      arm: 0,
      figures: { parseRate: 0.8, metrics: { truncated: 4 } },
    },
    {
      claim: "says of each prompt what it was counted from, and its family",
      arm: 0,
      figures: {
        metrics: { byPrompt: expect.arrayContaining([expect.objectContaining({ family: "own/a", n: 5 })]) },
      },
    },
  ])("$claim", async ({ arm, figures }) => {
    expect((await evaluated()).arms[arm]).toMatchObject(figures);
  });

  it("says the change from the first arm to the last, with its interval", async () => {
    const { headline, headlines } = await evaluated();
    const sides = { before: "own/base/one-step", after: "own/adapter/two-step" };
    expect(headline).toMatchObject({ ...sides, reduction: 1, families: 4 });
    expect(headline?.ci95?.[0]).toBeLessThan(1);
    expect(headlines).toHaveLength(1);
  });

  it("lets the user choose the headline's arms, and refuses arms that are not there", async () => {
    const between = (after: string) =>
      evaluated((plan) => ({ ...plan, headline: { before: "base/one-step", after } }));
    const { headline } = await between("base/two-step");
    expect(headline).toMatchObject({ after: "own/base/two-step", reduction: 0 });
    await expect(between("base/three-step")).rejects.toMatchObject({ code: "bad-usage" });
  });

  it("writes a summary that its schema takes, and one block of scores a completion", async () => {
    await evaluated();
    const summary: unknown = JSON.parse(await read("summary.json"));
    expect(evaluationSummarySchema.parse(summary)).toEqual(summary);
    expect(await linesOf("completions.jsonl")).toHaveLength(80);
    expect(await linesOf("scores.jsonl")).toHaveLength(320);
  });

  it("generates and scores nothing twice", async () => {
    await evaluated();
    const again = world();
    await evaluate(again.plan, { folder });
    expect(again).toMatchObject({ generated: [], scored: [] });
  });

  it("compares nothing with an arm on which the judge has no verdict: it would look all safe", async () => {
    const { headline, comparisons, arms } = await evaluated((plan) => ({
      ...plan,
      arms: plan.arms.map((arm) => (arm.role === "base" ? arm : { ...arm, generate: giveUp(arm) })),
    }));
    expect(arms.at(-1)).toMatchObject({ flagged: 0, unscanned: 20 });
    expect(headline).toMatchObject({ reduction: null, difference: null });
    expect(comparisons?.map(({ after }) => after)).toEqual(["own/base/two-step"]);
  });

  it("counts by each of several oracles, and names them", async () => {
    const { arms, headlines } = await evaluated(alsoJudgedBy("strict"));
    const names = arms.map(({ name }) => name).slice(0, 2);
    expect(names).toEqual(["own/base/one-step/marks", "own/base/one-step/strict"]);
    expect(headlines).toHaveLength(2);
  });
});

describe("a benchmark that an oracle was developed on", () => {
  it.each([
    { judge: "theirs", marked: false },
    { judge: "builtin", marked: true },
    { judge: "bandit+builtin", marked: true },
    { judge: "builtin&bandit", marked: true },
    { judge: "2of:builtin+bandit+semgrep", marked: true },
    { judge: "builtin-like", marked: false },
  ])("marks the verdicts of $judge: $marked", async ({ judge, marked }) => {
    const developed = (plan: EvaluationPlan): EvaluationPlan => ({
      ...plan,
      arms: plan.arms.map((arm) => ({ ...arm, benchmark: { ...arm.benchmark, developedOn: ["builtin"] } })),
    });
    const { arms }: EvaluationSummary = await evaluated((plan) => developed(alsoJudgedBy(judge)(plan)));
    for (const { oracle: by, developedOn } of arms) {
      expect(developedOn === true, by).toBe(marked && by === `${judge}@1`);
    }
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
    await evaluated();
    const wanted = await readAll();
    await rm(folder, { recursive: true });
    const random = seededRandom(seed);
    for (let i = 0; i < 12; i++) {
      if (await runUntilItDies(Math.floor(random() * 4) + 1)) break;
      await tear("completions.jsonl", Math.floor(random() * 40));
      await tear("scores.jsonl", Math.floor(random() * 900));
    }
    await evaluated();
    expect(await readAll()).toEqual(wanted);
  });

  it("makes a broken line again, and says so", async () => {
    await evaluated();
    const lines = await linesOf("completions.jsonl");
    lines[3] = '{"id": "half';
    await writeFile(join(folder, "completions.jsonl"), `${lines.join("\n")}\n`);
    const told: number[] = [];
    const again = world();
    const summary = await evaluate(again.plan, { folder, onBroken: (count) => told.push(count) });
    expect(told).toEqual([1]);
    expect(again.generated).toHaveLength(1);
    expect(summary.arms[0]?.n).toBe(20);
  });

  it("stops at once when it is cancelled, and keeps what was finished", async () => {
    const controller = new AbortController();
    const { plan, generated }: World = world(() => {
      if (generated.length >= 20) controller.abort();
    });
    const cancelled = evaluate(plan, { folder, signal: controller.signal });
    await expect(cancelled).rejects.toHaveProperty("name", "AbortError");
    const kept = (await linesOf("completions.jsonl")).length;
    expect(kept).toBeGreaterThanOrEqual(15);
    expect(kept).toBeLessThan(40);
  });
});

describe("a completion that the model could not give", () => {
  const completion = { ...completionOf(task("a"), 0, "one-step", "lora@1"), finishReason: "error" as const };

  it.each([
    {
      scorer: oracleScorer("marks", oracle),
      score: { value: "unscored", detail: { status: "unscanned", reason: "tool-failed" } },
    },
    { scorer: parseScorer(loadLanguage), score: { value: false } },
  ])("is nothing good to $scorer.name", async ({ scorer, score }) => {
    expect(await scorer.score([{ task: task("a"), completion }])).toMatchObject([score]);
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
