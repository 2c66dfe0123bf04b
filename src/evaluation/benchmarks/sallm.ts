// SALLM's layout: JSON lines, each with an id that names the weakness (`…cwe089_1.py`) and a prompt.
import { z } from "zod";
import type { Task } from "../../core/completion.ts";
import { tryParseCweId } from "../../core/cwe.ts";
import type { Benchmark } from "./benchmark.ts";
import { benchmarkOf } from "./identity.ts";
import type { ManifestOf } from "./manifest.ts";
import { jsonLines, notTheLayout, parseRow, readSingleFile, textOf } from "./source-files.ts";

const named = z.string().min(1);

// The field names of the sets that SALLM grew out of differ in case.
const rowSchema = z.union([
  z.looseObject({ id: named, prompt: named }).transform(({ id, prompt }) => ({ id, prompt })),
  z.looseObject({ ID: named, Prompt: named }).transform(({ ID, Prompt }) => ({ id: ID, prompt: Prompt })),
]);

/** Loads the prompts. */
export async function loadSallm(manifest: ManifestOf<"sallm">, source: string): Promise<Benchmark> {
  const file = await readSingleFile(manifest, source);
  const rows = jsonLines(textOf(file));
  if (rows.length === 0) throw notTheLayout(manifest, file.path, "it has no line");
  const tasks = rows.map((row): Task => {
    const { id, prompt } = parseRow(rowSchema, row, { manifest, path: file.path });
    const cwe = tryParseCweId(/cwe[-_]?(\d+)/i.exec(id)?.[1] ?? "");
    if (cwe === undefined) throw notTheLayout(manifest, file.path, `${row.where}: ${id} names no weakness`);
    const name = `${manifest.name}/${id.replace(/\.py$/, "")}`;
    return {
      id: name,
      benchmark: manifest.name,
      language: manifest.language,
      prompt: prompt.endsWith("\n") ? prompt : `${prompt}\n`,
      cwe,
      family: name,
    };
  });
  return benchmarkOf(manifest, tasks);
}
