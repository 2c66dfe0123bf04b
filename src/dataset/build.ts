// `dataset build`: pairs of one or several runs become training data. Near-duplicates and whatever
// comes near a benchmark are left out and counted.
import { basename, join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import type { Language } from "../core/language.ts";
import { type CodePair, codePairSchema, type TrainingRow } from "../core/pair.ts";
import type { LanguageSupport, SpanKind } from "../lang/lang.ts";
import { shortHashOf } from "../util/hash.ts";
import { readJsonLines } from "../util/jsonl.ts";
import { readManifest } from "../util/run-folder.ts";
import { type DatasetFacts, factsOf, type RunProvenance } from "./card.ts";
import {
  type KnownText,
  promptContainment,
  readHexabenchPrompts,
  sharedCombination,
} from "./decontaminate.ts";
import { leftOutWords } from "./left-out.ts";
import { rowOf } from "./rows.ts";
import { NearDuplicateIndex } from "./similarity.ts";
import { splitByFamily } from "./split.ts";
import { writeDataset } from "./write.ts";

/** What `dataset build` is asked. */
export interface BuildOptions {
  /** Run folders that hold pairs.jsonl. */
  readonly runs: readonly string[];
  /** The dataset folder. */
  readonly out: string;
  /** How changed spans are widened. */
  readonly spans: SpanKind;
  /** Share of rows for evaluation. */
  readonly evalShare: number;
  /** Decides the split. */
  readonly seed: number;
  /** Jaccard index from which two programs are near-duplicates. */
  readonly nearDuplicate: number;
  /** Field of a pair's source that names its family. */
  readonly familyField: string;
  /** The programs' languages. */
  readonly languages: Readonly<Record<Language, LanguageSupport>>;
  /** Texts of further benchmarks that rows must not contain. */
  readonly benchmarks?: readonly KnownText[] | undefined;
  /** Most rows of one weakness in one language; no limit when absent. */
  readonly mostPerCwe?: number | undefined;
  /** Whether rows bring the program before the fix. */
  readonly vulnerableSide?: boolean | undefined;
  /** Whether every other row has its added imports where they are used. */
  readonly localImports?: boolean | undefined;
}

/** Builds the dataset folder; returns what it holds. */
export async function buildDataset(options: BuildOptions): Promise<DatasetFacts> {
  const { kept, leftOut, apartFrom } = await selectRows(options);
  if (kept.length === 0) throw nothingKept(options.runs, leftOut);
  const balanced = mostOfEach(kept, options);
  if (balanced.length < kept.length)
    leftOut["more than wanted of a weakness"] = kept.length - balanced.length;
  const split = splitByFamily(balanced, options);
  const runs = await Promise.all(options.runs.map(provenanceOf));
  const facts = factsOf(split, { made: "build", spans: options.spans, leftOut, apartFrom, runs });
  await writeDataset(options.out, split, facts);
  return facts;
}

function nothingKept(runs: readonly string[], leftOut: Readonly<Record<string, number>>): HexacoderError {
  const words = leftOutWords(leftOut);
  return new HexacoderError("nothing-to-do", {
    message: `No training row could be made from ${runs.join(", ")}: ${words === "" ? "there are no pairs" : `left out are ${words}`}.`,
    remedy: "Run hexacoder synth first, or name run folders that hold pairs.",
  });
}

async function selectRows(options: BuildOptions): Promise<{
  kept: { row: TrainingRow; family: string }[];
  leftOut: Record<string, number>;
  apartFrom: Record<string, number>;
}> {
  const prompts = await readHexabenchPrompts();
  const further = options.benchmarks ?? [];
  const containsPrompt = promptContainment([...prompts, ...further]);
  const apartFrom: Record<string, number> = {};
  for (const { id } of [...prompts, ...further]) {
    const name = id.split("/")[0] ?? id;
    apartFrom[name] = (apartFrom[name] ?? 0) + 1;
  }
  const index = new NearDuplicateIndex(options.nearDuplicate);
  const kept: { row: TrainingRow; family: string }[] = [];
  const leftOut: Record<string, number> = {};
  for await (const pair of pairsOf(options.runs)) {
    const row = rowOf(pair, options.languages[pair.language], options);
    const reason = reasonAgainst(pair, row, { prompts, containsPrompt, index });
    if (row === undefined || reason !== undefined) {
      leftOut[reason ?? "nothing to learn"] = (leftOut[reason ?? "nothing to learn"] ?? 0) + 1;
      continue;
    }
    index.add(row.text);
    kept.push({ row, family: familyOf(pair, options.familyField) });
  }
  return { kept, leftOut, apartFrom };
}

function reasonAgainst(
  pair: CodePair,
  row: TrainingRow | undefined,
  known: {
    prompts: Parameters<typeof sharedCombination>[1];
    containsPrompt: (text: string) => string | undefined;
    index: NearDuplicateIndex;
  },
): string | undefined {
  if (row === undefined) return "nothing to learn";
  if (known.containsPrompt(row.text) !== undefined) return "contains a benchmark prompt";
  if (sharedCombination(pair, known.prompts) !== undefined)
    return "shares a benchmark's source, sink and framework";
  if (known.index.near(row.text).length > 0) return "near-duplicate";
  return undefined;
}

/** At most so many rows of each weakness and language, drawn by the seed; those kept stay in their order. */
function mostOfEach(
  rows: readonly { row: TrainingRow; family: string }[],
  { mostPerCwe, seed }: BuildOptions,
): { row: TrainingRow; family: string }[] {
  if (mostPerCwe === undefined) return [...rows];
  const drawn = rows
    .map((entry) => ({ entry, lot: shortHashOf([seed, entry.row.id]) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1));
  const counts = new Map<string, number>();
  const kept = new Set<string>();
  for (const { entry } of drawn) {
    const topic = `${entry.row.language} ${entry.row.cwe}`;
    const n = counts.get(topic) ?? 0;
    if (n >= mostPerCwe) continue;
    counts.set(topic, n + 1);
    kept.add(entry.row.id);
  }
  return rows.filter(({ row }) => kept.has(row.id));
}

/** What made a run's pairs; nothing is known of a folder without a manifest. */
async function provenanceOf(run: string): Promise<RunProvenance> {
  const manifest = await readManifest(run);
  const identities = Object.entries(manifest?.identities ?? {}).filter(([, identity]) => identity !== "");
  return {
    run: basename(run),
    ...(manifest === undefined ? {} : { startedAt: manifest.startedAt }),
    madeBy: Object.fromEntries(identities),
  };
}

/** Programs of one family: those that the source says belong together, else the program alone. */
function familyOf(pair: CodePair, field: string): string {
  const family = pair.source[field];
  return typeof family === "string" ? family : pair.source.ref;
}

async function* pairsOf(runs: readonly string[]): AsyncGenerator<CodePair> {
  const ids = new Set<string>();
  for (const run of runs) {
    const path = join(run, "pairs.jsonl");
    for await (const line of readJsonLines(path)) {
      const parsed = codePairSchema.safeParse(line.kind === "value" ? line.value : undefined);
      if (!parsed.success) throw brokenPair(path, line.line);
      if (!ids.has(parsed.data.id)) yield parsed.data;
      ids.add(parsed.data.id);
    }
  }
}

function brokenPair(path: string, line: number): HexacoderError {
  return new HexacoderError("bad-record", {
    message: `Line ${line} of ${path} is not a pair.`,
    remedy: "The file was changed or cut: resume the synthesis run that made it, or remove the line.",
  });
}
