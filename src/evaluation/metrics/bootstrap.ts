// Intervals for figures whose samples are nested in prompts, and prompts in families: whole
// families are drawn again with replacement (cluster bootstrap, percentile interval widened for
// few families, Hesterberg 2015). Every figure is a ratio of sums over families, seeded, repeatable.
import type { Interval } from "../../core/evaluation.ts";
import { type Random, seededRandom } from "../../util/random.ts";

/** What one family adds to a rate: hits out of trials. */
export interface Cluster {
  /** Sum of what is counted. */
  readonly hits: number;
  /** Sum of what it is counted of. */
  readonly trials: number;
}

/** One family, measured twice: under the arm before and the arm after. */
export interface PairedCluster {
  /** The arm that the change is measured from. */
  readonly before: Cluster;
  /** The arm that the change is measured to. */
  readonly after: Cluster;
}

/** A rate with its interval. */
export interface Estimate {
  /** hits / trials; undefined without trials. */
  readonly rate: number | undefined;
  /** 95 % interval; undefined where it cannot be estimated. */
  readonly ci95: Interval | undefined;
  /** How: `families-agree` where resampling would show no spread, and a family counts as one trial. */
  readonly method: "bootstrap" | "families-agree" | "none";
}

/** How the resampling is done. */
export interface BootstrapOptions {
  /** Seed of the draws. */
  readonly seed: number;
  /** Number of draws; 2,000 unless told. */
  readonly replicates?: number;
}

const REPLICATES = 2000;
const TAIL = 0.025;
const Z = 1.959963984540054;

/** A rate over families and its 95 % interval. */
export function estimateRate(clusters: readonly Cluster[], options: BootstrapOptions): Estimate {
  const counted = clusters.filter(({ trials }) => trials > 0);
  const rate = ratioOf(counted);
  if (rate === undefined) return { rate: undefined, ci95: undefined, method: "none" };
  const agreeing = counted.every(({ hits, trials }) => hits / trials === rate);
  if (agreeing && (rate === 0 || rate === 1 || counted.length > 1)) {
    return { rate, ci95: agreeingBounds(rate, counted.length), method: "families-agree" };
  }
  if (counted.length < 2) return { rate, ci95: undefined, method: "none" };
  const draws = resample(counted, options, ratioOf);
  return { rate, ci95: percentile(draws, rate, counted.length), method: "bootstrap" };
}

