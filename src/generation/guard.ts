// The guard: nothing that the oracle flags, or could not look at, is let through. A refused sample
// is repaired (if asked for and possible) or sampled again under another seed, a few times; then it
// is withheld. Every outcome says what was done.
import type { Completion, Task } from "../core/completion.ts";
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import { extensionOf, isAnalysed, type Language } from "../core/language.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { shortHashOf } from "../util/hash.ts";
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
  /** How often a refused sample is sampled again, at most. */
  readonly retries: number;
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

/** Why a sample was refused. */
export type Refusal =
  | { readonly kind: "flagged"; readonly findings: readonly Finding[] }
  | { readonly kind: "unscanned"; readonly reason: string };

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
    const drawn = await generate(task, numbers, signalOf(options));
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
      refusal.kind === "flagged" ? await repair(own.text, { task, refusal }, options) : undefined;
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

function refusalOf(result: ScanResult | undefined): Refusal | undefined {
  if (result === undefined) return { kind: "unscanned", reason: "tool-failed" };
  if (result.status === "unscanned") return { kind: "unscanned", reason: result.reason };
  const findings = result.findings.filter(({ level }) => level !== "note");
  return findings.length === 0 ? undefined : { kind: "flagged", findings };
}

/** A completion that a guard let through is another record than the unguarded one. */
function named(completion: Completion, { oracle, repairer, retries }: GuardOptions): Completion {
  const guard = { oracle: oracle.identity, repairer: repairer?.identity, retries };
  return { ...completion, id: shortHashOf({ id: completion.id, guard }) };
}

/** Weaknesses are repaired one after the other; each repair must lower what the oracle finds. */
const MOST_REPAIRS = 6;

async function repair(
  text: string,
  { task, refusal }: { task: Task; refusal: Refusal & { kind: "flagged" } },
  options: GuardOptions & { readonly signal?: AbortSignal },
): Promise<{ text: string; repairs: string[] } | undefined> {
  let state = { text, findings: refusal.findings, repairs: [] as string[] };
  for (let round = 0; round < MOST_REPAIRS; round++) {
    const next = await repairOnce(state, task, options);
    if (next === undefined) return undefined;
    state = next;
    if (state.findings.length === 0) return state;
  }
  return undefined;
}

interface RepairState {
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly repairs: string[];
}

async function repairOnce(
  { text, findings, repairs }: RepairState,
  task: Task,
  { oracle, repairer, ...options }: GuardOptions & { readonly signal?: AbortSignal },
): Promise<RepairState | undefined> {
  for (const cwe of cwesOf(findings)) {
    const report = findings.filter(({ cwes }) => cwes[0] === cwe);
    const outcome = await repairer?.repair({ file: fileOf(task, text), cwe, report }, signalOf(options));
    if (outcome?.kind !== "candidates") continue;
    for (const candidate of outcome.candidates) {
      const [result] = await oracle.scan([fileOf(task, candidate.text)], signalOf(options));
      const left = refusalOf(result);
      const remaining = left === undefined ? [] : left.kind === "flagged" ? left.findings : undefined;
      if (remaining === undefined || remaining.length >= findings.length) continue;
      return { text: candidate.text, findings: remaining, repairs: [...repairs, candidate.repair.by] };
    }
  }
  return undefined;
}

function cwesOf(findings: readonly Finding[]): CweId[] {
  return [...new Set(findings.flatMap(({ cwes }) => cwes.slice(0, 1)))];
}

function signalOf({ signal }: { readonly signal?: AbortSignal | undefined }): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
