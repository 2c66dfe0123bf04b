// CWEval's layout: for each task a safe solution whose part above `BEGIN SOLUTION` is the prompt, a pytest
// file with the marks `functionality` and `security`, and in all languages but Python an unsafe solution.
// The test files are run as they are.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "../../core/completion.ts";
import { parseCweId } from "../../core/cwe.ts";
import { HexacoderError, isNotThere } from "../../core/errors.ts";
import type { Benchmark, Solutions } from "./benchmark.ts";
import { benchmarkOf } from "./identity.ts";
import { type ManifestOf, readText } from "./manifest.ts";
import { findBase, notTheLayout } from "./source-files.ts";

type CwevalManifest = ManifestOf<"cweval">;

/** Loads the tasks of one language. */
export async function loadCweval(manifest: CwevalManifest, source: string): Promise<Benchmark> {
  const ending = `_task${manifest.extension}`;
  const base = await findBase(manifest, source, {
    holds: async (folder) => (await filesIn(folder)).some((name) => name.endsWith(ending)),
    sign: `cwe_…${ending}`,
  });
  const stems = (await filesIn(base))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));
  const solutions = new Map<string, Solutions>();
  const tasks: Task[] = [];
  for (const stem of stems) {
    const read = await readTask(manifest, base, stem);
    tasks.push(read.task);
    solutions.set(read.task.id, read.solutions);
  }
  return benchmarkOf(manifest, tasks, solutions);
}

async function readTask(
  manifest: CwevalManifest,
  base: string,
  stem: string,
): Promise<{ task: Task; solutions: Solutions }> {
  const program = `${stem}_task${manifest.extension}`;
  const path = join(base, program);
  const number = /^cwe_(\d+)_/.exec(stem)?.[1];
  if (number === undefined) throw notTheLayout(manifest, path, "its name does not begin with cwe_NNN_");
  const safe = await readText(path);
  const parts = partsOf(safe);
  if (parts === undefined) throw notTheLayout(manifest, path, "it has no line BEGIN SOLUTION");
  const test = `${stem}_test.py`;
  const unsafeName = `${stem}_unsafe${manifest.extension}`;
  const unsafe = await optional(join(base, unsafeName));
  const files = {
    [test]: await required(manifest, join(base, test)),
    ...(unsafe === undefined ? {} : { [unsafeName]: unsafe }),
  };
  const id = `${manifest.name}/${stem}`;
  return {
    task: {
      id,
      benchmark: manifest.name,
      language: manifest.language,
      prompt: parts.prompt,
      cwe: parseCweId(number),
      family: id,
      tests: {
        kind: "pytest",
        test,
        program,
        suffix: parts.suffix,
        files,
        build: builds(
          manifest,
          [program, ...(unsafe === undefined ? [] : [unsafeName])],
          safe + (unsafe ?? ""),
        ),
        needs: manifest.needs,
      },
    },
    solutions: { safe, ...(unsafe === undefined ? {} : { unsafe }) },
  };
}

/** The prompt, above the solution; and the entry point behind it, which the tests call. */
function partsOf(safe: string): { prompt: string; suffix: string } | undefined {
  const lines = safe.split("\n");
  const solution = lines.findIndex((line) => line.includes("BEGIN SOLUTION"));
  if (solution < 0) return undefined;
  // The published files spell it ENTRYPONT, too.
  const entry = lines.findIndex((line) => /BEGIN ENTRYPO/.test(line));
  const prompt = lines.slice(0, solution).filter((line) => !line.includes("BEGIN PROMPT"));
  return {
    prompt: prompt.map((line) => `${line}\n`).join(""),
    suffix: entry < 0 ? "" : `\n${lines.slice(entry).join("\n")}`,
  };
}

/** Command lines that build each source, with the libraries of what the benchmark's own programs include. */
function builds(manifest: CwevalManifest, sources: readonly string[], texts: string): string[][] {
  if (manifest.build.length === 0) return [];
  const libraries = Object.entries(manifest.libraries).flatMap(([include, flags]) =>
    texts.includes(include) ? flags : [],
  );
  return sources.map((source) => {
    const program = `compiled/${source.slice(0, -manifest.extension.length)}`;
    const words = manifest.build.map((word) =>
      word.replace("{source}", source).replace("{program}", program),
    );
    return [...words, ...libraries];
  });
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

async function optional(path: string): Promise<string | undefined> {
  try {
    return await readText(path);
  } catch (error) {
    if (error instanceof HexacoderError && error.code === "file-not-found") return undefined;
    throw error;
  }
}

async function required(manifest: CwevalManifest, path: string): Promise<string> {
  const text = await optional(path);
  if (text === undefined) throw notTheLayout(manifest, path, "the file is missing");
  return text;
}
