// The door to models: reads `--model`, finds key, process or address, and opens it.
import { resolve } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { parseChatSpec } from "./chat-spec.ts";
import { type Keys, keyFor } from "./keys.ts";
import type { CompletionModel } from "./llm.ts";
import { httpChatModel } from "./providers/chat.ts";
import { completionOverChat } from "./providers/completion-over-chat.ts";
import { openGgufModel } from "./providers/gguf.ts";
import { ollamaModel } from "./providers/ollama.ts";
import { openAiModel } from "./providers/openai.ts";
import { type ModelServer, serveLocally } from "./server.ts";
import { type EndpointSpec, type ModelSpec, parseModelSpec, type SpecContext } from "./spec.ts";

/** What opening a model needs of the outside world. */
export interface OpenModelOptions {
  /** Environment variables: keys, addresses, the trainer's place. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder that relative paths start from; the process's when absent. */
  readonly cwd?: string | undefined;
  /** Cancels the start. */
  readonly signal?: AbortSignal | undefined;
  /** Gets what a local server writes to its log. */
  readonly log?: ((line: string) => void) | undefined;
  /** CPU threads of a local server; PyTorch's choice when absent. */
  readonly threads?: number | undefined;
}

/**
 * Opens a model, with an adapter where the trainer package serves it; throws `unknown-model`, `key-missing`,
 * `model-missing`, `trainer-missing` or `adapter-base-mismatch`.
 *
 * @example
 * const model = await openModel("hf:./models/my-base", { adapter: "./adapter", env: process.env });
 */
export async function openModel(
  spec: string,
  options: OpenModelOptions & { readonly adapter?: string | undefined },
): Promise<CompletionModel> {
  const { adapter, ...rest } = options;
  const adapters: Record<string, string> = adapter === undefined ? {} : { adapter };
  const server = await openModelServer({ base: spec, adapters, ...rest });
  const model = server.model(adapter === undefined ? undefined : "adapter");
  return { ...model, close: server.close };
}

/**
 * Opens a base and its adapters (folders by name) together: with local models one process serves them all.
 * `model()` gives the base, `model(name)` an adapter.
 */
export async function openModelServer(
  options: OpenModelOptions & {
    /** The model, as `--model` takes it. */
    readonly base: string;
    /** Adapter folders by name. */
    readonly adapters?: Readonly<Record<string, string>> | undefined;
  },
): Promise<ModelServer> {
  const { base, adapters = {}, cwd = process.cwd(), ...rest } = options;
  if (chatsAlone(base)) {
    if (Object.keys(adapters).length > 0) throw adapterElsewhere(base);
    const model = chatting(base, { cwd, env: options.env });
    return { model: () => model, facts: undefined, close: model.close };
  }
  const spec = parseModelSpec(base, { cwd, env: options.env });
  if (spec.kind === "local") {
    const folders = Object.entries(adapters).map(([name, folder]) => [name, resolve(cwd, folder)]);
    return await serveLocally({ ...rest, spec, adapters: Object.fromEntries(folders) });
  }
  if (Object.keys(adapters).length > 0)
    throw spec.kind === "gguf" ? adapterOnGguf(base) : adapterElsewhere(base);
  if (spec.kind === "gguf") {
    const model = await openGgufModel(spec, rest);
    return { model: () => model, facts: undefined, close: model.close };
  }
  const model = remoteModel(spec, options.env);
  return { model: () => model, facts: undefined, close: model.close };
}

function remoteModel(
  spec: Exclude<ModelSpec, { kind: "local" | "gguf" }>,
  env: NodeJS.ProcessEnv,
): CompletionModel {
  switch (spec.kind) {
    case "ollama":
      return ollamaModel(spec);
    case "endpoint": {
      const raw = openAiModel({ ...spec, ...keyOf(spec, env) });
      return spec.chatToo ? rawElseChat(raw, () => chatting(spec.identity, { cwd: "/", env })) : raw;
    }
    default:
      return spec satisfies never;
  }
}

/** Services without raw completions. */
function chatsAlone(spec: string): boolean {
  return /^anthropic:/.test(spec.trim());
}

/** A model of a service to chat with, which is held to a contract of code alone. */
function chatting(text: string, context: SpecContext): CompletionModel {
  const spec = parseChatSpec(text, context);
  const keys: Keys = (variable) => context.env[variable]?.trim() || undefined;
  const chat = httpChatModel({ ...spec, key: keyFor(spec, keys), timeoutMs: CHAT_TIMEOUT_MS });
  return completionOverChat(chat, { keyVariable: spec.keyVariable });
}

const CHAT_TIMEOUT_MS = 600_000;

/** Raw completions where the service has them for this model; from the first "there is none" on, chat. */
function rawElseChat(raw: CompletionModel, openChat: () => CompletionModel): CompletionModel {
  let chat: CompletionModel | undefined;
  return {
    ...raw,
    complete: async (request, options) => {
      if (chat === undefined) {
        try {
          return await raw.complete(request, options);
        } catch (error) {
          if (!(error instanceof HexacoderError) || error.code !== "model-missing") throw error;
          chat ??= openChat();
        }
      }
      return await chat.complete(request, options);
    },
  };
}

function keyOf(spec: EndpointSpec, env: NodeJS.ProcessEnv): { key?: string } {
  const key = env[spec.keyVariable]?.trim();
  if (key) return { key };
  if (!spec.keyNeeded) return {};
  throw new HexacoderError("key-missing", {
    message: `${spec.identity} needs a key, and the variable ${spec.keyVariable} is not set.`,
    remedy: `Set it (export ${spec.keyVariable}=…), or take a model that needs none: tiny, hf:…, ollama:…`,
  });
}

function adapterOnGguf(base: string): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: `An adapter folder cannot be put on ${base}: llama.cpp reads adapters in its own format.`,
    remedy:
      "Train with --merge, turn the folder merged into a GGUF file with llama.cpp's convert_hf_to_gguf.py, and pass that.",
  });
}

function adapterElsewhere(base: string): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: `An adapter folder cannot be put on ${base}, which runs elsewhere.`,
    remedy:
      "Take tiny or hf:… as the model, or let your own server load the adapter (vLLM: --lora-modules) and pass its name: http://host/v1#NAME.",
  });
}
