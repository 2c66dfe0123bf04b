// What became of each proposal. The ledger has one line a proposal, in order, written after the
// pairs and rejections that it speaks of: its length is where a resumed run goes on.
import { z } from "zod";
import { type CweId, compareCwe, cweIdSchema } from "../core/cwe.ts";
import { findingSchema } from "../core/finding.ts";
import { gateOutcomeSchema, repairRecordSchema } from "../core/pair.ts";
import type { Spending } from "../llm/budget.ts";
import { candidateSchema } from "./candidate.ts";

const attemptSchema = z.object({
  cwe: cweIdSchema,
  /** Content id of the pair, for those that were kept. */
  pair: z.string().optional(),
  /** Who repaired it, for those that were kept. */
  by: z.string().optional(),
  /** Why there is no pair. */
  rejected: z.string().optional(),
});

/** What became of one proposal. */
export const ledgerLineSchema = z.object({
  /** Hash of the program; the reference of what was unusable. */
  key: z.string(),
  outcome: z.enum(["unusable", "duplicate", "unscanned", "clean", "flagged"]),
  /** For `unusable` and `unscanned`. */
  reason: z.string().optional(),
  /** The weakness that the program was asked or made to have, where there is one. */
  cwe: cweIdSchema.optional(),
  /** One a weakness that the program was flagged for. */
  attempts: z.array(attemptSchema),
});
/** See {@link ledgerLineSchema}. */
export type LedgerLine = z.infer<typeof ledgerLineSchema>;

/** A repair that was not kept, with its reason and everything needed to look into it. */
export const rejectionSchema = z.object({
  id: z.string(),
  cwe: cweIdSchema,
  /** `no-rewrite`, `needs-design`, `gate:<name>` … */
  reason: z.string(),
  detail: z.string(),
  candidate: candidateSchema,
  report: z.array(findingSchema),
  /** The repaired program that a gate refused. */
  fixed: z.string().optional(),
  repair: repairRecordSchema.optional(),
  checks: z.record(z.string(), gateOutcomeSchema).optional(),
});
/** See {@link rejectionSchema}. */
export type Rejection = z.infer<typeof rejectionSchema>;

/** Counts of one weakness. */
export interface CweCounts {
  /** Programs that were asked or made to have it; 0 where none was meant to have any. */
  proposed: number;
  /** Programs flagged for it. */
  flagged: number;
  /** Verified pairs. */
  pairs: number;
  /** Verified pairs by repairer. */
  repairedBy: Record<string, number>;
  /** Reasons of those without a pair. */
  rejected: Record<string, number>;
}

/** summary.json of a synthesis run. */
export interface SynthSummary {
  /** Proposals looked at. */
  proposed: number;
  /** Rows, files or answers that held no program, by reason. */
  unusable: Record<string, number>;
  /** Programs seen before in this run. */
  duplicates: number;
  /** Programs that could not be analysed. */
  unscanned: number;
  /** The same by reason. */
  unscannedReasons: Record<string, number>;
  /** Programs without a finding. */
  clean: number;
  /** Programs with a finding. */
  flagged: number;
  /** Programs with a finding and at least one verified pair. */
  repairedPrograms: number;
  /** Verified pairs (a program has one a weakness). */
  pairs: number;
  /** Attempts without a pair, by reason. */
  rejected: Record<string, number>;
  /** Pairs by repairer. */
  repairedBy: Record<string, number>;
  /** The same by weakness. */
  byCwe: Record<string, CweCounts>;
  /** Dollars that models cost; null where a model has no price. */
  costUsd: number | null;
  /** What models were asked; absent where none was. */
  spent?: Readonly<Spending>;
  /** Why the run ended early. */
  stopped?: "budget-reached";
}

/** A summary of nothing. */
export function emptySummary(): SynthSummary {
  return {
    proposed: 0,
    unusable: {},
    duplicates: 0,
    unscanned: 0,
    unscannedReasons: {},
    clean: 0,
    flagged: 0,
    repairedPrograms: 0,
    pairs: 0,
    rejected: {},
    repairedBy: {},
    byCwe: {},
    costUsd: 0,
  };
}

/** Adds a line to a summary, in place: a run has too many lines to keep. */
export function addToSummary(summary: SynthSummary, line: LedgerLine): void {
  summary.proposed++;
  if (line.cwe !== undefined && line.outcome !== "duplicate" && line.outcome !== "unusable") {
    const counts = countsOf(summary, line.cwe);
    summary.byCwe[line.cwe] = counts;
    counts.proposed++;
  }
  if (line.outcome === "unusable") bump(summary.unusable, line.reason ?? "unknown");
  if (line.outcome === "duplicate") summary.duplicates++;
  if (line.outcome === "unscanned") {
    summary.unscanned++;
    bump(summary.unscannedReasons, line.reason ?? "unknown");
  }
  if (line.outcome === "clean") summary.clean++;
  if (line.outcome !== "flagged") return;
  summary.flagged++;
  if (line.attempts.some((attempt) => attempt.pair !== undefined)) summary.repairedPrograms++;
  for (const attempt of line.attempts) addAttempt(summary, attempt);
}

/** The summary with weaknesses in order. */
export function sortedSummary(summary: SynthSummary): SynthSummary {
  const cwes = Object.keys(summary.byCwe) as CweId[]; // keys were CweIds when they went in
  return {
    ...summary,
    byCwe: Object.fromEntries(cwes.sort(compareCwe).map((cwe) => [cwe, countsOf(summary, cwe)])),
  };
}

function addAttempt(summary: SynthSummary, attempt: z.infer<typeof attemptSchema>): void {
  const counts = countsOf(summary, attempt.cwe);
  summary.byCwe[attempt.cwe] = counts;
  counts.flagged++;
  if (attempt.pair !== undefined) {
    summary.pairs++;
    counts.pairs++;
    bump(summary.repairedBy, attempt.by ?? "unknown");
    bump(counts.repairedBy, attempt.by ?? "unknown");
  } else {
    bump(summary.rejected, attempt.rejected ?? "unknown");
    bump(counts.rejected, attempt.rejected ?? "unknown");
  }
}

function countsOf(summary: SynthSummary, cwe: CweId): CweCounts {
  return summary.byCwe[cwe] ?? { proposed: 0, flagged: 0, pairs: 0, repairedBy: {}, rejected: {} };
}

function bump(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
