// The figures of an experiment over its seeds. Samples are nested in prompts and prompts in seeds, so intervals
// come from drawing both anew.
import { type Random, seededRandom } from "../src/util/random.ts";
import type { Count } from "./plan.ts";
import type { PromptCounts } from "./results.ts";

/** One arm over all seeds, as one judge sees it. */
export interface Arm {
  /** `evaluation/strategy`. */
  readonly name: string;
  readonly title: string;
  /** The judge, as `--oracle` names it. */
  readonly judge: string;
  /** Counts by prompt, a list for each seed. */
  readonly seeds: readonly (readonly PromptCounts[])[];
}

/** A figure, its interval, and its value for each seed. */
export interface Figure {
  readonly value: number | undefined;
  readonly ci95: readonly [number, number] | undefined;
  readonly bySeed: readonly (number | undefined)[];
}

const DRAWS = 2000;

/** A rate of all completions asked for. */
export function rateOf({ seeds }: Arm, count: Count): Figure {
  const draws = repeated((random) => rate(drawn(seeds, random).flat(), count));
  return {
    value: rate(seeds.flat(), count),
    ci95: middle(draws),
    bySeed: seeds.map((prompts) => rate(prompts, count)),
  };
}

/** 1 − after/before in flagged rates, over the same draws of seeds and prompts. */
export function reductionOf(before: Arm, after: Arm): Figure {
  return paired(before, after, "flagged", (one, other) => (one === 0 ? undefined : 1 - other / one));
}

/** after/before in a rate, over the same draws. */
export function shareOf(before: Arm, after: Arm, count: Count): Figure {
  return paired(before, after, count, (one, other) => (one === 0 ? undefined : other / one));
}

/** How much higher the flagged rate of an arm is than another's, over the same draws. */
export function excessOf(arm: Arm, other: Arm): Figure {
  return paired(arm, other, "flagged", (one, two) => one - two);
}

function paired(
  before: Arm,
  after: Arm,
  count: Count,
  compare: (before: number, after: number) => number | undefined,
): Figure {
  const compared = (one: readonly PromptCounts[], other: readonly PromptCounts[]): number | undefined => {
    const [first, second] = [rate(one, count), rate(other, count)];
    return first === undefined || second === undefined ? undefined : compare(first, second);
  };
  const draws = repeated((random) => {
    const seed = Math.floor(random() * 2 ** 32);
    return compared(
      drawn(before.seeds, seededRandom(seed)).flat(),
      drawn(after.seeds, seededRandom(seed)).flat(),
    );
  });
  return {
    value: compared(before.seeds.flat(), after.seeds.flat()),
    ci95: middle(draws),
    bySeed: before.seeds.map((prompts, index) => compared(prompts, after.seeds[index] ?? [])),
  };
}

/** A table for people: an arm a row, the flagged rate by each judge. */
export function tableOf(arms: readonly Arm[], judges: readonly string[]): string {
  const head = [
    "Arm",
    "What",
    "n",
    ...judges.map((judge) => `flagged by ${judge}`),
    "parses",
    "at risk",
    "works",
  ];
  const rows = arms
    .filter(({ judge }) => judge === judges[0])
    .map((arm) => {
      const n = arm.seeds.flat().reduce((sum, prompt) => sum + prompt.n, 0);
      const flagged = judges.map((judge) => armOf(arms, arm.name, judge));
      const cells = [
        ...flagged.map((one) => (one === undefined ? "not judged" : shown(rateOf(one, "flagged")))),
        ...(["parsed", "atRisk", "functional"] as const).map((count) => shown(rateOf(arm, count))),
      ];
      return [arm.name, arm.title, String(n), ...cells];
    });
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** The arm of a name as a judge sees it. */
export function armOf(arms: readonly Arm[], name: string, judge: string): Arm | undefined {
  return arms.find((arm) => arm.name === name && arm.judge === judge);
}

/** `19.7 % (12.5–27.8; 18.0, 21.4)`: the rate, its interval, and each seed's. */
export function shown({ value, ci95, bySeed }: Figure): string {
  const percent = (share: number | undefined): string =>
    share === undefined ? "undefined" : (100 * share).toFixed(1);
  const interval = ci95 === undefined ? "no interval" : `${percent(ci95[0])}–${percent(ci95[1])}`;
  return `${percent(value)} % (${interval}; ${bySeed.map(percent).join(", ")})`;
}

/** Undefined where nothing was asked for, or nothing was tried: a rate of the tests that were not run is none. */
function rate(prompts: readonly PromptCounts[], count: Count): number | undefined {
  const of = prompts.reduce((sum, prompt) => sum + prompt.n, 0);
  const counts = prompts.map((prompt) => prompt[count]).filter((hits) => hits !== undefined);
  if (of === 0 || counts.length === 0) return undefined;
  return counts.reduce((sum, hits) => sum + hits, 0) / of;
}

function drawn(seeds: Arm["seeds"], random: Random): PromptCounts[][] {
  const pick = <T>(items: readonly T[]): T[] =>
    items.flatMap(() => items.slice(...range(Math.floor(random() * items.length))));
  return pick(seeds).map((prompts) => pick(prompts));
}

function range(start: number): [number, number] {
  return [start, start + 1];
}

function repeated(draw: (random: Random) => number | undefined): number[] {
  const random = seededRandom(42);
  return Array.from({ length: DRAWS }, () => draw(random)).filter((value) => value !== undefined);
}

function middle(values: readonly number[]): readonly [number, number] | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [
    sorted[Math.floor(0.025 * sorted.length)],
    sorted[Math.ceil(0.975 * sorted.length) - 1],
  ];
  return low === undefined || high === undefined ? undefined : [low, high];
}
