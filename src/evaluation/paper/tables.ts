// The paper's tables from the summaries of its evaluations: vulnerable programs by weakness for top-1 and top-5,
// pass@k at each temperature, weaknesses that training does not see. What is not there, or not defined, is null
// and never 0.
import type { ArmSummary } from "../../core/evaluation.ts";
import { differencesTable } from "./differences.ts";
import { armsOf, type Cell, type Outcome, oracleOf, percent, span, type Table } from "./found-arms.ts";
import type { ExperimentPlan } from "./plan.ts";

/** What came of repairing with one level of feedback. */
export interface AblationOutcome {
  /** The level. */
  readonly feedback: string;
  /** Flagged programs and verified pairs by weakness; undefined when it was not run. */
  readonly byCwe: Readonly<Record<string, { readonly flagged: number; readonly pairs: number }>> | undefined;
}

/** All tables, in the order of the paper; then those that it has not. */
export function paperTables(
  plan: ExperimentPlan,
  outcomes: readonly Outcome[],
  ablation: readonly AblationOutcome[],
): Table[] {
  const benchmarks = plan.tests.flatMap((test) => test.benchmarks.map((benchmark) => ({ test, benchmark })));
  const counted = benchmarks.filter(({ benchmark }) =>
    armsOf(outcomes, benchmark.name).some(({ arm }) => arm !== undefined && arm.metrics.byCwe.length > 0),
  );
  return [
    ...counted.map(({ benchmark }) => vulnerableTable(benchmark, outcomes)),
    functionTable(plan, outcomes),
    ratesTable(plan, outcomes),
    differencesTable(plan, outcomes),
    ablationTable(plan, ablation),
    armsTable(plan),
  ];
}

const TOP = [1, 5] as const;

function vulnerableTable(
  { name, apart, role }: ExperimentPlan["tests"][number]["benchmarks"][number],
  outcomes: readonly Outcome[],
): Table {
  const arms = armsOf(outcomes, name);
  const cwes = [...new Set(arms.flatMap(({ arm }) => arm?.metrics.byCwe.map(({ cwe }) => cwe) ?? []))];
  const main = cwes.filter((cwe) => !apart.includes(cwe));
  const shown = [...main, ...cwes.filter((cwe) => apart.includes(cwe))];
  const total = role === "unseen" ? "all unseen" : "all";
  return {
    id: `vulnerable-${name}`,
    title: `Vulnerable programs on ${name}: among the first sample of each prompt / among the first five`,
    notes: [
      ...(apart.length === 0
        ? []
        : [`${apart.join(", ")} is a trained weakness: it stands apart and is in no total.`]),
      "“Not analysed” and “not covered” programs are never counted as secure: they are in the column at the end, and where no program has a verdict there is a dash, not 0.",
    ],
    columns: ["model", "arm", "oracle", ...main, total, ...shown.slice(main.length), "not analysed", "of"],
    rows: arms.map(({ planned, experiment, arm }) => [
      experiment.model.name,
      planned.name,
      arm === undefined ? null : oracleOf(arm),
      ...main.map((cwe) => topCell(arm, [cwe])),
      topCell(arm, main),
      ...shown.slice(main.length).map((cwe) => topCell(arm, [cwe])),
      arm?.unscanned ?? null,
      arm?.n ?? null,
    ]),
  };
}

/** `3 / 12`; a part that is not defined is a dash, and so is all of it where no program has a verdict. */
function topCell(arm: ArmSummary | undefined, cwes: readonly string[]): Cell {
  const judged = (arm?.metrics.byCwe ?? []).filter(
    ({ cwe, flagged, unscanned }) => cwes.includes(cwe) && unscanned < flagged.of,
  );
  if (judged.length === 0) return null;
  const counts = TOP.map((k) => {
    const known = judged.map(({ top }) => top?.find((one) => one.k === k)?.vulnerable ?? null);
    return known.every((count) => count !== null) ? known.reduce((sum, count) => sum + count, 0) : null;
  });
  return counts.every((count) => count === null) ? null : counts.map((count) => count ?? "–").join(" / ");
}

const PASS = [1, 10] as const;

