// Two-step generation: first the imports, then the body written under them, so that a safe library
// is already in sight when the body is sampled (paper, "Two-step generation"). Imports are sampled
// for each completion; samples that end up with the same imports share their second request.
import type { Completion, Task, Usage } from "../core/completion.ts";
import type { SplitProgram } from "../lang/lang.ts";
import {
  addUsage,
  completionOf,
  type Draft,
  type GenerationContext,
  type GenerationStrategy,
  inOrderOf,
  type Sampled,
  sampleModel,
} from "./generation.ts";

/**
 * Samples imports, then the body below them. A prompt without imports gives the first step nothing to
 * go by, so it is continued in one step with the whole budget, as in the paper, and `imports` is empty.
 */
export const twoStep: GenerationStrategy = { name: "two-step", generate };

async function generate(
  task: Task,
  samples: readonly number[],
  context: GenerationContext,
): Promise<Completion[]> {
  const program = context.language.split(task.prompt);
  const plans =
    program.imports.length === 0
      ? [planOf(task.prompt, { imports: [], before: samples.map((sample) => ({ sample, usage: NOTHING })) })]
      : await planBodies({ task, samples, program }, context);
  const { maxTokens, importTokens } = context.sampling;
  const budget = program.imports.length === 0 ? maxTokens : maxTokens - importTokens;
  const drafts = await Promise.all(
    plans.map((plan) => writeBodies(plan, { task, maxTokens: budget }, context)),
  );
  return inOrderOf(samples, drafts.flat()).map((draft) =>
    completionOf(draft, { task, strategy: "two-step", context }),
  );
}

const NOTHING: Usage = { promptTokens: 0, completionTokens: 0 };

/** A prompt with its imports merged in, and the samples that came to it. */
interface BodyPlan {
  readonly prompt: string;
  /** The statements that the first step added. */
  readonly imports: readonly string[];
  /** Tokens that the first step took for each sample. */
  readonly before: readonly { readonly sample: number; readonly usage: Usage }[];
}

function planOf(prompt: string, rest: Omit<BodyPlan, "prompt">): BodyPlan {
  return { prompt, ...rest };
}

async function planBodies(
  { task, samples, program }: { task: Task; samples: readonly number[]; program: SplitProgram },
  context: GenerationContext,
): Promise<BodyPlan[]> {
  const { language, sampling } = context;
  const opening = language.join({ ...program, body: "" });
  const maxTokens = sampling.importTokens;
  const sampled = await sampleModel({ task, step: "imports", prompt: opening, maxTokens, samples }, context);
  const plans = new Map<string, BodyPlan>();
  for (const one of sampled) {
    const imports = addedImports(program, one, context);
    const prompt = language.join(program, imports);
    const known = plans.get(prompt) ?? planOf(prompt, { imports, before: [] });
    plans.set(prompt, { ...known, before: [...known.before, { sample: one.sample, usage: one.usage }] });
  }
  return [...plans.values()];
}

/** The import statements of the first step that the prompt does not have yet. */
function addedImports(program: SplitProgram, { raw }: Sampled, { language }: GenerationContext): string[] {
  const found = language.importsIn(raw.text, { complete: raw.finishReason === "stop" });
  const unchanged = language.join(program);
  return [...new Set(found)].filter((statement) => language.join(program, [statement]) !== unchanged);
}

async function writeBodies(
  { prompt, imports, before }: BodyPlan,
  { task, maxTokens }: { task: Task; maxTokens: number },
  context: GenerationContext,
): Promise<Draft[]> {
  const samples = before.map(({ sample }) => sample);
  const spent = new Map(before.map(({ sample, usage }) => [sample, usage]));
  const sampled = await sampleModel({ task, step: "code", prompt, maxTokens, samples }, context);
  return sampled.map(({ sample, seed, raw, usage }) => ({
    sample,
    seed,
    text: context.language.cut(prompt, raw.text),
    uncut: prompt + raw.text,
    imports,
    finishReason: raw.finishReason,
    usage: addUsage(spent.get(sample) ?? NOTHING, usage),
  }));
}
