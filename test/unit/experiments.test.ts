import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriver, randomSpans } from "../../experiments/derive.ts";
import { parseExperiment, stepsOf } from "../../experiments/plan.ts";
import { rateOf, reductionOf } from "../../experiments/table.ts";
import type { TrainingRow } from "../../src/core/pair.ts";
import { seededRandom } from "../../src/util/random.ts";

const file = new URL("../../experiments/tiny/experiment.json", import.meta.url);
const experiment = parseExperiment(JSON.parse(readFileSync(file, "utf8")));
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

  it("names its own folder where a command needs it", () => {
    const steps = stepsOf(experiment, { seeds: [1], synth: [], train: [], eval: [] }, places);
    const argsOf = (wanted: string) => steps.find(({ name }) => name === wanted);
    expect(argsOf("eval-comment-1")).toMatchObject({ args: expect.arrayContaining(["/e/preamble.txt"]) });
    const data = expect.arrayContaining(["--data", "/o/datasets/fixed"]);
    expect(argsOf("train-masked-1")).toMatchObject({ args: data });
  });

  it("that names an adapter which is not there is refused", () => {
    const broken = { ...experiment, evaluations: { a: { title: "a", adapter: "none", args: [] } } };
    expect(() => parseExperiment(broken)).toThrow("no adapter none");
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
