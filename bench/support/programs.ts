// Programs from wherever they lie: a folder of sources, or JSON lines of samples or of SVEN's functions.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { z } from "zod";
import { type Language, languageOf } from "../../src/core/language.ts";
import { sourceSampleSchema } from "../../src/core/pair.ts";
import { readJsonLines } from "../../src/util/jsonl.ts";

/** A program to look at. */
export interface BenchProgram {
  /** What it is called. */
  readonly id: string;
  /** What it was written for, where that is known: samples of one prompt resemble one another. */
  readonly prompt: string;
  readonly language: Language;
  readonly code: string;
}

const svenSchema = z.looseObject({
  func_src_before: z.string(),
  func_name: z.string(),
  file_name: z.string(),
});

/** Reads programs; `source` is a folder or a file of JSON lines. */
export async function* readPrograms(source: string): AsyncGenerator<BenchProgram> {
  if (statSync(source).isDirectory()) {
    for (const path of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
      const language = languageOf(path);
      if (language === undefined) continue;
      yield { id: path, prompt: path, language, code: readFileSync(join(source, path), "utf8") };
    }
    return;
  }
  for await (const line of readJsonLines(source)) {
    if (line.kind === "broken") throw new Error(`${source}:${line.line} is no JSON: ${line.message}`);
    const sven = svenSchema.safeParse(line.value);
    if (sven.success) {
      const { func_src_before: code, func_name: name, file_name: file } = sven.data;
      const language = languageOf(`x${extname(file)}`) ?? "c";
      yield { id: `${line.line}:${name}`, prompt: name, language, code: outdented(code) };
      continue;
    }
    const sample = sourceSampleSchema.parse(line.value);
    const { prompt_id: prompt } = z.looseObject({ prompt_id: z.string().optional() }).parse(line.value);
    const id = sample.id ?? String(line.line);
    yield { id, prompt: prompt ?? id, language: sample.language ?? "python", code: sample.code };
  }
}

/** A method as a function: its own indentation is taken off. */
function outdented(code: string): string {
  const indent = /^[ \t]+/.exec(code)?.[0];
  return indent === undefined ? code : code.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
