// `hexacoder eval`: models on benchmarks. Composes the stage: benchmarks, one model server for base
// and adapter, strategies, oracles; the run folder and its summary are the stage's own.
import { resolve } from "node:path";
import type { Command } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import type { EvaluationSummary } from "../../core/evaluation.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { Benchmark } from "../../evaluation/benchmarks/benchmark.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import type { EvaluationProgress } from "../../evaluation/options.ts";
import { type Arm, type EvaluationPlan, headlineVariants, type Role } from "../../evaluation/plan.ts";
import type { Scorer } from "../../evaluation/scorers/scorer.ts";
import { summaryText } from "../../evaluation/summary-text.ts";
import type { Sampling } from "../../generation/generation.ts";
import { createGenerator } from "../../generation/strategies.ts";
import { openModelServer } from "../../llm/registry.ts";
import type { ModelServer } from "../../llm/server.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { completeFlags, type EvalFlags, type EvalOptions, evalCommand } from "../eval-options.ts";
import { scoreCommand } from "../eval-score.ts";
import {
  chosenTasks,
  loadBenchmarks,
  type NamedOracle,
  openOracles,
  openScorers,
  promptsAtOnce,
} from "../eval-tools.ts";
import { openVariant, type Variant } from "../eval-variants.ts";
import { createProgress, duration } from "../progress.ts";

