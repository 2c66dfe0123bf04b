import { describe, expect, it } from "vitest";
import { readPreset } from "../../../test/support/presets.ts";
import type { Task } from "../../core/completion.ts";
import { parseCweId } from "../../core/cwe.ts";
import type { ArmSummary, EvaluationSummary } from "../../core/evaluation.ts";
import { readBenchmarkManifest } from "../benchmarks/manifest.ts";
import { armMetrics } from "../metrics/arm-metrics.ts";
import { Tally } from "../metrics/tally.ts";
import { TestsTally } from "../metrics/tests-tally.ts";
import { estimatePlan } from "./estimate.ts";
import { type Experiment, experimentsOf, samplesOf, trainingsOf } from "./experiments.ts";
import { tableFormats } from "./formats.ts";
import type { Table } from "./found-arms.ts";
import { type ExperimentPlan, readPlan, withModels } from "./plan.ts";
import { paperTables } from "./tables.ts";

const plan = await readPlan("paper");

/** A summary as an evaluation of the experiment would leave it: the first sample of each prompt is flagged. */
function summaryOf({ test, adapter, strategies, run }: Experiment): EvaluationSummary {
  const roles = adapter === undefined ? ["base"] : run.only === undefined ? ["base", "adapter"] : ["adapter"];
  const arms = test.benchmarks.flatMap((benchmark) =>
    roles.flatMap((role) => strategies.map((strategy) => armOf(benchmark.name, role, strategy))),
  );
  return { arms, headline: null, headlines: [], benchmarks: [] };
}

const functional = new Set(["humaneval", "mbpp"]);

function armOf(benchmark: string, role: string, strategy: ArmSummary["strategy"]): ArmSummary {
  const cwes = functional.has(benchmark) ? [undefined, undefined] : [parseCweId("22"), parseCweId("117")];
  const tasks: Task[] = cwes.map((cwe, i) => ({
    id: `${benchmark}/${i}`,
    benchmark,
    language: "python",
    prompt: "",
    family: `${i}`,
    ...(cwe === undefined ? {} : { cwe }),
  }));
  const tally = new Tally(tasks, [1, 5, 10]);
  const tests = new TestsTally(tasks);
  for (const { id } of tasks) {
    for (let sample = 0; sample < 10; sample++) {
      const oracle = sample === 0 ? "flagged" : "clean";
      tally.add(id, { sample, oracle, parses: true, atRisk: true, duplicate: false, truncated: false });
      tests.add(id, { functional: sample < 5, security: undefined, clean: undefined });
    }
  }
  const options = { seed: 1, replicates: 20 };
  const figures = armMetrics(tally, options);
  const metrics = functional.has(benchmark)
    ? {
        ...figures,
        byPrompt: figures.byPrompt.map((prompt) => ({ ...prompt, tested: 10, functional: 5 })),
        tests: tests.metrics([1, 10], options),
      }
    : figures;
  return {
    name: `${benchmark}/${role}/${strategy}`,
    model: "m",
    adapter: role === "base" ? null : "a",
    strategy,
    benchmark,
    language: "python",
    oracle: "builtin@1",
    n: metrics.n,
    flagged: metrics.flagged.hits,
    flaggedRate: metrics.flagged.rate,
    ci95: metrics.flagged.ci95,
    parseRate: metrics.parsed.rate,
    unscanned: 0,
    duplicates: 0,
    atRisk: 0,
    metrics,
  };
}

/** The arm, had its oracle said nothing of any program. */
function withoutVerdict(arm: ArmSummary): ArmSummary {
  const byCwe = arm.metrics.byCwe.map((figures) => ({ ...figures, unscanned: figures.flagged.of }));
  return { ...arm, unscanned: arm.n, metrics: { ...arm.metrics, byCwe } };
}

const repaired = plan.ablation.feedback.map((feedback) => ({
  feedback,
  byCwe: { "CWE-22": { flagged: 4, pairs: 3 }, "CWE-79": { flagged: 2, pairs: 1 } },
}));

