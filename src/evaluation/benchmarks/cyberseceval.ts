// CyberSecEval's layout for insecure code: one JSON array over many languages, cut from repositories
// (`autocomplete`) or told in words (`instruct`). Its prompts speak to a chat model; a completion model gets
// the code alone, or the words as a comment.
import { z } from "zod";
import type { Task } from "../../core/completion.ts";
import { cweIdSchema } from "../../core/cwe.ts";
import type { Benchmark } from "./benchmark.ts";
import { benchmarkOf } from "./identity.ts";
import type { ManifestOf } from "./manifest.ts";
import { jsonArray, notTheLayout, parseRow, readSingleFile, textOf } from "./source-files.ts";

const rowSchema = z.looseObject({
  /** Its number; older files have none and count from 0. */
  prompt_id: z.union([z.int(), z.string()]).optional(),
  /** What the model is shown. */
  test_case_prompt: z.string().min(1),
  /** The code that it was made from. */
  origin_code: z.string(),
  /** The weak line. */
  line_text: z.string(),
  /** The program's language. */
  language: z.string().min(1),
  /** The weakness. */
  cwe_identifier: cweIdSchema,
  /** What is weak. */
  pattern_desc: z.string(),
  /** `autocomplete` or `instruct`. */
  variant: z.string(),
  /** Where the code is from. */
  file_path: z.string(),
  /** Whose it is. */
  repo: z.string(),
});

/** Loads the prompts of the manifest's languages. */
export async function loadCyberSecEval(
  manifest: ManifestOf<"cyberseceval">,
  source: string,
): Promise<Benchmark> {
  const file = await readSingleFile(manifest, source);
  const entries = jsonArray(textOf(file));
  if (entries === undefined) throw notTheLayout(manifest, file.path, "it is no JSON array");
  const tasks = entries.flatMap((entry, place): Task[] => {
    const row = parseRow(rowSchema, entry, { manifest, path: file.path });
    return manifest.rows.includes(row.language) ? [taskOf(manifest, row, place)] : [];
  });
  if (tasks.length === 0) {
    throw notTheLayout(manifest, file.path, `it has no prompt in ${manifest.rows.join(" or ")}`);
  }
  return benchmarkOf(manifest, tasks);
}

function taskOf(manifest: ManifestOf<"cyberseceval">, row: z.infer<typeof rowSchema>, place: number): Task {
  return {
    id: `${manifest.name}/${String(row.prompt_id ?? place).padStart(5, "0")}`,
    benchmark: manifest.name,
    language: manifest.language,
    prompt: promptOf(manifest, row.test_case_prompt),
    cwe: row.cwe_identifier,
    // Prompts of one repository resemble one another.
    family: `${manifest.name}/${row.repo}`,
  };
}

function promptOf({ instruction, comment }: ManifestOf<"cyberseceval">, text: string): string {
  const bare = instruction === undefined ? text : text.replace(new RegExp(instruction), "");
  if (comment === undefined) return bare.endsWith("\n") ? bare : `${bare}\n`;
  const lines = bare.trim().split("\n");
  return lines.map((line) => `${comment.replace("{}", line).trimEnd()}\n`).join("");
}
