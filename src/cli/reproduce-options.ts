// The options of `hexacoder reproduce`. `--models` names models of the plan here, not taint models.
import { join } from "node:path";
import { Command, Option } from "commander";
import { modelInterfaces } from "../llm/chat-spec.ts";
import { type ThreatModel, threatModels } from "../oracle/oracle.ts";
import { checked, names, numberBetween, parseThreatModels, wholeNumber } from "./options.ts";

/** Options, completed. */
export interface ReproduceOptions {
  readonly out: string;
  readonly models?: readonly string[];
  readonly source?: string;
  readonly modelFolder?: string;
  readonly oracle: string;
  readonly threatModel: readonly ThreatModel[];
  readonly samples?: number;
  readonly limit?: number;
  readonly maxTokens?: number;
  readonly importTokens?: number;
  readonly trainSteps?: number;
  readonly repairModel?: string;
  readonly repairInterface?: string;
  readonly repairTokens?: number;
  readonly ablationCount?: number;
  readonly budgetUsd?: number;
  readonly prices?: string;
  readonly tokensPerSecond?: number;
  readonly usdPerHour?: number;
  readonly dryRun: boolean;
  readonly resume: boolean;
  readonly json: boolean;
}

/** The command without its action. */
export function reproduceCommand(): Command {
  const reproduce = new Command("reproduce")
    .argument("<plan>", "paper, or a file with a plan of your own")
    .option("--out <dir>", "folder for everything", join("runs", "reproduce"))
    .option("--models <names>", "only these models of the plan, with commas", names)
    .option(
      "--source <dir>",
      "folder that holds benchmarks and training data; benchmarks are fetched when absent",
    )
    .option("--model-folder <dir>", "folder that holds the models under their names in the plan")
    .option("--oracle <names>", "oracles that judge, each by itself, with commas", checked(names), "builtin")
    .addOption(
      new Option("--threat-model <names>", `where untrusted data comes from: ${threatModels.join(", ")}`)
        .default(["remote"], "remote")
        .argParser(parseThreatModels),
    )
    .option("--dry-run", "say what it takes (samples, tokens, hours, dollars), and do nothing", false)
    .option("--tokens-per-second <n>", "for the estimate: new tokens a second, as you measured", aboveZero)
    .option("--usd-per-hour <x>", "for the estimate: what an hour of the machine costs", aboveZero);
  addScale(reproduce);
  return addAblation(reproduce)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the estimate, or the tables, as JSON", false);
}

function addScale(reproduce: Command): void {
  reproduce
    .option("--samples <n>", "completions a prompt; the paper's when absent", wholeNumber(1))
    .option("--limit <n>", "at most so many prompts a benchmark, in turn from its weaknesses", wholeNumber(1))
    .option("--max-tokens <n>", "most new tokens of a completion; the paper's when absent", wholeNumber(1))
    .option("--import-tokens <n>", "how many of them may go into imports", wholeNumber(1))
    .option("--train-steps <n>", "most optimizer steps; the presets' epochs when absent", wholeNumber(1));
}

function addAblation(reproduce: Command): Command {
  return reproduce
    .option("--repair-model <model>", "the model that repairs; without it that table stays empty")
    .addOption(new Option("--repair-interface <name>", "how to ask it").choices(modelInterfaces))
    .option("--repair-tokens <n>", "most tokens of a repair", wholeNumber(1))
    .option("--ablation-count <n>", "weak programs that it is shown", wholeNumber(1))
    .option("--budget-usd <x>", "most dollars for each level of feedback; needs a price", aboveZero)
    .option("--prices <file>", "your table of prices (JSON)");
}

function aboveZero(text: string): number {
  return numberBetween(Number.MIN_VALUE, Number.MAX_VALUE)(text);
}
