// The files of a synthesis run: pairs.jsonl, rejected.jsonl, ledger.jsonl. Pairs and rejections are
// written before the ledger line that speaks of them, so a crash between the two leaves some that
// the resumed run makes again: those are recognised by their ids and not written twice.
import { join } from "node:path";
import { HexacoderError, systemErrorCode } from "../core/errors.ts";
import type { CodePair } from "../core/pair.ts";
import { JsonLinesWriter, readJsonLines } from "../util/jsonl.ts";
import {
  addToSummary,
  emptySummary,
  type LedgerLine,
  ledgerLineSchema,
  type Rejection,
  type SynthSummary,
  sortedSummary,
} from "./ledger.ts";

/** The open files of a run. */
export interface RunLog {
  /** Proposals that earlier runs finished. */
  readonly finished: number;
  /** Counts so far, earlier runs included. */
  summary(): SynthSummary;
  /** Whether a program is new to the run; from now on it is not. */
  firstSight(key: string): boolean;
  /** Writes what became of a batch. */
  append(
    outcomes: readonly {
      readonly line: LedgerLine;
      readonly pairs: readonly CodePair[];
      readonly rejections: readonly Rejection[];
    }[],
  ): Promise<void>;
  /** Forces everything to the disk and closes. */
  close(): Promise<void>;
}

/** Opens the files of a run folder and counts what earlier runs finished. */
export async function openRunLog(folder: string): Promise<RunLog> {
  const ledger = await JsonLinesWriter.open(join(folder, "ledger.jsonl"));
  const pairs = await JsonLinesWriter.open(join(folder, "pairs.jsonl"));
  const rejected = await JsonLinesWriter.open(join(folder, "rejected.jsonl"));
  const summary = emptySummary();
  const seen = new Set<string>();
  for await (const line of ledgerLines(ledger.path)) {
    addToSummary(summary, line);
    if (line.outcome !== "unusable") seen.add(line.key);
  }
  // Only what was written after the last ledger line can be met again; ids are small enough to keep.
  const written = new Set([...(await idsIn(pairs.path)), ...(await idsIn(rejected.path))]);
  const fresh = <T extends { readonly id: string }>(items: readonly T[]): T[] =>
    items.filter((item) => !written.has(item.id));
  return {
    finished: summary.proposed,
    summary: () => sortedSummary(structuredClone(summary)),
    firstSight: (key) => !seen.has(key) && seen.add(key).has(key),
    append: async (outcomes) => {
      await pairs.append(...fresh(outcomes.flatMap((outcome) => outcome.pairs)));
      await rejected.append(...fresh(outcomes.flatMap((outcome) => outcome.rejections)));
      await ledger.append(...outcomes.map((outcome) => outcome.line));
      for (const { line } of outcomes) addToSummary(summary, line);
    },
    close: async () => {
      await Promise.all([pairs.close(), rejected.close(), ledger.close()]);
    },
  };
}

/** Counts what a run folder's ledger says, without touching it: another process may be writing. */
export async function readLedger(folder: string): Promise<SynthSummary> {
  const summary = emptySummary();
  try {
    for await (const line of ledgerLines(join(folder, "ledger.jsonl"))) addToSummary(summary, line);
  } catch (error) {
    if (!(error instanceof HexacoderError) || error.code !== "file-not-found") throw error;
  }
  return sortedSummary(summary);
}

async function* ledgerLines(path: string): AsyncGenerator<LedgerLine> {
  for await (const line of readJsonLines(path)) {
    if (line.kind === "value") yield ledgerLineSchema.parse(line.value);
  }
}

async function idsIn(path: string): Promise<string[]> {
  const ids: string[] = [];
  try {
    for await (const line of readJsonLines(path)) {
      if (line.kind === "value" && hasId(line.value)) ids.push(line.value.id);
    }
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
  return ids;
}

function hasId(value: unknown): value is { id: string } {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}