function functionTable(plan: ExperimentPlan, outcomes: readonly Outcome[]): Table {
  const columns = plan.tests.flatMap((test) =>
    test.benchmarks
      .filter(({ name }) => armsOf(outcomes, name).some(({ arm }) => arm?.metrics.tests !== undefined))
      .flatMap(({ name }) =>
        test.temperatures.flatMap((temperature) => PASS.map((k) => ({ name, temperature, k }))),
      ),
  );
  const rows = plan.models.flatMap((model) =>
    plan.arms.flatMap((planned): Cell[][] => {
      const cells = columns.map(({ name, temperature, k }) => {
        const found = armsOf(outcomes, name).find(
          (one) =>
            one.planned === planned &&
            one.experiment.model.name === model.name &&
            one.experiment.temperature === temperature,
        );
        const tests = found?.arm?.metrics.tests;
        return {
          asked: found !== undefined,
          value: percent(tests?.atK.find((at) => at.k === k)?.func ?? null),
        };
      });
      return cells.some(({ asked }) => asked)
        ? [[model.name, planned.name, ...cells.map(({ value }) => value)]]
        : [];
    }),
  );
  return {
    id: "function",
    title: "Functional correctness: pass@1 and pass@10 in percent at each temperature (T)",
    notes: [
      "pass@k with fewer than k samples is not defined. Programs that could not be tested are in no figure.",
    ],
    columns: [
      "model",
      "arm",
      ...columns.map(({ name, temperature, k }) => `${name} T=${temperature} pass@${k}`),
    ],
    rows,
  };
}

function ratesTable(plan: ExperimentPlan, outcomes: readonly Outcome[]): Table {
  const names = plan.tests.flatMap((test) => test.benchmarks.map(({ name }) => name));
  const found = names.flatMap((name) => armsOf(outcomes, name).map((one) => ({ name, ...one })));
  return {
    id: "rates",
    title: "Flagged programs of all asked for, in percent, with what is behind each figure",
    notes: [
      "95 % intervals: families of prompts drawn again. Bounds: none, or all, of what has no verdict were flagged.",
      "“At risk”: flagged among the programs that perform the risky operation at all. * marks an oracle that was developed on the benchmark.",
    ],
    columns: [
      ...[
        "benchmark",
        "model",
        "arm",
        "oracle",
        "n",
        "flagged",
        "95 % interval",
        "bounds",
        "parse",
        "at risk",
      ],
      ...["flagged of at risk", "sec-rate", "duplicates", "not analysed", "cut off"],
    ],
    rows: found
      .filter(({ arm }) => arm === undefined || arm.metrics.byCwe.length > 0)
      .map(({ name, planned, experiment, arm }) => [
        name,
        experiment.model.name,
        planned.name,
        arm === undefined ? null : oracleOf(arm),
        ...rateCells(arm),
      ]),
  };
}

function rateCells(arm: ArmSummary | undefined): Cell[] {
  if (arm === undefined) return Array.from({ length: 11 }, () => null);
  const { metrics } = arm;
  // With no verdict on any program, 0 would look like safety: the bounds alone are known.
  const judged = arm.unscanned < arm.n;
  return [
    arm.n,
    judged ? percent(arm.flaggedRate) : null,
    judged ? span(arm.ci95) : null,
    span(metrics.flaggedBounds),
    percent(arm.parseRate),
    percent(metrics.atRisk.rate),
    percent(metrics.flaggedOfAtRisk.rate),
    percent(metrics.secRate.rate),
    arm.duplicates,
    arm.unscanned,
    metrics.truncated,
  ];
}

function ablationTable({ ablation }: ExperimentPlan, outcomes: readonly AblationOutcome[]): Table {
  return {
    id: "repair",
    title: "Repair: verified pairs of the flagged programs, by what the repairing model is told",
    notes: [ablation.what],
    columns: ["feedback", "flagged", "repaired", "pooled %", "mean over weaknesses %"],
    rows: ablation.feedback.map((feedback) => {
      const byCwe = outcomes.find((outcome) => outcome.feedback === feedback)?.byCwe;
      if (byCwe === undefined) return [feedback, null, null, null, null];
      const counts = Object.values(byCwe).filter(({ flagged }) => flagged > 0);
      const flagged = counts.reduce((sum, count) => sum + count.flagged, 0);
      const pairs = counts.reduce((sum, count) => sum + count.pairs, 0);
      const mean = counts.reduce((sum, count) => sum + count.pairs / count.flagged, 0) / counts.length;
      return [
        feedback,
        flagged,
        pairs,
        percent(flagged === 0 ? null : pairs / flagged),
        percent(counts.length === 0 ? null : mean),
      ];
    }),
  };
}

function armsTable({ arms }: ExperimentPlan): Table {
  return {
    id: "arms",
    title: "What each arm is",
    notes: ["Everything that is not in the paper, or deviates from it, is an arm of its own."],
    columns: ["arm", "in the paper", "what"],
    rows: arms.map(({ name, paper, what }) => [name, paper ? "yes" : "no", what]),
  };
}
