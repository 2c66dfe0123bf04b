// How much of one program's statements lives on in another: what the gates of every language ask.
import { overlap } from "./tokens.ts";

/** Share of the statements that must remain. */
export const STATEMENTS_KEPT = 0.6;
/** A statement remains when this share of its words is in a statement of the other side. */
const SAME_STATEMENT = 0.5;
/** The flagged statement may change more: its call is what gets replaced. */
export const SAME_PURPOSE = 0.3;

/** Items that are wanted and not there, each counted as often as it occurs. */
export function missing(wanted: readonly string[], there: readonly string[]): string[] {
  const left = [...there];
  return wanted.filter((item) => {
    const index = left.indexOf(item);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** The share of statements, as words, that have a like on the other side. */
export function keptShare(wanted: readonly string[][], there: readonly string[][]): number {
  if (wanted.length === 0) return 1;
  const left = [...there];
  const kept = wanted.filter((words) => {
    const best = bestMatch(words, left);
    if (best === undefined || best.share < SAME_STATEMENT) return false;
    left.splice(best.index, 1);
    return true;
  });
  return kept.length / wanted.length;
}

/** The statement that shares the most words. */
export function bestMatch(
  words: readonly string[],
  all: readonly string[][],
): { index: number; share: number } | undefined {
  let best: { index: number; share: number } | undefined;
  for (const [index, other] of all.entries()) {
    const share = overlap(words, other);
    if (best === undefined || share > best.share) best = { index, share };
    if (share === 1 && other.length === words.length) return { index, share };
  }
  return best;
}
