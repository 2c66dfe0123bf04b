// A run folder: manifest.json says what made it; everything else in it may be cut short by a crash
// and is picked up by `--resume`. A folder of another run is never written into.
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HexacoderError, isNotThere, readError, systemErrorCode, writeError } from "../core/errors.ts";
import { type Manifest, manifestSchema } from "../core/manifest.ts";
import { writeFileAtomic } from "./files.ts";
import { canonicalJson } from "./hash.ts";

/** Parts of a manifest that two runs must share to be the same run. */
const IDENTITY = ["kind", "options", "inputs", "seeds", "identities"] as const;
const MANIFEST = "manifest.json";

/**
 * Opens a folder for a run: makes it, or with `resume` checks that it is the same run's. A folder in which a run
 * came no further than its manifest, refused for its input say, is as good as new.
 */
export async function openRunFolder(
  folder: string,
  manifest: Manifest,
  { resume }: { resume: boolean },
): Promise<{ resumed: boolean }> {
  const existing = await readManifest(folder);
  const others = (await entries(folder)).filter((name) => name !== MANIFEST);
  if (existing !== undefined && others.length > 0) {
    if (!resume) throw runExists(folder);
    checkSameRun(folder, existing, manifest);
    return { resumed: true };
  }
  if (others.length > 0) throw notOurs(folder);
  await writeManifest(folder, manifest);
  return { resumed: false };
}

/** Reads a folder's manifest; undefined when it has none. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw readError(path, error);
  }
  return parseManifest(path, text);
}

/** Writes a folder's manifest, making the folder if need be; whatever manifest was there is gone. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, MANIFEST);
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(path, `${JSON.stringify(manifest, null, 2)}\n`);
  } catch (error) {
    throw writeError(path, error);
  }
}

function parseManifest(path: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new HexacoderError("bad-record", {
      message: `${path} is not the manifest of a run.`,
      remedy: "Choose another --out folder; this one was not made by this version of hexacoder.",
      cause,
    });
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    // Temporary files of a write that a crash cut short do not count as somebody's.
    return (await readdir(folder)).filter((name) => !name.endsWith(".tmp"));
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw writeError(folder, error);
  }
}

function checkSameRun(folder: string, existing: Manifest, wanted: Manifest): void {
  const differing = IDENTITY.flatMap((part) => {
    const before = existing[part];
    const after = wanted[part];
    if (typeof before === "string" || typeof after === "string") return before === after ? [] : [part];
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys]
      .filter((key) => canonicalJson(before[key]) !== canonicalJson(after[key]))
      .map((key) => `${part}.${key}`);
  });
  if (differing.length === 0) return;
  throw new HexacoderError("run-mismatch", {
    message: `${folder} holds a run that was started differently (${differing.join(", ")}).`,
    remedy: "Resume it with the options it was started with, or choose another --out folder.",
  });
}

function runExists(folder: string): HexacoderError {
  return new HexacoderError("run-exists", {
    message: `${folder} already holds a run.`,
    remedy: "Add --resume to go on with it, or choose another --out folder.",
  });
}

function notOurs(folder: string): HexacoderError {
  return new HexacoderError("run-exists", {
    message: `${folder} is not empty and was not made by hexacoder.`,
    remedy: "Choose another --out folder; nothing was written.",
  });
}
