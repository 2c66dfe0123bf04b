// `hexacoder harden`: one overnight command for a team. Pairs, dataset, adapter, evaluation, then a verdict
// against thresholds that were written down before, and the report. Each step is a command that a user can run
// alone; killed at any moment, it goes on with --resume.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { evaluationSummarySchema } from "../../core/evaluation.ts";
import {
  judgeShipping,
  readThresholds,
  type ShipVerdict,
  type Thresholds,
} from "../../evaluation/verdict.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { hashOf } from "../../util/hash.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { type CheckedSteps, checkSteps } from "../eval-check.ts";
import { checked, names, numberBetween, parseCwes, parseThreatModels, wholeNumber } from "../options.ts";
import { runSteps, type Step } from "../steps.ts";
import { trainingRounds } from "../training-rounds.ts";

interface HardenOptions {
  readonly base: string;
  readonly thresholds: string;
  readonly out: string;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly prices?: string;
  readonly teacher?: string;
  readonly from: string;
  readonly cwe: string;
  readonly count: number;
  readonly preset?: string;
  readonly trainSteps?: number;
  readonly strength?: number;
  readonly rounds: number;
  readonly benchmark: readonly string[];
  readonly source?: string;
  readonly oracle: string;
  readonly threatModel: string;
  readonly models?: string;
  readonly strategy: readonly string[];
  readonly samples?: number;
  readonly limit?: number;
  readonly maxTokens?: number;
  readonly importTokens?: number;
  readonly seed: number;
  readonly resume: boolean;
  readonly json: boolean;
}

/** Builds the command. */
export function command(context: CliContext): Command {
  const harden = new Command("harden")
    .requiredOption("--base <model>", "the model to harden: tiny, hf:ORG/NAME or hf:./folder")
    .requiredOption("--thresholds <file>", "what must hold for it to be shipped (YAML or JSON)")
    .requiredOption("--out <dir>", "folder for everything")
    .option("--budget-usd <x>", "most dollars for the models that are paid; needs a price", aboveZero)
    .option("--budget-tokens <n>", "most tokens of the models that are paid", wholeNumber(1))
    .option("--prices <file>", "your table of prices (JSON)")
    .option(
      "--teacher <model>",
      "a stronger model that writes and repairs programs; the base and rewrites when absent",
    );
  addStageOptions(harden);
  return harden
    .option("--seed <n>", "decides everything random", wholeNumber(0), 42)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the verdict as JSON", false)
    .action(async (options: HardenOptions) => hardenModel(context, options));
}

function addStageOptions(harden: Command): void {
  harden
    .option("--from <sources>", "where weak programs come from, as in `synth`", "seeds,llm")
    .option(
      "--cwe <ids>",
      "the weaknesses to harden against",
      checked(parseCwes),
      "20,22,78,79,94,117,502,611",
    )
    .option("--count <n>", "programs that a model is asked to write", wholeNumber(1), 2000)
    .option("--preset <name>", "training settings in data/presets; chosen by the model when absent")
    .option("--train-steps <n>", "most optimizer steps", wholeNumber(1))
    .option("--strength <x>", "share of the learned change that the adapter makes", numberBetween(0, 1))
    .option(
      "--rounds <n>",
      "from 2 on the model also learns what it wrote securely itself",
      wholeNumber(1),
      1,
    )
    .addOption(
      new Option("--benchmark <names>", "what it is measured on, with commas")
        .default(["hexabench"], "hexabench")
        .argParser(names),
    )
    .option("--source <dir>", "folder that holds the benchmarks' files; fetched when absent")
    .option("--oracle <names>", "oracles that judge, each by itself, with commas", checked(names), "builtin")
    .option(
      "--threat-model <names>",
      "where untrusted data comes from, as in `synth`",
      checked(parseThreatModels),
      "remote",
    )
    .option("--models <dir>", "folder with taint models and rules of your own")
    .addOption(
      new Option("--strategy <names>", "ways of generating, the last being the one to ship")
        .default(["one-step", "two-step"], "one-step,two-step")
        .argParser(names),
    )
    .option("--samples <n>", "completions a prompt; the benchmark's own number when absent", wholeNumber(1))
    .option("--limit <n>", "at most so many prompts a benchmark", wholeNumber(1))
    .option("--max-tokens <n>", "most new tokens of a completion", wholeNumber(1))
    .option("--import-tokens <n>", "how many of them may go into imports", wholeNumber(1));
}

function aboveZero(text: string): number {
  return numberBetween(Number.MIN_VALUE, Number.MAX_VALUE)(text);
}