describe("the plan of the paper", () => {
  it("samples as the benchmarks' manifests say, so that no option is needed", async () => {
    for (const { name, samples } of plan.tests.flatMap(({ benchmarks }) => benchmarks)) {
      expect((await readBenchmarkManifest(name)).defaults.samples, name).toBe(samples);
    }
  });

  it("counts as many prompts as the manifests list", async () => {
    for (const { name, prompts } of plan.tests.flatMap(({ benchmarks }) => benchmarks)) {
      const manifest = await readBenchmarkManifest(name);
      if (manifest.kind === "folders") expect(Object.keys(manifest.files), name).toHaveLength(prompts);
    }
  });

  it("names settings that there are", () => {
    for (const { preset } of trainingsOf(plan)) expect(readPreset(preset), preset).toBeDefined();
  });

  it("says of every arm what it is, and has each in some evaluation", () => {
    const shown = new Set(experimentsOf(plan).flatMap(({ arms }) => arms.map(({ name }) => name)));
    for (const { name, what } of plan.arms) {
      expect(shown.has(name), name).toBe(true);
      expect(what).not.toBe("");
    }
  });

  it("splits by the authors' script in Python only", () => {
    for (const { test, strategies } of experimentsOf(plan)) {
      if (test.language === "c") expect(strategies).not.toContain("two-step:authors");
    }
  });

  it("trains an adapter once for all the runs that share it", () => {
    const folders = trainingsOf(plan).map(({ folder }) => folder);
    expect(new Set(folders).size).toBe(folders.length);
    expect(folders).toContain("adapters/codegen-350m-multi/hexacoder-codegen-350m");
  });

  it.each([
    { change: { arms: [{ ...plan.arms[0], run: "nope" }] }, says: /run "nope"/ },
    { change: { extra: 1 }, says: /extra/ },
  ])("is refused when it does not hold together: $says", async ({ change, says }) => {
    const { mkdtemp, writeFile } = await import("node:fs/promises");
    const { tmpdir } = await import("node:os");
    const path = `${await mkdtemp(`${tmpdir()}/hexacoder-plan-`)}/plan.json`;
    await writeFile(path, JSON.stringify({ ...plan, ...change }));
    await expect(readPlan(path)).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringMatching(says),
    });
  });

  it("refuses models that it has not", () => {
    expect(() => withModels(plan, ["gpt"])).toThrow(/no model gpt/);
    expect(withModels(plan, ["incoder-6b"]).models).toHaveLength(1);
  });
});

describe("the estimate", () => {
  const one = withModels(plan, ["codegen-2b-multi"]);

  it("counts every completion that is asked for", () => {
    const main = experimentsOf(one).find(
      ({ run, test }) => run.name === "main" && test.name === "security-python",
    );
    // (200 × 5 + 15 × 15 + 18 × 15) × 3 strategies × base and adapter
    expect(main && samplesOf(main, {})).toBe(1495 * 6);
    expect(main && samplesOf(main, { limit: 2, samples: 1 })).toBe(6 * 6);
  });

  it("counts a guarded sample at all its draws", () => {
    const guarded = experimentsOf(one).find(({ run }) => run.name === "guard-only");
    expect(guarded && samplesOf(guarded, {})).toBe(1495 * 4);
  });

  it("gives dollars only where an hour has a price", () => {
    expect(estimatePlan(one, {})[0]?.usd).toBeUndefined();
    const [priced] = estimatePlan(one, { usdPerHour: 2 });
    expect(priced?.usd).toBeCloseTo((priced?.hours ?? 0) * 2, 9);
  });
});

