// How far an oracle agrees with another tool's verdicts, weakness by weakness. A program counts as
// flagged for a weakness when a finding that is no advice has it as its first CWE; what could not be
// looked at counts as nothing found. Samples of one prompt resemble one another: a second count gives
// every prompt the weight 1.
import { type CweId, compareCwe } from "../../src/core/cwe.ts";

/** What both tools say of one program, in groups of weaknesses. */
export interface Opinion {
  readonly prompt: string;
  readonly truth: ReadonlySet<CweId>;
  readonly said: ReadonlySet<CweId>;
}

/** Counts of one weakness; fractions where prompts weigh 1. */
export interface Counts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

/** One weakness. */
export interface WeaknessRow extends Counts {
  readonly weakness: CweId;
  /** Programs that the other tool flags. */
  readonly positives: number;
  /** Prompts of which it flags at least one program. */
  readonly prompts: number;
  readonly precision: number | undefined;
  readonly recall: number | undefined;
  readonly f1: number | undefined;
  /** The F1 where every prompt weighs 1. */
  readonly f1ByPrompt: number | undefined;
}

/** The whole comparison. */
export interface Agreement {
  readonly programs: number;
  readonly rows: readonly WeaknessRow[];
  readonly microF1: number | undefined;
  /** Mean over the weaknesses with at least {@link ENOUGH} positives. */
  readonly macroF1: number | undefined;
  /** How many those are. */
  readonly weaknesses: number;
  /** The lowest F1 among them. */
  readonly lowest: number | undefined;
  /** Mean of `f1ByPrompt` over the weaknesses with positives from at least two prompts. */
  readonly macroF1ByPrompt: number | undefined;
  /** How many those are. */
  readonly weaknessesWithTwoPrompts: number;
}

/** Weaknesses with fewer positives do not enter the mean. */
export const ENOUGH = 5;

/** Compares; only weaknesses that the other tool names somewhere are judged. */
export function measureAgreement(opinions: readonly Opinion[]): Agreement {
  const judged = [...new Set(opinions.flatMap(({ truth }) => [...truth]))].sort(compareCwe);
  const sizes = new Map<string, number>();
  for (const { prompt } of opinions) sizes.set(prompt, (sizes.get(prompt) ?? 0) + 1);
  const rows = judged.map((weakness) => rowOf(weakness, opinions, sizes));
  const large = rows.filter(({ positives }) => positives >= ENOUGH);
  const several = rows.filter(({ prompts }) => prompts >= 2);
  return {
    programs: opinions.length,
    rows,
    microF1: f1Of(total(rows)),
    macroF1: mean(large.map(({ f1 }) => f1 ?? 0)),
    weaknesses: large.length,
    lowest: large.length === 0 ? undefined : Math.min(...large.map(({ f1 }) => f1 ?? 0)),
    macroF1ByPrompt: mean(several.map(({ f1ByPrompt }) => f1ByPrompt ?? 0)),
    weaknessesWithTwoPrompts: several.length,
  };
}

/** One prompt: the counts of its own programs, and the figures without it. */
export interface PromptRow extends Counts {
  readonly prompt: string;
  readonly programs: number;
  /** F1 of its own programs, all weaknesses together. */
  readonly f1: number | undefined;
  /** The macro F1 by prompt of all other programs. */
  readonly othersMacroF1ByPrompt: number | undefined;
}

/** Every prompt, those with the most disagreements first. */
export function measureByPrompt(opinions: readonly Opinion[]): PromptRow[] {
  const prompts = [...new Set(opinions.map(({ prompt }) => prompt))];
  const rows = prompts.map((prompt): PromptRow => {
    const own = opinions.filter((opinion) => opinion.prompt === prompt);
    const others = opinions.filter((opinion) => opinion.prompt !== prompt);
    const judged = new Set(opinions.flatMap(({ truth }) => [...truth]));
    const counts = total([...judged].map((weakness) => countOf(weakness, own, () => 1)));
    const { macroF1ByPrompt } = measureAgreement(others);
    return {
      prompt,
      programs: own.length,
      ...counts,
      f1: f1Of(counts),
      othersMacroF1ByPrompt: macroF1ByPrompt,
    };
  });
  return rows.sort((a, b) => b.fp + b.fn - a.fp - a.fn || (a.prompt < b.prompt ? -1 : 1));
}

function rowOf(
  weakness: CweId,
  opinions: readonly Opinion[],
  sizes: ReadonlyMap<string, number>,
): WeaknessRow {
  const counts = countOf(weakness, opinions, () => 1);
  const weighted = countOf(weakness, opinions, ({ prompt }) => 1 / (sizes.get(prompt) ?? 1));
  const { tp, fp, fn } = counts;
  const flagged = opinions.filter(({ truth }) => truth.has(weakness));
  return {
    weakness,
    positives: tp + fn,
    prompts: new Set(flagged.map(({ prompt }) => prompt)).size,
    ...counts,
    precision: tp + fp === 0 ? undefined : tp / (tp + fp),
    recall: tp + fn === 0 ? undefined : tp / (tp + fn),
    f1: f1Of(counts),
    f1ByPrompt: f1Of(weighted),
  };
}

function countOf(
  weakness: CweId,
  opinions: readonly Opinion[],
  weightOf: (opinion: Opinion) => number,
): Counts {
  const counts = { tp: 0, fp: 0, fn: 0 };
  for (const opinion of opinions) {
    const [isTrue, isSaid] = [opinion.truth.has(weakness), opinion.said.has(weakness)];
    if (isTrue && isSaid) counts.tp += weightOf(opinion);
    else if (isSaid) counts.fp += weightOf(opinion);
    else if (isTrue) counts.fn += weightOf(opinion);
  }
  return counts;
}

function total(rows: readonly Counts[]): Counts {
  return rows.reduce((sum, { tp, fp, fn }) => ({ tp: sum.tp + tp, fp: sum.fp + fp, fn: sum.fn + fn }), {
    tp: 0,
    fp: 0,
    fn: 0,
  });
}

/** Undefined where nothing was to be found and nothing was. */
function f1Of({ tp, fp, fn }: Counts): number | undefined {
  return tp + fp + fn === 0 ? undefined : (2 * tp) / (2 * tp + fp + fn);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
