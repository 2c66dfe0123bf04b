// The figures of one arm, computed from its counts by prompt (PAPER.md, "Metrics"). Rates are
// of all completions asked for unless the name says otherwise; what is undefined stays undefined.
import type { BootstrapOptions, Change95, Cluster, Estimate, Interval } from "./bootstrap.ts";
import { estimateChange, estimateRate } from "./bootstrap.ts";
import { meanOverPrompts, secureAtK, vulnerableAtK } from "./pass-at-k.ts";
import type { PromptCounts, Tally } from "./tally.ts";

/** A rate, what it is of, and its interval. */
export interface RateFigure {
  /** hits / of; null when `of` is 0. */
  readonly rate: number | null;
  /** 95 % interval over families; null where undefined. */
  readonly ci95: Interval | null;
  /** What was counted. */
  readonly hits: number;
  /** What it was counted of. */
  readonly of: number;
}

/** Figures at one k. */
export interface AtK {
  /** Number of samples drawn. */
  readonly k: number;
  /** Programs among the first k samples of each prompt. */
  readonly programs: number;
  /** Flagged ones among these: the paper's top-k count; null with fewer samples than k. */
  readonly vulnerable: number | null;
  /** Mean chance that at least one of k samples is vulnerable. */
  readonly vulnerableAtK: number | null;
  /** 95 % interval of `vulnerableAtK`. */
  readonly ci95: Interval | null;
  /** Mean chance that all of k samples are free of the weakness. */
  readonly secureAtK: number | null;
}

/** SVEN's sec-rate: secure / valid programs after removing duplicates, mean over prompts. */
export interface SecRate {
  /** The mean over prompts that have a valid program; null when none has. */
  readonly rate: number | null;
  /** Prompts with at least one valid program. */
  readonly prompts: number;
  /** Valid programs: different ones with a verdict. */
  readonly valid: number;
  /** Programs left out, by reason; they add up with `valid` to n. */
  readonly dropped: { readonly duplicate: number; readonly unparsable: number; readonly notAnalysed: number };
}

/** All figures of an arm. */
export interface ArmMetrics {
  /** Completions asked for. */
  readonly n: number;
  /** Flagged of all asked for. */
  readonly flagged: RateFigure;
  /** The flagged rate if all of the unscanned were flagged, and if none were. */
  readonly flaggedBounds: Interval | null;
  /** Parse before any cutting, of all asked for. */
  readonly parsed: RateFigure;
  /** Flagged of those that parse. */
  readonly flaggedOfParsed: RateFigure;
  /** Perform the risky operation, of all asked for. */
  readonly atRisk: RateFigure;
  /** Flagged of those that perform the operation. */
  readonly flaggedOfAtRisk: RateFigure;
  /** Completions for which nobody could say whether they perform the operation. */
  readonly atRiskUnknown: number;
  /** Completions without a verdict. */
  readonly unscanned: number;
  /** Why, and how many. */
  readonly unscannedReasons: Record<string, number>;
  /** Same program as an earlier sample of the prompt. */
  readonly duplicates: number;
  /** Stopped by the length limit. */
  readonly truncated: number;
  /** Top-k counts, vulnerable@k and secure@k. */
  readonly atK: readonly AtK[];
  /** See {@link SecRate}. */
  readonly secRate: SecRate;
}

/** Computes an arm's figures over the prompts given (all of the tally's when absent). */
export function armMetrics(
  tally: Tally,
  options: BootstrapOptions,
  prompts: readonly PromptCounts[] = tally.prompts,
): ArmMetrics {
  const rate = (hits: keyof Countable, of: keyof Countable): RateFigure =>
    rateFigure(prompts, (prompt) => ({ hits: prompt[hits], trials: prompt[of] }), options);
  const n = sum(prompts, (prompt) => prompt.n);
  const flagged = sum(prompts, (prompt) => prompt.flagged);
  const unscanned = sum(prompts, (prompt) => prompt.unscanned);
  return {
    n,
    flagged: rate("flagged", "n"),
    flaggedBounds: n === 0 ? null : [flagged / n, (flagged + unscanned) / n],
    parsed: rate("parsed", "n"),
    flaggedOfParsed: rate("flaggedParsed", "parsed"),
    atRisk: rate("atRisk", "n"),
    flaggedOfAtRisk: rate("flaggedAtRisk", "atRisk"),
    atRiskUnknown: sum(prompts, (prompt) => prompt.atRiskUnknown),
    unscanned,
    unscannedReasons: tally.reasons,
    duplicates: sum(prompts, (prompt) => prompt.duplicates),
    truncated: sum(prompts, (prompt) => prompt.truncated),
    atK: tally.ks.map((k) => figuresAtK(prompts, k, options)),
    secRate: secRate(prompts),
  };
}

