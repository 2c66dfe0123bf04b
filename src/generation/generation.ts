// Generation: a strategy turns a task's prompt into completions. A sample is decided by its seed
// alone (seed of run and task, plus the sample's number), so that any subset can be made again, in
// any grouping, with the same result.
import type { Completion, FinishReason, Strategy, Task, Usage } from "../core/completion.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import type { CompletionModel, RawCompletion } from "../llm/llm.ts";
import { sha256, shortHashOf } from "../util/hash.ts";

/** How to sample; the defaults are the paper's. */
export interface Sampling {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Nucleus: the smallest set of tokens with this probability. */
  readonly topP: number;
  /** Most new tokens of a completion, over all steps. */
  readonly maxTokens: number;
  /** Most of these that may go into imports, in strategies of two steps. */
  readonly importTokens: number;
  /** Seed of the whole run. */
  readonly seed: number;
  /** Texts that end a completion's code; imports are not held to them. None when absent. */
  readonly stop?: readonly string[] | undefined;
}

/** The paper's sampling: 200 new tokens, 20 of them for imports where there are two steps. */
export const paperSampling: Sampling = {
  temperature: 0.4,
  topP: 0.95,
  maxTokens: 200,
  importTokens: 20,
  seed: 42,
};

/** What a strategy works with. */
export interface GenerationContext {
  /** The model, with its adapter. */
  readonly model: CompletionModel;
  /** The task's language. */
  readonly language: LanguageSupport;
  /** How to sample. */
  readonly sampling: Sampling;
  /** Cancels. */
  readonly signal?: AbortSignal | undefined;
}

/** A way of generating. */
export interface GenerationStrategy {
  /** Its name in records and on the command line. */
  readonly name: Strategy;
  /** Makes the samples with these numbers, in this order. */
  generate(task: Task, samples: readonly number[], context: GenerationContext): Promise<Completion[]>;
}

/** What a sample came to, before it becomes a record. */
export interface Draft {
  /** Number of the sample. */
  readonly sample: number;
  /** Its seed. */
  readonly seed: number;
  /** The whole program, cut. */
  readonly text: string;
  /** The whole program as the model left it. */
  readonly uncut: string;
  /** Imports that were put in front; absent in one step. */
  readonly imports?: readonly string[];
  /** Why the model stopped. */
  readonly finishReason: FinishReason;
  /** Tokens of all steps; requests report them together, so that this is an equal share. */
  readonly usage: Usage;
}

/** Turns drafts into records; the id covers everything that decides the text. */
export function completionOf(
  draft: Draft,
  { task, strategy, context }: { task: Task; strategy: Strategy; context: GenerationContext },
): Completion {
  const { model, sampling } = context;
  const { maxTokens, temperature, topP, seed, importTokens, stop = [] } = sampling;
  const steps = strategy === "one-step" ? {} : { importTokens };
  const stops = stop.length === 0 ? {} : { stop };
  const identity = {
    task: task.id,
    prompt: task.prompt,
    language: task.language,
    model: model.identity,
    adapter: model.adapter,
    strategy,
    sampling: { maxTokens, temperature, topP, seed, ...steps, ...stops },
    sample: draft.sample,
  };
  return {
    id: shortHashOf(identity),
    taskId: task.id,
    sample: draft.sample,
    strategy,
    model: model.identity,
    ...(model.adapter === undefined ? {} : { adapter: model.adapter }),
    prompt: task.prompt,
    text: draft.text,
    ...(draft.imports === undefined ? {} : { imports: [...draft.imports] }),
    uncut: draft.uncut,
    finishReason: draft.finishReason,
    usage: draft.usage,
    seed: draft.seed,
  };
}

/** Room for sample numbers above a task's seed, inside the 31 bits that every provider takes. */
const SEED_SPACE = 2 ** 30;

/** The seed of a sample: consecutive samples of a task and step have consecutive seeds. */
export function seedOf(base: number, task: Task, { step, sample }: { step: string; sample: number }): number {
  const digest = sha256(JSON.stringify([base, task.id, step]));
  return (Number.parseInt(digest.slice(0, 8), 16) % SEED_SPACE) + sample;
}

/** One sample of a model, with its share of the tokens. */
export interface Sampled {
  /** Number of the sample. */
  readonly sample: number;
  /** Its seed. */
  readonly seed: number;
  /** What the model wrote. */
  readonly raw: RawCompletion;
  /** Its share of the request's tokens. */
  readonly usage: Usage;
}

/** What to sample. */
export interface SampleRequest {
  /** The task, for its seed. */
  readonly task: Task;
  /** Name of the step, so that steps do not share seeds. */
  readonly step: string;
  /** The text to continue. */
  readonly prompt: string;
  /** Most new tokens. */
  readonly maxTokens: number;
  /** Numbers of the samples. */
  readonly samples: readonly number[];
}

/** Samples a prompt: one request for each run of consecutive sample numbers, all at once. */
export async function sampleModel(request: SampleRequest, context: GenerationContext): Promise<Sampled[]> {
  const parts = await Promise.all(runsOf(request.samples).map((run) => sampleRun(run, request, context)));
  return parts.flat();
}

async function sampleRun(
  run: readonly number[],
  { task, step, prompt, maxTokens }: SampleRequest,
  { model, sampling, signal }: GenerationContext,
): Promise<Sampled[]> {
  const first = run[0] ?? 0;
  const seed = seedOf(sampling.seed, task, { step, sample: first });
  const { temperature, topP } = sampling;
  const stop = step === "code" ? (sampling.stop ?? []) : [];
  const { completions, usage } = await model.complete(
    { prompt, n: run.length, maxTokens, temperature, topP, stop, seed },
    signal === undefined ? {} : { signal },
  );
  if (completions.length !== run.length) {
    // Providers promise this; a short answer would silently shift samples.
    throw new Error(
      `${model.identity} gave ${completions.length} completions where ${run.length} were asked`,
    );
  }
  return completions.map((raw, index) => ({
    sample: first + index,
    seed: seed + index,
    raw,
    usage: shareOf(usage, { index, of: completions.length }),
  }));
}

/** Runs of consecutive numbers: 0 1 2, 5 6. */
function runsOf(samples: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const sample of [...samples].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === sample - 1) last.push(sample);
    else runs.push([sample]);
  }
  return runs;
}

/** An equal share of a request's tokens; the shares add up to the whole. */
function shareOf(usage: Usage, { index, of }: { index: number; of: number }): Usage {
  const share = (tokens: number): number =>
    Math.floor((tokens * (index + 1)) / of) - Math.floor((tokens * index) / of);
  return { promptTokens: share(usage.promptTokens), completionTokens: share(usage.completionTokens) };
}

/** The tokens of two steps together. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
  };
}

/** Puts what was made for samples into the order in which the samples were asked for. */
export function inOrderOf<T extends { readonly sample: number }>(
  samples: readonly number[],
  made: readonly T[],
): T[] {
  const bySample = new Map(made.map((item) => [item.sample, item]));
  return samples.flatMap((sample) => bySample.get(sample) ?? []);
}
