// What `eval` and `eval score` share: benchmarks and judges from options.
import { resolve } from "node:path";
import type { Benchmark } from "../evaluation/benchmarks/benchmark.ts";
import { cacheFolder, loadBenchmark } from "../evaluation/benchmarks/load.ts";
import { atRiskScorer } from "../evaluation/scorers/at-risk.ts";
import { duplicateScorer } from "../evaluation/scorers/duplicate.ts";
import { oracleScorer } from "../evaluation/scorers/oracle.ts";
import { parseScorer } from "../evaluation/scorers/parse.ts";
import type { Scorer } from "../evaluation/scorers/scorer.ts";
import { loadLanguage } from "../lang/registry.ts";
import { createOperationProbe } from "../oracle/operations.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { openOracle } from "../oracle/registry.ts";
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
      cache: cacheFolder(context.env),
      signal: context.signal,
      ...(source === undefined ? {} : { source: resolve(context.cwd, source) }),
    });
  const benchmarks: Benchmark[] = [];
  for (const name of new Set(options.benchmark)) benchmarks.push(await load(name));
  for (const { language } of benchmarks) await loadLanguage(language);
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

/** All scorers of an evaluation; called anew for each run, as one of them remembers what it saw. */
export async function openScorers(oracles: readonly NamedOracle[]): Promise<() => Scorer[]> {
  const probe = await createOperationProbe();
  return () => [
    ...oracles.map(({ name, oracle }) => oracleScorer(name, oracle)),
    parseScorer(loadLanguage),
    atRiskScorer(probe),
    duplicateScorer(),
  ];
}