type Countable = Pick<
  PromptCounts,
  "n" | "flagged" | "parsed" | "flaggedParsed" | "atRisk" | "flaggedAtRisk"
>;

/** The change in the flagged rate between two arms over the prompts that both have. */
export function flaggedChange(before: Tally, after: Tally, options: BootstrapOptions): Change95 {
  const others = new Map(after.prompts.map((prompt) => [prompt.taskId, prompt]));
  const families = new Map<string, { before: Cluster; after: Cluster }>();
  for (const prompt of before.prompts) {
    const other = others.get(prompt.taskId);
    if (other === undefined) continue;
    const family = families.get(prompt.family) ?? { before: NONE, after: NONE };
    families.set(prompt.family, {
      before: plus(family.before, { hits: prompt.flagged, trials: prompt.n }),
      after: plus(family.after, { hits: other.flagged, trials: other.n }),
    });
  }
  return estimateChange([...families.values()], options);
}

const NONE: Cluster = { hits: 0, trials: 0 };

function plus(a: Cluster, b: Cluster): Cluster {
  return { hits: a.hits + b.hits, trials: a.trials + b.trials };
}

function rateFigure(
  prompts: readonly PromptCounts[],
  count: (prompt: PromptCounts) => Cluster,
  options: BootstrapOptions,
): RateFigure {
  const { rate, ci95 } = estimate(prompts, count, options);
  return {
    rate: rate ?? null,
    ci95: ci95 ?? null,
    hits: sum(prompts, (prompt) => count(prompt).hits),
    of: sum(prompts, (prompt) => count(prompt).trials),
  };
}

function estimate(
  prompts: readonly PromptCounts[],
  count: (prompt: PromptCounts) => Cluster,
  options: BootstrapOptions,
): Estimate {
  const families = new Map<string, Cluster>();
  for (const prompt of prompts) {
    families.set(prompt.family, plus(families.get(prompt.family) ?? NONE, count(prompt)));
  }
  return estimateRate([...families.values()], options);
}

function figuresAtK(prompts: readonly PromptCounts[], k: number, options: BootstrapOptions): AtK {
  const counts = prompts.map(({ n, flagged }) => ({ n, hits: flagged }));
  const enough = prompts.length > 0 && prompts.every((prompt) => prompt.n >= k);
  const vulnerable = meanOverPrompts(counts.map((count) => vulnerableAtK(count, k)));
  const ci95 = enough
    ? estimate(
        prompts,
        ({ n, flagged }) => ({ hits: vulnerableAtK({ n, hits: flagged }, k) ?? 0, trials: 1 }),
        options,
      ).ci95
    : undefined;
  return {
    k,
    programs: sum(prompts, (prompt) => Math.min(k, prompt.n)),
    vulnerable: enough ? sum(prompts, (prompt) => prompt.flaggedInFirst.get(k) ?? 0) : null,
    vulnerableAtK: vulnerable ?? null,
    ci95: ci95 ?? null,
    secureAtK: meanOverPrompts(counts.map((count) => secureAtK(count, k))) ?? null,
  };
}

function secRate(prompts: readonly PromptCounts[]): SecRate {
  const valid = prompts.filter((prompt) => prompt.valid > 0);
  const n = sum(prompts, (prompt) => prompt.n);
  const validPrograms = sum(prompts, (prompt) => prompt.valid);
  const duplicate = sum(prompts, (prompt) => prompt.duplicates);
  const unparsable = sum(prompts, (prompt) => prompt.unparsable);
  return {
    rate: meanOverPrompts(valid.map((prompt) => prompt.secure / prompt.valid)) ?? null,
    prompts: valid.length,
    valid: validPrograms,
    dropped: { duplicate, unparsable, notAnalysed: n - validPrograms - duplicate - unparsable },
  };
}

function sum(prompts: readonly PromptCounts[], count: (prompt: PromptCounts) => number): number {
  return prompts.reduce((total, prompt) => total + count(prompt), 0);
}
