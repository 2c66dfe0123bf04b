// MBPP's layouts: the full set as JSON lines, the sanitized one as a JSON array; the same things under other
// names. The prompt is what zero-shot work on completion models shows: the sentence and the first assertion,
// which gives the function's name, as a docstring.
import { z } from "zod";
import type { Task } from "../../core/completion.ts";
import type { Benchmark, Solutions } from "./benchmark.ts";
import { benchmarkOf } from "./identity.ts";
import type { ManifestOf } from "./manifest.ts";
import { jsonArray, jsonLines, notTheLayout, parseRow, readSingleFile, textOf } from "./source-files.ts";

const common = {
  /** Its number. */
  task_id: z.int().min(0),
  /** A solution. */
  code: z.string(),
  /** Assertions. */
  test_list: z.array(z.string()).min(1),
};

const fullSchema = z.looseObject({ ...common, text: z.string().min(1), test_setup_code: z.string() });
const sanitizedSchema = z.looseObject({
  ...common,
  prompt: z.string().min(1),
  test_imports: z.array(z.string()),
});

/** Either layout, with the names of the first. */
const rowSchema = z.union([
  fullSchema.transform(({ task_id, code, test_list, text, test_setup_code }) => ({
    number: task_id,
    code,
    tests: test_list,
    text,
    setup: test_setup_code,
  })),
  sanitizedSchema.transform(({ task_id, code, test_list, prompt, test_imports }) => ({
    number: task_id,
    code,
    tests: test_list,
    text: prompt,
    setup: test_imports.join("\n"),
  })),
]);

/** Loads a benchmark in one of MBPP's layouts. */
export async function loadMbpp(manifest: ManifestOf<"mbpp">, source: string): Promise<Benchmark> {
  const file = await readSingleFile(manifest, source);
  const text = textOf(file);
  const rows = (jsonArray(text) ?? jsonLines(text)).map((row) =>
    parseRow(rowSchema, row, { manifest, path: file.path }),
  );
  const [first, last] = manifest.taskIds;
  const used = rows.filter(({ number }) => number >= first && number <= last);
  if (used.length === 0) throw notTheLayout(manifest, file.path, `it has no task from ${first} to ${last}`);
  const solutions = new Map<string, Solutions>();
  const tasks = used.map((row): Task => {
    const id = `${manifest.name}/${String(row.number).padStart(4, "0")}`;
    const prompt = `"""\n${row.text.trim()}\n${row.tests[0] ?? ""}\n"""\n`;
    solutions.set(id, { safe: `${prompt}${row.code}\n` });
    return {
      id,
      benchmark: manifest.name,
      language: manifest.language,
      prompt,
      family: id,
      tests: { kind: "asserts", code: `${[row.setup, ...row.tests].join("\n")}\n` },
    };
  });
  return benchmarkOf(manifest, tasks, solutions);
}
