// Ways in which an arm of an evaluation may differ from plain sampling: a preamble before each prompt, a guard,
// or as many draws as a guard would have, without an oracle. Each wraps the function that makes samples; what
// all draws of a sample cost is booked on the one that is kept.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { Completion, Task, Usage } from "../core/completion.ts";
import { HexacoderError, readError } from "../core/errors.ts";
import { cutAs } from "../core/language.ts";
import { type GuardMode, generateGuarded, guardModes } from "../generation/guard.ts";
import type { Generate } from "../generation/strategies.ts";
import { loadLanguage } from "../lang/registry.ts";
import { openOracle } from "../oracle/registry.ts";
import { createCodemodRepairer } from "../repair/codemod-repairer.ts";
import { sha256, shortHashOf } from "../util/hash.ts";
import type { CliContext } from "./context.ts";
import { judgeOptions, type ScanOptions, wholeNumber } from "./options.ts";

/** What the options say. */
export interface VariantOptions {
  /** A file whose text is put before every prompt. */
  readonly preamble?: string;
  /** What happens to completions that the guard's oracle refuses. */
  readonly guard: GuardMode;
  /** The guard's oracle. */
  readonly guardOracle: string;
  /** Further draws of a refused sample. */
  readonly retries: number;
  /** Draws of each sample, of which the first that parses is kept. */
  readonly draws: number;
  /** How samples are drawn; at 0, drawn again they are the same. */
  readonly temperature: number;
}

/** A way of making samples, made of another. */
export interface Variant {
  /** What stands in the manifest; empty for plain sampling. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Wraps. */
  wrap(generate: Generate): Generate;
}

/** Adds the options. */
export function addVariantOptions(command: Command): Command {
  return command
    .option(
      "--preamble <file>",
      "text that is put before every prompt, such as a comment that asks for security",
    )
    .addOption(
      new Option(
        "--guard <mode>",
        "what happens to completions that the guard's oracle flags or cannot look at",
      )
        .choices(guardModes)
        .default("off" satisfies GuardMode),
    )
    .option("--guard-oracle <name>", "the guard's oracle: another than the judge's shows more", "builtin")
    .option(
      "--retries <n>",
      "how often the guard samples a refused completion again; never at temperature 0",
      wholeNumber(0),
      3,
    )
    .option(
      "--draws <n>",
      "draw each sample so often and keep the first that parses, no oracle asked; once at temperature 0",
      wholeNumber(1),
      1,
    );
}

/** Reads and opens what the options name. */
export async function openVariant(
  context: CliContext,
  options: VariantOptions & ScanOptions,
): Promise<Variant> {
  if (options.guard !== "off" && options.draws > 1) {
    throw new HexacoderError("bad-usage", {
      message: "--draws is what a guard is compared with: both at once compare nothing.",
      remedy: "Leave out --guard, or --draws.",
    });
  }
  const { retries, draws } = worthwhile(context, options);
  const layers = [
    await preambleLayer(context, options),
    await guardLayer({ ...options, retries }),
    drawsLayer(draws),
  ].filter((layer) => layer !== undefined);
  return {
    facts: Object.assign({}, ...layers.map(({ facts }) => facts)),
    wrap: (generate) => layers.reduce((inner, layer) => layer.wrap(inner), generate),
  };
}

/** How often it pays to draw. The manifest has this, and not what was asked for. */
function worthwhile(
  { talk }: CliContext,
  { guard, retries, draws, temperature }: VariantOptions,
): Pick<VariantOptions, "retries" | "draws"> {
  if (temperature > 0) return { retries, draws };
  if (guard !== "off" && retries > 0) talk(`eval: ${GREEDY}, so that the guard draws none again.`);
  if (draws > 1) talk(`eval: ${GREEDY}, so that one draw stands for all.`);
  return { retries: 0, draws: 1 };
}

const GREEDY = "at temperature 0 a sample comes out the same when it is drawn again";

