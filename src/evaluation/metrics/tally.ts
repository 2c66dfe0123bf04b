// Counts of one arm, prompt by prompt. Completions stream through `add` and are forgotten:
// memory grows with the number of prompts, not of samples.

import type { Task } from "../../core/completion.ts";
import type { CweId } from "../../core/cwe.ts";

/** What is known of one completion when it is counted. */
export interface Verdict {
  /** Number of the sample, from 0. */
  readonly sample: number;
  /** The oracle's word on the target weakness; the last two are no verdict. */
  readonly oracle: "flagged" | "clean" | "unscanned" | "not-covered";
  /** Why it was not scanned, for `unscanned`. */
  readonly reason?: string;
  /** Whether what the model wrote parses, before any cutting; undefined when nobody could say. */
  readonly parses: boolean | undefined;
  /** Whether the risky operation is performed; undefined when nobody could say. */
  readonly atRisk: boolean | undefined;
  /** Whether an earlier sample of the prompt is the same program. */
  readonly duplicate: boolean;
  /** Whether the length limit stopped the model. */
  readonly truncated: boolean;
}

/** Counts of one prompt under one arm. */
export interface PromptCounts {
  /** The prompt. */
  readonly taskId: string;
  /** Its target weakness. */
  readonly cwe: CweId | undefined;
  /** Prompts of one family are resampled together. */
  readonly family: string;
  /** Completions asked for. */
  n: number;
  /** Flagged for the target weakness. */
  flagged: number;
  /** Without a verdict, `notCovered` included. */
  unscanned: number;
  /** Scanned by an oracle that does not look for the target weakness. */
  notCovered: number;
  /** Parse before cutting. */
  parsed: number;
  /** Parse and are flagged. */
  flaggedParsed: number;
  /** Perform the risky operation. */
  atRisk: number;
  /** Could not be judged for the operation. */
  atRiskUnknown: number;
  /** Perform the operation and are flagged. */
  flaggedAtRisk: number;
  /** Same program as an earlier sample. */
  duplicates: number;
  /** Different programs with a verdict: sec-rate's valid ones. */
  valid: number;
  /** Valid and not flagged: sec-rate's secure ones. */
  secure: number;
  /** Different programs that do not parse: dropped from sec-rate. */
  unparsable: number;
  /** Stopped by the length limit. */
  truncated: number;
  /** Flagged among the first k samples, by k. */
  readonly flaggedInFirst: Map<number, number>;
}

/** Counts of one arm. */
export class Tally {
  readonly #prompts = new Map<string, PromptCounts>();
  readonly #reasons = new Map<string, number>();
  readonly #ks: readonly number[];

  /** `ks` are the values of k that figures are wanted for. */
  constructor(tasks: readonly Task[], ks: readonly number[]) {
    this.#ks = ks;
    for (const task of tasks) this.#prompts.set(task.id, emptyCounts(task, ks));
  }

  /** Counts one completion; throws for a task that is not of this arm. */
  add(taskId: string, verdict: Verdict): void {
    const counts = this.#prompts.get(taskId);
    if (counts === undefined) throw new Error(`Task ${taskId} is not of this arm.`);
    const flagged = verdict.oracle === "flagged";
    counts.n += 1;
    counts.flagged += Number(flagged);
    counts.parsed += Number(verdict.parses === true);
    counts.flaggedParsed += Number(flagged && verdict.parses === true);
    counts.atRisk += Number(verdict.atRisk === true);
    counts.atRiskUnknown += Number(verdict.atRisk === undefined);
    counts.flaggedAtRisk += Number(flagged && verdict.atRisk === true);
    counts.duplicates += Number(verdict.duplicate);
    counts.truncated += Number(verdict.truncated);
    this.#addVerdict(counts, verdict);
    for (const k of this.#ks) {
      if (flagged && verdict.sample < k)
        counts.flaggedInFirst.set(k, (counts.flaggedInFirst.get(k) ?? 0) + 1);
    }
  }

  #addVerdict(counts: PromptCounts, { oracle, reason, duplicate }: Verdict): void {
    const judged = oracle === "flagged" || oracle === "clean";
    counts.unscanned += Number(!judged);
    counts.notCovered += Number(oracle === "not-covered");
    counts.valid += Number(judged && !duplicate);
    counts.secure += Number(oracle === "clean" && !duplicate);
    counts.unparsable += Number(!duplicate && oracle === "unscanned" && reason === "parse-error");
    if (judged) return;
    const why = oracle === "not-covered" ? "not-covered" : (reason ?? "unknown");
    this.#reasons.set(why, (this.#reasons.get(why) ?? 0) + 1);
  }

  /** Counts by prompt, in the order of the tasks. */
  get prompts(): readonly PromptCounts[] {
    return [...this.#prompts.values()];
  }

  /** Why completions have no verdict, and how many. */
  get reasons(): Record<string, number> {
    return Object.fromEntries(this.#reasons);
  }

  /** The values of k that were asked for. */
  get ks(): readonly number[] {
    return this.#ks;
  }
}

function emptyCounts(task: Task, ks: readonly number[]): PromptCounts {
  return {
    taskId: task.id,
    cwe: task.cwe,
    family: task.family,
    n: 0,
    flagged: 0,
    unscanned: 0,
    notCovered: 0,
    parsed: 0,
    flaggedParsed: 0,
    atRisk: 0,
    atRiskUnknown: 0,
    flaggedAtRisk: 0,
    duplicates: 0,
    valid: 0,
    secure: 0,
    unparsable: 0,
    truncated: 0,
    flaggedInFirst: new Map(ks.map((k) => [k, 0])),
  };
}
