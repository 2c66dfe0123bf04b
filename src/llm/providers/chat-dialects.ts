// How each service wants to be asked for a chat reply, and how it answers. Differences are data and small
// functions here; sending, retrying and paying are the same for all.
// OpenAI: https://platform.openai.com/docs/api-reference/chat (OpenRouter, vLLM, llama.cpp and LM Studio, too)
// Anthropic: https://docs.anthropic.com/en/api/messages
// Ollama: https://github.com/ollama/ollama/blob/main/docs/api.md
import { z } from "zod";
import type { FinishReason } from "../../core/completion.ts";
import type { ChatRequest } from "../chat.ts";
import { finishReason } from "./_sampling.ts";

/** A reply as a service gives it. */
export interface DialectReply {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly detail?: string | undefined;
  /** Absent where the service did not count. */
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
}

/** A service's way of chatting. */
export interface ChatDialect {
  /** Behind the address. */
  readonly path: string;
  /** Headers, the key's among them. */
  headers(key: string | undefined): Record<string, string>;
  /** The request's body. */
  body(model: string, request: ChatRequest): Record<string, unknown>;
  /** Parameters that may be left out where a model does not take them. */
  readonly optional: readonly string[];
  /** Reads an answer; throws a ZodError for anything that is none. */
  read(answer: unknown): DialectReply;
}

const count = z.int().min(0).nullish();

const openAiAnswer = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish(),
});

/** OpenAI's chat; `limit` is the name of the bound on new tokens, which OpenAI changed and others kept. */
function openAi(limit: "max_tokens" | "max_completion_tokens"): ChatDialect {
  return {
    path: "/chat/completions",
    headers: (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
    body: (model, { messages, maxTokens, temperature, topP, seed }) => ({
      model,
      messages,
      [limit]: maxTokens,
      temperature,
      top_p: topP,
      seed,
      stream: false,
    }),
    optional: ["temperature", "top_p", "seed"],
    read: (answer) => {
      const { choices, usage } = openAiAnswer.parse(answer);
      const [choice] = choices;
      const refused = choice?.message.refusal ?? undefined;
      return {
        text: choice?.message.content ?? "",
        finishReason:
          refused === undefined ? finishReason(choice?.finish_reason ?? "stop") : "content-filter",
        detail: refused,
        promptTokens: usage?.prompt_tokens ?? undefined,
        completionTokens: usage?.completion_tokens ?? undefined,
      };
    },
  };
}

const anthropicAnswer = z.object({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string(),
  usage: z.object({
    input_tokens: count,
    output_tokens: count,
    cache_creation_input_tokens: count,
    cache_read_input_tokens: count,
  }),
});

const anthropicReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  refusal: "content-filter",
};

const anthropic: ChatDialect = {
  path: "/messages",
  headers: (key) => ({
    "anthropic-version": "2023-06-01",
    ...(key === undefined ? {} : { "x-api-key": key }),
  }),
  // Temperature alone: current models refuse it together with top_p.
  body: (model, { messages, maxTokens, temperature }) => {
    const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
    return {
      model,
      max_tokens: maxTokens,
      temperature: Math.min(1, temperature),
      ...(system.length === 0 ? {} : { system: system.join("\n\n") }),
      messages: messages.filter(({ role }) => role !== "system"),
    };
  },
  optional: ["temperature"],
  read: (answer) => {
    const { content, stop_reason, usage } = anthropicAnswer.parse(answer);
    const cached = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
    return {
      text: content.map((block) => (block.type === "text" ? (block.text ?? "") : "")).join(""),
      finishReason: anthropicReasons[stop_reason] ?? "error",
      promptTokens: usage.input_tokens == null ? undefined : usage.input_tokens + cached,
      completionTokens: usage.output_tokens ?? undefined,
    };
  },
};

const ollamaAnswer = z.object({
  message: z.object({ content: z.string() }),
  done: z.literal(true),
  done_reason: z.string().nullish(),
  prompt_eval_count: count,
  eval_count: count,
});

const OLLAMA_CONTEXT = 4096;

const ollama: ChatDialect = {
  path: "/api/chat",
  headers: () => ({}),
  body: (model, request) => ({
    model,
    messages: request.messages,
    stream: false,
    options: {
      num_predict: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      seed: request.seed,
      ...contextFor(request),
    },
  }),
  optional: [],
  read: (answer) => {
    const { message, done_reason, prompt_eval_count, eval_count } = ollamaAnswer.parse(answer);
    return {
      text: message.content,
      finishReason: finishReason(done_reason ?? "stop"),
      promptTokens: prompt_eval_count ?? undefined,
      completionTokens: eval_count ?? undefined,
    };
  },
};

/** Ollama cuts what exceeds its default context without a word, so longer ones are asked for, in powers of two. */
function contextFor({ messages, maxTokens }: ChatRequest): { num_ctx?: number } {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  const need = Math.ceil(characters / 2) + maxTokens;
  return need <= OLLAMA_CONTEXT ? {} : { num_ctx: 2 ** Math.ceil(Math.log2(need)) };
}

/** The ways of chatting, by name. */
export const chatDialects = {
  openai: openAi("max_completion_tokens"),
  "openai-compatible": openAi("max_tokens"),
  anthropic,
  ollama,
} as const satisfies Record<string, ChatDialect>;
/** See {@link chatDialects}. */
export type ChatDialectName = keyof typeof chatDialects;