/** Bounds with a family as one trial: Clopper and Pearson's at 0 and 1, Wilson's between. */
function agreeingBounds(rate: number, families: number): Interval {
  const reach = 1 - TAIL ** (1 / families);
  if (rate === 0) return [0, reach];
  if (rate === 1) return [1 - reach, 1];
  const spread = Z ** 2 / families;
  const middle = (rate + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((rate * (1 - rate)) / families + spread / (4 * families));
  return [middle - half, middle + half];
}

/** A change from before to after. */
export interface Change95 {
  /** 1 − after/before: 0.6 when 60 % fewer are flagged; undefined when nothing was flagged before. */
  readonly reduction: number | undefined;
  /** 95 % interval of the reduction. */
  readonly ci95: Interval | undefined;
  /** after − before, in rates. */
  readonly difference: number | undefined;
  /** 95 % interval of the difference. */
  readonly differenceCi95: Interval | undefined;
  /** Families that were paired. */
  readonly families: number;
}

/** The change between two arms over the same families, by the paired bootstrap. */
export function estimateChange(pairs: readonly PairedCluster[], options: BootstrapOptions): Change95 {
  const counted = pairs.filter(({ before, after }) => before.trials > 0 && after.trials > 0);
  const reduction = reductionOf(counted);
  const difference = differenceOf(counted);
  return {
    reduction,
    ci95: reduction === undefined ? undefined : reductionInterval(counted, reduction, options),
    difference,
    differenceCi95: difference === undefined ? undefined : differenceInterval(counted, difference, options),
    families: counted.length,
  };
}

function differenceInterval(
  pairs: readonly PairedCluster[],
  difference: number,
  options: BootstrapOptions,
): Interval | undefined {
  if (pairs.length < 2) return undefined;
  const interval = percentile(resample(pairs, options, differenceOf), difference, pairs.length);
  if (interval === undefined || interval[1] - interval[0] > SLACK) return interval;
  return agreeingDifference(pairs, difference);
}

// Sums in another order differ in the last digits.
const SLACK = 1e-12;

/**
 * Where every family changes alike, resampling shows no spread, and an interval without width would be called sure:
 * the bounds of the two rates together, a family as one trial (Newcombe's square-and-add, 1998).
 */
function agreeingDifference(pairs: readonly PairedCluster[], difference: number): Interval | undefined {
  const before = ratioOf(pairs.map((pair) => pair.before));
  const after = ratioOf(pairs.map((pair) => pair.after));
  if (before === undefined || after === undefined) return undefined;
  const [lowBefore, highBefore] = agreeingBounds(before, pairs.length);
  const [lowAfter, highAfter] = agreeingBounds(after, pairs.length);
  return [
    Math.max(-1, difference - Math.hypot(after - lowAfter, highBefore - before)),
    Math.min(1, difference + Math.hypot(highAfter - after, before - lowBefore)),
  ];
}

function reductionInterval(
  pairs: readonly PairedCluster[],
  reduction: number,
  options: BootstrapOptions,
): Interval | undefined {
  if (pairs.length < 2) return undefined;
  const draws = resample(pairs, options, reductionOf);
  const interval = percentile(draws, reduction, pairs.length);
  if (interval === undefined || reduction < 1) return interval;
  // Nothing is left after: resampling shows no spread, so the bound of `after` gives the lower end.
  const [, left] = agreeingBounds(0, pairs.length);
  const before = ratioOf(pairs.map((pair) => pair.before));
  return before === undefined ? interval : [1 - Math.min(1, left / before), 1];
}

function ratioOf(clusters: readonly Cluster[]): number | undefined {
  let hits = 0;
  let trials = 0;
  for (const cluster of clusters) {
    hits += cluster.hits;
    trials += cluster.trials;
  }
  return trials > 0 ? hits / trials : undefined;
}

function reductionOf(pairs: readonly PairedCluster[]): number | undefined {
  const before = ratioOf(pairs.map((pair) => pair.before));
  const after = ratioOf(pairs.map((pair) => pair.after));
  return before === undefined || after === undefined || before === 0 ? undefined : 1 - after / before;
}

function differenceOf(pairs: readonly PairedCluster[]): number | undefined {
  const before = ratioOf(pairs.map((pair) => pair.before));
  const after = ratioOf(pairs.map((pair) => pair.after));
  return before === undefined || after === undefined ? undefined : after - before;
}

/** Values of a statistic over draws with replacement; undefined draws are left in the count. */
function resample<T>(
  items: readonly T[],
  options: BootstrapOptions,
  statistic: (draw: readonly T[]) => number | undefined,
): (number | undefined)[] {
  const random = seededRandom(options.seed);
  const replicates = options.replicates ?? REPLICATES;
  return Array.from({ length: replicates }, () => statistic(drawFrom(items, random)));
}

function drawFrom<T>(items: readonly T[], random: Random): T[] {
  return items.flatMap(() => items[Math.floor(random() * items.length)] ?? []);
}

/** The central 95 %; undefined where more than a tail of the draws have no value. Always holds the estimate. */
function percentile(
  draws: readonly (number | undefined)[],
  estimate: number,
  families: number,
): Interval | undefined {
  const values = draws.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (values.length === 0 || draws.length - values.length > TAIL * draws.length) return undefined;
  const tail = widenedTail(families);
  return [Math.min(quantile(values, tail), estimate), Math.max(quantile(values, 1 - tail), estimate)];
}

/**
 * The tail to cut off for 95 % with so many families: percentile intervals of few are too narrow, as a
 * normal interval is where Student's t is due, and by sqrt((n − 1)/n) besides.
 */
export function widenedTail(families: number): number {
  return families < 2 ? 0 : normalTail(studentT975(families - 1) * Math.sqrt(families / (families - 1)));
}

// Student's t at 0.975 by degrees of freedom, from 1.
const STUDENT_T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

function studentT975(freedom: number): number {
  // Beyond the table, Cornish and Fisher's expansion is right to four digits.
  return (
    STUDENT_T[freedom - 1] ??
    Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2)
  );
}

/** P(N > x) for x ≥ 0, to 1e-7 (Abramowitz and Stegun 26.2.17). */
function normalTail(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

/** Quantile of sorted values, interpolated between neighbours (Hyndman and Fan's type 7). */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
