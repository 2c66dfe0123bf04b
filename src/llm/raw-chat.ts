// Chat in OpenAI's own shape, for whoever stands between a client and a service: the request goes on as it came
// (tools, response formats, images), and the answer comes back whole. chat.ts is the narrow interface that
// synthesis and repair use instead.
import { z } from "zod";

const count = z.int().min(0).nullish();

const functionCallSchema = z.looseObject({ name: z.string(), arguments: z.string() });

const toolCallSchema = z.looseObject({
  /** A tool whose arguments are JSON. */
  function: functionCallSchema.optional(),
  /** A tool that takes a text. */
  custom: z.looseObject({ input: z.string() }).optional(),
});

/** A choice's message, with whatever else the service put into it. */
export const rawMessageSchema = z.looseObject({
  role: z.string().default("assistant"),
  /** The text; null where there are only calls of tools. */
  content: z.string().nullish(),
  /** Why the model would not. */
  refusal: z.string().nullish(),
  /** What is to be called, arguments as JSON text. */
  tool_calls: z.array(toolCallSchema).nullish(),
  /** The same, as it was before there were tools. */
  function_call: functionCallSchema.nullish(),
});
/** See {@link rawMessageSchema}. */
export type RawMessage = z.infer<typeof rawMessageSchema>;

/** An answer as services give it. */
export const rawChatAnswerSchema = z.looseObject({
  choices: z.array(z.looseObject({ message: rawMessageSchema, finish_reason: z.string().nullish() })).min(1),
  usage: z.looseObject({ prompt_tokens: count, completion_tokens: count }).nullish(),
});
/** See {@link rawChatAnswerSchema}. */
export type RawChatAnswer = z.infer<typeof rawChatAnswerSchema>;

/** A request in OpenAI's shape, without its model. */
export type RawChatRequest = Readonly<Record<string, unknown>> & {
  readonly messages: readonly unknown[];
  readonly n: number;
};

/** A service that chats. */
export interface RawChat {
  /** Identity: scheme and name, or address and name; no key. */
  readonly identity: string;
  /** Asks; `n` choices come back. Throws a `ProviderFailure` for what failed. */
  ask(request: RawChatRequest, options?: { signal?: AbortSignal | undefined }): Promise<RawChatAnswer>;
}
