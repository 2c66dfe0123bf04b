// The files of an evaluation's run folder, read as streams: completions.jsonl, and scores.jsonl
// with one block of scores for each completion, in the same order.
import { join } from "node:path";
import type { z } from "zod";
import { type Completion, completionSchema, type Score, scoreSchema } from "../core/completion.ts";
import { HexacoderError, writeError } from "../core/errors.ts";
import { JsonLinesWriter, readJsonLines } from "../util/jsonl.ts";

/** Names of the files in a run folder. */
export function runFiles(folder: string): {
  completions: string;
  scores: string;
  summary: string;
  tasks: string;
} {
  return {
    completions: join(folder, "completions.jsonl"),
    scores: join(folder, "scores.jsonl"),
    summary: join(folder, "summary.json"),
    tasks: join(folder, "tasks.jsonl"),
  };
}

/** Records of a JSON lines file; lines that are none are counted and passed over. No file, no records. */
export async function* readRecords<T>(
  path: string,
  schema: z.ZodType<T>,
  onBroken: (line: number) => void = () => undefined,
): AsyncGenerator<T> {
  try {
    for await (const line of readJsonLines(path)) {
      const record = line.kind === "value" ? schema.safeParse(line.value) : undefined;
      if (record?.success === true) yield record.data;
      else onBroken(line.line);
    }
  } catch (error) {
    if (!(error instanceof HexacoderError && error.code === "file-not-found")) throw error;
  }
}

/** Completions of a run folder. */
export function readCompletions(
  folder: string,
  onBroken?: (line: number) => void,
): AsyncGenerator<Completion> {
  return readRecords(runFiles(folder).completions, completionSchema, onBroken);
}

/** Scores of a run folder. */
export function readScores(folder: string): AsyncGenerator<Score> {
  return readRecords(runFiles(folder).scores, scoreSchema);
}

/** Completions with their block of scores, as far as both files agree. */
export async function* readScored(
  folder: string,
  scorers: readonly string[],
): AsyncGenerator<{ completion: Completion; scores: Score[] }> {
  const scores = readScores(folder);
  try {
    for await (const completion of readCompletions(folder)) {
      const block = await readBlock(scores, completion, scorers);
      if (block === undefined) return;
      yield { completion, scores: block };
    }
  } finally {
    await scores.return(undefined);
  }
}

async function readBlock(
  scores: AsyncGenerator<Score>,
  completion: Completion,
  scorers: readonly string[],
): Promise<Score[] | undefined> {
  const block: Score[] = [];
  for (const scorer of scorers) {
    const next = await scores.next();
    if (next.done === true) return undefined;
    if (next.value.completionId !== completion.id || next.value.scorer !== scorer) return undefined;
    block.push(next.value);
  }
  return block;
}

/** Opens a file of a run folder for appending; a last line that a crash cut short is removed. */
export async function openWriter(path: string): Promise<JsonLinesWriter> {
  return JsonLinesWriter.open(path).catch((error: unknown) => {
    throw writeError(path, error);
  });
}
