// The rows of a dataset folder, as `dataset build` and `import` write them.
import { join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { type TrainingRow, trainingRowSchema } from "../core/pair.ts";
import { readJsonLines } from "../util/jsonl.ts";

/** Streams a part's rows; throws `bad-record` for a line that is none. */
export async function* readRows(dataset: string, part: "train" | "eval"): AsyncGenerator<TrainingRow> {
  const path = join(dataset, `${part}.jsonl`);
  for await (const line of readJsonLines(path)) {
    const parsed = trainingRowSchema.safeParse(line.kind === "value" ? line.value : undefined);
    if (!parsed.success) throw brokenRow(path, line.line);
    yield parsed.data;
  }
}

function brokenRow(path: string, line: number): HexacoderError {
  return new HexacoderError("bad-record", {
    message: `Line ${line} of ${path} is not a training row.`,
    remedy: "Name a folder that hexacoder dataset build or import has written.",
  });
}
