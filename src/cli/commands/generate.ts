// `hexacoder generate`: completes the program in a file (or on standard input), with or without guard.
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { Command, Option } from "commander";
import { type Strategy, strategies, type Task } from "../../core/completion.ts";
import { HexacoderError, readError, systemErrorCode } from "../../core/errors.ts";
import type { Finding } from "../../core/finding.ts";
import { cutAs, type Language, languageOf, languages } from "../../core/language.ts";
import { paperSampling, type Sampling } from "../../generation/generation.ts";
import { type Guarded, type GuardMode, generateGuarded, guardModes } from "../../generation/guard.ts";
import { checkStrategy, createGenerator, type Generate } from "../../generation/strategies.ts";
import { loadLanguage } from "../../lang/registry.ts";
import { openModel } from "../../llm/registry.ts";
import { openOracle } from "../../oracle/registry.ts";
import { createCodemodRepairer } from "../../repair/codemod-repairer.ts";
import { sha256 } from "../../util/hash.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { addScanOptions, detectorOptions, numberBetween, type ScanOptions, wholeNumber } from "../options.ts";

/** Options of the command, completed with their defaults. */
interface GenerateOptions extends ScanOptions, Sampling {
  readonly model: string;
  readonly adapter?: string;
  readonly language?: Language;
  readonly strategy: Strategy;
  readonly samples: number;
  readonly guard: GuardMode;
  readonly retries: number;
  readonly json: boolean;
}

/** The command. */
export function command(context: CliContext): Command {
  const generate = new Command("generate")
    .argument("<file>", "the program so far, or - for standard input")
    .requiredOption("--model <model>", "the model: tiny, hf:NAME, openai:NAME, http://host/v1#NAME …")
    .option("--adapter <dir>", "a LoRA adapter for it")
    .addOption(
      new Option("--language <name>", "language of the program; by the file's ending when absent").choices(
        languages,
      ),
    )
    .addOption(
      new Option("--strategy <name>", "how to generate")
        .choices(strategies)
        .default("two-step" satisfies Strategy),
    )
    .option("-n, --samples <n>", "completions to sample", wholeNumber(1), 1)
    .option("--temperature <x>", "0 is greedy", numberBetween(0, 2), paperSampling.temperature)
    .option("--top-p <x>", "nucleus sampling", numberBetween(0.01, 1), paperSampling.topP)
    .option("--max-tokens <n>", "most new tokens, over all steps", wholeNumber(1), paperSampling.maxTokens)
    .option(
      "--import-tokens <n>",
      "how many of them may go into imports",
      wholeNumber(1),
      paperSampling.importTokens,
    )
    .option("--seed <n>", "same seed, same completions", wholeNumber(0), paperSampling.seed)
    .addOption(
      new Option("--guard <mode>", "what happens to a completion that the oracle flags or cannot analyse")
        .choices(guardModes)
        .default("off" satisfies GuardMode),
    )
    .option("--retries <n>", "how often the guard samples a refused completion again", wholeNumber(0), 3)
    .option("--json", "print one JSON record a line", false);
  return addScanOptions(generate, context).action(async (file: string, options: GenerateOptions) => {
    await runGenerate(context, file, options);
  });
}

async function runGenerate(context: CliContext, file: string, options: GenerateOptions): Promise<void> {
  checkStrategy(options.strategy, samplingOf(options));
  const task = await readTask(context, file, options);
  await loadLanguage(cutAs(task.language));
  const guard = await openGuard(options);
  const model = await openModel(options.model, {
    adapter: options.adapter,
    env: context.env,
    cwd: context.cwd,
    signal: context.signal,
  });
  try {
    const generatorOf = (sampling: Sampling): Generate =>
      createGenerator({ strategy: options.strategy, model, sampling });
    const samples = Array.from({ length: options.samples }, (_, index) => index);
    const generate = generatorOf(samplingOf(options));
    const again = generatorOf(samplingAgain(options));
    present(context, options, await guard({ generate, again }, task, samples, context.signal));
  } finally {
    await model.close();
  }
}

/** Draws samples, and draws those again that were refused. */
interface Draws {
  readonly generate: Generate;
  readonly again: Generate;
}

type Guard = (
  draws: Draws,
  task: Task,
  samples: readonly number[],
  signal: AbortSignal,
) => Promise<Guarded[]>;

async function openGuard(options: GenerateOptions): Promise<Guard> {
  const { guard, oracle: name, retries } = options;
  if (guard === "off") return unguarded;
  const oracle = await openOracle(name, detectorOptions(options));
  const repairer = guard === "repair" ? await createCodemodRepairer({ oracle }) : undefined;
  return ({ generate, again }, task, samples, signal) =>
    generateGuarded(generate, { task, samples }, { oracle, repairer, retries, again, signal });
}

