// What an oracle says: findings in SARIF 2.1.0's terms, and a result for every file it was given.
// "Not analysed" is an outcome of its own; it never counts as secure.
import { z } from "zod";
import { cweIdSchema } from "./cwe.ts";
import { languageSchema } from "./language.ts";

/** A span of text as SARIF counts it: lines and columns from 1, columns in UTF-16 code units, end exclusive. */
export const regionSchema = z.object({
  /** First line, from 1. */
  startLine: z.int().min(1),
  /** First column, from 1. */
  startColumn: z.int().min(1),
  /** Line of the end. */
  endLine: z.int().min(1),
  /** Column after the last character. */
  endColumn: z.int().min(1),
});
/** See {@link regionSchema}. */
export type Region = z.infer<typeof regionSchema>;

/** SARIF levels of a finding; `note` is advice and is no verdict. */
export const levelSchema = z.enum(["error", "warning", "note"]);
/** See {@link levelSchema}. */
export type Level = z.infer<typeof levelSchema>;

const flowStepSchema = z.object({
  /** Where the step is. */
  region: regionSchema,
  /** What happens to the value there. */
  message: z.string(),
});
/** One step of a code flow from source to sink. */
export type FlowStep = z.infer<typeof flowStepSchema>;

/** One weakness found in one file. */
export const findingSchema = z.object({
  /** The rule, such as `py/path-injection`. */
  ruleId: z.string().min(1),
  /** CWEs of the rule, the primary one first. */
  cwes: z.array(cweIdSchema).min(1),
  /** How sure and how bad, as SARIF says it. */
  level: levelSchema,
  /** One sentence for a person. */
  message: z.string(),
  /** Where the weakness shows: the sink for a taint finding. */
  region: regionSchema,
  /** Steps from source to sink, where the finding is about a flow. */
  codeFlow: z.array(flowStepSchema).optional(),
});
/** See {@link findingSchema}. */
export type Finding = z.infer<typeof findingSchema>;

/** Why a file could not be analysed. */
export const unscannedReasonSchema = z.enum([
  "parse-error",
  "not-text",
  "too-large",
  "timeout",
  "tool-failed",
  "unsupported-language",
]);
/** See {@link unscannedReasonSchema}. */
export type UnscannedReason = z.infer<typeof unscannedReasonSchema>;

/** An oracle's answer for one file. */
export const scanResultSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("scanned"),
    /** The file, as it was given. */
    path: z.string(),
    /** Findings in the order of their regions. */
    findings: z.array(findingSchema),
    /** The CWEs that the oracle looks for in this language: no verdict on any other. */
    covers: z.array(cweIdSchema),
  }),
  z.object({
    status: z.literal("unscanned"),
    /** The file, as it was given. */
    path: z.string(),
    /** Why it was not analysed. */
    reason: unscannedReasonSchema,
    /** A sentence with the particulars. */
    detail: z.string().optional(),
  }),
]);
/** See {@link scanResultSchema}. */
export type ScanResult = z.infer<typeof scanResultSchema>;

/** A program to look at, in memory. */
export const sourceFileSchema = z.object({
  /** Name used in results; need not exist on disk. */
  path: z.string(),
  /** Its language. */
  language: languageSchema,
  /** The program. */
  text: z.string(),
});
/** See {@link sourceFileSchema}. */
export type SourceFile = z.infer<typeof sourceFileSchema>;
