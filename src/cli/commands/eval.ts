// `hexacoder eval`: models on benchmarks. Composes the stage: benchmarks, one model server for base
// and adapter, strategies, oracles; the run folder and its summary are the stage's own.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { type Strategy, strategies } from "../../core/completion.ts";
import { HexacoderError } from "../../core/errors.ts";
import type { EvaluationSummary } from "../../core/evaluation.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { Benchmark } from "../../evaluation/benchmarks/benchmark.ts";
import { limitTasks } from "../../evaluation/benchmarks/load.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import type { EvaluationProgress } from "../../evaluation/options.ts";
import { type Arm, type EvaluationPlan, headlineVariants, type Role } from "../../evaluation/plan.ts";
import type { Scorer } from "../../evaluation/scorers/scorer.ts";
import { summaryText } from "../../evaluation/summary-text.ts";
import { paperSampling, type Sampling } from "../../generation/generation.ts";
import { createGenerator } from "../../generation/strategies.ts";
import { openModelServer } from "../../llm/registry.ts";
import type { ModelServer } from "../../llm/server.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { scoreCommand } from "../eval-score.ts";
import { loadBenchmarks, type NamedOracle, openOracles, openScorers } from "../eval-tools.ts";
import { addScanOptions, list, numberBetween, type ScanOptions, wholeNumber } from "../options.ts";
import { createProgress, duration } from "../progress.ts";

/** Options of the command, completed with their defaults where there is one. */
interface EvalOptions extends ScanOptions {
  readonly benchmark: readonly string[];
  readonly model: string;
  readonly adapter?: string;
  readonly strategy: readonly Strategy[];
  readonly samples?: number;
  readonly out: string;
  readonly source?: string;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens?: number;
  readonly importTokens: number;
  readonly seed: number;
  readonly limit?: number;
  readonly headline?: readonly [before: string, after: string];
  readonly resume: boolean;
  readonly json: boolean;
}