async function unguarded(
  { generate }: Draws,
  task: Task,
  samples: readonly number[],
  signal: AbortSignal,
): Promise<Guarded[]> {
  const completions = await generate(task, samples, { signal });
  return completions.map((completion) => ({
    sample: completion.sample,
    action: "accepted",
    completion,
    attempts: 1,
    repairs: [],
    refused: [],
  }));
}

/** A prompt beyond this is no prompt but a wrong file. */
const MOST_BYTES = 1_000_000;

async function readTask(context: CliContext, file: string, options: GenerateOptions): Promise<Task> {
  const prompt = await readPrompt(context, file);
  const language = options.language ?? (file === "-" ? "python" : languageOf(file));
  if (language === undefined) {
    throw new HexacoderError("unsupported-language", {
      message: `The language of ${file} cannot be told from its ending.`,
      remedy: `Name it: --language ${languages.join("|")}.`,
    });
  }
  // The content names the task, so that a moved file gives the same completions.
  const id = `file/${sha256(prompt).slice(0, 16)}`;
  return { id, benchmark: "file", language, prompt, family: id };
}

async function readPrompt(context: CliContext, file: string): Promise<string> {
  const name = file === "-" ? "Standard input" : file;
  const stream =
    file === "-" ? process.stdin : createReadStream(resolve(context.cwd, file), { end: MOST_BYTES });
  const bytes = await buffer(stream).catch((cause: unknown) => {
    throw systemErrorCode(cause) === "EISDIR" ? isFolder(name, cause) : readError(name, cause);
  });
  if (bytes.length > MOST_BYTES) {
    throw new HexacoderError("bad-input", {
      message: `${name} holds more than ${MOST_BYTES / 1e6} MB; a prompt is the beginning of one program.`,
      remedy: "Give the file that is to be completed, up to the place where the model goes on.",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new HexacoderError("bad-input", {
      message: `${name} is not UTF-8 text.`,
      remedy: "Save it as UTF-8 and try again.",
      cause,
    });
  }
}

function isFolder(name: string, cause: unknown): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `${name} is a folder, not a program.`,
    remedy: "Give one file, or - for standard input.",
    cause,
  });
}

function samplingOf({ temperature, topP, maxTokens, importTokens, seed }: GenerateOptions): Sampling {
  return { temperature, topP, maxTokens, importTokens, seed };
}

/** A greedy model says the same again: what was refused is drawn with the paper's temperature. */
function samplingAgain(options: GenerateOptions): Sampling {
  const sampling = samplingOf(options);
  return sampling.temperature > 0 ? sampling : { ...sampling, temperature: paperSampling.temperature };
}

function present(context: CliContext, options: GenerateOptions, results: readonly Guarded[]): void {
  if (options.json) context.out(results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  else context.out(textOf(results));
  if (options.guard !== "off") for (const result of results) context.talk(saying(result));
  if (results.some(({ completion }) => completion === undefined)) context.finish(exitCodes.findings);
}

/** The program alone for one completion; several are parted by a comment line. */
function textOf(results: readonly Guarded[]): string {
  const shown = results.flatMap(({ sample, completion }) =>
    completion ? [{ sample, text: completion.text }] : [],
  );
  if (results.length === 1) return shown.map(({ text }) => withNewline(text)).join("");
  return shown
    .map(({ sample, text }) => `# completion ${sample + 1} of ${results.length}\n${withNewline(text)}`)
    .join("\n");
}

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function saying({ sample, action, attempts, repairs, refused }: Guarded): string {
  const head = `guard: completion ${sample + 1} `;
  const reasons = refused.map((refusal) =>
    refusal.kind === "unscanned" ? `not analysed (${refusal.reason})` : named(refusal.findings),
  );
  const why = reasons.length === 0 ? "" : ` after: ${reasons.join("; ")}`;
  switch (action) {
    case "accepted":
      return `${head}accepted`;
    case "resampled":
      return `${head}accepted at attempt ${attempts}${why}`;
    case "repaired":
      return `${head}repaired by ${repairs.join(", ")}${why}`;
    case "withheld":
      return `${head}withheld, refused ${attempts} times${why}`;
    default:
      return action satisfies never;
  }
}

function named(findings: readonly Finding[]): string {
  return [
    ...new Set(findings.map(({ cwes, region }) => `${cwes[0] ?? "?"} in line ${region.startLine}`)),
  ].join(", ");
}