async function preambleLayer(
  context: CliContext,
  { preamble }: VariantOptions,
): Promise<Variant | undefined> {
  if (preamble === undefined) return undefined;
  const path = resolve(context.cwd, preamble);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readError(path, error);
  });
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  return {
    facts: { preamble: sha256(whole) },
    wrap: (generate) => (task, samples, options) =>
      generate({ ...task, prompt: whole + task.prompt }, samples, options),
  };
}

async function guardLayer(options: VariantOptions & ScanOptions): Promise<Variant | undefined> {
  const { guard, guardOracle, retries } = options;
  if (guard === "off") return undefined;
  const oracle = await openOracle(guardOracle, judgeOptions(options));
  const repairer = guard === "repair" ? await createCodemodRepairer({ oracle }) : undefined;
  return {
    facts: { guard, guardOracle: oracle.identity, retries },
    wrap:
      (generate) =>
      async (task, samples, { signal } = {}) => {
        const books = new Books(generate);
        const guarded = await generateGuarded(
          books.generate,
          { task, samples },
          { oracle, repairer, retries, ...(signal === undefined ? {} : { signal }) },
        );
        return guarded.map(({ sample, completion }) =>
          books.booked(completion ?? withheld(task, books.first(sample)), sample),
        );
      },
  };
}

/** A withheld sample is no program, and so no secure one. */
function withheld(task: Task, drawn: Completion): Completion {
  const id = shortHashOf({ id: drawn.id, withheld: true });
  return { ...drawn, id, text: task.prompt, uncut: task.prompt, finishReason: "error" };
}

function drawsLayer(draws: number): Variant | undefined {
  if (draws === 1) return undefined;
  return {
    facts: { draws },
    wrap: (generate) => async (task, samples, options) => {
      const language = await loadLanguage(cutAs(task.language));
      const books = new Books(generate);
      const kept = new Map<number, Completion>();
      for (let draw = 0; draw < draws; draw++) {
        const numbers = samples.map((sample) => sample + draw * STRIDE);
        for (const completion of await books.generate(task, numbers, options)) {
          const sample = completion.sample % STRIDE;
          const known = kept.get(sample);
          if (known === undefined || (!language.parses(known.text) && language.parses(completion.text))) {
            kept.set(sample, completion);
          }
        }
      }
      return samples.map((sample) => {
        const completion = kept.get(sample) ?? books.first(sample);
        const id = shortHashOf({ id: completion.id, draws });
        return books.booked({ ...completion, id }, sample);
      });
    },
  };
}

// As far apart as the guard's attempts are, so that draws and attempts are the same programs.
const STRIDE = 10_000;

/** Counts the tokens of every draw of a sample. */
class Books {
  readonly generate: Generate;
  readonly #usage = new Map<number, Usage>();
  readonly #first = new Map<number, Completion>();

  constructor(inner: Generate) {
    this.generate = async (task, samples, options) => {
      const drawn = await inner(task, samples, options);
      for (const completion of drawn) this.#book(completion);
      return drawn;
    };
  }

  #book(completion: Completion): void {
    const sample = completion.sample % STRIDE;
    const { promptTokens, completionTokens } = this.#usage.get(sample) ?? NOTHING;
    this.#usage.set(sample, {
      promptTokens: promptTokens + completion.usage.promptTokens,
      completionTokens: completionTokens + completion.usage.completionTokens,
    });
    if (!this.#first.has(sample)) this.#first.set(sample, completion);
  }

  /** The first draw of a sample. */
  first(sample: number): Completion {
    const drawn = this.#first.get(sample);
    if (drawn === undefined) throw new Error(`sample ${sample} was never drawn`);
    return drawn;
  }

  /** The completion with the number of its sample and the tokens of all its draws. */
  booked(completion: Completion, sample: number): Completion {
    return { ...completion, sample, usage: this.#usage.get(sample) ?? completion.usage };
  }
}

const NOTHING: Usage = { promptTokens: 0, completionTokens: 0 };
