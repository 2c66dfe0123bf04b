// A model that only chats, asked to go on with a program: a contract that allows nothing but code, and a reader
// that takes fences and repetitions off again (DESIGN.md, "Models"). Less exact than raw completion: the model sees
// an instruction beside the program, and where the text goes on to the letter is for it to get right.
import type { ChatModel, ChatReply } from "../chat.ts";
import { failureError, ProviderFailure } from "../failure.ts";
import { fencedBlocks } from "../fences.ts";
import type { CompletionModel, CompletionRequest, RawCompletion } from "../llm.ts";
import { type RetryOptions, withRetries } from "../retry.ts";
import { cutAtStop } from "./_sampling.ts";

/** How failures are tried again and told. */
export interface OverChatOptions {
  /** Variable that the key comes from, for messages. */
  readonly keyVariable?: string | undefined;
  /** How patient to be. */
  readonly retry?: RetryOptions | undefined;
}

const CONTRACT = [
  "You continue source code. The user gives the beginning of a program, which stops anywhere.",
  "Answer with the text that follows it, in one fenced block and nothing around it:",
  "it is put behind the program letter by letter, so begin where the program stops,",
  "with the indentation that belongs there, and repeat nothing of it.",
  "End where what the program began (a function, a class) is complete.",
].join("\n");

/** Wraps a chat model; one request a sample, with the seeds that follow. */
export function completionOverChat(chat: ChatModel, options: OverChatOptions = {}): CompletionModel {
  return {
    identity: chat.identity,
    adapter: undefined,
    concurrency: chat.concurrency,
    complete: async (request, { signal } = {}) => {
      const replies = await Promise.all(
        Array.from({ length: request.n }, (_none, sample) => ask(chat, { request, sample, signal }, options)),
      );
      const sum = (name: keyof ChatReply["usage"]): number =>
        replies.reduce((total, { usage }) => total + usage[name], 0);
      return {
        completions: replies.map((reply) => cutAtStop(read(reply, request.prompt), request.stop)),
        usage: { promptTokens: sum("promptTokens"), completionTokens: sum("completionTokens") },
      };
    },
    close: () => chat.close(),
  };
}

interface Asking {
  readonly request: CompletionRequest;
  readonly sample: number;
  readonly signal: AbortSignal | undefined;
}

async function ask(
  chat: ChatModel,
  { request, sample, signal }: Asking,
  { keyVariable, retry }: OverChatOptions,
): Promise<ChatReply> {
  const { prompt, maxTokens, temperature, topP, seed } = request;
  const messages = [
    { role: "system", content: CONTRACT } as const,
    { role: "user", content: `${FENCE}\n${prompt}\n${FENCE}` } as const,
  ];
  const asked = { messages, maxTokens: maxTokens + ROOM_FOR_FENCES, temperature, topP, seed: seed + sample };
  try {
    return await withRetries(() => chat.chat(asked, { signal }), signal, retry);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    throw failureError(error, { identity: chat.identity, keyVariable });
  }
}

// Longer than any fence in a program, so that none in a docstring ends it.
const FENCE = "``````";
const ROOM_FOR_FENCES = 16;

/** The continuation in a reply; a reply without a fence is taken as it is. */
function read({ text, finishReason }: ChatReply, prompt: string): RawCompletion {
  const [block] = fencedBlocks(text);
  const code = block === undefined ? text : `${block.text}${block.closed ? "\n" : ""}`;
  return { text: withoutRepetition(prompt, code), finishReason };
}

/** A closing bracket or a `pass` may well come twice. */
const SHORTEST_REPETITION = 8;

/** Models repeat the last lines, or all, of what they were given: whole lines of it are taken off again. */
function withoutRepetition(prompt: string, code: string): string {
  for (const { index } of prompt.matchAll(/^.*\S/gm)) {
    const tail = prompt.slice(index);
    if (tail.trim().length < SHORTEST_REPETITION) break;
    if (code.startsWith(tail)) return code.slice(tail.length);
  }
  return code;
}
