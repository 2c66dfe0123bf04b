// Counts the pairs of a synthesis run, and keeps a few to look at.
import { join } from "node:path";
import { z } from "zod";
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import { type CodePair, codePairSchema } from "../core/pair.ts";
import { sha256File } from "../util/hash.ts";
import { readJsonLines } from "../util/jsonl.ts";
import { readManifest } from "../util/run-folder.ts";
import type { PairsData, PairsFunnel } from "./data.ts";
import { readJsonIfThere } from "./read-json.ts";

const EXAMPLES = 3;
const MOST_CHARACTERS = 4000;

const funnelSchema = z.looseObject({
  proposed: z.int(),
  unscanned: z.int(),
  clean: z.int(),
  flagged: z.int(),
  rejected: z.record(z.string(), z.int()),
});

/**
 * Reads pairs.jsonl of a folder; undefined when there is none, or when its content is in `seen`: quickstart
 * keeps a copy beside its synthesis folder.
 */
export async function collectPairs(folder: string, seen: Set<string>): Promise<PairsData | undefined> {
  const counts = {
    pairs: 0,
    byCwe: new Map<CweId, number>(),
    repairedBy: new Map<string, number>(),
    sources: new Map<string, number>(),
  };
  const examples = new Map<CweId, CodePair>();
  const path = join(folder, "pairs.jsonl");
  try {
    for await (const line of readJsonLines(path)) {
      const pair = line.kind === "value" ? codePairSchema.safeParse(line.value) : undefined;
      if (pair?.success !== true) continue;
      countPair(counts, pair.data);
      keepExample(examples, pair.data);
    }
  } catch (error) {
    if (error instanceof HexacoderError && error.code === "file-not-found") return undefined;
    throw error;
  }
  const hash = await sha256File(path);
  if (seen.has(hash)) return undefined;
  seen.add(hash);
  return {
    ...counts,
    funnel: await readFunnel(folder),
    examples: [...examples.values()].slice(0, EXAMPLES),
    manifest: await readManifest(folder),
  };
}

function countPair(
  counts: {
    pairs: number;
    byCwe: Map<CweId, number>;
    repairedBy: Map<string, number>;
    sources: Map<string, number>;
  },
  pair: CodePair,
): void {
  counts.pairs++;
  bump(counts.byCwe, pair.cwe);
  bump(counts.repairedBy, pair.repair.by);
  bump(counts.sources, pair.source.kind);
}

function bump<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The first pair of each weakness that is short enough to be read. */
function keepExample(examples: Map<CweId, CodePair>, pair: CodePair): void {
  const fits = pair.vulnerable.length + pair.fixed.length <= MOST_CHARACTERS;
  if (fits && !examples.has(pair.cwe)) examples.set(pair.cwe, pair);
}

async function readFunnel(folder: string): Promise<PairsFunnel | undefined> {
  const parsed = funnelSchema.safeParse(await readJsonIfThere(join(folder, "summary.json")));
  if (!parsed.success) return undefined;
  const { rejected, ...rest } = parsed.data;
  const { proposed, unscanned, clean, flagged } = rest;
  return { proposed, unscanned, clean, flagged, rejected: new Map(Object.entries(rejected)) };
}
