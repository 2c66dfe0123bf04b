// The figures of an experiment over its seeds. Samples are nested in prompts and prompts in seeds, so intervals
// come from drawing both anew.
import type { ArmSummary, PromptFigures } from "../src/core/evaluation.ts";
import { type Random, seededRandom } from "../src/util/random.ts";

/** One arm over all seeds. */
export interface Arm {
  /** `evaluation/strategy`, and the oracle where there are several. */
  readonly name: string;
  readonly title: string;
  /** Counts by prompt, a list for each seed. */
  readonly seeds: readonly (readonly PromptFigures[])[];
}

/** A figure, its interval, and its value for each seed. */
export interface Figure {
  readonly value: number | undefined;
  readonly ci95: readonly [number, number] | undefined;
  readonly bySeed: readonly (number | undefined)[];
}

type Count = "flagged" | "parsed" | "atRisk";
const DRAWS = 2000;

/** Puts an evaluation's arms of one seed beside those of the seeds before. */
export function addSeed(
  arms: Map<string, Arm>,
  evaluation: { name: string; title: string },
  summaries: readonly ArmSummary[],
): void {
  const severalOracles = new Set(summaries.map(({ oracle }) => oracle)).size > 1;
  for (const { strategy, oracle, metrics } of summaries) {
    const name = [evaluation.name, strategy, ...(severalOracles ? [oracle] : [])].join("/");
    const before = arms.get(name)?.seeds ?? [];
    arms.set(name, { name, title: evaluation.title, seeds: [...before, metrics.byPrompt] });
  }
}

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
  const reduction = (one: readonly PromptFigures[], other: readonly PromptFigures[]): number | undefined => {
    const [first, second] = [rate(one, "flagged"), rate(other, "flagged")];
    return first === undefined || second === undefined || first === 0 ? undefined : 1 - second / first;
  };
  const draws = repeated((random) => {
    const again = seededRandom(Math.floor(random() * 2 ** 32));
    const seed = Math.floor(again() * 2 ** 32);
    return reduction(
      drawn(before.seeds, seededRandom(seed)).flat(),
      drawn(after.seeds, seededRandom(seed)).flat(),
    );
  });
  return {
    value: reduction(before.seeds.flat(), after.seeds.flat()),
    ci95: middle(draws),
    bySeed: before.seeds.map((prompts, index) => reduction(prompts, after.seeds[index] ?? [])),
  };
}

/** A table for people. */
export function tableOf(arms: readonly Arm[]): string {
  const rows = arms.map((arm) => {
    const n = arm.seeds.flat().reduce((sum, prompt) => sum + prompt.n, 0);
    const [flagged, parsed, atRisk] = (["flagged", "parsed", "atRisk"] as const).map((count) =>
      shown(rateOf(arm, count)),
    );
    return `| ${arm.name} | ${arm.title} | ${n} | ${flagged} | ${parsed} | ${atRisk} |`;
  });
  return ["| Arm | What | n | flagged | parses | at risk |", "|---|---|---|---|---|---|", ...rows].join("\n");
}

/** `19.7 % (12.5–27.8; 18.0, 21.4)`: the rate, its interval, and each seed's. */
export function shown({ value, ci95, bySeed }: Figure): string {
  const percent = (share: number | undefined): string =>
    share === undefined ? "undefined" : (100 * share).toFixed(1);
  const interval = ci95 === undefined ? "no interval" : `${percent(ci95[0])}–${percent(ci95[1])}`;
  return `${percent(value)} % (${interval}; ${bySeed.map(percent).join(", ")})`;
}

function rate(prompts: readonly PromptFigures[], count: Count): number | undefined {
  const of = prompts.reduce((sum, prompt) => sum + prompt.n, 0);
  return of === 0 ? undefined : prompts.reduce((sum, prompt) => sum + prompt[count], 0) / of;
}

function drawn(seeds: Arm["seeds"], random: Random): PromptFigures[][] {
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