/** The command. */
export function command(context: CliContext): Command {
  const evaluation = new Command("eval")
    // So that options behind `score` are its own.
    .enablePositionalOptions()
    .addCommand(scoreCommand(context))
    .addOption(
      new Option(
        "--benchmark <names>",
        "benchmarks, with commas: hexabench, codelmsec, pearce, unseen …",
      ).argParser(list),
    )
    .option("--model <model>", "the model: tiny, hf:NAME, openai:NAME, http://host/v1#NAME …")
    .option("--adapter <dir>", "a LoRA adapter: base and adapter are both evaluated")
    .addOption(
      new Option("--strategy <names>", `${strategies.join(", ")}; several with commas`)
        .default(["one-step", "two-step"], "one-step,two-step")
        .argParser(parseStrategies),
    )
    .option(
      "--samples <n>",
      "completions a prompt and arm; what the benchmark's authors take when absent",
      wholeNumber(1),
    )
    .option("--out <dir>", "the run folder")
    .option("--source <dir>", "folder that holds the benchmark's files; fetched to the cache when absent")
    .option("--temperature <x>", "0 is greedy", numberBetween(0, 2), paperSampling.temperature)
    .option("--top-p <x>", "nucleus sampling", numberBetween(0.01, 1), paperSampling.topP)
    .option(
      "--max-tokens <n>",
      "most new tokens of a completion; what the benchmark's authors take when absent",
      wholeNumber(1),
    )
    .option(
      "--import-tokens <n>",
      "how many of them may go into imports",
      wholeNumber(1),
      paperSampling.importTokens,
    )
    .option("--seed <n>", "same seed, same completions and intervals", wholeNumber(0), paperSampling.seed)
    .option(
      "--limit <n>",
      "at most so many prompts a benchmark, taken in turn from its weaknesses",
      wholeNumber(1),
    )
    .option(
      "--headline <before,after>",
      "arms to compare, for example base/one-step,base/two-step",
      parseHeadline,
    )
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the summary as JSON", false);
  return addScanOptions(evaluation, context).action(async (options: EvalFlags) => {
    const summary = await runEval(context, complete(options));
    context.out(options.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  });
}

type Needed = "benchmark" | "model" | "out";
type EvalFlags = Omit<EvalOptions, Needed> & Partial<Pick<EvalOptions, Needed>>;

/** Needed options are checked here: as commander's mandatory options they would be asked of `score`, too. */
function complete({ benchmark, model, out, ...rest }: EvalFlags): EvalOptions {
  if (benchmark !== undefined && model !== undefined && out !== undefined) {
    return { ...rest, benchmark, model, out };
  }
  const missing = Object.entries({ benchmark, model, out }).flatMap(([name, value]) =>
    value === undefined ? [`--${name}`] : [],
  );
  throw new HexacoderError("bad-usage", {
    message: `eval needs ${missing.join(", ")}.`,
    remedy: "Write for example: hexacoder eval --benchmark hexabench --model tiny --out runs/eval",
  });
}

async function runEval(context: CliContext, options: EvalOptions): Promise<EvaluationSummary> {
  const folder = resolve(context.cwd, options.out);
  const benchmarks = await loadBenchmarks(context, options);
  const oracles = await openOracles(options);
  const scorers = await openScorers(oracles);
  const server = await openModelServer({
    base: options.model,
    adapters: options.adapter === undefined ? {} : { adapter: options.adapter },
    env: context.env,
    cwd: context.cwd,
    signal: context.signal,
  });
  try {
    const plan = planOf(options, { benchmarks, oracles, scorers, server });
    headlineVariants(plan); // a --headline that names no arm must not be found out after hours
    await openRunFolder(folder, manifestOf(options, plan, server), options);
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
  readonly server: ModelServer;
}

function planOf(options: EvalOptions, { benchmarks, oracles, scorers, server }: Tools): EvaluationPlan {
  const roles: Role[] = options.adapter === undefined ? ["base"] : ["base", "adapter"];
  const arms = benchmarks.flatMap((benchmark) =>
    roles.flatMap((role) =>
      options.strategy.map((strategy) => armOf(options, server, { benchmark, role, strategy })),
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

function armOf(
  options: EvalOptions,
  server: ModelServer,
  { benchmark, role, strategy }: Pick<Arm, "benchmark" | "role" | "strategy">,
): Arm {
  const model = role === "base" ? server.model() : server.model("adapter");
  const wanted = benchmark.tasks.filter(
    ({ cwe }) => options.cwe === undefined || (cwe !== undefined && options.cwe.includes(cwe)),
  );
  const samples = options.samples ?? benchmark.defaults.samples;
  return {
    benchmark,
    tasks: limitTasks(wanted, options.limit),
    role,
    model: model.identity,
    adapter: model.adapter,
    strategy,
    samples,
    concurrency: promptsAtOnce(model.concurrency, samples),
    generate: createGenerator({ strategy, model, sampling: samplingOf(options, benchmark) }),
  };
}

/**
 * Prompts under way at once: enough samples to keep the model busy, and no more, since whatever is under
 * way is lost when the run is killed, and shows no progress until then.
 */
function promptsAtOnce(concurrency: number, samples: number): number {
  return Math.max(1, Math.ceil(concurrency / 4), Math.ceil((2 * concurrency) / samples));
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

function manifestOf(options: EvalOptions, plan: EvaluationPlan, server: ModelServer): Manifest {
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
function givenOf({ samples, maxTokens, limit, cwe }: EvalOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ samples, maxTokens, limit, cwe }).filter(([, value]) => value !== undefined),
  );
}

function parseStrategies(text: string): Strategy[] {
  return list(text).map((name) => {
    const strategy = strategies.find((known) => known === name);
    if (strategy === undefined) {
      throw new HexacoderError("bad-usage", {
        message: `"${name}" is no strategy.`,
        remedy: `Choose from: ${strategies.join(", ")}.`,
      });
    }
    return strategy;
  });
}

function parseHeadline(text: string): [string, string] {
  const [before, after, ...rest] = list(text);
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new HexacoderError("bad-usage", {
      message: `--headline takes two arms, not "${text}".`,
      remedy: "Write for example: --headline base/one-step,adapter/two-step",
    });
  }
  return [before, after];
}

function nothingChosen({ benchmark, cwe }: EvalOptions): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `${benchmark.join(", ")} has no prompt for ${cwe?.join(", ") ?? "these options"}.`,
    remedy: "Leave out --cwe, or choose weaknesses that the benchmark has.",
  });
}
