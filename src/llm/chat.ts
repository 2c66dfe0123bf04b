// Models that are told what to do. One reply a request: what is asked twice is two requests, so that each
// can be budgeted, retried and kept by itself.
import type { FinishReason, Usage } from "../core/completion.ts";

/** A turn of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What is asked. */
export interface ChatRequest {
  /** The conversation; a system message comes first, if at all. */
  readonly messages: readonly ChatMessage[];
  /** Most new tokens. */
  readonly maxTokens: number;
  /** 0 is greedy, for models that can be told. */
  readonly temperature: number;
  /** Nucleus, for models that can be told. */
  readonly topP: number;
  /** For models that can be told; elsewhere it only tells two requests apart. */
  readonly seed: number;
}

/** What came back. */
export interface ChatReply {
  /** The text; empty where there is none. */
  readonly text: string;
  /** Why it ended; `content-filter` also for a refusal that the service reports as such. */
  readonly finishReason: FinishReason;
  /** For `error` and `content-filter`: what the service said. */
  readonly detail?: string | undefined;
  /** Tokens used, as the service counted them; where it did not, the most that it can have been. */
  readonly usage: Usage;
}

/** A model that answers. */
export interface ChatModel {
  /** Identity: scheme and name, or address and name; no key. */
  readonly identity: string;
  /** How many requests may be under way at once with profit. */
  readonly concurrency: number;
  /**
   * Asks once. A request that this model will never answer (it is too long, its content is not allowed) gives a
   * reply with the reason `error`; what stands in the way of every request is thrown.
   */
  chat(request: ChatRequest, options?: { signal?: AbortSignal | undefined }): Promise<ChatReply>;
  /** Lets go of processes and connections. */
  close(): Promise<void>;
}

/**
 * The most tokens that a request can cost. A token stands for at least one byte of text, and templates put a
 * few around every message.
 */
export function mostUsage(request: ChatRequest): Usage {
  const bytes = request.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + 16, 64);
  return { promptTokens: bytes, completionTokens: request.maxTokens };
}
