// The model behind the endpoint, by whatever it can do: continue text, chat, or both.
import { basename } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { ProviderFailure } from "../llm/failure.ts";
import type { CompletionModel } from "../llm/llm.ts";
import { openRawChat } from "../llm/open-raw-chat.ts";
import { httpRawChat } from "../llm/providers/raw-chat.ts";
import type { RawChat } from "../llm/raw-chat.ts";
import { type OpenModelOptions, openModelServer } from "../llm/registry.ts";
import { percentDecoded } from "../util/text.ts";

/** A model that is open. */
export interface Upstream {
  /** Continues text. */
  readonly completions: CompletionModel | undefined;
  /** Chats. */
  readonly chat: RawChat | undefined;
  /** Resolves when the model's own process has ended by itself, so that no request can succeed any more. */
  readonly died: Promise<HexacoderError>;
  /** Lets go of processes and connections. */
  close(): Promise<void>;
}

/** How to open one. */
export interface UpstreamOptions extends OpenModelOptions {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** A LoRA adapter. */
  readonly adapter?: string | undefined;
  /** The longest that an answer may take. */
  readonly timeoutMs: number;
}

/** The name by which clients ask for a model: without the way to it. */
export function nameOf(spec: string): string {
  const name = spec.trim();
  const address = /^https?:\/\/[^#]*#(.+)$/is.exec(name)?.[1];
  if (address !== undefined) return percentDecoded(address);
  const [, scheme = "", rest = name] = /^(\w+):(.*)$/s.exec(name) ?? [];
  const isPath = scheme === "gguf" || /^(?:[./\\]|[A-Za-z]:)/.test(rest);
  return isPath ? basename(rest) : rest;
}

/** Opens a model. */
export async function openUpstream(spec: string, options: UpstreamOptions): Promise<Upstream> {
  const { adapter, timeoutMs, ...rest } = options;
  const name = "adapter";
  const adapters = adapter === undefined ? {} : { [name]: adapter };
  const server = await openModelServer({ base: spec, adapters, ...rest });
  const loaded = adapter === undefined ? undefined : name;
  const { model: completions, died } = watched(server.model(loaded), timeoutMs);
  return { completions, chat: await openChat(), died, close: server.close };

  async function openChat(): Promise<RawChat | undefined> {
    const address = server.address?.(loaded);
    if (address !== undefined) return httpRawChat({ identity: completions.identity, ...address, timeoutMs });
    // In this process it continues text alone.
    return /^gguf:/.test(spec.trim()) ? undefined : await openRawChat(spec, options);
  }
}

/** A model that answers in time or fails, and that tells of the end of its process. */
function watched(
  model: CompletionModel,
  timeoutMs: number,
): { model: CompletionModel; died: Promise<HexacoderError> } {
  let tell: (error: HexacoderError) => void = () => undefined;
  const died = new Promise<HexacoderError>((resolve) => {
    tell = resolve;
  });
  const complete: CompletionModel["complete"] = async (request, { signal } = {}) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      return await model.complete(request, { signal: both });
    } catch (error) {
      if (error instanceof HexacoderError && error.code === "trainer-failed") tell(error);
      if (!timeout.aborted || signal?.aborted === true) throw error;
      const said = `no whole answer in ${timeoutMs / 1000} s`;
      throw new ProviderFailure({ kind: "timeout", said, mayBePaid: true });
    }
  };
  return { model: { ...model, complete }, died };
}
