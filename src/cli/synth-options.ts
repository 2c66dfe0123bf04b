// The options of `hexacoder synth`, completed with their defaults.
import { Command, InvalidArgumentError, Option } from "commander";
import { type Language, languages } from "../core/language.ts";
import { type ModelInterface, modelInterfaces } from "../llm/chat-spec.ts";
import { type Feedback, feedbackLevels } from "../repair/llm.ts";
import type { CliContext } from "./context.ts";
import { addScanOptions, checked, names, numberBetween, type ScanOptions, wholeNumber } from "./options.ts";

/** Who may repair. */
export const repairers = ["codemod", "llm"] as const;
/** See {@link repairers}. */
export type RepairerName = (typeof repairers)[number];

/** See the file's head. */
export interface SynthOptions extends ScanOptions {
  out: string;
  from: string[];
  language: Language;
  count?: number;
  model?: string;
  repairModel?: string;
  interface?: ModelInterface;
  repair: RepairerName[];
  feedback: Feedback;
  rounds: number;
  hints?: string;
  detect?: string;
  verify?: string;
  concurrency?: number;
  threads?: number;
  queue?: string;
  seed: number;
  temperature: number;
  topP: number;
  maxTokens?: number;
  repairMaxTokens: number;
  perRequest: number;
  examples: number;
  budgetUsd?: number;
  budgetTokens?: number;
  prices?: string;
  keyFile?: string;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  timeout: number;
  retries: number;
  estimate: boolean;
  resume: boolean;
  json: boolean;
}

/** The command without its action. */
export function synthCommand(context: Pick<CliContext, "cwd">): Command {
  // Not required for the parser: `synth status` has none.
  const synth = new Command("synth").option("--out <dir>", "the run folder (required)");
  addSourceOptions(synth);
  addRepairOptions(synth);
  addPaymentOptions(synth);
  synth
    .option("--detect <oracle>", "oracle that finds the weak programs; --oracle when absent", checked(names))
    .option(
      "--verify <oracles>",
      "oracles that judge the repairs, with commas; --detect when absent",
      checked(names),
    )
    .option(
      "--concurrency <n>",
      "repairs, and requests to one service, under way at once; what the model profits from when absent",
      wholeNumber(1),
    )
    .option(
      "--threads <n>",
      "threads that scan, repair by rewrites and judge; one for each core when absent",
      wholeNumber(1),
    )
    .option(
      "--queue <address>",
      "have it scanned, rewritten and judged by hexacoder worker processes on this Redis server, redis://host:6379",
    )
    .option("--seed <n>", "decides everything random", wholeNumber(0), 42)
    .option("--estimate", "say what the run may cost at most, and do nothing", false)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the summary as JSON", false);
  return addScanOptions(synth, context);
}

function addSourceOptions(synth: Command): void {
  synth
    .addOption(
      new Option(
        "--from <sources>",
        "seeds, files:DIR, jsonl:FILE, weaken:DIR (clean programs, made weak), llm; several with commas",
      )
        .default(["seeds"], "seeds")
        .argParser(names),
    )
    .addOption(
      new Option(
        "--language <name>",
        "language of the seeds, of what a model writes, and of rows that name none",
      )
        .choices(languages)
        .default("python"),
    )
    .option("--count <n>", "programs to start from (for llm: to ask for)", wholeNumber(1))
    .option("--model <model>", "the model that proposes programs (--from llm) and repairs (--repair llm)")
    .addOption(
      new Option(
        "--interface <name>",
        "how to ask the model; when absent chat for openai:, openrouter:, anthropic:, ollama:, completion for the others",
      ).choices(modelInterfaces),
    )
    .option("--temperature <x>", "sampling of proposals", numberBetween(0, 2), 0.8)
    .option("--top-p <x>", "sampling of proposals", numberBetween(0.01, 1), 0.95)
    .option(
      "--max-tokens <n>",
      "most tokens of a proposal; 1536 by chat, 200 by completion when absent",
      wholeNumber(1),
    )
    .option("--per-request <n>", "programs asked for in one request, by completion", wholeNumber(1), 4)
    .option("--examples <n>", "seeds shown in a request, by chat", wholeNumber(1), 2);
}

function addRepairOptions(synth: Command): void {
  synth
    .addOption(
      new Option("--repair <names>", "who repairs, in this order: codemod, llm")
        .default(["codemod"], "codemod")
        .argParser(parseRepairers),
    )
    .option("--repair-model <model>", "the model that repairs; --model when absent")
    .addOption(
      new Option("--feedback <level>", "what the repairing model is told")
        .choices(feedbackLevels)
        .default("report+hint"),
    )
    .option(
      "--rounds <n>",
      "how often the model may try, hearing what the oracle still finds",
      wholeNumber(1),
      2,
    )
    .option("--hints <file>", "hints of your own (YAML or JSON: a CWE and its text)")
    .option("--repair-max-tokens <n>", "most tokens of a repair", wholeNumber(1), 2048);
}

function addPaymentOptions(synth: Command): void {
  synth
    .option("--budget-usd <x>", "stop before more dollars than this are spent; needs a price", aboveZero)
    .option("--budget-tokens <n>", "stop before more tokens than this are used", wholeNumber(1))
    .option("--prices <file>", "your table of prices (JSON)")
    .option("--key-file <file>", "file with the key, or with lines VARIABLE=key")
    .option("--requests-per-minute <n>", "most requests a minute to one service", wholeNumber(1))
    .option("--tokens-per-minute <n>", "most tokens a minute to one service", wholeNumber(1))
    .option(
      "--timeout <seconds>",
      "the longest that a chat model may take for an answer",
      wholeNumber(1),
      600,
    )
    .option("--retries <n>", "how often a request is tried again", wholeNumber(0), 5);
}

function parseRepairers(text: string): RepairerName[] {
  const known = names(text).map((item) => {
    const repairer = repairers.find((name) => name === item);
    if (repairer !== undefined) return repairer;
    throw new InvalidArgumentError(`"${item}" is not one of: ${repairers.join(", ")}.`);
  });
  return [...new Set(known)];
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}
