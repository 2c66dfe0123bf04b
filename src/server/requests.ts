// OpenAI's requests (https://platform.openai.com/docs/api-reference), as far as this endpoint serves them. What
// it cannot serve is refused by name: a `logit_bias` that is silently ignored makes an experiment lie.
import { z } from "zod";

/** Only the value that changes nothing. */
const unsupported = (schema: z.ZodType): z.ZodOptional<z.ZodType> =>
  z
    .unknown()
    .refine((value) => value === undefined || value === null || schema.safeParse(value).success, {
      message: "is not supported by this endpoint",
    })
    .optional();

const none = z.union([z.literal(0), z.literal(false), z.literal(""), z.strictObject({})]);

/** Fields of both requests. */
const shared = {
  model: z.string(),
  n: z.int().min(1).max(128).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  seed: z.int().nullish(),
  logprobs: unsupported(none),
};

const prompts = z.union([z.string(), z.array(z.string()).min(1).max(128)], {
  error: "must be a text or a list of texts; lists of tokens are not supported",
});

/** POST /v1/completions. */
export const completionRequestSchema = z.strictObject({
  ...shared,
  prompt: prompts,
  max_tokens: z.int().min(1).max(1_000_000).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  stop: z
    .union([z.string(), z.array(z.string()).max(16)])
    .nullish()
    .transform((stop) => [stop ?? []].flat().filter((text) => text !== "")),
  echo: z.boolean().nullish(),
  best_of: unsupported(z.literal(1)),
  suffix: unsupported(none),
  frequency_penalty: unsupported(none),
  presence_penalty: unsupported(none),
  logit_bias: unsupported(none),
  // They tell the service who asks, and change no answer.
  user: z.unknown().optional(),
  metadata: z.unknown().optional(),
});
/** See {@link completionRequestSchema}. */
export type CompletionBody = z.output<typeof completionRequestSchema>;

/** POST /v1/chat/completions: what concerns the endpoint is read, the rest goes on to the model as it is. */
export const chatRequestSchema = z.looseObject({
  ...shared,
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  top_logprobs: unsupported(none),
  audio: unsupported(none),
});
/** See {@link chatRequestSchema}. */
export type ChatBody = z.output<typeof chatRequestSchema>;
