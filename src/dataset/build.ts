// `dataset build`: pairs of one or several runs become training data. Near-duplicates and whatever
// comes near a benchmark are left out and counted.
import { join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { type CodePair, codePairSchema, type TrainingRow } from "../core/pair.ts";
import type { LanguageSupport, SpanKind } from "../lang/lang.ts";
import { readJsonLines } from "../util/jsonl.ts";
import { type DatasetFacts, factsOf } from "./card.ts";
import { promptContainment, readHexabenchPrompts, sharedCombination } from "./decontaminate.ts";
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
  /** The programs' language. */
  readonly language: LanguageSupport;
  /** Whether rows bring the program before the fix. */
  readonly vulnerableSide?: boolean | undefined;
}

/** Builds the dataset folder; returns what it holds. */
export async function buildDataset(options: BuildOptions): Promise<DatasetFacts> {
  const { kept, leftOut } = await selectRows(options);
  if (kept.length === 0) {
    throw new HexacoderError("nothing-to-do", {
      message: `No training row could be made from ${options.runs.join(", ")} (left out: ${JSON.stringify(leftOut)}).`,
      remedy: "Run hexacoder synth first, or name run folders that hold pairs.",
    });
  }
  const split = splitByFamily(kept, options);
  const facts = factsOf(split, { made: "build", spans: options.spans, leftOut });
  await writeDataset(options.out, split, facts);
  return facts;
}

async function selectRows(options: BuildOptions): Promise<{
  kept: { row: TrainingRow; family: string }[];
  leftOut: Record<string, number>;
}> {
  const prompts = await readHexabenchPrompts();
  const containsPrompt = promptContainment(prompts);
  const index = new NearDuplicateIndex(options.nearDuplicate);
  const kept: { row: TrainingRow; family: string }[] = [];
  const leftOut: Record<string, number> = {};
  for await (const pair of pairsOf(options.runs)) {
    const row = rowOf(pair, options.language, options);
    const reason = reasonAgainst(pair, row, { prompts, containsPrompt, index });
    if (row === undefined || reason !== undefined) {
      leftOut[reason ?? "nothing to learn"] = (leftOut[reason ?? "nothing to learn"] ?? 0) + 1;
      continue;
    }
    index.add(row.text);
    kept.push({ row, family: familyOf(pair, options.familyField) });
  }
  return { kept, leftOut };
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
