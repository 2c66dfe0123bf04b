// Intervals for figures whose samples are nested in prompts, and prompts in families: whole
// families are drawn again with replacement (cluster bootstrap, percentile interval, Efron and
// Tibshirani 1993). Every figure here is a ratio of sums over families, seeded and repeatable.
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
  /** How the interval was made: `exact` where every family agrees and resampling would show no spread. */
  readonly method: "bootstrap" | "exact" | "none";
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

/** A rate over families and its 95 % interval. */
export function estimateRate(clusters: readonly Cluster[], options: BootstrapOptions): Estimate {
  const counted = clusters.filter(({ trials }) => trials > 0);
  const rate = ratioOf(counted);
  if (rate === undefined) return { rate: undefined, ci95: undefined, method: "none" };
  const exact = exactBounds(counted, rate);
  if (exact !== undefined) return { rate, ci95: exact, method: "exact" };
  if (counted.length < 2) return { rate, ci95: undefined, method: "none" };
  const draws = resample(counted, options, ratioOf);
  return { rate, ci95: percentile(draws, rate), method: "bootstrap" };
}

/** Clopper and Pearson's bounds, a family counting as one trial, where all hits agree (0 or 1). */
function exactBounds(clusters: readonly Cluster[], rate: number): Interval | undefined {
  const reach = 1 - TAIL ** (1 / clusters.length);
  if (rate === 0) return [0, reach];
  return rate === 1 && clusters.every(({ hits, trials }) => hits === trials) ? [1 - reach, 1] : undefined;
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
    differenceCi95:
      difference === undefined || counted.length < 2
        ? undefined
        : percentile(resample(counted, options, differenceOf), difference),
    families: counted.length,
  };
}

function reductionInterval(
  pairs: readonly PairedCluster[],
  reduction: number,
  options: BootstrapOptions,
): Interval | undefined {
  if (pairs.length < 2) return undefined;
  const draws = resample(pairs, options, reductionOf);
  const interval = percentile(draws, reduction);
  if (interval === undefined || reduction < 1) return interval;
  // Nothing is left after: resampling shows no spread, so the exact bound of `after` gives the lower end.
  const left = exactBounds(
    pairs.map(({ after }) => after),
    0,
  );
  const before = ratioOf(pairs.map((pair) => pair.before));
  return left === undefined || before === undefined ? interval : [1 - Math.min(1, left[1] / before), 1];
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
function percentile(draws: readonly (number | undefined)[], estimate: number): Interval | undefined {
  const values = draws.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (values.length === 0 || draws.length - values.length > TAIL * draws.length) return undefined;
  return [Math.min(quantile(values, TAIL), estimate), Math.max(quantile(values, 1 - TAIL), estimate)];
}

/** Quantile of sorted values, interpolated between neighbours (Hyndman and Fan's type 7). */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
