// A service that chats in a way of its own, asked in OpenAI's shape: texts only. What it cannot be told is
// refused by name, never dropped.
import { z } from "zod";
import type { FinishReason } from "../core/completion.ts";
import type { ChatMessage, ChatModel, ChatReply, ChatRequest } from "./chat.ts";
import { ProviderFailure } from "./failure.ts";
import type { RawChat, RawChatAnswer, RawChatRequest } from "./raw-chat.ts";

const partSchema = z.object({ type: z.literal("text"), text: z.string() });
const messageSchema = z.object({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.union([z.string(), z.array(partSchema)]),
  name: z.string().optional(),
});
const requestSchema = z.strictObject({
  messages: z.array(messageSchema).min(1),
  n: z.int().min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  seed: z.int().nullish(),
  user: z.string().nullish(),
});

// As much as current services write in one answer without being asked for more.
const USUAL_TOKENS = 4096;

/** Wraps a chat model. */
export function rawChatOver(model: ChatModel): RawChat {
  return {
    identity: model.identity,
    ask: async (raw, { signal } = {}) => {
      const request = read(raw);
      const replies = await Promise.all(
        Array.from({ length: raw.n }, (_, index) =>
          model.chat({ ...request, seed: request.seed + index }, { signal }),
        ),
      );
      return answerOf(replies);
    },
  };
}

function read(raw: RawChatRequest): ChatRequest {
  const parsed = requestSchema.safeParse(raw);
  if (!parsed.success) {
    const said = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
    const facts = { kind: "bad-request", mayBePaid: false } as const;
    throw new ProviderFailure({ ...facts, said: `this service takes texts alone: ${said}` });
  }
  const { messages, max_completion_tokens, max_tokens, temperature, top_p, seed } = parsed.data;
  return {
    messages: inOrder(messages.map(messageOf)),
    maxTokens: max_completion_tokens ?? max_tokens ?? USUAL_TOKENS,
    temperature: temperature ?? 1,
    topP: top_p ?? 1,
    seed: seed ?? 0,
  };
}

function messageOf({ role, content }: z.infer<typeof messageSchema>): ChatMessage {
  const text = typeof content === "string" ? content : content.map((part) => part.text).join("");
  return { role: role === "developer" ? "system" : role, content: text };
}

/** What the system says comes first, and once. */
function inOrder(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const rest = messages.filter(({ role }) => role !== "system");
  return system.length === 0 ? rest : [{ role: "system", content: system.join("\n\n") }, ...rest];
}

const reasons = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  error: "stop",
} as const satisfies Record<FinishReason, string>;

function answerOf(replies: readonly ChatReply[]): RawChatAnswer {
  const sum = (name: "promptTokens" | "completionTokens"): number =>
    replies.reduce((total, { usage }) => total + usage[name], 0);
  return {
    choices: replies.map(({ text, finishReason, detail }, index) => ({
      index,
      message: {
        role: "assistant",
        content: text,
        ...(finishReason === "content-filter" && detail !== undefined ? { refusal: detail } : {}),
      },
      finish_reason: reasons[finishReason],
    })),
    usage: { prompt_tokens: sum("promptTokens"), completion_tokens: sum("completionTokens") },
  };
}
