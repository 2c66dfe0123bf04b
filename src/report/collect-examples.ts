// Picks the completions that a report shows, by rule, and counts how far judges agree, in one pass over completions and scores:
// a prompt is an example when the first arm's first flagged completion stands against a completion
// of the second arm. Memory is bounded by the number of prompts.
import { join } from "node:path";
import type { z } from "zod";
import {
  type Completion,
  completionSchema,
  type Score,
  scoreSchema,
  type Task,
  taskSchema,
} from "../core/completion.ts";
import { compareCwe } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import {
  type ArmSummary,
  type EvaluationSummary,
  type Headline,
  oracleDetailSchema,
} from "../core/evaluation.ts";
import type { Finding } from "../core/finding.ts";
import { cutAs } from "../core/language.ts";
import { readJsonLines } from "../util/jsonl.ts";
import { AgreementCollector } from "./collect-agreement.ts";
import { armsOf, type Example, type HeadlineExamples } from "./data.ts";
import type { AgreementData } from "./sections/agreement.ts";

const MOST_BETTER = 10;
const MOST_SAME = 4;
const MOST_CHARACTERS = 8000;

/** A completion worth keeping. */
interface Kept {
  readonly text: string;
  readonly sample: number;
  readonly findings: readonly Finding[];
}

/** What is kept of a prompt. */
interface PromptState {
  before?: Kept;
  better?: Kept;
  same?: Kept;
}

/** What is gathered from the completions and scores of an evaluation. */
export interface FromScores {
  /** Examples for every headline. */
  readonly examples: readonly HeadlineExamples[];
  /** How far its judges agree; undefined with fewer than two. */
  readonly agreement: AgreementData | undefined;
}

/** Reads completions and scores of an evaluation once. */
export async function collectFromScores(folder: string, summary: EvaluationSummary): Promise<FromScores> {
  const tasks = new Map<string, Task>();
  for await (const task of records(join(folder, "tasks.jsonl"), taskSchema)) tasks.set(task.id, task);
  const pickers = summary.headlines.flatMap((headline) => {
    const arms = armsOf(summary, headline);
    return arms === undefined ? [] : [new Picker(headline, arms, tasks)];
  });
  let agreement: AgreementCollector | undefined;
  for await (const { completion, scores } of scored(folder)) {
    for (const picker of pickers) picker.see(completion, scores);
    // Every completion is scored by the same scorers.
    agreement ??= new AgreementCollector(scores.map(({ scorer }) => scorer));
    const task = tasks.get(completion.taskId);
    if (task !== undefined) agreement.see(task, scores);
  }
  return { examples: pickers.map((picker) => picker.result()), agreement: agreement?.result() };
}

class Picker {
  readonly #headline: Headline;
  readonly #arms: { readonly before: ArmSummary; readonly after: ArmSummary };
  readonly #tasks: ReadonlyMap<string, Task>;
  readonly #prompts = new Map<string, PromptState>();

  constructor(
    headline: Headline,
    arms: { readonly before: ArmSummary; readonly after: ArmSummary },
    tasks: ReadonlyMap<string, Task>,
  ) {
    this.#headline = headline;
    this.#arms = arms;
    this.#tasks = tasks;
  }

  see(completion: Completion, scores: readonly Score[]): void {
    const task = this.#tasks.get(completion.taskId);
    if (task === undefined || completion.text.length > MOST_CHARACTERS) return;
    const findings = findingsIn(scores);
    if (findings === undefined) return;
    const state = this.#prompts.get(task.id) ?? {};
    this.#prompts.set(task.id, state);
    const kept = { text: completion.text, sample: completion.sample, findings };
    const flagged = findings.length > 0;
    const sound = claimed(scores, "parse") && claimed(scores, "at-risk");
    if (isOf(completion, task, this.#arms.before) && flagged && claimed(scores, "parse"))
      state.before ??= kept;
    if (!isOf(completion, task, this.#arms.after)) return;
    if (flagged) state.same ??= kept;
    else if (sound) state.better ??= kept;
  }

  result(): HeadlineExamples {
    const ids = [...this.#prompts.keys()].sort();
    return {
      headline: this.#headline,
      better: this.#examples(ids, "better", MOST_BETTER),
      same: this.#examples(ids, "same", MOST_SAME),
    };
  }

  /** One a weakness first; a prompt that got better is no example of one that did not. */
  #examples(ids: readonly string[], kind: "better" | "same", most: number): Example[] {
    const seen = new Set<string>();
    const examples: Example[] = [];
    for (const id of ids) {
      const task = this.#tasks.get(id);
      const state = this.#prompts.get(id);
      const after = kind === "same" && state?.better !== undefined ? undefined : state?.[kind];
      if (task?.cwe === undefined || state?.before === undefined || after === undefined) continue;
      if (seen.has(task.cwe) || examples.length >= most) continue;
      seen.add(task.cwe);
      const { before } = state;
      examples.push({
        taskId: id,
        cwe: task.cwe,
        language: cutAs(task.language),
        before: before.text,
        findings: before.findings,
        after: after.text,
        findingsAfter: after.findings,
        samples: { before: before.sample, after: after.sample },
      });
    }
    return examples.sort((a, b) => compareCwe(a.cwe, b.cwe));
  }
}

function isOf(completion: Completion, task: Task, arm: ArmSummary): boolean {
  return (
    task.benchmark === arm.benchmark &&
    completion.model === arm.model &&
    (completion.adapter ?? null) === arm.adapter &&
    completion.strategy === arm.strategy
  );
}

/** Findings of the first oracle; undefined when it gave no verdict. */
function findingsIn(scores: readonly Score[]): readonly Finding[] | undefined {
  const score = scores.find(({ scorer }) => scorer.startsWith("oracle:"));
  const detail = oracleDetailSchema.safeParse(score?.detail);
  return detail.success && detail.data.status === "scanned" ? detail.data.findings : undefined;
}

/** Whether a scorer said yes, or was not asked. */
function claimed(scores: readonly Score[], scorer: string): boolean {
  const value = scores.find((score) => score.scorer === scorer)?.value;
  return value === true || value === "unscored" || value === undefined;
}

/** Completions with their scores: both files are in the same order. */
async function* scored(folder: string): AsyncGenerator<{ completion: Completion; scores: Score[] }> {
  const scores = records(join(folder, "scores.jsonl"), scoreSchema);
  let next = await scores.next();
  try {
    for await (const completion of records(join(folder, "completions.jsonl"), completionSchema)) {
      const block: Score[] = [];
      while (next.done !== true && next.value.completionId === completion.id) {
        block.push(next.value);
        next = await scores.next();
      }
      yield { completion, scores: block };
    }
  } finally {
    await scores.return(undefined);
  }
}

async function* records<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  try {
    for await (const line of readJsonLines(path)) {
      const record = line.kind === "value" ? schema.safeParse(line.value) : undefined;
      if (record?.success === true) yield record.data;
    }
  } catch (error) {
    // A summary alone makes a report, without examples.
    if (!(error instanceof HexacoderError && error.code === "file-not-found")) throw error;
  }
}
