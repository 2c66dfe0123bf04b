// HumanEval's layout: JSON lines, mostly packed, each a function's head with its docstring, a canonical
// solution, and a `check(candidate)` that asserts.
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { Task } from "../../core/completion.ts";
import type { Benchmark, Solutions } from "./benchmark.ts";
import { benchmarkOf } from "./identity.ts";
import type { ManifestOf } from "./manifest.ts";
import { jsonLines, notTheLayout, parseRow, readSingleFile, textOf } from "./source-files.ts";

const rowSchema = z.looseObject({
  /** `HumanEval/17`. */
  task_id: z.string().regex(/^[^/]+\/\d+$/),
  /** Imports, helpers, the function's head and docstring. */
  prompt: z.string().min(1),
  /** The function's name. */
  entry_point: z.string().regex(/^[A-Za-z_]\w*$/),
  /** What follows the prompt. */
  canonical_solution: z.string(),
  /** Defines `check`. */
  test: z.string().includes("def check"),
});

/** Loads a benchmark in HumanEval's layout. */
export async function loadHumanEval(manifest: ManifestOf<"humaneval">, source: string): Promise<Benchmark> {
  const file = await readSingleFile(manifest, source);
  const text = textOf({ path: file.path, bytes: isPacked(file.bytes) ? gunzipSync(file.bytes) : file.bytes });
  const rows = jsonLines(text).map((row) => parseRow(rowSchema, row, { manifest, path: file.path }));
  if (rows.length === 0) throw notTheLayout(manifest, file.path, "it has no line");
  const solutions = new Map<string, Solutions>();
  const tasks = rows.map((row): Task => {
    const id = `${manifest.name}/${(row.task_id.split("/")[1] ?? "").padStart(3, "0")}`;
    solutions.set(id, { safe: row.prompt + row.canonical_solution });
    return {
      id,
      benchmark: manifest.name,
      language: manifest.language,
      prompt: row.prompt,
      family: id,
      tests: { kind: "asserts", code: `${row.test}\ncheck(${row.entry_point})\n` },
    };
  });
  return benchmarkOf(manifest, tasks, solutions);
}

function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
