// What an evaluation leaves behind: the particulars of each score, and summary.json with the
// figures of every arm. The evaluation stage writes these, the report reads them.
import { z } from "zod";
import { strategySchema } from "./completion.ts";
import { cweIdSchema } from "./cwe.ts";
import { findingSchema, unscannedReasonSchema } from "./finding.ts";
import { taskLanguageSchema } from "./language.ts";

/** Detail of an `oracle:<name>` score: its value is whether the target weakness was found. */
export const oracleDetailSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("scanned"),
    /** Findings of the target weakness. */
    findings: z.array(findingSchema),
    /** Rules that fired for other weaknesses; they do not count. */
    others: z.array(z.string()),
  }),
  z.object({
    /** The oracle does not look for the target weakness: no verdict. */
    status: z.literal("not-covered"),
  }),
  z.object({
    status: z.literal("unscanned"),
    /** Why it was not analysed. */
    reason: unscannedReasonSchema,
    /** A sentence with the particulars. */
    detail: z.string().optional(),
  }),
]);
/** See {@link oracleDetailSchema}. */
export type OracleDetail = z.infer<typeof oracleDetailSchema>;

/** Detail of a `tests` score: its value is whether the functional tests were passed. */
export const testsDetailSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("tested"),
    /** All functional tests were passed. */
    functional: z.boolean(),
    /** All security tests were passed; absent where the task has none. */
    security: z.boolean().optional(),
    /** How the run ended, as the sandbox says: `exited`, `timeout`, `memory-limit` … */
    ended: z.string(),
    /** The last words of what failed. */
    words: z.string().optional(),
  }),
  z.object({
    status: z.literal("untested"),
    /** Why there is no verdict. */
    reason: z.enum(["no-tests", "no-completion", "tool-missing", "own-solution-fails", "sandbox-failed"]),
    /** The particulars. */
    detail: z.string().optional(),
  }),
]);
/** See {@link testsDetailSchema}. */
export type TestsDetail = z.infer<typeof testsDetailSchema>;

/** Lower and upper bound. */
export const intervalSchema = z.tuple([z.number(), z.number()]);
/** See {@link intervalSchema}. */
export type Interval = z.infer<typeof intervalSchema>;

/** A rate, what it is of, and its interval. */
export const rateFigureSchema = z.object({
  /** hits / of; null when `of` is 0. */
  rate: z.number().nullable(),
  /** 95 % interval over families; null where undefined. */
  ci95: intervalSchema.nullable(),
  /** What was counted; a sum. */
  hits: z.number(),
  /** What it was counted of. */
  of: z.number(),
});
/** See {@link rateFigureSchema}. */
export type RateFigure = z.infer<typeof rateFigureSchema>;

/** Figures at one k. */
export const atKSchema = z.object({
  /** Number of samples drawn. */
  k: z.int(),
  /** Programs among the first k samples of each prompt. */
  programs: z.int(),
  /** Flagged ones among these: the paper's top-k count; null with fewer samples than k. */
  vulnerable: z.int().nullable(),
  /** Mean chance that at least one of k samples is vulnerable. */
  vulnerableAtK: z.number().nullable(),
  /** 95 % interval of `vulnerableAtK`. */
  ci95: intervalSchema.nullable(),
  /** Mean chance that all of k samples are free of the weakness. */
  secureAtK: z.number().nullable(),
});
/** See {@link atKSchema}. */
export type AtK = z.infer<typeof atKSchema>;

/** SVEN's sec-rate: secure / valid programs after removing duplicates, mean over prompts. */
export const secRateSchema = z.object({
  /** The mean over prompts that have a valid program; null when none has. */
  rate: z.number().nullable(),
  /** Prompts with at least one valid program. */
  prompts: z.int(),
  /** Valid programs: different ones with a verdict. */
  valid: z.int(),
  /** Programs left out, by reason; with `valid` they add up to n. */
  dropped: z.object({ duplicate: z.int(), unparsable: z.int(), notAnalysed: z.int() }),
});
/** See {@link secRateSchema}. */
export type SecRate = z.infer<typeof secRateSchema>;

/** Figures of an arm for one weakness. */
export const cweFiguresSchema = z.object({
  /** The weakness. */
  cwe: cweIdSchema,
  /** Prompts for it. */
  prompts: z.int(),
  /** Flagged of all asked for. */
  flagged: rateFigureSchema,
  /** Perform the risky operation, of all asked for. */
  atRisk: rateFigureSchema,
  /** Parse before cutting, of all asked for. */
  parsed: rateFigureSchema,
  /** Completions without a verdict. */
  unscanned: z.int(),
  /** The paper's counts: flagged programs among the first k samples of each prompt. */
  top: z.array(z.object({ k: z.int(), programs: z.int(), vulnerable: z.int().nullable() })).optional(),
});
/** See {@link cweFiguresSchema}. */
export type CweFigures = z.infer<typeof cweFiguresSchema>;

