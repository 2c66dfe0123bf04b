// Vulnerable/fixed pairs: what synthesis makes, and the programs that it starts from.
import { z } from "zod";
import { cweIdSchema } from "./cwe.ts";
import { findingSchema } from "./finding.ts";
import { languageSchema } from "./language.ts";

/** A span of a text in UTF-16 code units, end exclusive. */
export const changeSchema = z
  .object({
    /** First code unit. */
    start: z.int().min(0),
    /** Code unit after the last. */
    end: z.int().min(0),
  })
  .refine(({ start, end }) => start <= end, "a change must not end before it starts");
/** See {@link changeSchema}. */
export type Change = z.infer<typeof changeSchema>;

/** A program to start from: what `synth --from jsonl:` reads. Other fields pass through into `source`. */
export const sourceSampleSchema = z.looseObject({
  /** The program. */
  code: z.string().min(1),
  /** Name of the program; made from its content when absent. */
  id: z.string().min(1).optional(),
  /** Its language; Python when absent. */
  language: languageSchema.optional(),
  /** The weakness that it is meant to have. */
  cwe: cweIdSchema.optional(),
});
/** See {@link sourceSampleSchema}. */
export type SourceSample = z.infer<typeof sourceSampleSchema>;

/** Outcome of one gate (DESIGN.md, "Repair and its gates"). */
export const gateOutcomeSchema = z.object({
  /** Whether the pair may pass; `not-applicable` gates do not count against it. */
  status: z.enum(["passed", "failed", "not-applicable"]),
  /** What was seen, in a sentence. */
  detail: z.string().optional(),
});
/** See {@link gateOutcomeSchema}. */
export type GateOutcome = z.infer<typeof gateOutcomeSchema>;

/** Who repaired a program, and how. */
export const repairRecordSchema = z.object({
  /** `codemod:<name>`, `llm`, or `weaken:<name>` where the fixed side was there first. */
  by: z.string().min(1),
  /** The model, for `llm`. */
  model: z.string().optional(),
  /** Rounds that the repair took, from 1. */
  rounds: z.int().min(1),
});
/** See {@link repairRecordSchema}. */
export type RepairRecord = z.infer<typeof repairRecordSchema>;

/** Where a program came from. */
export const sourceRecordSchema = z.looseObject({
  /** `seed`, `file`, `jsonl`, `llm`, `weaken`. */
  kind: z.string().min(1),
  /** The seed, file, row or request. */
  ref: z.string(),
});
/** See {@link sourceRecordSchema}. */
export type SourceRecord = z.infer<typeof sourceRecordSchema>;

/** A vulnerable program and its verified repair. */
export const codePairSchema = z.object({
  /** Content hash of both sides and the CWE. */
  id: z.string().min(1),
  /** The weakness that was repaired. */
  cwe: cweIdSchema,
  /** Language of both sides. */
  language: languageSchema,
  /** The program with the weakness. */
  vulnerable: z.string(),
  /** The program without it. */
  fixed: z.string(),
  /** Spans of `fixed` that the repair changed, ascending, disjoint; UTF-16 code units. */
  changes: z.array(changeSchema),
  /** The findings that the repair answered. */
  report: z.array(findingSchema),
  /** Who repaired it. */
  repair: repairRecordSchema,
  /** Each gate's outcome, by gate name. */
  checks: z.record(z.string(), gateOutcomeSchema),
  /** Where the program came from. */
  source: sourceRecordSchema,
});
/** See {@link codePairSchema}. */
export type CodePair = z.infer<typeof codePairSchema>;

/** What the trainer learns from: a text and the spans that carry the loss. */
export const trainingRowSchema = z.object({
  /** Unique in the dataset. */
  id: z.string().min(1),
  /** The program. */
  text: z.string(),
  /** Spans that carry the loss, ascending, disjoint; UTF-16 code units. */
  changes: z.array(changeSchema),
  /** Language of the program. */
  language: languageSchema,
  /** The weakness that was repaired, where known. */
  cwe: cweIdSchema.optional(),
  /** The program before the fix, and what the fix removed or replaced of it; for training against it. */
  vulnerable: z.object({ text: z.string(), changes: z.array(changeSchema) }).optional(),
  /** Where it came from. */
  source: sourceRecordSchema,
});
/** See {@link trainingRowSchema}. */
export type TrainingRow = z.infer<typeof trainingRowSchema>;
