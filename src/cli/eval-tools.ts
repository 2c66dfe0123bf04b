// What `eval` and `eval score` share: benchmarks and judges from options.
import { resolve } from "node:path";
import type { Task } from "../core/completion.ts";
import type { CweId } from "../core/cwe.ts";
import { cutAs } from "../core/language.ts";
import type { Benchmark } from "../evaluation/benchmarks/benchmark.ts";
import { limitTasks, loadBenchmark } from "../evaluation/benchmarks/load.ts";
import { atRiskScorer } from "../evaluation/scorers/at-risk.ts";
import { duplicateScorer } from "../evaluation/scorers/duplicate.ts";
import { oracleScorer } from "../evaluation/scorers/oracle.ts";
import { parseScorer } from "../evaluation/scorers/parse.ts";
import { probesScorer } from "../evaluation/scorers/probes.ts";
import type { Scorer } from "../evaluation/scorers/scorer.ts";
import { openTestBench } from "../evaluation/scorers/test-bench.ts";
import { testsScorer } from "../evaluation/scorers/tests.ts";
import { loadLanguage } from "../lang/registry.ts";
import { asTaskProber } from "../oracle/execution/task-probes.ts";
import { createOperationProbe } from "../oracle/operations.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { openOracle } from "../oracle/registry.ts";
import { cacheRoot } from "../util/cache.ts";
import type { CliContext } from "./context.ts";
import { judgeOptions, list, type ScanOptions } from "./options.ts";

/** Loads benchmarks by name, from a source folder or the cache, in languages that can be worked on. */
export async function loadBenchmarks(
  context: CliContext,
  options: { readonly benchmark: readonly string[]; readonly source?: string },
): Promise<Benchmark[]> {
  const { source } = options;
  const load = (name: string): Promise<Benchmark> =>
    loadBenchmark(name, {
      cache: cacheRoot(context.env),
      signal: context.signal,
      ...(source === undefined ? {} : { source: resolve(context.cwd, source) }),
    });
  const benchmarks: Benchmark[] = [];
  for (const name of new Set(options.benchmark)) benchmarks.push(await load(name));
  for (const { language } of benchmarks) await loadLanguage(cutAs(language));
  return benchmarks;
}

/** An oracle by the name that the user gave it. */
export interface NamedOracle {
  /** What the user calls it. */
  readonly name: string;
  /** The oracle. */
  readonly oracle: SecurityOracle;
}

/** Oracles, each a judge of its own: commas part them, + and & join. */
export async function openOracles(options: ScanOptions): Promise<NamedOracle[]> {
  // No filter by weakness here: --cwe chooses prompts, and a judge's identity must not depend on it.
  const scan = judgeOptions(options);
  const named = [...new Set(list(options.oracle))].map(async (name) => ({
    name,
    oracle: await openOracle(name, scan),
  }));
  return await Promise.all(named);
}

/** The scorers of an evaluation. */
export interface OpenScorers {
  /** Makes them; called anew for each run, as one of them remembers what it saw. */
  readonly make: () => Scorer[];
  /** Whether programs are run, by tests of their tasks or by probes. */
  readonly tested: boolean;
  /** Ends what they run programs in. */
  close(): Promise<void>;
}

/** All scorers; throws `sandbox-missing` where tasks have tests and this machine has no sandbox. */
export async function openScorers(
  context: Pick<CliContext, "env">,
  oracles: readonly NamedOracle[],
  benchmarks: readonly Benchmark[],
): Promise<OpenScorers> {
  const probe = await createOperationProbe();
  const tested = benchmarks.some(({ tasks }) => tasks.some(({ tests }) => tests !== undefined));
  // Only an oracle that runs programs can try the probes of a benchmark.
  const prober = oracles.map(({ oracle }) => asTaskProber(oracle)).find((one) => one !== undefined);
  const probed = prober !== undefined && benchmarks.some(({ probes }) => probes !== undefined);
  const bench = tested ? await openTestBench({ env: context.env }) : undefined;
  return {
    make: () => [
      ...oracles.map(({ name, oracle }) => oracleScorer(name, oracle)),
      parseScorer(loadLanguage),
      atRiskScorer(probe),
      duplicateScorer(),
      ...(bench === undefined ? [] : [testsScorer(bench, benchmarks)]),
      ...(probed ? [probesScorer(prober, benchmarks)] : []),
    ],
    tested: tested || probed,
    close: async () => bench?.close(),
  };
}

/** The tasks that `--cwe` and `--limit` leave. */
export function chosenTasks(
  tasks: readonly Task[],
  { cwe, limit }: { readonly cwe?: readonly CweId[]; readonly limit?: number },
): Task[] {
  const wanted = tasks.filter(
    (task) => cwe === undefined || (task.cwe !== undefined && cwe.includes(task.cwe)),
  );
  return limitTasks(wanted, limit);
}

/**
 * Prompts under way at once: enough samples to keep the model busy, and no more, since whatever is under
 * way is lost when the run is killed, and shows no progress until then.
 */
export function promptsAtOnce(concurrency: number, samples: number): number {
  return Math.max(1, Math.ceil(concurrency / 4), Math.ceil((2 * concurrency) / samples));
}
