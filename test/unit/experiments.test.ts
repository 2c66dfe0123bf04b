import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriver, randomSpans } from "../../experiments/derive.ts";
import { parseExperiment, stepsOf } from "../../experiments/plan.ts";
import { armsOf, keptSeeds, seedFile, seedResult } from "../../experiments/results.ts";
import { type Arm, excessOf, rateOf, reductionOf, tableOf } from "../../experiments/table.ts";
import { outcomesOf, outcomesTable } from "../../experiments/targets.ts";
import type { ArmSummary } from "../../src/core/evaluation.ts";
import type { TrainingRow } from "../../src/core/pair.ts";
import { runProcess } from "../../src/util/process.ts";
import { seededRandom } from "../../src/util/random.ts";

const file = new URL("../../experiments/tiny/experiment.json", import.meta.url);
const experiment = parseExperiment(JSON.parse(readFileSync(file, "utf8")));
const SMALL = { seeds: [1], synth: [], train: [], extend: [], eval: [] };
const places = { experiment: "/e", out: "/o" };

const row: TrainingRow = {
  id: "a",
  text: "import shlex\nrun(shlex.quote(x))\n",
  changes: [{ start: 0, end: 13 }],
  vulnerable: { text: "run(x)\n", changes: [{ start: 4, end: 5 }] },
  language: "python",
  source: { kind: "seed", ref: "a" },
};

describe("random spans", () => {
  it("have the lengths of the true ones, are disjoint, and lie in the text", () => {
    const shape = fc.record({ gaps: fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), rest: fc.nat(50) });
    fc.assert(
      fc.property(shape, fc.nat(), ({ gaps, rest }, seed) => {
        let at = 0;
        const changes = gaps.map((gap) => {
          at += gap + 3;
          return { start: at - 3, end: at };
        });
        const spans = randomSpans(at + rest, changes, seededRandom(seed));
        expect(spans.map(({ start, end }) => end - start)).toEqual(changes.map(() => 3));
        for (const [index, span] of spans.entries()) {
          expect(span.start).toBeGreaterThanOrEqual(spans[index - 1]?.end ?? 0);
          expect(span.end).toBeLessThanOrEqual(at + rest);
        }
      }),
    );
  });
});

describe("a control's rows", () => {
  it("of the vulnerable side are that side, with its spans", () => {
    const made = deriver({ kind: "vulnerable-side" })(row);
    expect(made).toMatchObject({ text: "run(x)\n", changes: [{ start: 4, end: 5 }] });
    expect(made).not.toHaveProperty("vulnerable");
  });

  it("without a vulnerable side are left out", () => {
    expect(deriver({ kind: "vulnerable-side" })({ ...row, vulnerable: undefined })).toBeUndefined();
  });
});

describe("the demonstration", () => {
  it.each(Object.entries(experiment.scales))(
    "at scale %s trains before it evaluates, for each seed",
    (_, scale) => {
      const names = stepsOf(experiment, scale, places).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const seed of scale.seeds) {
        for (const [name, { adapter }] of Object.entries(experiment.evaluations)) {
          const at = names.indexOf(`eval-${name}-${seed}`);
          expect(at).toBeGreaterThan(adapter === undefined ? 0 : names.indexOf(`train-${adapter}-${seed}`));
        }
      }
    },
  );

  it("makes every dataset out of the pairs and of what the model writes after a first training on them", () => {
    const steps = stepsOf(experiment, SMALL, places);
    const of = (wanted: string) => steps.find(({ name }) => name === wanted);
    expect(steps.slice(0, 4).map(({ name }) => name)).toEqual(["synth", "dataset", "train-first", "extend"]);
    expect(of("extend")).toMatchObject({
      args: expect.arrayContaining(["/o/built", "/o/first", "/o/extended"]),
    });
    expect(of("dataset-vulnerable")).toMatchObject({ from: "/o/extended" });
    const { ownPrograms: _none, ...plain } = experiment;
    const alone = stepsOf(plain, SMALL, places);
    expect(alone.map(({ name }) => name)).not.toContain("extend");
    expect(alone.find(({ name }) => name === "dataset-fixed")).toMatchObject({ from: "/o/built" });
  });

  it("names its own folder where a command needs it", () => {
    const steps = stepsOf(experiment, SMALL, places);
    const argsOf = (wanted: string) => steps.find(({ name }) => name === wanted);
    expect(argsOf("eval-comment-1")).toMatchObject({ args: expect.arrayContaining(["/e/preamble.txt"]) });
    const data = expect.arrayContaining(["--data", "/o/datasets/fixed"]);
    expect(argsOf("train-masked-1")).toMatchObject({ args: data });
  });

  it("is judged by the builtin oracle and by running programs", () => {
    const steps = stepsOf(experiment, SMALL, places);
    for (const step of steps.filter(({ name }) => name.startsWith("eval-"))) {
      expect(step).toMatchObject({ args: expect.arrayContaining(["--oracle", "builtin,execution"]) });
    }
  });

  it.each([
    {
      broken: { targets: [{ kind: "worse" as const, judge: "builtin", arms: ["none/one-step"] }] },
      says: "none",
    },
    {
      broken: { targets: [{ kind: "fewer" as const, judge: "nobody", atLeast: 1 }] },
      says: "no judge nobody",
    },
    { broken: { compare: { before: "base/one-step", after: "nothing/x" } }, says: "no evaluation nothing" },
  ])("with targets for what it does not have is refused: $says", ({ broken, says }) => {
    expect(() => parseExperiment({ ...experiment, ...broken })).toThrow(says);
  });

  it("that names an adapter which is not there is refused", () => {
    const broken = { ...experiment, evaluations: { a: { title: "a", adapter: "none", args: [] } } };
    expect(() => parseExperiment(broken)).toThrow("no adapter none");
  });
});

