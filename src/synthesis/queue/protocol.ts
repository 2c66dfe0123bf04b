// What lies in the queue: jobs of a few tasks each, and their answers. Both are checked where they are read,
// and kept as they were written, so that the order of keys is that of a run in one process.
import { z } from "zod";
import { cweIdSchema } from "../../core/cwe.ts";
import { type ErrorCode, isErrorCode } from "../../core/errors.ts";
import { findingSchema, scanResultSchema, sourceFileSchema } from "../../core/finding.ts";
import { gateOutcomeSchema, repairRecordSchema } from "../../core/pair.ts";
import { threatModels } from "../../oracle/oracle.ts";
import type { Workshop, WorkshopSetup } from "../workshop.ts";
import type { WorkshopAnswer, WorkshopTask } from "../workshop-tasks.ts";

/** Name of the queue; workers serve every run that puts something into it. */
export const QUEUE_NAME = "synthesis";
/** What all our keys in Redis begin with. */
export const QUEUE_PREFIX = "hexacoder";

/** What a job asks for, and of whom. */
export interface QueueJob {
  /** Who must answer: another version could answer otherwise. */
  readonly crew: CrewIdentity;
  /** The tools that are needed. */
  readonly setup: WorkshopSetup;
  readonly tasks: readonly WorkshopTask[];
}

/** Versions of everything that has a say in an answer. */
export interface CrewIdentity {
  /** Version of hexacoder. */
  readonly hexacoder: string;
  /** Identities of detector, judges and rewrites, in that order. */
  readonly tools: readonly string[];
}

/** What comes back. */
export interface QueueResult {
  /** Host and process that answered. */
  readonly worker: string;
  /** One for each task. */
  readonly answers: readonly WorkshopAnswer[];
}

const oracleOptionsSchema = z.strictObject({
  threatModels: z.array(z.enum(threatModels)),
  cwes: z.array(cweIdSchema).optional(),
  modelsDirs: z.array(z.string()).optional(),
});

const setupSchema = z.strictObject({
  detect: z.string(),
  detectOptions: oracleOptionsSchema,
  judges: z.array(z.string()),
  judgeOptions: oracleOptionsSchema,
});

const requestSchema = z.object({
  file: sourceFileSchema,
  cwe: cweIdSchema,
  report: z.array(findingSchema),
});

const candidateSchema = z.object({ text: z.string(), repair: repairRecordSchema });

const taskSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("scan"), files: z.array(sourceFileSchema) }),
  z.object({ kind: z.literal("repair"), request: requestSchema }),
  z.object({ kind: z.literal("verify"), request: requestSchema.extend({ candidate: candidateSchema }) }),
]);

const jobSchema = z.object({
  crew: z.object({ hexacoder: z.string(), tools: z.array(z.string()) }),
  setup: setupSchema,
  tasks: z.array(taskSchema).min(1),
});

const outcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("candidates"), candidates: z.array(candidateSchema) }),
  z.object({ kind: z.literal("none"), reason: z.string(), detail: z.string() }),
]);

const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("scan"), result: z.array(scanResultSchema) }),
  z.object({ kind: z.literal("repair"), result: outcomeSchema }),
  z.object({
    kind: z.literal("verify"),
    result: z.object({ accepted: z.boolean(), checks: z.record(z.string(), gateOutcomeSchema) }),
  }),
  z.object({
    kind: z.literal("error"),
    code: z.custom<ErrorCode>(isErrorCode).optional(),
    message: z.string(),
    remedy: z.string(),
  }),
]);

const resultSchema = z.object({ worker: z.string(), answers: z.array(answerSchema) });

/** Whether what was read from the queue is a job. */
export function isQueueJob(value: unknown): value is QueueJob {
  return jobSchema.safeParse(value).success;
}

/** Whether what was read from the queue is the result of a job. */
export function isQueueResult(value: unknown): value is QueueResult {
  return resultSchema.safeParse(value).success;
}

/** Who answers with the tools of a workshop. */
export function crewOf({ detect, judges, codemods }: Workshop, hexacoder: string): CrewIdentity {
  const tools = [detect, ...judges, codemods].map(({ identity }) => identity);
  return { hexacoder, tools };
}
