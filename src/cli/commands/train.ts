// `hexacoder train`: a LoRA adapter from a dataset.
import { Command, InvalidArgumentError, Option } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { type PartialSettings, trackers } from "../../training/presets.ts";
import { preference, type TrainProgress } from "../../training/progress.ts";
import { prepareTraining, type TrainOptions, type TrainResult, trainAdapter } from "../../training/train.ts";
import type { CliContext } from "../context.ts";
import { names, numberBetween, wholeNumber } from "../options.ts";
import { createProgress, duration } from "../progress.ts";

interface TrainFlags {
  readonly data: string;
  readonly base: string;
  readonly out: string;
  readonly preset?: string;
  readonly epochs?: number;
  readonly maxSteps?: number;
  readonly batchSize?: number;
  readonly microBatchSize?: number;
  readonly learningRate?: number;
  readonly maxLength?: number;
  readonly rank?: number;
  readonly alpha?: number;
  readonly dropout?: number;
  readonly targetModules?: string[];
  readonly loss?: "masked" | "unmasked" | "dpo";
  readonly beta?: number;
  readonly anchor?: number;
  readonly strength?: number;
  readonly unlikelihood?: number;
  readonly patience?: number;
  readonly template?: "plain" | "chat";
  readonly chatRequest?: string;
  readonly targetParameters?: string[];
  readonly replay?: string;
  readonly replayShare?: number;
  readonly seed?: number;
  readonly evalPerEpoch?: number;
  readonly saveEvery?: number;
  readonly device?: "auto" | "cpu" | "cuda";
  readonly dtype?: "auto" | "float32" | "bfloat16";
  readonly threads?: number;
  readonly gradientCheckpointing?: true;
  readonly quantize?: "4bit";
  readonly liger?: true;
  readonly fsdp?: true;
  readonly reportTo?: (typeof trackers)[number][];
  readonly processes?: number;
  readonly prepare?: true;
  readonly merge?: true;
  readonly resume?: true;
  readonly json?: true;
}

/** Trains an adapter and says how good it became. */
export function command(context: CliContext): Command {
  const train = new Command("train")
    .requiredOption("--data <dir>", "the dataset's folder, as `hexacoder dataset` writes it")
    .requiredOption("--base <model>", "the model to adapt: tiny, hf:ORG/NAME or hf:./folder")
    .requiredOption("--out <dir>", "the adapter's folder")
    .option("--resume", "go on with a training that was cut short")
    .option("--merge", "also write base and adapter as one model, into the folder merged")
    .option("--processes <n>", "processes that train together, a GPU each", wholeNumber(1))
    .option("--prepare", "start nothing: write the files for torchrun or accelerate, and print how to")
    .option("--json", "print the result as JSON");
  return addMachine(addSettings(train)).action(async (flags: TrainFlags) => {
    if (flags.prepare === true) await prepare(flags, context);
    else present(await runTrain(flags, context), flags, context);
  });
}

function addSettings(train: Command): Command {
  return train
    .option("--preset <name>", "settings in data/presets; chosen by the model when absent")
    .option("--epochs <x>", "passes over the training rows", numberBetween(0.001, 10_000))
    .option("--max-steps <n>", "most optimizer steps", wholeNumber(1))
    .option("--batch-size <n>", "rows an optimizer step", wholeNumber(1))
    .option("--micro-batch-size <n>", "rows a forward pass, where memory is short", wholeNumber(1))
    .option("--learning-rate <x>", "peak learning rate", numberBetween(1e-9, 1))
    .option("--max-length <n>", "longest row in tokens", wholeNumber(2))
    .option("--rank <n>", "rank of the adapter", wholeNumber(1))
    .option("--alpha <x>", "scale of the adapter, over its rank", numberBetween(1e-9, 1e6))
    .option("--dropout <x>", "dropout on the adapter's input", numberBetween(0, 0.999))
    .option("--target-modules <names>", "suffixes of the modules to adapt, with commas", names)
    .option("--target-parameters <names>", "suffixes of fused experts to adapt, with commas", names)
    .addOption(
      new Option(
        "--loss <kind>",
        "learn the changed spans only, or everything, or prefer rows to their vulnerable side",
      ).choices(["masked", "unmasked", "dpo"]),
    )
    .option(
      "--beta <x>",
      "with --loss dpo: how closely to stay to the base; larger is closer",
      numberBetween(1e-9, 1000),
    )
    .option(
      "--anchor <x>",
      "weight of staying close to the base elsewhere; 0: the paper's loss",
      numberBetween(0, 1000),
    )
    .option(
      "--strength <x>",
      "share of the trained change that the adapter makes; less keeps more of the base",
      numberBetween(0, 1),
    )
    .option(
      "--unlikelihood <x>",
      "weight of making what the fix removed unlikely; rows need their vulnerable side",
      numberBetween(0, 1000),
    )
    .option("--patience <n>", "evaluations without a better one after which to stop", wholeNumber(1))
    .addOption(
      new Option("--template <kind>", "rows as they are, or as answers in the base's chat template").choices([
        "plain",
        "chat",
      ]),
    )
    .option("--chat-request <text>", "what is asked in chat examples; {language} is the row's")
    .option("--replay <file>", "benign programs to mix in, JSON lines with a text each, learned whole")
    .option("--replay-share <x>", "part of each pass that is replay; 0: none", numberBetween(0, 0.99))
    .option("--seed <n>", "of order, initialisation and dropout", wholeNumber(0))
    .option("--eval-per-epoch <n>", "evaluations a pass", wholeNumber(1))
    .option("--save-every <n>", "steps between checkpoints", wholeNumber(1));
}

