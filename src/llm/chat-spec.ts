// Which service a `--model` chats with, and which interface a model is asked by when the user does not say:
// what only chats by chat, what continues text by completion.
import { HexacoderError } from "../core/errors.ts";
import type { ChatDialectName } from "./providers/chat-dialects.ts";
import { addressOf, parseModelSpec, type SpecContext } from "./spec.ts";

/** How a model is asked. */
export const modelInterfaces = ["chat", "completion"] as const;
/** See {@link modelInterfaces}. */
export type ModelInterface = (typeof modelInterfaces)[number];

/** A service to chat with. */
export interface ChatSpec {
  /** Identity: scheme and model, or address and model; no key. */
  readonly identity: string;
  /** Address of the API. */
  readonly url: string;
  readonly model: string;
  readonly dialect: ChatDialectName;
  readonly keyVariable: string | undefined;
  readonly keyNeeded: boolean;
  readonly concurrency: number;
}

interface HostedChat {
  readonly dialect: ChatDialectName;
  readonly url: string;
  /** Variable with another address, for proxies. */
  readonly urlVariable: string;
  readonly keyVariable: string;
}

const hosted = {
  openai: {
    dialect: "openai",
    url: "https://api.openai.com/v1",
    urlVariable: "OPENAI_BASE_URL",
    keyVariable: "OPENAI_API_KEY",
  },
  openrouter: {
    dialect: "openai-compatible",
    url: "https://openrouter.ai/api/v1",
    urlVariable: "OPENROUTER_BASE_URL",
    keyVariable: "OPENROUTER_API_KEY",
  },
  anthropic: {
    dialect: "anthropic",
    url: "https://api.anthropic.com/v1",
    urlVariable: "ANTHROPIC_API_URL",
    keyVariable: "ANTHROPIC_API_KEY",
  },
} as const satisfies Record<string, HostedChat>;

const HOSTED_CONCURRENCY = 8;

/** The interface that a model is asked by when nothing else is said. */
export function usualInterface(spec: string): ModelInterface {
  return /^(?:openai|openrouter|anthropic|ollama):/.test(spec.trim()) ? "chat" : "completion";
}

/** Reads a spec as a service to chat with; throws for models that only continue text. */
export function parseChatSpec(text: string, context: SpecContext): ChatSpec {
  const [, scheme = "", name = ""] = /^([a-z]+):(.+)$/s.exec(text.trim()) ?? [];
  const service: HostedChat | undefined = Object.entries(hosted).find(([key]) => key === scheme)?.[1];
  if (service !== undefined) {
    const { dialect, keyVariable } = service;
    const url = addressOf(service, context.env);
    const fixed = { keyNeeded: true, concurrency: HOSTED_CONCURRENCY };
    return { identity: `${scheme}:${name}`, url, model: name, dialect, keyVariable, ...fixed };
  }
  const spec = parseModelSpec(text, context);
  if (spec.kind === "local" || spec.kind === "gguf") throw onlyContinues(text);
  const { identity, url, model } = spec;
  if (spec.kind === "ollama") {
    const fixed = { dialect: "ollama" as const, keyVariable: undefined, keyNeeded: false, concurrency: 4 };
    return { identity, url, model, ...fixed };
  }
  const { keyVariable, keyNeeded, concurrency } = spec;
  return { identity, url, model, dialect: "openai-compatible", keyVariable, keyNeeded, concurrency };
}

function onlyContinues(text: string): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: `${text} continues text; it does not chat.`,
    remedy:
      "Leave --interface out, or take a model that chats: openai:, anthropic:, openrouter:, ollama:, http://host/v1#NAME.",
  });
}
