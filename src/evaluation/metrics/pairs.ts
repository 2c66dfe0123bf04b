// Two arms over the prompts that both have, their counts added up by family: what paired differences, their
// intervals and their chance are computed from.
import type { Cluster, PairedCluster } from "./bootstrap.ts";

/** A prompt; one without a family is its own. */
interface Counted {
  readonly taskId: string;
  readonly family?: string | undefined;
}

/** Pairs by family, in the order in which families first come. */
export function pairByFamily<Prompt extends Counted>(
  before: readonly Prompt[],
  after: readonly Prompt[],
  count: (prompt: Prompt) => Cluster,
): PairedCluster[] {
  const others = new Map(after.map((prompt) => [prompt.taskId, prompt]));
  const families = new Map<string, PairedCluster>();
  for (const prompt of before) {
    const other = others.get(prompt.taskId);
    if (other === undefined) continue;
    const name = prompt.family ?? prompt.taskId;
    const family = families.get(name) ?? { before: NONE, after: NONE };
    families.set(name, {
      before: addClusters(family.before, count(prompt)),
      after: addClusters(family.after, count(other)),
    });
  }
  return [...families.values()];
}

const NONE: Cluster = { hits: 0, trials: 0 };

/** Two counts as one. */
export function addClusters(a: Cluster, b: Cluster): Cluster {
  return { hits: a.hits + b.hits, trials: a.trials + b.trials };
}