async function hardenModel(context: CliContext, options: HardenOptions): Promise<void> {
  // First of all: a file with a typing error must not be found out in the morning.
  const thresholds = await readThresholds(resolve(context.cwd, options.thresholds));
  const steps = stepsFor(options);
  checkThresholds(thresholds, await checkSteps(context, steps));
  const folder = resolve(context.cwd, options.out);
  await openRunFolder(folder, manifestOf(options, thresholds), options);
  const goOn = `hexacoder harden with the same options and --resume`;
  const code = await runSteps(context, steps, { folder, goOn });
  if (code !== exitCodes.done) {
    context.finish(code);
    return;
  }
  const verdict = await judge(folder, thresholds, options);
  await writeFileAtomic(join(folder, "verdict.json"), `${JSON.stringify(verdict, null, 2)}\n`);
  context.talk(`\nThe report: ${join(options.out, "report.html")}`);
  context.out(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : verdictText(verdict));
  if (verdict.verdict === "no-ship") context.finish(exitCodes.findings);
}

// The oracle that runs exploits, by the beginning of its identity.
const EXPLOITS = "execution";

/** A threshold that no figure of this run will meet is refused now, and not held against the model in the morning. */
function checkThresholds({ exploited, functional }: Thresholds, { oracles, tested }: CheckedSteps): void {
  const runsExploits = [...oracles].some((identity) => identity.startsWith(EXPLOITS));
  if (exploited !== undefined && !runsExploits) {
    throw new HexacoderError("bad-usage", {
      message: "There is a threshold for exploited programs, but no oracle of this run tries exploits.",
      remedy: "Add the execution oracle, for example --oracle builtin,execution, or leave the threshold out.",
    });
  }
  if (functional !== undefined && !tested) {
    throw new HexacoderError("bad-usage", {
      message: "There is a threshold for functional programs, but no benchmark of this run has tests.",
      remedy: "Add one, for example --benchmark hexabench,humaneval, or leave the threshold out.",
    });
  }
}

function manifestOf(options: HardenOptions, thresholds: Thresholds): Parameters<typeof openRunFolder>[1] {
  // A budget may be raised and prices corrected on the way: synth keeps the books.
  const { out: _o, resume: _r, json: _j, budgetUsd: _b, budgetTokens: _t, prices: _p, ...rest } = options;
  const { seed, thresholds: _file, ...own } = rest;
  return {
    version: 1,
    kind: "harden",
    options: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
    inputs: { thresholds: hashOf(thresholds) },
    seeds: { harden: seed },
    identities: {},
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}

function stepsFor(options: HardenOptions): Step[] {
  const { base, out, seed, teacher } = options;
  const at = (name: string): string => join(out, name);
  const common = (name: string): string[] => ["--seed", `${seed}`, "--out", at(name), "--resume"];
  const repair = teacher === undefined ? [] : ["--repair", "codemod,llm"];
  const scanning = ["--threat-model", options.threatModel, ...given("--models", options.models)];
  return [
    {
      title: "Pairs: weak programs, repaired and verified",
      args: [
        ...["synth", "--from", options.from, "--model", teacher ?? base, ...repair],
        ...["--cwe", options.cwe, "--count", `${options.count}`, ...scanning],
        ...given("--budget-usd", options.budgetUsd),
        ...given("--budget-tokens", options.budgetTokens),
        ...given("--prices", options.prices),
        ...common("synth"),
      ],
    },
    ...trainingRounds({
      ...{ pairs: at("synth"), out, model: base, rounds: options.rounds },
      ...{ drawing: [], common: ["--seed", `${seed}`, "--resume"] },
      training: [
        ...given("--preset", options.preset),
        ...given("--max-steps", options.trainSteps),
        ...given("--strength", options.strength),
      ],
    }),
    {
      title: "Evaluation: base and adapter, on prompts that none of it has seen",
      args: [
        ...["eval", "--benchmark", options.benchmark.join(","), "--model", base, "--adapter", at("adapter")],
        ...["--strategy", options.strategy.join(","), "--oracle", options.oracle, ...scanning],
        ...given("--samples", options.samples),
        ...given("--limit", options.limit),
        ...given("--max-tokens", options.maxTokens),
        ...given("--import-tokens", options.importTokens),
        ...given("--source", options.source),
        ...common("eval"),
      ],
    },
    { title: "Report", args: ["report", out, "--out", at("report.html")] },
  ];
}

function given(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [flag, `${value}`];
}

async function judge(
  folder: string,
  thresholds: Thresholds,
  { strategy }: HardenOptions,
): Promise<ShipVerdict> {
  const text = await readFile(join(folder, "eval", "summary.json"), "utf8");
  const summary = evaluationSummarySchema.parse(JSON.parse(text));
  return judgeShipping(summary, thresholds, {
    before: `base/${strategy[0] ?? ""}`,
    after: `adapter/${strategy.at(-1) ?? ""}`,
    exploits: EXPLOITS,
  });
}

function verdictText({ verdict, conditions }: ShipVerdict): string {
  const lines = conditions.map(({ name, of, wanted, value, passed }) => {
    const figure = value === null ? "not known" : value.toFixed(3);
    return `${passed ? "holds" : "FAILS"}  ${name}, ${of}: ${figure}, wanted ${wanted}`;
  });
  return `${lines.join("\n")}\n\n${verdict === "ship" ? "Ship." : "Do not ship."}\n`;
}
