// Models that continue text. Providers live in providers/.
import type { FinishReason, Usage } from "../core/completion.ts";

/** A raw completion request. */
export interface CompletionRequest {
  /** The text to continue, given to the model as it is. */
  readonly prompt: string;
  /** How many completions to sample. */
  readonly n: number;
  /** Most new tokens of each. */
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Nucleus: the smallest set of tokens with this probability. */
  readonly topP: number;
  /** Texts that end a completion; they are not part of it. */
  readonly stop: readonly string[];
  /** Seed of the first sample; the others follow from it. */
  readonly seed: number;
}

/** One completion as the model wrote it. */
export interface RawCompletion {
  /** The new text. */
  readonly text: string;
  /** Why it ended. */
  readonly finishReason: FinishReason;
}

/** What came back for a request. */
export interface CompletionResponse {
  /** `n` completions, in the order of their seeds. */
  readonly completions: readonly RawCompletion[];
  /** Tokens used in all. */
  readonly usage: Usage;
}

/** A model that continues text. */
export interface CompletionModel {
  /** Identity: name and, where known, a hash of weights; no key, no port. */
  readonly identity: string;
  /** Identity of the adapter in use, if any. */
  readonly adapter: string | undefined;
  /** How many requests may be under way at once with profit. */
  readonly concurrency: number;
  /** Continues a text; a prompt over the model's context gives empty completions with the reason `error`. */
  complete(request: CompletionRequest, options?: { signal?: AbortSignal }): Promise<CompletionResponse>;
  /** Lets go of processes and connections. */
  close(): Promise<void>;
}
