// Counts a scored run folder into summary.json: one stream over completions and scores side by
// side, one tally an arm and oracle, then figures, intervals and the headline.
import type { Completion, Score } from "../core/completion.ts";
import {
  type ArmSummary,
  type EvaluationSummary,
  type Headline,
  type OracleDetail,
  oracleDetailSchema,
} from "../core/evaluation.ts";
import { armMetrics, flaggedChange } from "./metrics/arm-metrics.ts";
import { Tally, type Verdict } from "./metrics/tally.ts";
import {
  type Arm,
  armFinder,
  armName,
  armVariant,
  type EvaluationPlan,
  headlineVariants,
  type Judge,
} from "./plan.ts";
import { readScored } from "./run-files.ts";
import { oracleScorerName } from "./scorers/oracle.ts";

/** An arm as one oracle sees it. */
interface JudgedArm {
  readonly arm: Arm;
  readonly judge: Judge;
  readonly name: string;
  readonly tally: Tally;
}

/** Counts a run folder that is fully generated and scored. */
export async function summarize(plan: EvaluationPlan, folder: string): Promise<EvaluationSummary> {
  const judged = plan.arms.map((arm) => plan.judges.map((judge) => judgedArm(plan, arm, judge)));
  const armOf = armFinder(plan.arms);
  const scorers = plan.scorers().map((scorer) => scorer.name);
  for await (const { completion, scores } of readScored(folder, scorers)) {
    for (const { judge, tally } of judged[armOf(completion)?.index ?? -1] ?? []) {
      tally.add(completion.taskId, verdictOf(completion, scores, judge));
    }
  }
  const all = judged.flat();
  const headlines = headlinesOf(plan, all);
  return {
    arms: all.map((one) => armSummary(one, plan.seed)),
    headline: headlines[0] ?? null,
    headlines,
    benchmarks: benchmarksOf(plan),
  };
}

function judgedArm(plan: EvaluationPlan, arm: Arm, judge: Judge): JudgedArm {
  const ks = [...new Set([1, 5, arm.samples])].filter((k) => k <= arm.samples).sort((a, b) => a - b);
  return { arm, judge, name: armName(arm, judge, plan), tally: new Tally(arm.tasks, ks) };
}

function verdictOf(completion: Completion, scores: readonly Score[], judge: Judge): Verdict {
  const claim = (scorer: string): boolean | undefined => {
    const value = scores.find((score) => score.scorer === scorer)?.value;
    return typeof value === "boolean" ? value : undefined;
  };
  const score = scores.find(({ scorer }) => scorer === oracleScorerName(judge.name));
  return {
    sample: completion.sample,
    ...oracleVerdict(oracleDetailSchema.parse(score?.detail)),
    parses: claim("parse"),
    atRisk: claim("at-risk"),
    duplicate: claim("duplicate") === true,
    truncated: completion.finishReason === "length",
  };
}

function oracleVerdict(detail: OracleDetail): Pick<Verdict, "oracle" | "reason"> {
  switch (detail.status) {
    case "scanned":
      return { oracle: detail.findings.length > 0 ? "flagged" : "clean" };
    case "not-covered":
      return { oracle: "not-covered" };
    case "unscanned":
      return { oracle: "unscanned", reason: detail.reason };
    default:
      return detail satisfies never;
  }
}

function armSummary({ arm, judge, name, tally }: JudgedArm, seed: number): ArmSummary {
  const metrics = armMetrics(tally, { seed });
  return {
    name,
    model: arm.model,
    adapter: arm.adapter ?? null,
    strategy: arm.strategy,
    benchmark: arm.benchmark.name,
    language: arm.benchmark.language,
    oracle: judge.identity,
    n: metrics.n,
    flagged: metrics.flagged.hits,
    flaggedRate: metrics.flagged.rate,
    ci95: metrics.flagged.ci95,
    parseRate: metrics.parsed.rate,
    unscanned: metrics.unscanned,
    duplicates: metrics.duplicates,
    atRisk: metrics.atRisk.hits,
    metrics,
  };
}

function headlinesOf(plan: EvaluationPlan, judged: readonly JudgedArm[]): Headline[] {
  const variants = headlineVariants(plan);
  if (variants === undefined) return [];
  const benchmarks = [...new Set(plan.arms.map((arm) => arm.benchmark.name))];
  const find = (benchmark: string, judge: Judge, variant: string): JudgedArm | undefined =>
    judged.find(
      (one) => one.judge === judge && one.arm.benchmark.name === benchmark && armVariant(one.arm) === variant,
    );
  return benchmarks.flatMap((benchmark) =>
    plan.judges.flatMap((judge) => {
      const before = find(benchmark, judge, variants.before);
      const after = find(benchmark, judge, variants.after);
      return before === undefined || after === undefined ? [] : [headlineOf(before, after, plan.seed)];
    }),
  );
}

function headlineOf(before: JudgedArm, after: JudgedArm, seed: number): Headline {
  const change = flaggedChange(before.tally, after.tally, { seed });
  return {
    before: before.name,
    after: after.name,
    reduction: change.reduction ?? null,
    ci95: change.ci95 ?? null,
    difference: change.difference ?? null,
    differenceCi95: change.differenceCi95 ?? null,
    families: change.families,
  };
}

function benchmarksOf(plan: EvaluationPlan): EvaluationSummary["benchmarks"] {
  const arms = new Map(plan.arms.map((arm) => [arm.benchmark.name, arm]));
  return [...arms.values()].map(({ benchmark, tasks, samples }) => ({
    name: benchmark.name,
    title: benchmark.title,
    identity: benchmark.identity,
    licence: benchmark.licence,
    remarks: [...benchmark.remarks],
    prompts: tasks.length,
    promptsInAll: benchmark.tasks.length,
    samples,
  }));
}
