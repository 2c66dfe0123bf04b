// The dataset folder as training wants it: train.jsonl, and eval.jsonl where there is one, every row checked
// before a model is loaded.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HexacoderError, systemErrorCode } from "../core/errors.ts";
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
  /** Undefined where the folder has no evaluation rows. */
  readonly eval: DataFile | undefined;
}

/** Checks a dataset folder; throws `file-not-found`, `bad-record` or `nothing-to-do`. */
export async function readTrainingData(folder: string): Promise<TrainingData> {
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
  return { train, eval: evaluation?.rows === 0 ? undefined : evaluation };
}

async function readPart(path: string): Promise<DataFile | undefined> {
  if (!(await exists(path))) return undefined;
  let rows = 0;
  for await (const line of readJsonLines(path)) {
    const row = trainingRowSchema.safeParse(line.kind === "value" ? line.value : undefined);
    if (!row.success)
      throw badRow(path, line.line, line.kind === "broken" ? line.message : reason(row.error));
    const { text, changes } = row.data;
    if (changes.some(({ end }) => end > text.length)) {
      throw badRow(path, line.line, `a change ends behind the text's ${text.length} code units`);
    }
    rows++;
  }
  return { path, rows, hash: await sha256File(path) };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return false;
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
    remedy: "Build the dataset again with `hexacoder dataset build` or `hexacoder dataset import`.",
  });
}
