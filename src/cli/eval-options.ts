// The options of `hexacoder eval`, completed with their defaults where there is one.
import { Command, Option } from "commander";
import { type Strategy, strategies } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import { paperSampling } from "../generation/generation.ts";
import type { CliContext } from "./context.ts";
import { addVariantOptions, type VariantOptions } from "./eval-variants.ts";
import { addScanOptions, names, numberBetween, type ScanOptions, wholeNumber } from "./options.ts";

/** Options of the command. */
export interface EvalOptions extends ScanOptions, VariantOptions {
  readonly benchmark: readonly string[];
  readonly model: string;
  readonly adapter?: string;
  readonly only?: "adapter";
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

type Needed = "benchmark" | "model" | "out";
/** As the command line gives them. */
export type EvalFlags = Omit<EvalOptions, Needed> & Partial<Pick<EvalOptions, Needed>>;

/** The command without its action. */
export function evalCommand(context: CliContext): Command {
  const evaluation = new Command("eval")
    // So that options behind `score` are its own.
    .enablePositionalOptions()
    .addOption(
      new Option(
        "--benchmark <names>",
        "benchmarks, with commas: hexabench, codelmsec, pearce, unseen, humaneval, mbpp, cweval …",
      ).argParser(names),
    )
    .option("--model <model>", "the model: tiny, hf:NAME, openai:NAME, http://host/v1#NAME …")
    .option("--adapter <dir>", "a LoRA adapter: base and adapter are both evaluated")
    .addOption(new Option("--only <role>", "leave the base out").choices(["adapter"]))
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
    .option("--source <dir>", "folder that holds the benchmark's files; fetched to the cache when absent");
  addSamplingOptions(evaluation);
  addVariantOptions(evaluation);
  evaluation
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
  return addScanOptions(evaluation, context);
}

function addSamplingOptions(evaluation: Command): void {
  evaluation
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
    .option("--seed <n>", "same seed, same completions and intervals", wholeNumber(0), paperSampling.seed);
}

/** Needed options are checked here: as commander's mandatory options they would be asked of `score`, too. */
export function completeFlags({ benchmark, model, out, ...rest }: EvalFlags): EvalOptions {
  if (rest.only !== undefined && rest.adapter === undefined) {
    throw new HexacoderError("bad-usage", {
      message: "--only adapter leaves nothing to evaluate without --adapter.",
      remedy: "Name the adapter's folder, or leave out --only.",
    });
  }
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

function parseStrategies(text: string): Strategy[] {
  return names(text).map((name) => {
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
  const [before, after, ...rest] = names(text);
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new HexacoderError("bad-usage", {
      message: `--headline takes two arms, not "${text}".`,
      remedy: "Write for example: --headline base/one-step,adapter/two-step",
    });
  }
  return [before, after];
}
