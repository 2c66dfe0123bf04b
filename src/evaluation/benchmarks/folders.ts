// Benchmarks in folders by CWE, `CWE-022/<file>`, one file a prompt: CodeLMSec, Pearce et al. and
// the like. Read from the folder that the user names, or from the cache that fetch.ts fills;
// either way every file must be the one that the manifest's hashes were taken from.
import { readdir, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Task } from "../../core/completion.ts";
import { parseCweId } from "../../core/cwe.ts";
import { HexacoderError } from "../../core/errors.ts";
import { sha256 } from "../../util/hash.ts";
import type { Benchmark } from "./benchmark.ts";
import { type FoldersManifest, isNotThere, readText } from "./manifest.ts";
import { byId, frozenHash } from "./shipped.ts";

/** Loads a benchmark from the folder that the user named; its layouts are tried in turn. */
export async function loadFolders(manifest: FoldersManifest, source: string): Promise<Benchmark> {
  const base = await findBase(manifest, source);
  const texts = await readFiles(manifest, base);
  const tasks = [...texts].map(([path, text]) => taskOf(manifest, path, text)).sort(byId);
  return {
    name: manifest.name,
    title: manifest.title,
    identity: `${manifest.name}@${frozenHash(tasks).slice(0, 16)}`,
    language: manifest.language,
    licence: manifest.licence,
    remarks: manifest.remarks,
    defaults: manifest.defaults,
    tasks,
  };
}

/** The place that holds most of the benchmark's folders; `data-missing` when none does. */
async function findBase(manifest: FoldersManifest, source: string): Promise<string> {
  const wanted = new Set(Object.keys(manifest.files).map((path) => posix.dirname(path)));
  for (const layout of manifest.layouts) {
    const base = join(source, layout);
    const entries = await foldersIn(base);
    if (entries.some((entry) => wanted.has(entry))) return base;
  }
  const exists = await isFolder(source);
  throw new HexacoderError("data-missing", {
    message: exists
      ? `${source} does not hold ${manifest.name}: none of ${manifest.layouts.map((layout) => join(layout, "CWE-NNN")).join(", ")} is there.`
      : `The folder ${source} for ${manifest.name} does not exist.`,
    remedy: `${howToGet(manifest)}.`,
  });
}

/** A sentence, without its stop, that says where a benchmark is to be had. */
export function howToGet({ name, source }: FoldersManifest): string {
  return `Get ${name} from ${source.url} at commit ${source.commit} (folder ${source.folder}) and pass --source with the folder that holds it`;
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

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

async function readFiles(manifest: FoldersManifest, base: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const wrong: string[] = [];
  for (const [path, hash] of Object.entries(manifest.files)) {
    const text = await readIfThere(join(base, path));
    if (text === undefined) wrong.push(`${path} is missing`);
    else if (sha256(text) !== hash) wrong.push(`${path} differs`);
    else texts.set(path, text);
  }
  if (wrong.length > 0) {
    const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : "";
    throw new HexacoderError("bad-input", {
      message: `${base} is not ${manifest.name} as published: ${wrong.slice(0, 3).join(", ")}${more} (of ${Object.keys(manifest.files).length} files).`,
      remedy: `${howToGet(manifest)}; figures on other files would not compare.`,
    });
  }
  return texts;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readText(path);
  } catch (error) {
    if (error instanceof HexacoderError && error.code === "file-not-found") return undefined;
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
