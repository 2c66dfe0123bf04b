// Benchmarks in folders by CWE, `CWE-022/<file>`, one file a prompt: CodeLMSec, Pearce et al., the authors'
// unseen weaknesses and the like. Every file must be the one that the manifest's hashes were taken from.

import { readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Task } from "../../core/completion.ts";
import { parseCweId } from "../../core/cwe.ts";
import { isNotThere } from "../../core/errors.ts";
import type { Benchmark } from "./benchmark.ts";
import { benchmarkOf } from "./identity.ts";
import type { FoldersManifest } from "./manifest.ts";
import { findBase, readPublished, textOf } from "./source-files.ts";

/** Loads a benchmark from the folder that the user named; its layouts are tried in turn. */
export async function loadFolders(manifest: FoldersManifest, source: string): Promise<Benchmark> {
  const wanted = new Set(Object.keys(manifest.files).map((path) => posix.dirname(path)));
  const base = await findBase(manifest, source, {
    holds: async (folder) => (await foldersIn(folder)).some((entry) => wanted.has(entry)),
    sign: "CWE-NNN",
  });
  const files = await readPublished(manifest, base);
  const tasks = [...files].map(([path, bytes]) =>
    taskOf(manifest, path, textOf({ path: join(base, path), bytes })),
  );
  return benchmarkOf(manifest, tasks);
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

function taskOf(manifest: FoldersManifest, path: string, text: string): Task {
  const cwe = parseCweId(posix.dirname(path));
  const stem = posix.basename(path, posix.extname(path));
  const operation = manifest.operations[stem] ?? manifest.operations[cwe];
  return {
    id: `${manifest.name}/${posix.dirname(path)}/${stem}`,
    benchmark: manifest.name,
    language: manifest.language,
    prompt: text,
    cwe,
    family: `${manifest.name}/${posix.dirname(path)}/${familyOf(manifest, stem)}`,
    ...(operation === undefined ? {} : { operation }),
  };
}

function familyOf(manifest: FoldersManifest, stem: string): string {
  if (manifest.family === undefined) return stem;
  return new RegExp(manifest.family).exec(stem)?.[1] ?? stem;
}
