// The files of a benchmark that is not shipped: found below the folder that the user names (or in the cache
// that fetch.ts fills), and held against the hashes of the manifest. What is not as published is refused
// with the address to get it from.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HexacoderError, isNotThere, readError } from "../../core/errors.ts";
import { sha256 } from "../../util/hash.ts";
import { decodeText, type FetchedManifest } from "./manifest.ts";

/** A sentence, without its stop, that says where a benchmark is to be had. */
export function howToGet({ name, source }: Pick<FetchedManifest, "name" | "source">): string {
  const where = source.folder === "." ? "" : ` (folder ${source.folder})`;
  return `Get ${name} from ${source.url} at commit ${source.commit}${where} and pass --source with the folder that holds it`;
}

/** The first of the layouts below `source` that `holds` says yes to; `data-missing` when none does. */
export async function findBase(
  manifest: FetchedManifest,
  source: string,
  { holds, sign }: { holds: (base: string) => Promise<boolean>; sign: string },
): Promise<string> {
  for (const layout of manifest.layouts) {
    const base = join(source, layout);
    if (await holds(base)) return base;
  }
  throw new HexacoderError("data-missing", {
    message: (await isFolder(source))
      ? `${source} does not hold ${manifest.name}: none of ${manifest.layouts.map((layout) => join(layout, sign)).join(", ")} is there.`
      : `The folder ${source} for ${manifest.name} does not exist.`,
    remedy: `${howToGet(manifest)}.`,
  });
}

/** Reads the manifest's files as bytes; a missing or different one is refused. */
export async function readPublished(
  manifest: FetchedManifest,
  base: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  const wrong: string[] = [];
  for (const [path, hash] of Object.entries(manifest.files)) {
    const bytes = await readIfThere(join(base, path));
    if (bytes === undefined) wrong.push(`${path} is missing`);
    else if (hash !== null && sha256(bytes) !== hash) wrong.push(`${path} differs`);
    else contents.set(path, bytes);
  }
  if (wrong.length === 0) return contents;
  const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : "";
  throw new HexacoderError("bad-input", {
    message: `${base} is not ${manifest.name} as published: ${wrong.slice(0, 3).join(", ")}${more} (of ${Object.keys(manifest.files).length} files).`,
    remedy: `${howToGet(manifest)}; figures on other files would not compare.`,
  });
}

/** The one file of a benchmark that is a single file: its place and its bytes. */
export async function readSingleFile(
  manifest: FetchedManifest,
  source: string,
): Promise<{ readonly path: string; readonly bytes: Uint8Array }> {
  const [name = ""] = Object.keys(manifest.files);
  const base = await findBase(manifest, source, {
    holds: (folder) => isFile(join(folder, name)),
    sign: name,
  });
  const bytes = (await readPublished(manifest, base)).get(name) ?? new Uint8Array();
  return { path: join(base, name), bytes };
}

/** Rows of a JSON lines text. */
export function jsonLines(text: string): { where: string; value: unknown }[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    return [{ where: `line ${index + 1}`, value: parseJson(line) }];
  });
}

/** Rows of a text that is one JSON array; undefined where it is none. */
export function jsonArray(text: string): { where: string; value: unknown }[] | undefined {
  const value = parseJson(text);
  return Array.isArray(value)
    ? value.map((row: unknown, index) => ({ where: `entry ${index}`, value: row }))
    : undefined;
}

/** A row as its schema has it; `bad-input` with the row and the field where it is not. */
export function parseRow<T>(
  schema: z.ZodType<T>,
  row: { readonly where: string; readonly value: unknown },
  { manifest, path }: { readonly manifest: FetchedManifest; readonly path: string },
): T {
  const parsed = schema.safeParse(row.value);
  if (parsed.success) return parsed.data;
  throw notTheLayout(manifest, path, `${row.where}: ${z.prettifyError(parsed.error).replace(/\s+/g, " ")}`);
}

/** The refusal of a file that is laid out otherwise. */
export function notTheLayout(manifest: FetchedManifest, path: string, what: string): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `${path} is not laid out as ${manifest.name} is: ${what}.`,
    remedy: `${howToGet(manifest)}.`,
  });
}

/** The bytes of a file as strict UTF-8. */
export function textOf(file: { readonly path: string; readonly bytes: Uint8Array }): string {
  return decodeText(file.path, file.bytes);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it, with its place
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw readError(path, error);
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await statOf(path))?.isFile() === true;
}

/** Whether there is a folder of that name. */
export async function isFolder(path: string): Promise<boolean> {
  return (await statOf(path))?.isDirectory() === true;
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}
