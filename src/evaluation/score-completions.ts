// Scores the completions of a run folder. scores.jsonl holds, for each line of completions.jsonl
// and in the same order, one line a scorer: so what is scored already is known by walking both
// files side by side, and a block that a crash cut short is dropped and made again.

import type { Completion, Score } from "../core/completion.ts";
import type { JsonLinesWriter } from "../util/jsonl.ts";
import { inBatches } from "../util/ordered.ts";
import type { EvaluateOptions } from "./options.ts";
import { armFinder, type EvaluationPlan } from "./plan.ts";
import { openWriter, readCompletions, readScored, runFiles } from "./run-files.ts";
import type { Scorable, Scorer } from "./scorers/scorer.ts";
import { truncateLines } from "./truncate-lines.ts";

const BATCH = 64;

/** Scores what is not scored yet. */
export async function scoreCompletions(
  plan: EvaluationPlan,
  options: Pick<EvaluateOptions, "folder" | "onProgress" | "signal">,
): Promise<void> {
  const scorers = plan.scorers();
  const names = scorers.map((scorer) => scorer.name);
  const { scores: path } = runFiles(options.folder);
  // Opening drops a line that a crash cut short: it must not be taken for whole while counting.
  await (await openWriter(path)).close();
  const finished = await countScored(options.folder, names);
  await truncateLines(path, finished * names.length);
  const writer = await openWriter(path);
  try {
    await scoreFrom(plan, scorers, finished, writer, options);
  } finally {
    await writer.close();
  }
}

async function countScored(folder: string, scorers: readonly string[]): Promise<number> {
  let count = 0;
  for await (const _scored of readScored(folder, scorers)) count++;
  return count;
}

async function scoreFrom(
  plan: EvaluationPlan,
  scorers: readonly Scorer[],
  finished: number,
  writer: JsonLinesWriter,
  options: Pick<EvaluateOptions, "folder" | "onProgress" | "signal">,
): Promise<void> {
  const total = plan.arms.reduce((sum, arm) => sum + arm.tasks.length * arm.samples, 0);
  const armOf = armFinder(plan.arms);
  let seen = 0;
  for await (const batch of inBatches(readCompletions(options.folder), batchOf(scorers))) {
    options.signal?.throwIfAborted();
    const items = scorables(armOf, batch);
    const known = Math.max(0, Math.min(items.length, finished - seen));
    const blocks = await scoreBatch(scorers, items, known, options);
    await writer.append(...blocks.flat());
    seen += items.length;
    options.onProgress?.({ phase: "score", done: seen, total });
  }
}

/** As many completions at once as the scorer that is dearest to start wants. */
function batchOf(scorers: readonly Scorer[]): number {
  return Math.max(BATCH, ...scorers.map((scorer) => scorer.batch ?? 0));
}

function scorables(armOf: ReturnType<typeof armFinder>, completions: readonly Completion[]): Scorable[] {
  return completions.map((completion) => {
    const task = armOf(completion)?.task;
    // The manifest has been compared already: a completion of another run cannot be here.
    if (task === undefined) throw new Error(`Completion ${completion.id} belongs to no arm of this run.`);
    return { completion, task };
  });
}

/** Scores of the completions from `known` on, a block each. */
async function scoreBatch(
  scorers: readonly Scorer[],
  items: readonly Scorable[],
  known: number,
  { signal }: Pick<EvaluateOptions, "signal">,
): Promise<Score[][]> {
  const fresh = items.slice(known);
  const blocks: Score[][] = fresh.map(() => []);
  for (const scorer of scorers) {
    const batch = scorer.watchesAll ? items : fresh;
    if (batch.length === 0) continue;
    const scores = await scorer.score(batch, signal === undefined ? {} : { signal });
    if (scores.length !== batch.length) throw new Error(`${scorer.name} lost a score.`);
    for (const [place, block] of blocks.entries()) {
      const score = scores[place + batch.length - fresh.length];
      if (score !== undefined) block.push(score);
    }
  }
  return blocks;
}