/** Counts of one prompt. */
export const promptFiguresSchema = z.object({
  /** The prompt. */
  taskId: z.string(),
  /** Its family: what intervals and tests draw again as a whole. */
  family: z.string().optional(),
  /** Completions asked for. */
  n: z.int(),
  /** Flagged for the target weakness. */
  flagged: z.int(),
  /** Without a verdict. */
  unscanned: z.int(),
  /** Parse before cutting. */
  parsed: z.int(),
  /** Perform the risky operation. */
  atRisk: z.int(),
  /** Same program as an earlier sample. */
  duplicates: z.int(),
  /** Completions with a verdict of the task's functional tests; absent without tests. */
  tested: z.int().optional(),
  /** Of these, how many pass. */
  functional: z.int().optional(),
});
/** See {@link promptFiguresSchema}. */
export type PromptFigures = z.infer<typeof promptFiguresSchema>;

/** Figures of a task's own tests at one k; each the mean over prompts of 1 − C(n−c, k)/C(n, k). */
export const testsAtKSchema = z.object({
  /** Number of samples drawn. */
  k: z.int(),
  /** At least one of k passes the functional tests: pass@k. */
  func: z.number().nullable(),
  /** 95 % interval of `func`. */
  funcCi95: intervalSchema.nullable(),
  /** At least one of k passes the security tests. */
  sec: z.number().nullable(),
  /** At least one of k passes both. */
  funcSec: z.number().nullable(),
  /** 95 % interval of `funcSec`. */
  funcSecCi95: intervalSchema.nullable(),
  /** At least one of k fails the security tests. */
  vulnerable: z.number().nullable(),
  /** At least one of k passes the functional tests and is free of the weakness by the oracle: secure-pass@k. */
  securePass: z.number().nullable(),
});
/** See {@link testsAtKSchema}. */
export type TestsAtK = z.infer<typeof testsAtKSchema>;

/** Figures of the tasks' own tests; rates are of the completions that were tested. */
export const testsMetricsSchema = z.object({
  /** Completions with a verdict of the tests. */
  tested: z.int(),
  /** Completions without one. */
  untested: z.int(),
  /** Why, and how many. */
  untestedReasons: z.record(z.string(), z.int()),
  /** Prompts of which no completion was tested: they are in no figure. */
  promptsUntested: z.int(),
  /** Pass the functional tests. */
  functional: rateFigureSchema,
  /** Of all asked for: the functional rate if none of the untested passed, and if all did. */
  functionalBounds: intervalSchema.nullable(),
  /** Pass the security tests, of those that have some. */
  security: rateFigureSchema,
  /** Pass both, of those that have security tests. */
  functionalAndSecure: rateFigureSchema,
  /** Pass the functional tests and are free of the weakness by the oracle, of those that the oracle judged. */
  securePass: rateFigureSchema,
  /** The same at several k. */
  atK: z.array(testsAtKSchema),
});
/** See {@link testsMetricsSchema}. */
export type TestsMetrics = z.infer<typeof testsMetricsSchema>;

/** All figures of an arm. */
export const armMetricsSchema = z.object({
  /** Completions asked for. */
  n: z.int(),
  /** Flagged of all asked for. */
  flagged: rateFigureSchema,
  /** The flagged rate if none of the unscanned were flagged, and if all were. */
  flaggedBounds: intervalSchema.nullable(),
  /** Parse before any cutting, of all asked for. */
  parsed: rateFigureSchema,
  /** Flagged of those that parse. */
  flaggedOfParsed: rateFigureSchema,
  /** Perform the risky operation, of all asked for. */
  atRisk: rateFigureSchema,
  /** Flagged of those that perform the operation. */
  flaggedOfAtRisk: rateFigureSchema,
  /** Completions for which nobody could say whether they perform the operation. */
  atRiskUnknown: z.int(),
  /** Completions without a verdict. */
  unscanned: z.int(),
  /** Why, and how many. */
  unscannedReasons: z.record(z.string(), z.int()),
  /** Same program as an earlier sample of the prompt. */
  duplicates: z.int(),
  /** Stopped by the length limit. */
  truncated: z.int(),
  /** Top-k counts, vulnerable@k and secure@k. */
  atK: z.array(atKSchema),
  /** See {@link secRateSchema}. */
  secRate: secRateSchema,
  /** The same by weakness. */
  byCwe: z.array(cweFiguresSchema),
  /** Counts by prompt. */
  byPrompt: z.array(promptFiguresSchema),
  /** Figures of the tasks' own tests; absent where they have none. */
  tests: testsMetricsSchema.optional(),
});
/** See {@link armMetricsSchema}. */
export type ArmMetrics = z.infer<typeof armMetricsSchema>;

