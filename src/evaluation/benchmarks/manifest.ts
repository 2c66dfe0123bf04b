// What data/benchmarks/<name>.json holds: where a benchmark comes from, what it must contain to
// the byte, under which licence, and how its files become tasks.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HexacoderError, readError, systemErrorCode } from "../../core/errors.ts";
import { languageSchema } from "../../core/language.ts";
import { resource } from "../../util/resources.ts";

const common = {
  /** The benchmark's name: the file's, without its ending. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** One line for people. */
  title: z.string().min(1),
  /** Language of all prompts. */
  language: languageSchema,
  /** SPDX identifier or a short statement. */
  licence: z.string().min(1),
  /** What a reader of the figures must know. */
  remarks: z.array(z.string()).default([]),
  /** What its authors sample. */
  defaults: z.strictObject({ samples: z.int().min(1), maxTokens: z.int().min(1) }),
};

const shippedSchema = z.strictObject({
  ...common,
  /** Ships with the package: a folder beside the manifest with prompts.json. */
  kind: z.literal("shipped"),
  /** The folder, beside the manifest. */
  folder: z.string().min(1),
  /** Which prompts of it. */
  split: z.string().min(1),
});

const foldersSchema = z.strictObject({
  ...common,
  /** Fetched or read from `--source`: `CWE-NNN/<file>`, a file a prompt. */
  kind: z.literal("folders"),
  /** Where it is published. */
  source: z.strictObject({
    /** The repository. */
    url: z.url(),
    /** The commit that the hashes were taken at. */
    commit: z.string().min(7),
    /** The benchmark's folder in it. */
    folder: z.string().min(1),
    /** Where single files can be fetched from; the path follows. */
    raw: z.url(),
  }),
  /** Where the benchmark may lie below the folder that the user names, tried in order. */
  layouts: z.array(z.string()).min(1),
  /** Pattern over a file's stem whose first group is its family; each file its own when absent. */
  family: z.string().optional(),
  /** The risky operation, by CWE in MITRE's spelling, or by file stem where a file differs. */
  operations: z.record(z.string(), z.string()).default({}),
  /** SHA-256 of every file, by path below the folder. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

/** See the file's head. */
export const benchmarkManifestSchema = z.discriminatedUnion("kind", [shippedSchema, foldersSchema]);
/** See {@link benchmarkManifestSchema}. */
export type BenchmarkManifest = z.infer<typeof benchmarkManifestSchema>;
/** A benchmark that ships with the package. */
export type ShippedManifest = z.infer<typeof shippedSchema>;
/** A benchmark in folders by CWE that is fetched or read from a source folder. */
export type FoldersManifest = z.infer<typeof foldersSchema>;

/** Where manifests are. */
export const manifestFolder = resource("data", "benchmarks");

/** Names of all benchmarks, sorted. */
export async function benchmarkNames(folder = manifestFolder): Promise<string[]> {
  const entries = await readdir(folder);
  return entries.flatMap((entry) => (entry.endsWith(".json") ? [entry.slice(0, -5)] : [])).sort();
}

/** Reads a manifest by name; `unknown-benchmark` lists the known ones. */
export async function readBenchmarkManifest(
  name: string,
  folder = manifestFolder,
): Promise<BenchmarkManifest> {
  const known = await benchmarkNames(folder);
  if (!known.includes(name)) {
    throw new HexacoderError("unknown-benchmark", {
      message: `There is no benchmark "${name}".`,
      remedy: `Choose from: ${known.join(", ")}.`,
    });
  }
  const path = join(folder, `${name}.json`);
  return benchmarkManifestSchema.parse(JSON.parse(await readText(path)));
}

/** Reads a text file as UTF-8, strictly; a failure names the file. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new HexacoderError("bad-input", {
      message: `${path} is not UTF-8 text.`,
      remedy: "Get the benchmark's files again; they are UTF-8.",
      cause,
    });
  }
}

/** Whether a failure means that a file or folder is not there. */
export function isNotThere(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
