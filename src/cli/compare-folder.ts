// The run folder of `compare-oracles`: its manifest says which programs and logs were looked at, by which judges.
// A comparison that is made again takes the place of the former; a folder of anything else is left alone.
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { languages } from "../core/language.ts";
import type { Manifest } from "../core/manifest.ts";
import { findPrograms, readProgram } from "../oracle/files.ts";
import { sha256 } from "../util/hash.ts";
import { openRunFolder, readManifest, writeManifest } from "../util/run-folder.ts";
import { runtimeVersions } from "../util/versions.ts";

const KIND = "compare-oracles";

/** Files that a comparison writes beside its manifest. */
const results = ["agreement.json", "agreement.html", "disagreements.jsonl"] as const;

/** Opens the folder for a comparison. */
export async function openComparison(
  folder: string,
  made: Pick<Manifest, "options" | "inputs" | "identities">,
): Promise<void> {
  const before = await readManifest(folder);
  if (before !== undefined && before.kind !== KIND) throw otherRun(folder, before.kind);
  const { options, inputs, identities } = made;
  const manifest: Manifest = {
    ...{ version: 1, kind: KIND, options, inputs, seeds: {}, identities },
    ...{ versions: runtimeVersions(), startedAt: new Date().toISOString() },
  };
  if (before === undefined) {
    await openRunFolder(folder, manifest, { resume: false });
    return;
  }
  for (const name of results) await rm(join(folder, name), { force: true });
  await writeManifest(folder, manifest);
}

/** One hash over the names and contents of all programs, in the order in which they are looked at; of less, when cancelled. */
export async function hashOfPrograms(
  paths: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<string> {
  const hash = createHash("sha256");
  for await (const path of findPrograms(paths, { cwd, languages })) {
    if (signal.aborted) break;
    const found = await readProgram(path, cwd);
    const content = found.kind === "program" ? sha256(found.file.text) : found.result.reason;
    hash.update(JSON.stringify([path, content]));
  }
  return hash.digest("hex");
}

function otherRun(folder: string, kind: string): HexacoderError {
  return new HexacoderError("run-exists", {
    message: `${folder} holds a run of another kind (${kind}).`,
    remedy: "Choose another --out folder; nothing was written.",
  });
}
