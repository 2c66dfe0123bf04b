// The dataset folder as training wants it: train.jsonl, and eval.jsonl where there is one, every row checked
// before a model is loaded.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HexacoderError, isNotThere } from "../core/errors.ts";
import { trainingRowSchema } from "../core/pair.ts";
import { sha256File } from "../util/hash.ts";
import { readJsonLines } from "../util/jsonl.ts";

/** A part of the dataset. */
export interface DataFile {
  readonly path: string;
  /** Rows in it. */
  readonly rows: number;
  /** SHA-256 of the file. */
  readonly hash: string;
}

/** A checked dataset. */
export interface TrainingData {
  readonly train: DataFile;
  /** Benign programs to mix in; undefined for none. */
  readonly replay: DataFile | undefined;
  /** Undefined where the folder has no evaluation rows. */
  readonly eval: DataFile | undefined;
}

/** A line of a replay file; a training row is one, too. */
const replayRowSchema = z.looseObject({
  /** The program, of which every token is learned. */
  text: z.string().min(1),
});

/**
 * Checks a dataset folder and a replay file, where one is given; throws `file-not-found`, `bad-record` or
 * `nothing-to-do`.
 */
export async function readTrainingData(folder: string, replay?: string): Promise<TrainingData> {
  const train = await readPart(join(folder, "train.jsonl"));
  if (train === undefined) {
    throw new HexacoderError("file-not-found", {
      message: `${folder} is no dataset: it has no train.jsonl.`,
      remedy:
        "Make one with `hexacoder dataset build RUN --out DIR` or `hexacoder dataset import`, and name its folder.",
    });
  }
  if (train.rows === 0) {
    throw new HexacoderError("nothing-to-do", {
      message: `${train.path} has no rows to learn from.`,
      remedy: "Make more pairs with `hexacoder synth`, and build the dataset again.",
    });
  }
  const evaluation = await readPart(join(folder, "eval.jsonl"));
  return {
    train,
    eval: evaluation?.rows === 0 ? undefined : evaluation,
    replay: replay === undefined ? undefined : await readReplay(replay),
  };
}

async function readPart(path: string): Promise<DataFile | undefined> {
  if (!(await exists(path))) return undefined;
  return await readRows(path, trainingRowSchema, ({ text, changes }) =>
    changes.some(({ end }) => end > text.length)
      ? `a change ends behind the text's ${text.length} code units`
      : undefined,
  );
}

async function readReplay(path: string): Promise<DataFile> {
  if (!(await exists(path))) {
    throw new HexacoderError("file-not-found", {
      message: `There is no replay file ${path}.`,
      remedy:
        'Name a file of JSON lines with a "text" each: benign programs of the kind that the base writes.',
    });
  }
  const file = await readRows(path, replayRowSchema, () => undefined);
  if (file.rows > 0) return file;
  throw new HexacoderError("nothing-to-do", {
    message: `${path} has no rows to mix in.`,
    remedy: "Leave --replay out, or name a file that has some.",
  });
}

async function readRows<T>(
  path: string,
  schema: z.ZodType<T>,
  problemOf: (row: T) => string | undefined,
): Promise<DataFile> {
  let rows = 0;
  for await (const line of readJsonLines(path)) {
    const row = schema.safeParse(line.kind === "value" ? line.value : undefined);
    if (!row.success)
      throw badRow(path, line.line, line.kind === "broken" ? line.message : reason(row.error));
    const problem = problemOf(row.data);
    if (problem !== undefined) throw badRow(path, line.line, problem);
    rows++;
  }
  return { path, rows, hash: await sha256File(path) };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

function reason(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues;
  return issue === undefined ? "not a training row" : `${issue.path.join(".")}: ${issue.message}`;
}

function badRow(path: string, line: number, why: string): HexacoderError {
  return new HexacoderError("bad-record", {
    message: `Line ${line} of ${path} is no training row (${why}).`,
    remedy:
      "Build the dataset again with `hexacoder dataset build` or `hexacoder dataset import`, or correct the line.",
  });
}