describe("a dry run", () => {
  it("says what would be run, and leaves nothing behind", async () => {
    const out = join(tmpdir(), "hexacoder-dry-run-leaves-nothing");
    const script = fileURLToPath(new URL("../../experiments/run.ts", import.meta.url));
    const folder = fileURLToPath(new URL("../../experiments/tiny", import.meta.url));
    const tsx = ["--import", import.meta.resolve("tsx"), script];
    const args = [folder, "--out", out, "--scale", "proof", "--dry-run"];
    const { ok, stdout } = await runProcess({ command: [process.execPath, ...tsx, ...args] });
    expect(ok).toBe(true);
    expect(stdout).toMatch(/^to do synth: hexacoder synth --from seeds,llm/);
    expect(stdout.trimEnd().split("\n")).toHaveLength(7 + 4 + 8);
    expect(existsSync(out)).toBe(false);
  });

  it("runs only the seeds that are asked for, and refuses one that the scale has not", async () => {
    const out = join(tmpdir(), "hexacoder-dry-run-leaves-nothing");
    const script = fileURLToPath(new URL("../../experiments/run.ts", import.meta.url));
    const folder = fileURLToPath(new URL("../../experiments/tiny", import.meta.url));
    const run = async (seeds: string) => {
      const tsx = ["--import", import.meta.resolve("tsx"), script];
      const args = [folder, "--out", out, "--seeds", seeds, "--dry-run"];
      return await runProcess({ command: [process.execPath, ...tsx, ...args] });
    };
    const { stdout } = await run("2");
    expect(stdout).toContain("to do train-masked-2:");
    expect(stdout).not.toContain("to do train-masked-1:");
    expect((await run("9")).stderr).toContain("the scale has the seeds 1, 2, 3, not 9");
  });
});

describe("figures over seeds", () => {
  const prompt = (taskId: string, flagged: number) => ({
    taskId,
    n: 4,
    flagged,
    unscanned: 0,
    parsed: 4,
    atRisk: 2,
    duplicates: 0,
  });
  const arm = (...seeds: number[][]) => ({
    name: "a",
    title: "a",
    judge: "builtin",
    seeds: seeds.map((counts) => counts.map((flagged, index) => prompt(`p${index}`, flagged))),
  });

  it("are rates of all completions, with each seed's and an interval around them", () => {
    const { value, ci95, bySeed } = rateOf(arm([4, 0], [2, 2]), "flagged");
    expect(value).toBe(0.5);
    expect(bySeed).toEqual([0.5, 0.5]);
    expect(ci95?.[0]).toBeLessThan(0.5);
    expect(ci95?.[1]).toBeGreaterThan(0.5);
  });

  it("compare arms on the same draws: half everywhere is half with certainty", () => {
    const { value, ci95 } = reductionOf(arm([4, 2], [2, 4]), arm([2, 1], [1, 2]));
    expect(value).toBe(0.5);
    expect(ci95).toEqual([0.5, 0.5]);
  });

  it("have no reduction where nothing was flagged before", () => {
    expect(reductionOf(arm([0, 0]), arm([1, 1])).value).toBeUndefined();
  });
});

