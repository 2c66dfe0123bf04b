// Counts a scored run folder into summary.json: one stream over completions and scores side by
// side, one tally an arm and oracle, then figures, intervals and the headline.
import type { Completion, Score } from "../core/completion.ts";
import {
  type ArmMetrics,
  type ArmSummary,
  type Comparison,
  type EvaluationSummary,
  type Headline,
  type OracleDetail,
  oracleDetailSchema,
  type TestsDetail,
  testsDetailSchema,
} from "../core/evaluation.ts";
import type { Benchmark } from "./benchmarks/benchmark.ts";
import { armMetrics, flaggedChange, flaggedPairs } from "./metrics/arm-metrics.ts";
import { type Change95, estimateChange, type PairedCluster } from "./metrics/bootstrap.ts";
import { holm, pairedP } from "./metrics/significance.ts";
import { Tally, type Verdict } from "./metrics/tally.ts";
import { TestsTally, type TestVerdict } from "./metrics/tests-tally.ts";
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
import { PROBES_SCORER } from "./scorers/probes.ts";
import { TESTS_SCORER } from "./scorers/tests.ts";

/** An arm as one oracle sees it. */
interface JudgedArm {
  readonly arm: Arm;
  readonly judge: Judge;
  readonly name: string;
  readonly tally: Tally;
  /** Where its tasks have tests. */
  readonly tests: TestsTally | undefined;
}

/** Counts a run folder that is fully generated and scored. */
export async function summarize(plan: EvaluationPlan, folder: string): Promise<EvaluationSummary> {
  const judged = plan.arms.map((arm) => plan.judges.map((judge) => judgedArm(plan, arm, judge)));
  const armOf = armFinder(plan.arms);
  const scorers = plan.scorers().map((scorer) => scorer.name);
  for await (const { completion, scores } of readScored(folder, scorers)) {
    for (const { judge, tally, tests } of judged[armOf(completion)?.index ?? -1] ?? []) {
      const verdict = verdictOf(completion, scores, judge);
      tally.add(completion.taskId, verdict);
      tests?.add(completion.taskId, testVerdictOf(scores, verdict));
    }
  }
  const all = judged.flat();
  const headlines = headlinesOf(plan, all);
  return {
    arms: all.map((one) => armSummary(one, plan.seed)),
    headline: headlines[0] ?? null,
    headlines,
    comparisons: comparisonsOf(plan, all),
    benchmarks: benchmarksOf(plan),
  };
}

function judgedArm(plan: EvaluationPlan, arm: Arm, judge: Judge): JudgedArm {
  const ks = [...new Set([1, 5, 10, arm.samples])].filter((k) => k <= arm.samples).sort((a, b) => a - b);
  const tests = isTested(arm, plan) ? new TestsTally(arm.tasks) : undefined;
  return { arm, judge, name: armName(arm, judge, plan), tally: new Tally(arm.tasks, ks), tests };
}

