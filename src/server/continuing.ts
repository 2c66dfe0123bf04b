// Generators and repairers whose programs begin with the client's prompt, letter by letter, so that what is
// judged is what the client will have.
import type { Completion, Task, Usage } from "../core/completion.ts";
import { cutAs } from "../core/language.ts";
import { continuationOf } from "../generation/continuation.ts";
import { createGenerator, type Generate, type GeneratorOptions } from "../generation/strategies.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { CompletionModel } from "../llm/llm.ts";
import type { Repairer } from "../repair/repairer.ts";
import { badRequest } from "./api-error.ts";

/** A generator for a task; samples whose imports have no place behind the prompt are drawn in one step instead. */
export async function continuingGenerator({ language }: Task, options: GeneratorOptions): Promise<Generate> {
  const support = await loadLanguage(cutAs(language));
  const generate = createGenerator(options);
  const oneStep = createGenerator({ ...options, strategy: "one-step" });
  return async (task, samples, generateOptions) => {
    const drawn = await generate(task, samples, generateOptions);
    const placed = drawn.map((completion) => continuing(completion, support));
    const left = samples.filter((_sample, index) => placed[index] === undefined);
    const again = left.length === 0 ? [] : await oneStep(task, left, generateOptions);
    return placed.flatMap((completion) => completion ?? continuing(again.shift(), support) ?? []);
  };
}

function continuing(completion: Completion | undefined, language: LanguageSupport): Completion | undefined {
  if (completion === undefined) return undefined;
  const { prompt, text, uncut, finishReason } = completion;
  if (finishReason === "error" && uncut.length <= prompt.length) throw tooLong();
  const more = continuationOf({ prompt, text }, language);
  if (more === undefined) return undefined;
  // What was cut off was over: the limit of tokens did not end it.
  const cut = uncut.slice(text.length).trim() !== "";
  return { ...completion, text: prompt + more, finishReason: cut ? "stop" : finishReason };
}

function tooLong(): Error {
  const message = "The prompt is longer than the model's context, or leaves no room in it for a completion.";
  return badRequest(message, "prompt", "context_length_exceeded");
}

/** A repairer whose repairs leave the prompt as it is; others are none. */
export function continuingRepairer(repairer: Repairer, prompt: string, language: LanguageSupport): Repairer {
  return {
    identity: repairer.identity,
    repair: async (request, options) => {
      const outcome = await repairer.repair(request, options);
      if (outcome.kind === "none") return outcome;
      const candidates = outcome.candidates.flatMap((candidate) => {
        const more = continuationOf({ prompt, text: candidate.text }, language);
        return more === undefined ? [] : [{ ...candidate, text: prompt + more }];
      });
      if (candidates.length > 0) return { kind: "candidates", candidates };
      const detail = "The repair would change what the client wrote.";
      return { kind: "none", reason: "no-rewrite", detail };
    },
  };
}

/** A model whose tokens are added up, those of refused drafts too. */
export function counting(
  model: CompletionModel,
  usage: { -readonly [Key in keyof Usage]: Usage[Key] },
): CompletionModel {
  return {
    ...model,
    complete: async (request, options) => {
      const response = await model.complete(request, options);
      usage.promptTokens += response.usage.promptTokens;
      usage.completionTokens += response.usage.completionTokens;
      return response;
    },
  };
}