describe("targets", () => {
  const judges = ["builtin", "execution"];
  const arms: Arm[] = [];
  const add = (name: string, flagged: number, functional?: number): void => {
    const figures = {
      unscanned: 0,
      parsed: 4,
      atRisk: 4,
      duplicates: 0,
      ...(functional === undefined ? {} : { functional }),
    };
    for (const judge of judges) {
      const byPrompt = ["p", "q"].map((taskId) => ({ taskId, n: 4, flagged, ...figures }));
      arms.push({ name, title: name, judge, seeds: [byPrompt, byPrompt] });
    }
  };
  add("base/one-step", 4, 2);
  add("masked/two-step", 1, 2);
  add("comment/one-step", 3, 2);
  add("draws/one-step", 1);
  const asked = {
    ...experiment,
    judges,
    compare: { before: "base/one-step", after: "masked/two-step" },
    targets: [
      { kind: "fewer", judge: "builtin", atLeast: 0.7 },
      { kind: "fewer", judge: "execution", atLeast: 0.8 },
      { kind: "kept", count: "functional", atLeast: 0.95 },
      { kind: "before", count: "functional", atLeast: 0.6 },
      { kind: "worse", judge: "builtin", arms: ["comment/one-step", "draws/one-step"] },
    ] as const,
  };
  const outcomes = outcomesOf(parseExperiment(asked), arms);

  it("are met or not, each with its figure, an arm at a time where several are to do worse", () => {
    expect(outcomes.map(({ met }) => met)).toEqual([true, false, true, false, true, false]);
    expect(outcomes.map(({ figure }) => figure.value)).toEqual([0.75, 0.75, 1, 0.5, 0.5, 0]);
    expect(outcomesTable(outcomes)).toMatch(/75\.0 % .* not met/);
  });

  it("have no outcome for tests that were not run", () => {
    const untested = { ...asked, targets: [{ kind: "before", count: "functional", atLeast: 0 }] as const };
    const bare = arms.map((arm) => ({
      ...arm,
      seeds: arm.seeds.map((prompts) => prompts.map(({ functional: _, ...prompt }) => prompt)),
    }));
    expect(outcomesOf(parseExperiment(untested), bare)[0]?.met).toBeUndefined();
  });

  it("stand under a table with a column for each judge", () => {
    const [head, , ...rows] = tableOf(arms, judges).split("\n");
    expect(head).toContain("| flagged by builtin | flagged by execution |");
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain("100.0 %");
  });
});

describe("a seed's counts", () => {
  const judges = ["builtin", "execution"];
  const { evaluations, ownPrograms: _, ...rest } = experiment;
  const base = { title: "the base", args: [] };
  const asked = parseExperiment({
    ...rest,
    judges,
    evaluations: { base },
    compare: { before: "base/one-step", after: "base/one-step" },
    targets: [],
  });
  const arm = (judge: string, flagged: number, oracle = `${judge}@1`): ArmSummary => {
    const byPrompt = [{ taskId: "p", n: 1, flagged, unscanned: 0, parsed: 1, atRisk: 1, duplicates: 0 }];
    const name = `b/base/one-step/${judge}`;
    // Only what is read of an arm.
    const read: unknown = { name, strategy: "one-step", model: "tiny@1", oracle, metrics: { byPrompt } };
    return read as ArmSummary;
  };
  const counts = (seed: number, flagged: number, oracle?: string) =>
    seedResult(
      asked,
      SMALL,
      seed,
      new Map([["base", [arm("builtin", flagged, oracle), arm("execution", 0)]]]),
    );

  it("go to the judge that the summary names, seed by seed, through a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hexacoder-seeds-"));
    for (const result of [counts(11, 0), counts(2, 1)]) {
      await writeFile(seedFile(folder, result.seed), JSON.stringify(result));
    }
    await writeFile(join(folder, "table.md"), "not a seed");
    const kept = await keptSeeds(folder);
    expect(kept.map(({ seed }) => seed)).toEqual([2, 11]);
    const arms = armsOf(asked, kept);
    expect(arms.map(({ judge, title, seeds }) => [judge, title, seeds.length])).toEqual([
      ["builtin", "the base", 2],
      ["execution", "the base", 2],
    ]);
    const [first, second] = arms;
    if (first === undefined || second === undefined) throw new Error("no arms");
    expect(rateOf(first, "flagged").bySeed).toEqual([1, 0]);
    expect(excessOf(first, second).value).toBe(0.5);
    await rm(folder, { recursive: true });
  });

  it("name a judge that the experiment has", () => {
    const other = new Map([["base", [arm("other", 0)]]]);
    expect(() => seedResult(asked, SMALL, 1, other)).toThrow("no judge");
  });

  it.each([
    { why: "another version of a judge", other: counts(2, 1, "builtin@2") },
    { why: "another base", other: { ...counts(2, 1), base: "tiny@2" } },
    { why: "another experiment.json", other: { ...counts(2, 1), experiment: "0" } },
  ])("of $why are not put together with the rest", ({ why, other }) => {
    expect(() => armsOf(asked, [counts(1, 0), other])).toThrow(why);
  });
});