/** The command. */
export function command(context: CliContext): Command {
  return evalCommand(context)
    .addCommand(scoreCommand(context))
    .action(async (options: EvalFlags) => {
      const summary = await runEval(context, completeFlags(options));
      context.out(options.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
    });
}

async function runEval(context: CliContext, options: EvalOptions): Promise<EvaluationSummary> {
  const benchmarks = await loadBenchmarks(context, options);
  const oracles = await openOracles(options);
  const variant = await openVariant(context, options);
  // Before the model: a benchmark that needs a sandbox is refused here, and nothing was paid for.
  const scorers = await openScorers(context, oracles, benchmarks);
  try {
    return await evaluateWith(context, options, { benchmarks, oracles, variant, scorers: scorers.make });
  } finally {
    await scorers.close();
  }
}

async function evaluateWith(
  context: CliContext,
  options: EvalOptions,
  tools: Omit<Tools, "server">,
): Promise<EvaluationSummary> {
  const server = await openModelServer({
    base: options.model,
    adapters: options.adapter === undefined ? {} : { adapter: options.adapter },
    env: context.env,
    cwd: context.cwd,
    signal: context.signal,
  });
  try {
    const plan = planOf(options, { ...tools, server });
    headlineVariants(plan); // a --headline that names no arm must not be found out after hours
    const folder = resolve(context.cwd, options.out);
    await openRunFolder(folder, manifestOf(options, plan, { server, variant: tools.variant }), options);
    return await evaluateWithProgress(context, plan, folder);
  } finally {
    await server.close();
  }
}

async function evaluateWithProgress(
  context: CliContext,
  plan: EvaluationPlan,
  folder: string,
): Promise<EvaluationSummary> {
  const progress = createProgress(context, "eval");
  const text = progressText(plan);
  const summary = await evaluate(plan, {
    folder,
    signal: context.signal,
    onProgress: (now) => progress.update(text(now)),
    onBroken: (lines) =>
      context.talk(`eval: ${lines} broken lines in completions.jsonl; what they held is made again`),
  });
  progress.done(
    `${summary.arms.reduce((sum, arm) => sum + arm.n, 0)} completions in ${summary.arms.length} arms are scored`,
  );
  return summary;
}

/** How far it is, with the time left by the pace of this run. */
function progressText(plan: EvaluationPlan): (progress: EvaluationProgress) => string {
  const started = Date.now();
  let first: number | undefined;
  return ({ phase, done, total, arm }) => {
    if (phase === "score") return `${done} of ${total} completions scored`;
    first ??= done;
    const pace = (done - first) / ((Date.now() - started) / 1000);
    const left = pace > 0 ? `, ${duration((total - done) / pace)} left` : "";
    const current = plan.arms[arm ?? 0];
    const name =
      current === undefined ? "" : ` (${current.benchmark.name}, ${current.role}, ${current.strategy})`;
    return `${done} of ${total} completions${name}${left}`;
  };
}

interface Tools {
  readonly benchmarks: readonly Benchmark[];
  readonly oracles: readonly NamedOracle[];
  readonly scorers: () => readonly Scorer[];
  readonly variant: Variant;
  readonly server: ModelServer;
}

function planOf(options: EvalOptions, tools: Tools): EvaluationPlan {
  const { benchmarks, oracles, scorers } = tools;
  const arms = benchmarks.flatMap((benchmark) =>
    rolesOf(options).flatMap((role) =>
      options.strategy.map((strategy) => armOf(options, tools, { benchmark, role, strategy })),
    ),
  );
  if (arms.every((arm) => arm.tasks.length === 0)) throw nothingChosen(options);
  return {
    arms,
    judges: oracles.map(({ name, oracle }) => ({ name, identity: oracle.identity })),
    scorers,
    seed: options.seed,
    ...(options.headline === undefined
      ? {}
      : { headline: { before: options.headline[0], after: options.headline[1] } }),
  };
}

function rolesOf({ adapter, only }: EvalOptions): Role[] {
  if (adapter === undefined) return ["base"];
  return only === undefined ? ["base", "adapter"] : [only];
}

function armOf(
  options: EvalOptions,
  { server, variant }: Tools,
  { benchmark, role, strategy }: Pick<Arm, "benchmark" | "role" | "strategy">,
): Arm {
  const model = role === "base" ? server.model() : server.model("adapter");
  const samples = options.samples ?? benchmark.defaults.samples;
  return {
    benchmark,
    tasks: chosenTasks(benchmark.tasks, options),
    role,
    model: model.identity,
    adapter: model.adapter,
    strategy,
    samples,
    concurrency: promptsAtOnce(model.concurrency, samples),
    generate: variant.wrap(createGenerator({ strategy, model, sampling: samplingOf(options, benchmark) })),
  };
}

function samplingOf(options: EvalOptions, benchmark: Benchmark): Sampling {
  const { temperature, topP, importTokens, seed } = options;
  return {
    temperature,
    topP,
    importTokens,
    seed,
    maxTokens: options.maxTokens ?? benchmark.defaults.maxTokens,
  };
}

function manifestOf(
  options: EvalOptions,
  plan: EvaluationPlan,
  { server, variant }: Pick<Tools, "server" | "variant">,
): Manifest {
  const { strategy, temperature, topP, importTokens, threatModel } = options;
  const benchmarks = new Map(plan.arms.map(({ benchmark }) => [benchmark.name, benchmark.identity]));
  const adapter = plan.arms.find((arm) => arm.adapter !== undefined)?.adapter;
  return {
    version: 1,
    kind: "eval",
    options: {
      benchmarks: [...benchmarks.keys()],
      strategy,
      temperature,
      topP,
      importTokens,
      threatModel,
      ...givenOf(options),
      ...variant.facts,
    },
    inputs: Object.fromEntries(benchmarks),
    seeds: { eval: options.seed },
    identities: {
      model: plan.arms[0]?.model ?? "",
      ...(adapter === undefined ? {} : { adapter }),
      ...Object.fromEntries(plan.scorers().map((scorer) => [scorer.name, scorer.identity])),
    },
    versions: { ...runtimeVersions(), ...server.facts?.versions },
    startedAt: new Date().toISOString(),
  };
}

/** Options that stand in the manifest only when they were given. */
function givenOf({ samples, maxTokens, limit, cwe, only }: EvalOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ samples, maxTokens, limit, cwe, only }).filter(([, value]) => value !== undefined),
  );
}

function nothingChosen({ benchmark, cwe }: EvalOptions): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `${benchmark.join(", ")} has no prompt for ${cwe?.join(", ") ?? "these options"}.`,
    remedy: "Leave out --cwe, or choose weaknesses that the benchmark has.",
  });
}
