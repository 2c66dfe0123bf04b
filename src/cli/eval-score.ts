// `hexacoder eval score FILE`: completions that are there already, scored without a model.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { readError } from "../core/errors.ts";
import type { EvaluationSummary } from "../core/evaluation.ts";
import type { Benchmark } from "../evaluation/benchmarks/benchmark.ts";
import { scoreRun } from "../evaluation/evaluate.ts";
import type { EvaluationPlan } from "../evaluation/plan.ts";
import type { Scorer } from "../evaluation/scorers/scorer.ts";
import { importStored, type StoredCompletions } from "../evaluation/stored.ts";
import { summaryText } from "../evaluation/summary-text.ts";
import { sha256File } from "../util/hash.ts";
import { openRunFolder } from "../util/run-folder.ts";
import { runtimeVersions } from "../util/versions.ts";
import type { CliContext } from "./context.ts";
import { chosenTasks, loadBenchmarks, type NamedOracle, openOracles, openScorers } from "./eval-tools.ts";
import { addScanOptions, names, type ScanOptions, wholeNumber } from "./options.ts";
import { createProgress } from "./progress.ts";

interface ScoreOptions extends ScanOptions {
  readonly benchmark: readonly string[];
  readonly out: string;
  readonly source?: string;
  readonly seed: number;
  readonly limit?: number;
  readonly resume: boolean;
  readonly json: boolean;
}

/** The command. */
export function scoreCommand(context: CliContext): Command {
  const score = new Command("score")
    .description("score completions that are there already, without a model")
    .argument("<file>", 'JSON lines with at least {"taskId", "text"}; completions.jsonl of a run is one')
    .addOption(
      new Option("--benchmark <names>", "benchmarks that the tasks are of, with commas")
        .argParser(names)
        .makeOptionMandatory(),
    )
    .requiredOption("--out <dir>", "the run folder")
    .option("--source <dir>", "folder that holds the benchmark's files; fetched to the cache when absent")
    .option("--seed <n>", "of the intervals' resampling", wholeNumber(0), 42)
    .option(
      "--limit <n>",
      "at most so many prompts a benchmark, taken in turn from its weaknesses",
      wholeNumber(1),
    )
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the summary as JSON", false);
  return addScanOptions(score, context).action(async (file: string, options: ScoreOptions) => {
    const summary = await runScore(context, resolve(context.cwd, file), options);
    context.out(options.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  });
}

async function runScore(
  context: CliContext,
  file: string,
  options: ScoreOptions,
): Promise<EvaluationSummary> {
  const hash = await sha256File(file).catch((error: unknown) => {
    throw readError(file, error);
  });
  const benchmarks = await loadBenchmarks(context, options);
  const oracles = await openOracles(options);
  const scorers = await openScorers(context, oracles, benchmarks);
  try {
    return await scoreWith(context, { file, hash, options, benchmarks, oracles, scorers: scorers.make });
  } finally {
    await scorers.close();
  }
}

interface ScoreTools {
  readonly file: string;
  readonly hash: string;
  readonly options: ScoreOptions;
  readonly benchmarks: readonly Benchmark[];
  readonly oracles: readonly NamedOracle[];
  readonly scorers: () => Scorer[];
}

async function scoreWith(context: CliContext, tools: ScoreTools): Promise<EvaluationSummary> {
  const { file, hash, options, benchmarks, oracles, scorers } = tools;
  const folder = resolve(context.cwd, options.out);
  const { cwe, limit } = options;
  await openRunFolder(
    folder,
    {
      version: 1,
      kind: "eval",
      options: {
        benchmarks: benchmarks.map(({ name }) => name),
        threatModel: options.threatModel,
        ...(cwe === undefined ? {} : { cwe }),
        ...(limit === undefined ? {} : { limit }),
      },
      inputs: {
        completions: hash,
        ...Object.fromEntries(benchmarks.map(({ name, identity }) => [name, identity])),
      },
      seeds: { eval: options.seed },
      identities: Object.fromEntries(scorers().map(({ name, identity }) => [name, identity])),
      versions: runtimeVersions(),
      startedAt: new Date().toISOString(),
    },
    options,
  );
  const stored = await importStored(file, benchmarks, folder, (tasks) => chosenTasks(tasks, options));
  tellLeftOut(context, stored);
  const judges = oracles.map(({ name, oracle }) => ({ name, identity: oracle.identity }));
  return await scoreWithProgress(context, { arms: stored.arms, judges, scorers, seed: options.seed }, folder);
}

function tellLeftOut(context: CliContext, { broken, foreign, unchosen, taken }: StoredCompletions): void {
  if (unchosen > 0)
    context.talk(`eval: ${unchosen} completions are of prompts that --limit or --cwe leaves out`);
  if (broken + foreign === 0) return;
  context.talk(
    `eval: ${taken} completions are scored; left out are ${broken} lines that are none and ${foreign} of tasks that the benchmarks do not have`,
  );
}

async function scoreWithProgress(
  context: CliContext,
  plan: EvaluationPlan,
  folder: string,
): Promise<EvaluationSummary> {
  const progress = createProgress(context, "eval");
  const summary = await scoreRun(plan, {
    folder,
    signal: context.signal,
    onProgress: ({ done }) => progress.update(`${done} completions scored`),
  });
  progress.done(`${summary.arms.length} arms are scored`);
  return summary;
}
