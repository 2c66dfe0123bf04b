// The door to services that chat in OpenAI's shape: reads the spec, finds the key.
import { type ChatSpec, parseChatSpec } from "./chat-spec.ts";
import { keyFor, readKeys } from "./keys.ts";
import { httpChatModel } from "./providers/chat.ts";
import { httpRawChat } from "./providers/raw-chat.ts";
import type { RawChat } from "./raw-chat.ts";
import { rawChatOver } from "./raw-chat-over.ts";
import type { SpecContext } from "./spec.ts";

/** How to reach a service. */
export interface RawChatOptions extends SpecContext {
  /** The longest that an answer may take. */
  readonly timeoutMs: number;
}

/** Opens the service that a spec names; throws for models that only continue text, and for missing keys. */
export async function openRawChat(text: string, options: RawChatOptions): Promise<RawChat> {
  const spec = parseChatSpec(text, options);
  const key = keyFor(spec, await readKeys(options.env, undefined));
  const { timeoutMs } = options;
  if (spec.dialect === "anthropic") return rawChatOver(httpChatModel({ ...spec, key, timeoutMs }));
  return httpRawChat({ ...spec, url: compatible(spec), key, timeoutMs });
}

/** Ollama has OpenAI's interface beside its own, under another path. */
function compatible({ dialect, url }: ChatSpec): string {
  return dialect === "ollama" ? `${url}/v1` : url;
}
