// Answers as the events of a stream. An answer is judged before any of it is sent, so that each choice comes in
// one piece; clients put pieces together whatever their size.
import type { ChatAnswer, ChatChoice } from "./chat.ts";
import type { CompletionAnswer } from "./completions.ts";

/** Tokens of an answer, as OpenAI counts them; refused drafts were paid for, too. */
export function usageOf({ usage }: ChatAnswer | CompletionAnswer): Record<string, number> {
  const { promptTokens, completionTokens } = usage;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The events of an answer; the last one with its tokens, where the client asks for them. */
export function chunksOf(answer: ChatAnswer | CompletionAnswer, { usage }: { usage: boolean }): unknown[] {
  const head = { id: answer.id, created: answer.created, model: answer.model };
  const chunks =
    answer.object === "text_completion"
      ? answer.choices.map((choice) => ({ ...head, object: answer.object, choices: [choice] }))
      : answer.choices.flatMap((choice) =>
          deltasOf(choice).map((delta) => ({ ...head, object: "chat.completion.chunk", choices: [delta] })),
        );
  if (!usage) return chunks;
  const object = answer.object === "text_completion" ? answer.object : "chat.completion.chunk";
  const last = { ...head, object, choices: [], usage: usageOf(answer) };
  return [...chunks.map((chunk) => ({ ...chunk, usage: null })), last];
}

/** Who speaks, what is said, what is called, and why it ended. */
function deltasOf({ index, message, finish_reason, hexacoder }: ChatChoice): unknown[] {
  const { role, content, tool_calls, ...rest } = message;
  const delta = (fields: object): object => ({ index, delta: fields, logprobs: null, finish_reason: null });
  const calls = tool_calls?.map((call, place) => ({ index: place, ...call }));
  return [
    delta({ role, content: "" }),
    ...(content == null || content === "" ? [] : [delta({ content })]),
    ...(Object.keys(rest).length === 0 ? [] : [delta(rest)]),
    ...(calls === undefined || calls.length === 0 ? [] : [delta({ tool_calls: calls })]),
    { index, delta: {}, logprobs: null, finish_reason, hexacoder },
  ];
}
