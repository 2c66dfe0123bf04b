// One-step generation: the model continues the prompt as it is. The baseline of the paper.
import type { Completion, Task } from "../core/completion.ts";
import {
  completionOf,
  type GenerationContext,
  type GenerationStrategy,
  inOrderOf,
  sampleModel,
} from "./generation.ts";

/** Continues the prompt as it is. */
export const oneStep: GenerationStrategy = { name: "one-step", generate };

async function generate(
  task: Task,
  samples: readonly number[],
  context: GenerationContext,
): Promise<Completion[]> {
  const { prompt } = task;
  const { maxTokens } = context.sampling;
  const sampled = await sampleModel({ task, step: "code", prompt, maxTokens, samples }, context);
  const drafts = sampled.map(({ raw, ...rest }) => ({
    ...rest,
    text: context.language.cut(prompt, raw.text),
    uncut: prompt + raw.text,
    finishReason: raw.finishReason,
  }));
  return inOrderOf(samples, drafts).map((draft) =>
    completionOf(draft, { task, strategy: "one-step", context }),
  );
}
