// Reads what `--model` takes into one closed union. Endpoints differ in data (address, key, limits), not in code.
import { isAbsolute, resolve } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { resource } from "../util/resources.ts";
import { percentDecoded } from "../util/text.ts";

/** Where a model is and how to talk to it. */
export type ModelSpec = LocalSpec | GgufSpec | EndpointSpec | OllamaSpec;

/** A Hugging Face model that the trainer package serves. */
export interface LocalSpec {
  readonly kind: "local";
  /** The name as the user wrote it, for identities. */
  readonly name: string;
  /** Folder or hub id, as the trainer takes it. */
  readonly base: string;
  /** Whether `base` is a folder. */
  readonly isFolder: boolean;
}

/** A model in a file of llama.cpp's format, which runs in this process. */
export interface GgufSpec {
  readonly kind: "gguf";
  /** The whole path of the file. */
  readonly path: string;
}

/** A server with OpenAI's raw completions. */
export interface EndpointSpec {
  readonly kind: "endpoint";
  /** Identity: scheme and model, or address and model; no key. */
  readonly identity: string;
  /** Address of the API, with its version. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  /** Variable with the key. */
  readonly keyVariable: string;
  /** Whether the endpoint refuses requests without a key. */
  readonly keyNeeded: boolean;
  /** Most stop texts of a request; the rest are applied here. */
  readonly maxStops: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Whether models of it that have no raw completions may be asked by chat instead. */
  readonly chatToo: boolean;
}

/** A model of an Ollama server, asked in raw mode since its OpenAI interface wraps prompts in a template. */
export interface OllamaSpec {
  readonly kind: "ollama";
  readonly identity: string;
  /** Address of the server. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
}

/** What reading a spec needs of the outside world. */
export interface SpecContext {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Environment variables. */
  readonly env: NodeJS.ProcessEnv;
}

const hosted = {
  openai: {
    url: "https://api.openai.com/v1",
    urlVariable: "OPENAI_BASE_URL",
    keyVariable: "OPENAI_API_KEY",
    keyNeeded: true,
    maxStops: 4,
    concurrency: 8,
    chatToo: true,
  },
  openrouter: {
    url: "https://openrouter.ai/api/v1",
    urlVariable: "OPENROUTER_BASE_URL",
    keyVariable: "OPENROUTER_API_KEY",
    keyNeeded: true,
    maxStops: 4,
    concurrency: 8,
    chatToo: true,
  },
} as const satisfies Record<
  string,
  Omit<EndpointSpec, "kind" | "identity" | "model"> & { readonly urlVariable: string }
>;

const chatOnly = {
  anthropic: "It runs elsewhere and chats: it can write, complete and repair programs, and nothing else.",
} as const;

const FORMS = [
  "tiny, tiny-c (bundled)",
  "hf:ORG/NAME or hf:./folder",
  "gguf:FILE",
  "http://host/v1#NAME (vLLM, llama.cpp, LM Studio)",
  "openai:NAME",
  "openrouter:NAME",
  "anthropic:NAME",
  "ollama:NAME",
].join(", ");

/** Models that come with the package, each a folder of `models/`: one continues Python, one C. */
export const bundledModels = ["tiny", "tiny-c"] as const;

/** Reads a model's spec; throws `unknown-model` with the list of forms for anything else. */
export function parseModelSpec(text: string, context: SpecContext): ModelSpec {
  const spec = text.trim();
  const bundled = bundledModels.find((name) => name === spec);
  if (bundled !== undefined) {
    return { kind: "local", name: bundled, base: resource("models", bundled), isFolder: true };
  }
  if (/^https?:\/\//i.test(spec)) return addressSpec(spec);
  const [, scheme = "", name = ""] = /^([a-z]+):(.*)$/s.exec(spec) ?? [];
  if (name === "") throw unknownModel(text);
  if (scheme === "hf") return localSpec(name, context);
  if (scheme === "gguf") return { kind: "gguf", path: resolve(context.cwd, name) };
  if (scheme === "ollama") return ollamaSpec(name, context);
  const [, endpoint] = Object.entries(hosted).find(([key]) => key === scheme) ?? [];
  if (endpoint !== undefined) {
    const { urlVariable, ...service } = endpoint;
    const url = addressOf({ ...service, urlVariable }, context.env);
    return { kind: "endpoint", identity: `${scheme}:${name}`, model: name, ...service, url };
  }
  throw unknownModel(text, Object.entries(chatOnly).find(([key]) => key === scheme)?.[1]);
}

function unknownModel(text: string, why?: string): HexacoderError {
  return new HexacoderError("unknown-model", {
    message: `"${text}" is not a model that hexacoder can open.${why === undefined ? "" : ` ${why}`}`,
    remedy: `Write one of: ${FORMS}.`,
  });
}

function localSpec(name: string, { cwd }: SpecContext): LocalSpec {
  const isFolder = isAbsolute(name) || /^\.{1,2}([/\\]|$)/.test(name);
  if (isFolder) return { kind: "local", name: `hf:${name}`, base: resolve(cwd, name), isFolder };
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
    throw unknownModel(`hf:${name}`, "After hf: comes ORG/NAME, or a folder that starts with ./ or /.");
  }
  return { kind: "local", name: `hf:${name}`, base: name, isFolder };
}

function addressSpec(spec: string): EndpointSpec {
  const url = URL.canParse(spec) ? new URL(spec) : undefined;
  const model = percentDecoded(url?.hash.slice(1) ?? "");
  if (url === undefined || model === "") {
    throw unknownModel(redactUserInfo(spec), "An address needs the model's name behind a #.");
  }
  // A password in the address would end up in every manifest: keys belong in the variable.
  if (url.username !== "" || url.password !== "") {
    throw new HexacoderError("bad-usage", {
      message: `The address of the model at ${url.host} carries a user name or password.`,
      remedy: "Leave it out and put the key into the variable HEXACODER_API_KEY.",
    });
  }
  const address = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return {
    kind: "endpoint",
    identity: `${address}#${model}`,
    url: address,
    model,
    keyVariable: "HEXACODER_API_KEY",
    keyNeeded: false,
    maxStops: 4,
    concurrency: 16,
    chatToo: false,
  };
}

/** The address of a service: its own, or the one that its variable names, for proxies. */
export function addressOf(
  { url, urlVariable }: { readonly url: string; readonly urlVariable: string },
  env: NodeJS.ProcessEnv,
): string {
  const own = env[urlVariable]?.trim() || url;
  const address = URL.canParse(own) ? new URL(own) : undefined;
  // A password in the address would end up in messages: keys belong in the key's variable.
  if (address === undefined || address.username !== "" || address.password !== "") {
    throw new HexacoderError("bad-usage", {
      message: `The variable ${urlVariable} holds no address that can be used.`,
      remedy: "Write it as https://host/v1, without a user name or password, or unset it.",
    });
  }
  return own.replace(/\/+$/, "");
}

function redactUserInfo(spec: string): string {
  return spec.replace(/\/\/[^/@]*@/, "//…@");
}

function ollamaSpec(name: string, { env }: SpecContext): OllamaSpec {
  const host = env.OLLAMA_HOST || "http://127.0.0.1:11434";
  const url = /^https?:\/\//i.test(host) ? host : `http://${host}`;
  return { kind: "ollama", identity: `ollama:${name}`, url: url.replace(/\/+$/, ""), model: name };
}
