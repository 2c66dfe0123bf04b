// What commands made of commands look at before their first step: everything that a later `train` or `eval` would
// refuse. A night of training must not end at a benchmark that is not there.

import { checkStrategy } from "../generation/strategies.ts";
import { choosePreset } from "../training/presets.ts";
import type { CliContext } from "./context.ts";
import { completeFlags, type EvalFlags, type EvalOptions, evalCommand } from "./eval-options.ts";
import { loadBenchmarks, openOracles, openScorers } from "./eval-tools.ts";
import type { Step } from "./steps.ts";

/** What the evaluations of some steps will have. */
export interface CheckedSteps {
  /** Identities of the oracles that will judge. */
  readonly oracles: ReadonlySet<string>;
  /** Whether programs will be run, by tests of their tasks or by probes. */
  readonly tested: boolean;
}

/** Throws what a later step would throw for its options, benchmarks, oracles, sandbox or settings. */
export async function checkSteps(context: CliContext, steps: readonly Step[]): Promise<CheckedSteps> {
  const oracles = new Set<string>();
  let tested = false;
  const seen = new Set<string>();
  for (const { args } of steps) {
    if (args[0] === "train") choosePreset(flagValue(args, "--preset"), flagValue(args, "--base") ?? "");
    if (args[0] !== "eval") continue;
    const options = parseEval(context, args);
    const { benchmark, source, strategy, maxTokens, importTokens, oracle, threatModel } = options;
    const key = JSON.stringify([benchmark, source, strategy, maxTokens, importTokens, oracle, threatModel]);
    if (seen.has(key)) continue;
    seen.add(key);
    const found = await checkEvaluation(context, options);
    for (const identity of found.oracles) oracles.add(identity);
    tested ||= found.tested;
  }
  return { oracles, tested };
}

/** The step's options, as its own command reads them. */
function parseEval(context: CliContext, args: readonly string[]): EvalOptions {
  const command = evalCommand(context).exitOverride().configureOutput({ writeErr: context.talk });
  return completeFlags(command.parse(args.slice(1), { from: "user" }).opts<EvalFlags>());
}

async function checkEvaluation(context: CliContext, options: EvalOptions): Promise<CheckedSteps> {
  const benchmarks = await loadBenchmarks(context, options);
  for (const { defaults } of benchmarks) {
    const sampling = { ...options, maxTokens: options.maxTokens ?? defaults.maxTokens };
    for (const strategy of options.strategy) checkStrategy(strategy, sampling);
  }
  const oracles = await openOracles(options);
  const scorers = await openScorers(context, oracles, benchmarks);
  await scorers.close();
  return { oracles: new Set(oracles.map(({ oracle }) => oracle.identity)), tested: scorers.tested };
}

function flagValue(args: readonly string[], flag: string): string | undefined {
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}