/** Whether its programs are run: by tests of the tasks, or by probes where these were asked for. */
function isTested({ tasks, benchmark }: Arm, plan: EvaluationPlan): boolean {
  if (tasks.some((task) => task.tests !== undefined)) return true;
  return benchmark.probes !== undefined && plan.scorers().some(({ name }) => name === PROBES_SCORER);
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

function testVerdictOf(scores: readonly Score[], { oracle }: Verdict): TestVerdict {
  const own = scores.filter(({ scorer }) => scorer === TESTS_SCORER || scorer === PROBES_SCORER);
  // A task has tests or probes; the other scorer has nothing to say of it.
  const score = own.find(({ value }) => value !== "unscored") ?? own[0];
  const detail: TestsDetail = testsDetailSchema.parse(
    score?.detail ?? { status: "untested", reason: "no-tests" },
  );
  const clean = oracle === "clean" ? true : oracle === "flagged" ? false : undefined;
  return detail.status === "tested"
    ? { functional: detail.functional, security: detail.security, clean }
    : { functional: undefined, security: undefined, clean, reason: detail.reason };
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

function armSummary({ arm, judge, name, tally, tests }: JudgedArm, seed: number): ArmSummary {
  const metrics = metricsOf(tally, tests, seed);
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
    ...(isDevelopedOn(arm.benchmark, judge) ? { developedOn: true } : {}),
    metrics,
  };
}

function metricsOf(tally: Tally, tests: TestsTally | undefined, seed: number): ArmMetrics {
  const figures = armMetrics(tally, { seed });
  if (tests === undefined) return figures;
  const byPrompt = figures.byPrompt.map((prompt) => {
    const { hits, trials } = tests.functionalOf(prompt.taskId);
    return { ...prompt, tested: trials, functional: hits };
  });
  return { ...figures, byPrompt, tests: tests.metrics(tally.ks, { seed }) };
}

/** A join of oracles (`a+b`, `a&b`, `2of:a+b+c`) is as flattered as any of its parts. */
function isDevelopedOn({ developedOn = [] }: Benchmark, { name }: Judge): boolean {
  return name.split(/[+&:]/).some((part) => developedOn.includes(part.trim()));
}

/** Every variant against the first, by benchmark and judge. */
function comparisonsOf(plan: EvaluationPlan, judged: readonly JudgedArm[]): Comparison[] {
  const firsts = new Map<string, JudgedArm>();
  const bare: Comparison[] = [];
  for (const after of judged) {
    const key = JSON.stringify([after.arm.benchmark.name, after.judge.name]);
    const before = firsts.get(key);
    if (before === undefined) firsts.set(key, after);
    else bare.push(...comparePair(before, after, plan));
  }
  const adjusted = holm(bare.map(({ p }) => p ?? undefined));
  return bare.map((comparison, place) => ({ ...comparison, pHolm: adjusted[place] ?? null }));
}

function comparePair(before: JudgedArm, after: JudgedArm, { seed, judges }: EvaluationPlan): Comparison[] {
  const targeted =
    before.arm.tasks.some(({ cwe }) => cwe !== undefined) && !isBlind(before) && !isBlind(after);
  const sides: [Comparison["figure"], PairedCluster[]][] = [];
  if (targeted) sides.push(["flagged", flaggedPairs(before.tally, after.tally)]);
  // What tests say does not depend on the oracle: it is compared once.
  if (before.tests !== undefined && after.tests !== undefined && before.judge.name === judges[0]?.name) {
    sides.push(["functional", before.tests.pairedWith(after.tests, "functional")]);
    sides.push(["functional-and-secure", before.tests.pairedWith(after.tests, "both")]);
  }
  return sides.flatMap(([figure, pairs]) => {
    const change = estimateChange(pairs, { seed });
    if (change.difference === undefined) return [];
    return [
      {
        figure,
        before: before.name,
        after: after.name,
        difference: change.difference,
        ci95: change.differenceCi95 ?? null,
        p: pairedP(pairs, { seed }) ?? null,
        pHolm: null,
        families: change.families,
      },
    ];
  });
}

function headlinesOf(plan: EvaluationPlan, judged: readonly JudgedArm[]): Headline[] {
  const variants = headlineVariants(plan);
  if (variants === undefined) return [];
  const targeted = plan.arms.filter((arm) => arm.tasks.some(({ cwe }) => cwe !== undefined));
  const benchmarks = [...new Set(targeted.map((arm) => arm.benchmark.name))];
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

/** Whether the judge has no verdict on any program: nothing flagged then would look like safety. */
function isBlind({ tally: { prompts } }: JudgedArm): boolean {
  return prompts.every(({ n, unscanned }) => n === unscanned);
}

function headlineOf(before: JudgedArm, after: JudgedArm, seed: number): Headline {
  const change: Partial<Change95> & Pick<Change95, "families"> =
    isBlind(before) || isBlind(after) ? { families: 0 } : flaggedChange(before.tally, after.tally, { seed });
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
    ...(benchmark.developedOn === undefined || benchmark.developedOn.length === 0
      ? {}
      : { developedOn: [...benchmark.developedOn] }),
  }));
}