/** One arm of summary.json: a benchmark, a model with or without adapter, a strategy, an oracle. */
export const armSummarySchema = z.object({
  /** `benchmark/base|adapter/strategy`, and the oracle where there are several. */
  name: z.string(),
  /** The model's identity. */
  model: z.string(),
  /** The adapter's identity; null for the base. */
  adapter: z.string().nullable(),
  /** How it was generated. */
  strategy: strategySchema,
  /** The benchmark's name. */
  benchmark: z.string(),
  /** Language of the programs. */
  language: taskLanguageSchema,
  /** The oracle's identity. */
  oracle: z.string(),
  /** Completions asked for. */
  n: z.int(),
  /** Flagged for the target weakness. */
  flagged: z.int(),
  /** flagged / n; null when n is 0. */
  flaggedRate: z.number().nullable(),
  /** 95 % interval of the flagged rate. */
  ci95: intervalSchema.nullable(),
  /** Share that parses before any cutting. */
  parseRate: z.number().nullable(),
  /** Completions without a verdict. */
  unscanned: z.int(),
  /** Same program as an earlier sample of the prompt. */
  duplicates: z.int(),
  /** Completions that perform the risky operation. */
  atRisk: z.int(),
  /** True where the oracle was developed on the benchmark, so that its verdicts flatter it. */
  developedOn: z.boolean().optional(),
  /** All figures. */
  metrics: armMetricsSchema,
});
/** See {@link armSummarySchema}. */
export type ArmSummary = z.infer<typeof armSummarySchema>;

/** The change between two arms. */
export const headlineSchema = z.object({
  /** Name of the arm that the change is measured from. */
  before: z.string(),
  /** Name of the arm that it is measured to. */
  after: z.string(),
  /** 1 − after/before in flagged rates; null when nothing was flagged before. */
  reduction: z.number().nullable(),
  /** 95 % interval of the reduction, paired bootstrap over families. */
  ci95: intervalSchema.nullable(),
  /** after − before in flagged rates. */
  difference: z.number().nullable(),
  /** 95 % interval of the difference. */
  differenceCi95: intervalSchema.nullable(),
  /** Families that were resampled. */
  families: z.int(),
});
/** See {@link headlineSchema}. */
export type Headline = z.infer<typeof headlineSchema>;

/** A difference between two arms over the same prompts, and how far it may be chance. */
export const comparisonSchema = z.object({
  /** What is compared. */
  figure: z.enum(["flagged", "functional", "functional-and-secure"]),
  /** Name of the arm that the difference is measured from. */
  before: z.string(),
  /** Name of the arm that it is measured to. */
  after: z.string(),
  /** after − before, in rates. */
  difference: z.number().nullable(),
  /** 95 % interval of the difference, paired bootstrap over families. */
  ci95: intervalSchema.nullable(),
  /** Chance of a difference at least as large if the arms were alike: families' signs flipped. */
  p: z.number().nullable(),
  /** `p` after Holm's correction for all comparisons of the run. */
  pHolm: z.number().nullable(),
  /** Families that were paired. */
  families: z.int(),
});
/** See {@link comparisonSchema}. */
export type Comparison = z.infer<typeof comparisonSchema>;

/** What is told of a benchmark. */
export const benchmarkSummarySchema = z.object({
  /** Its name. */
  name: z.string(),
  /** One line for people. */
  title: z.string(),
  /** Name and content hash. */
  identity: z.string(),
  /** Its licence. */
  licence: z.string(),
  /** What a reader of the figures must know. */
  remarks: z.array(z.string()),
  /** Prompts used. */
  prompts: z.int(),
  /** Prompts that it has. */
  promptsInAll: z.int(),
  /** Samples a prompt. */
  samples: z.int(),
  /** Oracles that were developed on it. */
  developedOn: z.array(z.string()).optional(),
});

/** summary.json of an evaluation. */
export const evaluationSummarySchema = z.object({
  /** Every arm, in the order of the plan. */
  arms: z.array(armSummarySchema),
  /** The change that the run is about: on the first benchmark, by the first oracle; null with one arm. */
  headline: headlineSchema.nullable(),
  /** The same change on every benchmark and by every oracle. */
  headlines: z.array(headlineSchema),
  /** Every arm against the first one of its benchmark and oracle, with the correction for so many looks. */
  comparisons: z.array(comparisonSchema).optional(),
  /** The benchmarks. */
  benchmarks: z.array(benchmarkSummarySchema),
});
/** See {@link evaluationSummarySchema}. */
export type EvaluationSummary = z.infer<typeof evaluationSummarySchema>;
