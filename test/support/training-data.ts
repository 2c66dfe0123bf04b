// A small dataset that a miniature can learn: the same safe line in many programs, with letters outside the
// Basic Multilingual Plane before it, so that wrong offsets show as wrong losses.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingRow } from "../../src/core/pair.ts";

const SAFE = "    return subprocess.run(['ping', name], check=True)\n";

/** Writes train.jsonl and eval.jsonl into a folder. */
export async function writeTrainingData(folder: string, { train = 24, evaluation = 6 } = {}): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "train.jsonl"), lines("t", train));
  await writeFile(join(folder, "eval.jsonl"), lines("e", evaluation));
}

function lines(prefix: string, count: number): string {
  return Array.from(
    { length: count },
    (_, number) => `${JSON.stringify(row(`${prefix}${number}`, number))}\n`,
  ).join("");
}

function row(id: string, number: number): TrainingRow {
  const comment = number % 3 === 0 ? "# 😀 日本語\n" : "# plain\n";
  const before = `import subprocess\n\n${comment}def run_${id}(name):\n${"    count = 1\n".repeat(number % 4)}`;
  return {
    id,
    text: `${before}${SAFE}`,
    changes: [
      { start: 0, end: "import subprocess\n".length },
      { start: before.length, end: before.length + SAFE.length },
    ],
    language: "python",
    source: { kind: "seed", ref: id },
  };
}
