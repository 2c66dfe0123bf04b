// Tasks (prompts of benchmarks), completions of models, and the scores of completions.
import { z } from "zod";
import { cweIdSchema } from "./cwe.ts";
import { taskLanguageSchema } from "./language.ts";

/** How a finished program is tried, in the sandbox. */
export const taskTestsSchema = z.discriminatedUnion("kind", [
  z.object({
    /** Python statements that are run behind the program, in its namespace; one that raises fails it. */
    kind: z.literal("asserts"),
    /** The statements. */
    code: z.string(),
  }),
  z.object({
    /** A test file for pytest with the marks `functionality` and `security`. */
    kind: z.literal("pytest"),
    /** The test file, one of `files`. */
    test: z.string().min(1),
    /** Where the program is written. */
    program: z.string().min(1),
    /** What is put behind the program: its entry point. */
    suffix: z.string(),
    /** Other files, by path. */
    files: z.record(z.string(), z.string()),
    /** Command lines that build the programs before the tests, in order; the first words must be installed. */
    build: z.array(z.array(z.string()).min(1)),
    /** Programs that the tests call. */
    needs: z.array(z.string()),
  }),
]);
/** See {@link taskTestsSchema}. */
export type TaskTests = z.infer<typeof taskTestsSchema>;

/** A prompt of a benchmark: the program so far, to be continued. */
export const taskSchema = z.object({
  /** `benchmark/…`, unique over benchmarks. */
  id: z.string().min(1),
  /** The benchmark. */
  benchmark: z.string().min(1),
  /** Language of the program. */
  language: taskLanguageSchema,
  /** The program so far. */
  prompt: z.string(),
  /** The target weakness, for security benchmarks. */
  cwe: cweIdSchema.optional(),
  /** Tasks of one family are resampled together (file names name families in CodeLMSec). */
  family: z.string().min(1),
  /** The risky operation that the task is about, a name in data/taint/operations. */
  operation: z.string().optional(),
  /** How a program is tried, where the benchmark has tests. */
  tests: taskTestsSchema.optional(),
});
/** See {@link taskSchema}. */
export type Task = z.infer<typeof taskSchema>;

/** Tokens that a request used. */
export const usageSchema = z.object({
  /** Tokens of the prompt(s). */
  promptTokens: z.int().min(0),
  /** Tokens generated. */
  completionTokens: z.int().min(0),
});
/** See {@link usageSchema}. */
export type Usage = z.infer<typeof usageSchema>;

/** Why a model stopped. */
export const finishReasonSchema = z.enum(["stop", "length", "content-filter", "error"]);
/** See {@link finishReasonSchema}. */
export type FinishReason = z.infer<typeof finishReasonSchema>;

/** Ways of generating a completion. */
export const strategies = ["one-step", "two-step", "two-step:authors", "infill"] as const;
/** Zod door for a strategy name. */
export const strategySchema = z.enum(strategies);
/** See {@link strategies}. */
export type Strategy = z.infer<typeof strategySchema>;

/** One sampled completion of a task. */
export const completionSchema = z.object({
  /** Hash of task, model, adapter, strategy, sampling and sample number. */
  id: z.string().min(1),
  /** The task. */
  taskId: z.string().min(1),
  /** Number of the sample, from 0. */
  sample: z.int().min(0),
  /** How it was generated. */
  strategy: strategySchema,
  /** The model's identity. */
  model: z.string().min(1),
  /** The adapter's identity, if any. */
  adapter: z.string().optional(),
  /** The task's prompt. */
  prompt: z.string(),
  /** The whole program: imports, prompt and completion, cut at the end of what was asked for. */
  text: z.string(),
  /** Import statements that two-step generation put in front, one a line. */
  imports: z.array(z.string()).optional(),
  /** The program before it was cut, to judge parsing without flattery. */
  uncut: z.string(),
  /** Why the model stopped. */
  finishReason: finishReasonSchema,
  /** Tokens used by all steps. */
  usage: usageSchema,
  /** The seed of the sample. */
  seed: z.int(),
});
/** See {@link completionSchema}. */
export type Completion = z.infer<typeof completionSchema>;

/** What a scorer says of a completion; `unscored` is its own value, never a zero. */
export const scoreSchema = z.object({
  /** The completion. */
  completionId: z.string().min(1),
  /** The scorer, such as `oracle:builtin` or `parse`. */
  scorer: z.string().min(1),
  /** The value: a verdict, a number, or `unscored`. */
  value: z.union([z.number(), z.boolean(), z.literal("unscored")]),
  /** The particulars: findings, reasons. */
  detail: z.unknown(),
});
/** See {@link scoreSchema}. */
export type Score = z.infer<typeof scoreSchema>;
