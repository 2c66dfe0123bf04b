// Programs from a folder: every file with an ending that we know, in the order of its path.
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { HexacoderError, readError } from "../../core/errors.ts";
import { languageOf } from "../../core/language.ts";
import { sha256 } from "../../util/hash.ts";
import type { CandidateSource, Proposal } from "../candidate.ts";

const MAX_BYTES = 1024 * 1024;
const SKIPPED_FOLDERS = new Set(["node_modules", ".git", ".venv", "venv", "__pycache__"]);

/** Proposes each program under a folder. */
export async function filesSource(folder: string): Promise<CandidateSource> {
  const paths = await programsUnder(folder);
  if (paths.length === 0) {
    throw new HexacoderError("nothing-to-do", {
      message: `${folder} holds no program in a language that hexacoder knows.`,
      remedy: "Name a folder with .py files.",
    });
  }
  return {
    inputs: { [`files:${folder}`]: await hashOfFiles(paths) },
    size: paths.length,
    async *propose() {
      for (const path of paths) yield await proposalOf(folder, path);
    },
  };
}

async function programsUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw readError(folder, error);
  });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) found.push(...(await programsUnder(path)));
    else if (entry.isFile() && languageOf(path) !== undefined) found.push(path);
  }
  return found;
}

async function hashOfFiles(paths: readonly string[]): Promise<string> {
  const hashes: string[] = [];
  for (const path of paths) hashes.push(`${path} ${sha256(await readFile(path))}`);
  return sha256(hashes.join("\n"));
}

async function proposalOf(folder: string, path: string): Promise<Proposal> {
  const ref = relative(folder, path);
  const language = languageOf(path);
  const { size } = await stat(path);
  if (language === undefined) return { kind: "unusable", ref, reason: "unsupported-language", detail: path };
  if (size > MAX_BYTES) {
    return {
      kind: "unusable",
      ref,
      reason: "too-large",
      detail: `${size} bytes; at most ${MAX_BYTES} are read`,
    };
  }
  const bytes = await readFile(path);
  const code = decode(bytes);
  if (code === undefined) {
    return { kind: "unusable", ref, reason: "not-text", detail: "it is not UTF-8 text" };
  }
  return { kind: "candidate", candidate: { id: ref, language, code, source: { kind: "file", ref } } };
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8: the caller reports it as `not-text`
  }
}
