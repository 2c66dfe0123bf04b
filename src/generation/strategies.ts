// The strategies by name, and the door through which stages' composers use them.
import type { Completion, Strategy, Task } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import { cutAs } from "../core/language.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { CompletionModel } from "../llm/llm.ts";
import type { GenerationStrategy, Sampling } from "./generation.ts";
import { oneStep } from "./one-step.ts";
import { twoStep } from "./two-step.ts";
import { twoStepAuthors } from "./two-step-authors.ts";

const byName = {
  "one-step": oneStep,
  "two-step": twoStep,
  "two-step:authors": twoStepAuthors,
  infill: { name: "infill", generate: () => Promise.reject(infillMissing()) },
} as const satisfies Record<Strategy, GenerationStrategy>;

/** Makes the samples with these numbers of a task, in this order. */
export type Generate = (
  task: Task,
  samples: readonly number[],
  options?: { readonly signal?: AbortSignal },
) => Promise<Completion[]>;

/** What a generator is made of. */
export interface GeneratorOptions {
  /** How to generate. */
  readonly strategy: Strategy;
  /** The model, with its adapter. */
  readonly model: CompletionModel;
  /** How to sample; `paperSampling` is the paper's way. */
  readonly sampling: Sampling;
}

/**
 * A function that completes tasks. Throws `bad-usage` for a budget that leaves no room for code, and
 * `model-missing` for a strategy that no model here can serve, before any sample is paid for.
 *
 * @example
 * const generate = createGenerator({ strategy: "two-step", model, sampling: paperSampling });
 * const completions = await generate(task, [0, 1, 2, 3, 4]);
 */
export function createGenerator({ strategy, model, sampling }: GeneratorOptions): Generate {
  checkStrategy(strategy, sampling);
  return async (task, samples, { signal } = {}) => {
    const language = await loadLanguage(cutAs(task.language));
    return await byName[strategy].generate(task, samples, { model, language, sampling, signal });
  };
}

/** Throws what `createGenerator` would throw, for those who want to know before they open a model. */
export function checkStrategy(strategy: Strategy, { maxTokens, importTokens }: Sampling): void {
  if (strategy === "infill") throw infillMissing();
  if (strategy === "one-step" || importTokens < maxTokens) return;
  throw new HexacoderError("bad-usage", {
    message: `${importTokens} tokens for imports leave none for the code out of ${maxTokens}.`,
    remedy: "Raise --max-tokens, or lower --import-tokens.",
  });
}

function infillMissing(): HexacoderError {
  return new HexacoderError("model-missing", {
    message: "The strategy infill needs a model that fills in the middle, and none can be opened yet.",
    remedy: "Use --strategy two-step.",
  });
}
