// A model that only continues text, asked like one that chats: the conversation is written out, and the answer
// begins in an open fence, so that what comes is a program.
import type { ChatModel, ChatRequest } from "./chat.ts";
import type { CompletionModel } from "./llm.ts";

const FENCE = "```";

/** Wraps a completion model; `fenceName` is the language of the programs that are asked for. */
export function chatOverCompletion(model: CompletionModel, fenceName: string): ChatModel {
  return {
    identity: model.identity,
    concurrency: model.concurrency,
    chat: async (request, { signal } = {}) => {
      const { maxTokens, temperature, topP, seed } = request;
      const prompt = promptOf(request, fenceName);
      const stop = [`\n${FENCE}`];
      const { completions, usage } = await model.complete(
        { prompt, n: 1, maxTokens, temperature, topP, seed, stop },
        signal === undefined ? {} : { signal },
      );
      const [first = { text: "", finishReason: "error" as const }] = completions;
      return {
        ...first,
        text: closesPrompt(first.text) ? `${FENCE}${fenceName}\n${first.text}` : first.text,
        usage,
      };
    },
    close: () => model.close(),
  };
}

function promptOf({ messages }: ChatRequest, fenceName: string): string {
  return [...messages.map(({ content }) => content), `Program:\n${FENCE}${fenceName}\n`].join("\n\n");
}

/** Whether the answer goes on in the prompt's fence; one that opens a fence of its own does not. */
function closesPrompt(text: string): boolean {
  const first = /^[ \t]*(?:`{3,}|~{3,})[ \t]*([\w+#.-]*)/m.exec(text);
  return first === null || first[1] === "";
}
