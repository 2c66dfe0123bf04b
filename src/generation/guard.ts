// The guard: nothing that the oracle flags, or could not look at, is let through. A refused sample
// is repaired (if asked for and possible) or sampled again under another seed, a few times; then it
// is withheld. Every outcome says what was done.
import type { Completion, Task } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import type { SourceFile } from "../core/finding.ts";
import { extensionOf, isAnalysed, type Language } from "../core/language.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { shortHashOf } from "../util/hash.ts";
import { type Refusal, refusalOf, repairProgram } from "./guard-program.ts";
import type { Generate } from "./strategies.ts";

/** Ways of guarding. */
export const guardModes = ["off", "reject", "repair"] as const;
/** See {@link guardModes}. */
export type GuardMode = (typeof guardModes)[number];

/** What the guard needs. */
export interface GuardOptions {
  /** Says what is let through. */
  readonly oracle: SecurityOracle;
  /** Repairs refused samples before they are sampled again; absent in mode `reject`. */
  readonly repairer?: Repairer | undefined;
  /** How often a refused sample is sampled again, at most; 0 makes sense where only greedy generators are given. */
  readonly retries: number;
  /** Samples again; the same generator when absent, which says the same again where it is greedy. */
  readonly again?: Generate | undefined;
}

/** What became of a sample. */
export interface Guarded {
  /** Number of the sample. */
  readonly sample: number;
  /** `withheld` samples have no completion that may be shown. */
  readonly action: "accepted" | "resampled" | "repaired" | "withheld";
  /** The completion that was let through; absent when withheld. */
  readonly completion: Completion | undefined;
  /** Samples that were drawn, from 1. */
  readonly attempts: number;
  /** Repairs that were applied, by name. */
  readonly repairs: readonly string[];
  /** Why samples were refused, in order: findings, or that a sample could not be analysed. */
  readonly refused: readonly Refusal[];
}

/** Sample numbers of further attempts lie this far apart, so that no two attempts share a seed. */
const ATTEMPT_STRIDE = 10_000;

/** Generates samples of a task and guards each. */
export async function generateGuarded(
  generate: Generate,
  { task, samples }: { task: Task; samples: readonly number[] },
  options: GuardOptions & { readonly signal?: AbortSignal },
): Promise<Guarded[]> {
  let open: Guarded[] = samples.map((sample) => ({ ...UNTRIED, sample }));
  const done: Guarded[] = [];
  for (let attempt = 0; attempt <= options.retries && open.length > 0; attempt++) {
    options.signal?.throwIfAborted();
    const numbers = open.map(({ sample }) => sample + attempt * ATTEMPT_STRIDE);
    const draw = attempt === 0 ? generate : (options.again ?? generate);
    const drawn = await draw(task, numbers, signalOf(options));
    const judged = await judge(drawn, { task, open }, options);
    done.push(...judged.filter(({ completion }) => completion !== undefined));
    open = judged.filter(({ completion }) => completion === undefined);
  }
  return [...done, ...open].sort((a, b) => samples.indexOf(a.sample) - samples.indexOf(b.sample));
}

const UNTRIED = { action: "withheld", completion: undefined, attempts: 0, repairs: [], refused: [] } as const;

async function judge(
  drawn: readonly Completion[],
  { task, open }: { task: Task; open: readonly Guarded[] },
  options: GuardOptions & { readonly signal?: AbortSignal },
): Promise<Guarded[]> {
  const language = await loadLanguage(analysedLanguage(task));
  const whole = drawn.map((completion) => ({
    ...completion,
    text: withoutHalfStatement(completion, language),
  }));
  const files = whole.map((completion) => fileOf(task, completion.text));
  const verdicts = await options.oracle.scan(files, signalOf(options));
  const guarded = whole.map(async (completion, index): Promise<Guarded> => {
    const before = open[index] ?? { ...UNTRIED, sample: completion.sample };
    const attempts = before.attempts + 1;
    const own: Completion = { ...completion, sample: before.sample };
    const refusal = refusalOf(verdicts[index]);
    if (refusal === undefined) {
      return {
        ...before,
        attempts,
        action: attempts > 1 ? "resampled" : "accepted",
        completion: named(own, options),
      };
    }
    const refused = [...before.refused, refusal];
    const repaired =
      refusal.kind === "flagged" && options.repairer !== undefined
        ? await repairProgram(fileOf(task, own.text), refusal.findings, options)
        : undefined;
    if (repaired === undefined) return { ...before, attempts, refused };
    const { text, repairs } = repaired;
    return {
      ...before,
      attempts,
      refused,
      repairs,
      action: "repaired",
      completion: named({ ...own, text }, options),
    };
  });
  return await Promise.all(guarded);
}

/**
 * The completion without a half statement at its end, where it ended at the token limit: no oracle
 * could look at it otherwise. What the prompt holds is never dropped.
 */
function withoutHalfStatement({ text, prompt, finishReason }: Completion, language: LanguageSupport): string {
  if (finishReason !== "length") return text;
  const { body } = language.split(prompt);
  const at = text.startsWith(prompt) ? prompt.length : text.indexOf(body) + body.length;
  return at < body.length ? text : language.dropIncompleteTail(text, at);
}

function analysedLanguage({ id, language }: Task): Language {
  if (isAnalysed(language)) return language;
  throw new HexacoderError("unsupported-language", {
    message: `${id} is a ${language} program, which no oracle here looks at, so that nothing can be guarded.`,
    remedy: "Leave out --guard, or choose prompts in Python or C.",
  });
}

function fileOf(task: Task, text: string): SourceFile {
  const language = analysedLanguage(task);
  return { path: `completion${extensionOf(language)}`, language, text };
}

/** A completion that a guard let through is another record than the unguarded one. */
function named(completion: Completion, { oracle, repairer, retries }: GuardOptions): Completion {
  const guard = { oracle: oracle.identity, repairer: repairer?.identity, retries };
  return { ...completion, id: shortHashOf({ id: completion.id, guard }) };
}

function signalOf({ signal }: { readonly signal?: AbortSignal | undefined }): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
