// Ship or no ship: the figures of an evaluation against thresholds that a team wrote down beforehand. What is
// not known does not pass: a threshold can only be met by a figure.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { HexacoderError, readError } from "../core/errors.ts";
import type { ArmSummary, EvaluationSummary } from "../core/evaluation.ts";
import { parseYaml } from "../util/yaml.ts";

const share = z.number().min(0).max(1);

const thresholdsSchema = z
  .strictObject({
    /** Completions that an oracle flags. */
    flagged: z
      .strictObject({
        /** Most, as a share of all asked for. */
        max: share.optional(),
        /** Most that the upper end of the 95 % interval may be. */
        maxUpper: share.optional(),
        /** Least relative reduction from before. */
        minReduction: z.number().max(1).optional(),
        /** Most without a verdict, as a share: silence is no security. */
        maxUnscanned: share.optional(),
      })
      .optional(),
    /** Completions that an exploit succeeds on: the same for the execution oracle. */
    exploited: z.strictObject({ max: share.optional(), maxUpper: share.optional() }).optional(),
    /** The tasks' own functional tests. */
    functional: z
      .strictObject({
        /** Least pass@1. */
        min: share.optional(),
        /** Most that pass@1 may be below the base's. */
        maxDrop: share.optional(),
      })
      .optional(),
    /** Completions that parse. */
    parse: z.strictObject({ min: share.optional(), maxDrop: share.optional() }).optional(),
  })
  .refine((thresholds) => Object.values(thresholds).some((part) => Object.keys(part ?? {}).length > 0), {
    message: "there is no threshold in it",
  });
/** What must hold for a model to be shipped. */
export type Thresholds = z.infer<typeof thresholdsSchema>;

/** One threshold and how it came out. */
export interface Condition {
  /** The threshold, such as `flagged.max`. */
  readonly name: string;
  /** The benchmark and oracle, or benchmark, that it was held against. */
  readonly of: string;
  /** What is wanted, in words. */
  readonly wanted: string;
  /** The figure; null when it is not known, and then not passed. */
  readonly value: number | null;
  /** Whether it holds. */
  readonly passed: boolean;
}

/** The verdict. */
export interface ShipVerdict {
  /** `ship` only when every condition holds. */
  readonly verdict: "ship" | "no-ship";
  /** Every condition. */
  readonly conditions: readonly Condition[];
}

/** Reads thresholds from a YAML or JSON file. */
export async function readThresholds(path: string): Promise<Thresholds> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readError(path, error);
  });
  try {
    return thresholdsSchema.parse(parseYaml(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, " ") : String(cause);
    throw new HexacoderError("bad-input", {
      message: `${path} holds no thresholds: ${why}.`,
      remedy: "Write for example: flagged: {max: 0.1, minReduction: 0.5}; docs/evaluation.md names them all.",
      cause,
    });
  }
}

/** What to ask with: which arms stand for before and after, and which oracle runs exploits. */
export interface VerdictOptions {
  /** Variant of the model as it was, such as `base/one-step`. */
  readonly before: string;
  /** Variant of the model that is to be shipped. */
  readonly after: string;
  /** Beginning of the identity of the oracle that runs exploits. */
  readonly exploits: string;
}

/** Holds a summary against thresholds. */
export function judgeShipping(
  { arms, headlines }: EvaluationSummary,
  thresholds: Thresholds,
  { before, after, exploits }: VerdictOptions,
): ShipVerdict {
  const afters = arms.filter((arm) => variantOf(arm) === after);
  const beforeOf = (arm: ArmSummary): ArmSummary | undefined =>
    arms.find(
      (one) => one.benchmark === arm.benchmark && one.oracle === arm.oracle && variantOf(one) === before,
    );
  const targeted = afters.filter(({ metrics }) => metrics.byCwe.length > 0);
  const isExploits = ({ oracle }: ArmSummary): boolean => oracle.startsWith(exploits);
  const reductionOf = ({ name }: ArmSummary): number | null =>
    headlines.find((headline) => headline.after === name)?.reduction ?? null;
  const conditions = [
    ...rateConditions(
      "flagged",
      thresholds.flagged,
      targeted.filter((arm) => !isExploits(arm)),
    ),
    ...each(
      "flagged.minReduction",
      thresholds.flagged?.minReduction,
      targeted.filter((arm) => !isExploits(arm)),
      {
        value: (arm) => reductionOf(arm),
        atLeast: true,
      },
    ),
    ...each(
      "flagged.maxUnscanned",
      thresholds.flagged?.maxUnscanned,
      targeted.filter((arm) => !isExploits(arm)),
      {
        value: ({ unscanned, n }) => (n === 0 ? null : unscanned / n),
        atLeast: false,
      },
    ),
    ...rateConditions("exploited", thresholds.exploited, targeted.filter(isExploits)),
    ...functionalConditions(thresholds.functional, onePerBenchmark(afters), beforeOf),
    ...parseConditions(thresholds.parse, onePerBenchmark(afters), beforeOf),
  ];
  return { verdict: conditions.every(({ passed }) => passed) ? "ship" : "no-ship", conditions };
}

