// What data/benchmarks/<name>.json holds: where a benchmark comes from, what it must contain to
// the byte, under which licence, and how its files become tasks.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HexacoderError, readError } from "../../core/errors.ts";
import { taskLanguageSchema } from "../../core/language.ts";
import { resource } from "../../util/resources.ts";

const common = {
  /** The benchmark's name: the file's, without its ending. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** One line for people. */
  title: z.string().min(1),
  /** Language of all prompts. */
  language: taskLanguageSchema,
  /** SPDX identifier or a short statement. */
  licence: z.string().min(1),
  /** What a reader of the figures must know. */
  remarks: z.array(z.string()).default([]),
  /** Oracles whose rules were developed on it: their verdicts on it are marked. */
  developedOn: z.array(z.string()).default([]),
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

/** What a benchmark that is fetched or read from `--source` says. */
const fetched = {
  ...common,
  /** Where it is published. */
  source: z.strictObject({
    /** The repository. */
    url: z.url(),
    /** The commit, or a branch where every file has its hash. */
    commit: z.string().min(4),
    /** The benchmark's folder in it. */
    folder: z.string().min(1),
    /** Where single files can be fetched from, the path following; absent: it cannot be fetched file by file. */
    raw: z.url().optional(),
  }),
  /** Where the benchmark may lie below the folder that the user names, tried in order. */
  layouts: z.array(z.string()).min(1),
  /** SHA-256 of every file, by path below the folder; null where no copy was at hand to take it from. */
  files: z.record(
    z.string(),
    z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
  ),
};

const foldersSchema = z.strictObject({
  ...fetched,
  /** `CWE-NNN/<file>`, a file a prompt. */
  kind: z.literal("folders"),
  /** Pattern over a file's stem whose first group is its family; each file its own when absent. */
  family: z.string().optional(),
  /** The risky operation, by CWE in MITRE's spelling, or by file stem where a file differs. */
  operations: z.record(z.string(), z.string()).default({}),
});

const humanevalSchema = z.strictObject({
  ...fetched,
  /** JSON lines (packed or not): prompt, canonical solution, `check(candidate)`. */
  kind: z.literal("humaneval"),
});

const mbppSchema = z.strictObject({
  ...fetched,
  /** JSON lines (full) or a JSON array (sanitized): a sentence, a solution, assertions. */
  kind: z.literal("mbpp"),
  /** First and last task number that are evaluated. */
  taskIds: z.tuple([z.int(), z.int()]),
});

const cwevalSchema = z.strictObject({
  ...fetched,
  /** A folder of `…_task.*`, `…_test.py` and `…_unsafe.*`. */
  kind: z.literal("cweval"),
  /** Ending of its programs. */
  extension: z.string().regex(/^\.[a-z]+$/),
  /** Command lines that build; `{source}` and `{program}` are replaced. Empty: nothing is built. */
  build: z.array(z.string()),
  /** Libraries to link by what a program includes. */
  libraries: z.record(z.string(), z.array(z.string())).default({}),
  /** Programs that the tests call. */
  needs: z.array(z.string()).default([]),
});

const cybersecevalSchema = z.strictObject({
  ...fetched,
  /** A JSON array over many languages. */
  kind: z.literal("cyberseceval"),
  /** Which of its languages. */
  rows: z.array(z.string()).min(1),
  /** Pattern over a prompt's beginning that is an instruction to a chat model and no code: left out. */
  instruction: z.string().optional(),
  /** How a prompt in plain words is put before a program: `{}` stands for a line of it. Absent: it is code. */
  comment: z.string().optional(),
});

const sallmSchema = z.strictObject({
  ...fetched,
  /** JSON lines with an id that names the weakness, and a prompt. */
  kind: z.literal("sallm"),
});

/** See the file's head. */
export const benchmarkManifestSchema = z.discriminatedUnion("kind", [
  shippedSchema,
  foldersSchema,
  humanevalSchema,
  mbppSchema,
  cwevalSchema,
  cybersecevalSchema,
  sallmSchema,
]);
/** See {@link benchmarkManifestSchema}. */
export type BenchmarkManifest = z.infer<typeof benchmarkManifestSchema>;
/** The manifest of one kind. */
export type ManifestOf<Kind extends BenchmarkManifest["kind"]> = Extract<BenchmarkManifest, { kind: Kind }>;
/** A benchmark that ships with the package. */
export type ShippedManifest = ManifestOf<"shipped">;
/** A benchmark that is fetched or read from a source folder. */
export type FetchedManifest = Exclude<BenchmarkManifest, ShippedManifest>;
/** A benchmark in folders by CWE. */
export type FoldersManifest = ManifestOf<"folders">;

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
  return decodeText(path, bytes);
}

/** Bytes as strict UTF-8; `path` is for the refusal. */
export function decodeText(path: string, bytes: Uint8Array): string {
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
