// Scorers that try each completed program by itself: what they share is how a trial becomes a score.
import type { Score } from "../../core/completion.ts";
import type { TestsDetail } from "../../core/evaluation.ts";
import type { Scorable, Scorer } from "./scorer.ts";

/** A scorer of one trial a program; a program that was not tried is unscored. */
export function scorerOfTrials(
  { name, identity }: Pick<Scorer, "name" | "identity">,
  tryOne: (item: Scorable, signal: AbortSignal | undefined) => Promise<TestsDetail>,
): Scorer {
  const scoreOne = async (item: Scorable, signal: AbortSignal | undefined): Promise<Score> => {
    const detail = await tryOne(item, signal);
    const value = detail.status === "tested" ? detail.functional : "unscored";
    return { completionId: item.completion.id, scorer: name, value, detail };
  };
  return {
    name,
    identity,
    watchesAll: false,
    score: (batch, { signal } = {}) => Promise.all(batch.map((item) => scoreOne(item, signal))),
  };
}
