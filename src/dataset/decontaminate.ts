// Keeps training data apart from benchmarks. Two tests: a row that contains much of a prompt, and,
// for the benchmarks that ship with the package, a pair that shares a prompt's combination of source, sink and
// framework (data/benchmarks/hexabench/README.md, "Disjoint from the seeds").
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { cweIdSchema } from "../core/cwe.ts";
import type { Region } from "../core/finding.ts";
import { type Language, languageSchema } from "../core/language.ts";
import type { CodePair } from "../core/pair.ts";
import { resource } from "../util/resources.ts";
import { LineIndex } from "../util/text.ts";
import { shinglesOf } from "./similarity.ts";

const promptSchema = z.object({
  id: z.string(),
  file: z.string(),
  cwe: cweIdSchema,
  framework: z.string(),
  source: z.string(),
  sinks: z.array(z.string()),
});

const listSchema = z.object({ language: languageSchema, prompts: z.array(promptSchema) });

/** A prompt that training data must stay apart from. */
export type BenchmarkPrompt = z.infer<typeof promptSchema> & {
  /** Its language. */
  readonly language: Language;
  /** The prompt. */
  readonly text: string;
};

/** What a prompt says as its framework when it uses none. */
const NO_FRAMEWORK = "none";

/** Share of a prompt's shingles that a row may contain. */
const MAX_CONTAINMENT = 0.6;

/** Reads the prompts of the benchmarks that ship with the package, hexabench and hexabench-c: test and development. */
export async function readHexabenchPrompts(): Promise<BenchmarkPrompt[]> {
  const folder = resource("data", "benchmarks");
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => basename(file) === "prompts.json",
  );
  const lists = await Promise.all(files.sort().map((file) => promptsOf(join(folder, file))));
  return lists.flat();
}

async function promptsOf(file: string): Promise<BenchmarkPrompt[]> {
  const { language, prompts } = listSchema.parse(JSON.parse(await readFile(file, "utf8")));
  return await Promise.all(
    prompts.map(async (prompt) => ({
      ...prompt,
      language,
      text: await readFile(join(dirname(file), prompt.file), "utf8"),
    })),
  );
}

/** A text of a benchmark that training data must not contain. */
export interface KnownText {
  /** Which one, for people. */
  readonly id: string;
  readonly text: string;
}

/**
 * A test for texts that contain much of a known one; says which. Every shingle knows the texts that it is in, so
 * that thousands of prompts cost no more than a few.
 */
export function promptContainment(known: readonly KnownText[]): (text: string) => string | undefined {
  const sizes: number[] = [];
  const holders = new Map<number, number[]>();
  for (const [number, { text }] of known.entries()) {
    const shingles = shinglesOf(text);
    sizes.push(shingles.size);
    for (const shingle of shingles) {
      const list = holders.get(shingle);
      if (list === undefined) holders.set(shingle, [number]);
      else list.push(number);
    }
  }
  return (text) => {
    const shared = new Map<number, number>();
    for (const shingle of shinglesOf(text)) {
      for (const number of holders.get(shingle) ?? []) shared.set(number, (shared.get(number) ?? 0) + 1);
    }
    const found = [...shared].find(([number, n]) => n >= MAX_CONTAINMENT * (sizes[number] ?? Infinity));
    return found === undefined ? undefined : known[found[0]]?.id;
  };
}

/** The prompt whose combination of source, sink and framework a pair shares; undefined for none. */
export function sharedCombination(pair: CodePair, prompts: readonly BenchmarkPrompt[]): string | undefined {
  const lines = new LineIndex(pair.vulnerable);
  const textAt = (region: Region): string =>
    pair.vulnerable.slice(
      lines.offset(region.startLine, region.startColumn),
      lines.offset(region.endLine, region.endColumn),
    );
  const flows = pair.report.map((finding) => {
    const source = finding.codeFlow?.[0]?.region;
    return { source: source === undefined ? pair.vulnerable : textAt(source), sink: textAt(finding.region) };
  });
  const frameworks = frameworksOf(pair);
  const shares = (prompt: BenchmarkPrompt): boolean =>
    prompt.cwe === pair.cwe &&
    prompt.language === pair.language &&
    (prompt.framework === NO_FRAMEWORK || frameworks.has(prompt.framework)) &&
    flows.some(({ source, sink }) => isSource(source, pair, prompt) && isSink(sink, pair, prompt));
  return prompts.find(shares)?.id;
}

function frameworksOf(pair: CodePair): Set<string> {
  const imported = pair.vulnerable.matchAll(/^\s*(?:from|import)\s+([\w.]+)/gm);
  const names = [...imported].map(([, module]) => module ?? "");
  return new Set(names.flatMap((name) => [name, name.split(".")[0] ?? name]));
}

function isSource(text: string, pair: CodePair, prompt: BenchmarkPrompt): boolean {
  const recorded = pair.source.source;
  if (typeof recorded === "string") return recorded === prompt.source;
  const api = prompt.source.startsWith(`${prompt.framework}.`)
    ? prompt.source.slice(prompt.framework.length + 1)
    : prompt.source;
  // Parameters (`flask.route-parameter`) have no API of their own to look for.
  return !api.includes("-") && new RegExp(`\\b${escapeRegExp(api)}\\b`).test(text);
}

function isSink(text: string, pair: CodePair, prompt: BenchmarkPrompt): boolean {
  const recorded = pair.source.sink;
  return prompt.sinks.some((sink) => {
    // An operator (`*`, `[]`) is in nearly every program: only what a pair says of itself can name it.
    if (!/\w/.test(sink)) return recorded === sink;
    if (prompt.framework === NO_FRAMEWORK && typeof recorded === "string") return recorded === sink;
    const name = sink.replace(/\.\*$/, "").split(".").at(-1) ?? sink;
    return new RegExp(`\\b${escapeRegExp(name)}\\b`).test(text);
  });
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