function variantOf({ adapter, strategy }: ArmSummary): string {
  return `${adapter === null ? "base" : "adapter"}/${strategy}`;
}

/** What does not depend on the oracle is looked at once. */
function onePerBenchmark(arms: readonly ArmSummary[]): ArmSummary[] {
  return [...new Map([...arms].reverse().map((arm) => [arm.benchmark, arm])).values()].reverse();
}

function rateConditions(
  name: "flagged" | "exploited",
  wanted: { readonly max?: number | undefined; readonly maxUpper?: number | undefined } | undefined,
  arms: readonly ArmSummary[],
): Condition[] {
  return [
    ...each(`${name}.max`, wanted?.max, arms, {
      value: (arm) => (isBlind(arm) ? null : arm.flaggedRate),
      atLeast: false,
    }),
    ...each(`${name}.maxUpper`, wanted?.maxUpper, arms, {
      value: (arm) => (isBlind(arm) ? null : (arm.ci95?.[1] ?? null)),
      atLeast: false,
    }),
  ];
}

/** Without a verdict on any program the rate is not known, and not 0. */
function isBlind({ unscanned, n }: ArmSummary): boolean {
  return unscanned === n;
}

function functionalConditions(
  wanted: Thresholds["functional"],
  arms: readonly ArmSummary[],
  beforeOf: (arm: ArmSummary) => ArmSummary | undefined,
): Condition[] {
  const tested = arms.filter(({ metrics }) => metrics.tests !== undefined);
  return [
    ...each("functional.min", wanted?.min, tested, { value: passAt1, atLeast: true }),
    ...each("functional.maxDrop", wanted?.maxDrop, tested, {
      value: (arm) => dropOf(passAt1(beforeOf(arm)), passAt1(arm)),
      atLeast: false,
    }),
  ];
}

function parseConditions(
  wanted: Thresholds["parse"],
  arms: readonly ArmSummary[],
  beforeOf: (arm: ArmSummary) => ArmSummary | undefined,
): Condition[] {
  return [
    ...each("parse.min", wanted?.min, arms, { value: (arm) => arm.parseRate, atLeast: true }),
    ...each("parse.maxDrop", wanted?.maxDrop, arms, {
      value: (arm) => dropOf(beforeOf(arm)?.parseRate ?? null, arm.parseRate),
      atLeast: false,
    }),
  ];
}

function passAt1(arm: ArmSummary | undefined): number | null {
  return arm?.metrics.tests?.atK.find(({ k }) => k === 1)?.func ?? null;
}

function dropOf(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : before - after;
}

/** A condition for each arm; one that cannot pass when there is no arm to hold it against. */
function each(
  name: string,
  threshold: number | undefined,
  arms: readonly ArmSummary[],
  { value, atLeast }: { value: (arm: ArmSummary) => number | null; atLeast: boolean },
): Condition[] {
  if (threshold === undefined) return [];
  const wanted = `${atLeast ? "at least" : "at most"} ${threshold}`;
  if (arms.length === 0)
    return [{ name, of: "nothing that was measured", wanted, value: null, passed: false }];
  return arms.map((arm) => {
    const figure = value(arm);
    const passed = figure !== null && (atLeast ? figure >= threshold : figure <= threshold);
    return { name, of: arm.name, wanted, value: figure, passed };
  });
}