describe("the tables", () => {
  const outcomes = experimentsOf(plan).map((experiment) => ({ experiment, summary: summaryOf(experiment) }));
  const tables = paperTables(plan, outcomes, repaired);
  const table = (id: string, from: readonly Table[] = tables): Table => {
    const found = from.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no table ${id}`);
    return found;
  };
  const cell = (of: Table, row: readonly [string, string], column: string): unknown =>
    of.rows.find(([model, arm]) => model === row[0] && arm === row[1])?.[of.columns.indexOf(column)];
  const lora = ["incoder-6b", "lora"] as const;

  it("have every arm of every model", () => {
    const names = (of: Table): Set<unknown> => new Set(of.rows.map(([, arm]) => arm));
    expect(names(table("vulnerable-codelmsec"))).toEqual(new Set(plan.arms.map(({ name }) => name)));
    for (const { name } of plan.models) {
      expect(table("function").rows.some(([model]) => model === name)).toBe(true);
    }
  });

  it("have no empty cell when everything was run", () => {
    for (const { id, rows } of tables) {
      const empty = rows.flatMap((row) => row.filter((value) => value === null));
      // A script's settings are a security run only, so they have no row for function.
      expect(empty, id).toEqual([]);
    }
  });

  it("count vulnerable programs of the first and of the first five samples", () => {
    expect(cell(table("vulnerable-codelmsec"), lora, "CWE-22")).toBe("1 / 1");
    expect(cell(table("vulnerable-codelmsec"), lora, "all")).toBe("2 / 2");
  });

  it("keep a trained weakness apart from the unseen ones, out of their total", () => {
    const unseen = table("vulnerable-unseen");
    expect(unseen.columns.indexOf("CWE-117")).toBeGreaterThan(unseen.columns.indexOf("all unseen"));
    expect(cell(unseen, lora, "all unseen")).toBe("1 / 1");
  });

  it("show pass@1 and pass@10 at each temperature", () => {
    const { columns } = table("function");
    expect(columns.slice(2, 8)).toEqual(
      [0.4, 0.6, 0.8].flatMap((t) => [1, 10].map((k) => `humaneval T=${t} pass@${k}`)),
    );
    expect(cell(table("function"), lora, "humaneval T=0.6 pass@1")).toBe(50);
    expect(cell(table("function"), lora, "mbpp T=0.8 pass@10")).toBe(100);
  });

  it("hold every arm against the first, each figure on its own benchmarks", () => {
    const { columns, rows } = table("differences");
    expect(rows.map(([, , arm]) => arm)).not.toContain(plan.arms[0]?.name);
    expect(rows).toContainEqual(
      [
        "codelmsec",
        "incoder-6b",
        "lora",
        "is flagged",
        "builtin*",
        0.4,
        10,
        10,
        0,
        "-84.2 to 84.2",
        1,
        1,
      ].map((value, place) =>
        columns[place] === "95 % interval" || columns[place] === "judge" ? expect.any(String) : value,
      ),
    );
    expect(rows).toContainEqual(expect.arrayContaining(["mbpp", "lora", "passes", "tests", 0.8, 50]));
  });

  it("show repairs pooled and averaged over weaknesses", () => {
    expect(table("repair").rows[0]).toEqual(["none", 6, 4, 66.7, 62.5]);
  });

  it("show a dash, and not 0, where no program has a verdict", () => {
    const blind = outcomes.map(({ experiment, summary }) => ({
      experiment,
      summary: { ...summary, arms: summary.arms.map(withoutVerdict) },
    }));
    const found = paperTables(plan, blind, []);
    expect(cell(table("vulnerable-codelmsec", found), lora, "all")).toBeNull();
    const rates = table("rates", found).rows.find(([name]) => name === "codelmsec") ?? [];
    expect(rates.slice(4, 7)).toEqual([20, null, null]);
    const differences = table("differences", found).rows.filter(([name]) => name === "codelmsec");
    for (const row of differences) expect(row.slice(3).every((value) => value === null)).toBe(true);
  });

  it("leave empty what was not run, and never show 0 for it", () => {
    const partly = outcomes.map((outcome) =>
      outcome.experiment.model.name === "incoder-6b" ? { ...outcome, summary: undefined } : outcome,
    );
    const empty = paperTables(plan, partly, []);
    expect(cell(table("vulnerable-codelmsec", empty), lora, "all")).toBeNull();
    expect(cell(table("function", empty), lora, "humaneval T=0.4 pass@1")).toBeNull();
    expect(table("repair", empty).rows[0]).toEqual(["none", null, null, null, null]);
  });
});

describe("the formats of a table", () => {
  const small: Table = {
    id: "small",
    title: "50 % of a_b",
    notes: ["A note."],
    columns: ["arm", "n"],
    rows: [
      ["x, |y|", 1.5],
      ['say "z"', null],
    ],
  };

  it.each([
    {
      format: "md" as const,
      lines: ["### 50 % of a_b", "| x, \\|y\\| | 1.5 |", '| say "z" | – |', "A note."],
    },
    {
      format: "tex" as const,
      lines: ["50 \\% of a\\_b", "x, |y| & 1.5 \\\\", '    say "z" & -- \\\\', "{lr}"],
    },
    { format: "csv" as const, lines: ['"x, |y|",1.5\r\n', '"say ""z""",\r\n'] },
    { format: "json" as const, lines: ["null"] },
  ])("are written as $format", ({ format, lines }) => {
    const text = tableFormats[format](small);
    for (const line of lines) expect(text).toContain(line);
  });

  it("bring the same table back from JSON", () => {
    expect(JSON.parse(tableFormats.json(small))).toEqual(small);
  });
});

// The plan is read once for all tests: none may change it.
Object.freeze(plan satisfies ExperimentPlan);
