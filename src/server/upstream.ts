// The model behind the endpoint, by whatever it can do: continue text, chat, or both.
import { basename } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import type { CompletionModel } from "../llm/llm.ts";
import { openRawChat } from "../llm/open-raw-chat.ts";
import { httpRawChat } from "../llm/providers/raw-chat.ts";
import type { RawChat } from "../llm/raw-chat.ts";
import { type OpenModelOptions, openModelServer } from "../llm/registry.ts";
import { parseModelSpec } from "../llm/spec.ts";

/** A model that is open. */
export interface Upstream {
  /** Continues text. */
  readonly completions: CompletionModel | undefined;
  /** Chats. */
  readonly chat: RawChat | undefined;
  /** Lets go of processes and connections. */
  close(): Promise<void>;
}

/** How to open one. */
export interface UpstreamOptions extends OpenModelOptions {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** A LoRA adapter. */
  readonly adapter?: string | undefined;
  /** The longest that a chat answer may take. */
  readonly timeoutMs: number;
}

/** The name by which clients ask for a model: without the way to it. */
export function nameOf(spec: string): string {
  const name = spec.trim();
  const address = /^https?:\/\/[^#]*#(.+)$/is.exec(name)?.[1];
  if (address !== undefined) return decoded(address);
  const [, scheme = "", rest = name] = /^(\w+):(.*)$/s.exec(name) ?? [];
  const isPath = scheme === "gguf" || /^(?:[./\\]|[A-Za-z]:)/.test(rest);
  return isPath ? basename(rest) : rest;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // as it is: parseModelSpec refuses it
  }
}

/** Opens a model. */
export async function openUpstream(spec: string, options: UpstreamOptions): Promise<Upstream> {
  if (/^anthropic:/.test(spec.trim())) return await chatAlone(spec, options);
  const { kind } = parseModelSpec(spec, options);
  const { adapter, timeoutMs, ...rest } = options;
  const name = "adapter";
  const server = await openModelServer({
    base: spec,
    adapters: adapter === undefined ? {} : { [name]: adapter },
    ...rest,
  });
  const loaded = adapter === undefined ? undefined : name;
  const completions = server.model(loaded);
  if (kind === "gguf") return { completions, chat: undefined, close: server.close };
  const address = server.address?.(loaded);
  const chat =
    address === undefined
      ? await openRawChat(spec, options)
      : httpRawChat({ identity: completions.identity, ...address, timeoutMs });
  return { completions, chat, close: server.close };
}

async function chatAlone(spec: string, options: UpstreamOptions): Promise<Upstream> {
  if (options.adapter !== undefined) {
    throw new HexacoderError("bad-usage", {
      message: `An adapter folder cannot be put on ${spec}, which runs elsewhere.`,
      remedy: "Leave --adapter out, or take tiny or hf:… as the upstream.",
    });
  }
  return { completions: undefined, chat: await openRawChat(spec, options), close: async () => undefined };
}