/** Where and how it runs: most of it decides nothing about the result. */
function addMachine(train: Command): Command {
  return train
    .addOption(new Option("--device <name>", "where to train").choices(["auto", "cpu", "cuda"]))
    .addOption(new Option("--dtype <name>", "of the base").choices(["auto", "float32", "bfloat16"]))
    .option("--threads <n>", "CPU threads", wholeNumber(1))
    .option("--gradient-checkpointing", "save GPU memory, at the price of time")
    .addOption(
      new Option("--quantize <kind>", "the base in four bits (QLoRA); needs a GPU").choices(["4bit"]),
    )
    .option("--liger", "Liger's fused kernels; needs a GPU")
    .option("--fsdp", "share the base out among the processes, so that none holds all of it")
    .option("--report-to <names>", `also send the loss curve to ${trackers.join(", ")}`, parseTrackers);
}

function parseTrackers(text: string): (typeof trackers)[number][] {
  return names(text).map((name) => {
    const known = trackers.find((tracker) => tracker === name);
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`"${name}" is none of: ${trackers.join(", ")}.`);
  });
}

async function runTrain(flags: TrainFlags, context: CliContext): Promise<TrainResult> {
  const progress = createProgress(context, "train");
  const result = await trainAdapter(optionsOf(flags), {
    env: context.env,
    cwd: context.cwd,
    signal: context.signal,
    onProgress: (now) => progress.update(describeProgress(now)),
    onNotice: (text) => progress.done(text),
  });
  progress.done(`${result.steps} steps done in ${duration(result.seconds)}`);
  return result;
}

async function prepare(flags: TrainFlags, context: CliContext): Promise<void> {
  const files = await prepareTraining(optionsOf(flags), context);
  if (flags.json === true) return context.out(`${JSON.stringify(files, null, 2)}\n`);
  context.talk(
    "Start one of these with the trainer's Python; the same command with --resume takes the result over.",
  );
  context.out(`export PYTHONPATH=${files.pythonPath}\n${files.commands.join("\n")}\n`);
}

function optionsOf(flags: TrainFlags): TrainOptions {
  if (flags.replayShare !== undefined && flags.replay === undefined) throw shareOfNothing();
  const { data, base, out, preset, replay, resume, processes, merge } = flags;
  const settings = settingsOf(flags);
  return { data, base, out, preset, replay, processes, merge, settings, resume: resume === true };
}

function shareOfNothing(): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: "--replay-share says how much of a file to mix in, and no file was named.",
    remedy: "Add --replay FILE, or leave --replay-share out.",
  });
}

function settingsOf(flags: TrainFlags): PartialSettings {
  const { rank, alpha, dropout, targetModules, targetParameters } = flags;
  return given({
    epochs: flags.epochs,
    maxSteps: flags.maxSteps,
    batchSize: flags.batchSize,
    microBatchSize: flags.microBatchSize,
    learningRate: flags.learningRate,
    maxLength: flags.maxLength,
    loss: flags.loss,
    beta: flags.beta,
    seed: flags.seed,
    evalPerEpoch: flags.evalPerEpoch,
    saveEverySteps: flags.saveEvery,
    device: flags.device,
    dtype: flags.dtype,
    threads: flags.threads,
    gradientCheckpointing: flags.gradientCheckpointing,
    quantize: flags.quantize,
    liger: flags.liger,
    fsdp: flags.fsdp,
    reportTo: flags.reportTo,
    anchor: flags.anchor,
    strength: flags.strength,
    unlikelihood: flags.unlikelihood,
    patience: flags.patience,
    template: flags.template,
    chatRequest: flags.chatRequest,
    replayShare: flags.replayShare,
    lora: given({ rank, alpha, dropout, targetModules, targetParameters }),
  });
}

/** Only what the user said. */
function given<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // The entries are T's own, without those that are undefined.
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}

/** One line: how far, how good, how fast, how long still. */
export function describeProgress(now: TrainProgress): string {
  const share = Math.floor((100 * now.step) / Math.max(1, now.steps));
  const evaluation = now.evalLoss === undefined ? "" : `, eval ${now.evalLoss.toFixed(3)}`;
  const speed = `${Math.round(now.tokensPerSecond)} tokens/s`;
  const curve = now.curve.length < 2 ? "" : ` ${sparkline(now.curve)}`;
  return `${share} % (step ${now.step}/${now.steps}), loss ${now.loss.toFixed(3)}${curve}${preference(now)}${evaluation}, lr ${now.learningRate.toExponential(1)}, ${speed}, ${duration(now.secondsLeft)} left`;
}

const BARS = [..."▁▂▃▄▅▆▇█"];

/** The curve of the loss in a line of text: the highest bar is the highest value. */
function sparkline(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = (value: number): number => (high === low ? 0 : (value - low) / (high - low));
  return values.map((value) => BARS[Math.round(height(value) * (BARS.length - 1))]).join("");
}

function present(result: TrainResult, flags: TrainFlags, context: CliContext): void {
  if (flags.json === true) {
    context.out(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const best =
    result.bestStep === null || result.bestStep === result.steps ? "" : ` (of step ${result.bestStep})`;
  const loss =
    result.evalLoss === null ? "no evaluation rows" : `evaluation loss ${result.evalLoss.toFixed(4)}`;
  context.out(`${result.adapter}: adapter${best} after ${result.steps} steps, ${loss}\n`);
  if (result.merged !== undefined) context.out(`${result.merged}: base and adapter as one model\n`);
}
