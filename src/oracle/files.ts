// Programs on disk: finds them under the paths that a user gives, and reads each as text, or says
// why it cannot be looked at. Nothing is skipped silently but what .gitignore and habit leave out.
import { type Dirent, readFileSync, type Stats, statSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { readError, systemErrorCode } from "../core/errors.ts";
import type { ScanResult, SourceFile } from "../core/finding.ts";
import { type Language, languageOf } from "../core/language.ts";
import { MAX_PROGRAM_BYTES } from "./limits.ts";

/** A file to look at, or why it was not read. */
export type FoundFile =
  | { readonly kind: "program"; readonly file: SourceFile }
  | { readonly kind: "unscanned"; readonly result: Extract<ScanResult, { status: "unscanned" }> };

/** Folders that hold no programs of the user's own. */
const SKIPPED = new Set([
  "node_modules",
  ".git",
  ".venv",
  "venv",
  "__pycache__",
  ".tox",
  ".mypy_cache",
  "site-packages",
]);

/** Paths under a folder in a fixed order; files given by name are always looked at, whatever their ending. */
export async function* findPrograms(
  paths: readonly string[],
  options: { cwd: string; languages: readonly Language[] },
): AsyncGenerator<string> {
  const seen = new Set<string>();
  for (const path of paths) {
    const full = join2(options.cwd, path);
    const status = await statOf(path, full);
    if (!status.isDirectory()) {
      if (!seen.has(full)) yield path;
      seen.add(full);
      continue;
    }
    const entries = await entriesOf(full);
    const state = { root: full, rules: [], languages: options.languages };
    for await (const found of walk(full, entries, state)) {
      if (seen.has(found)) continue;
      seen.add(found);
      yield join(path, relative(full, found));
    }
  }
}

/** Reads a program; what is no text, too large or of no known language comes back unscanned. */
export async function readProgram(path: string, cwd: string): Promise<FoundFile> {
  const full = join2(cwd, path);
  const unscanned = (
    reason: "not-text" | "too-large" | "unsupported-language" | "tool-failed",
    detail: string,
  ): FoundFile => ({
    kind: "unscanned",
    result: { status: "unscanned", path, reason, detail },
  });
  try {
    const language = languageOf(path);
    // Programs are small: waiting for each through the thread pool would cost several times the reading.
    const status = statSync(full);
    if (status.isDirectory()) return unscanned("tool-failed", "The folder could not be read.");
    // A pipe would keep everything waiting.
    if (!status.isFile()) return unscanned("tool-failed", "It is no regular file.");
    const { size } = status;
    if (size > MAX_PROGRAM_BYTES) {
      return unscanned("too-large", `The file has ${size} bytes; up to ${MAX_PROGRAM_BYTES} are analysed.`);
    }
    const bytes = readFileSync(full);
    const text = decode(bytes);
    if (text === undefined) return unscanned("not-text", "The file is not UTF-8 text.");
    if (language === undefined)
      return unscanned("unsupported-language", "The file's ending names no known language.");
    return { kind: "program", file: { path, language, text } };
  } catch (error) {
    return unscanned(
      "tool-failed",
      `The file could not be read (${systemErrorCode(error) ?? String(error)}).`,
    );
  }
}

/** UTF-8 text without NUL; undefined for anything else. */
function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Invalid UTF-8: the caller reports it.
    return undefined;
  }
}

function join2(cwd: string, path: string): string {
  return path.startsWith(sep) ? path : join(cwd, path);
}

async function statOf(path: string, full: string): Promise<Stats> {
  try {
    return await stat(full);
  } catch (error) {
    throw readError(path, error);
  }
}

interface Walk {
  readonly root: string;
  /** Ignore files on the way, each with its folder. */
  readonly rules: readonly { readonly folder: string; readonly rule: Ignore }[];
  readonly languages: readonly Language[];
}

async function* walk(folder: string, entries: readonly Dirent[], state: Walk): AsyncGenerator<string> {
  const rules = [...state.rules];
  if (entries.some((entry) => entry.name === ".gitignore" && entry.isFile())) {
    rules.push({ folder, rule: ignore().add(await readFile(join(folder, ".gitignore"), "utf8")) });
  }
  for (const entry of entries) {
    const full = join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if (isFolder && SKIPPED.has(entry.name)) continue;
    if (isIgnored(full, isFolder, rules)) continue;
    if (isFolder) {
      const inside = await entriesOf(full).catch(() => undefined);
      // A folder that may not be read stands for what is in it: it comes back unscanned, and the others are looked at.
      if (inside === undefined) yield full;
      else yield* walk(full, inside, { ...state, rules });
    } else if (isWanted(entry, state.languages)) yield full;
  }
}

/** Entries in the order of their names, whatever the file system says. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw readError(folder, error);
  }
}

function isIgnored(path: string, isFolder: boolean, rules: Walk["rules"]): boolean {
  return rules.some(({ folder, rule }) => {
    const inside = relative(folder, path).split(sep).join("/");
    return rule.ignores(isFolder ? `${inside}/` : inside);
  });
}

/** Symbolic links are followed to files, not to folders, which may lead in circles. */
function isWanted(entry: Dirent, languages: readonly Language[]): boolean {
  const language = languageOf(entry.name);
  return (entry.isFile() || entry.isSymbolicLink()) && language !== undefined && languages.includes(language);
}
