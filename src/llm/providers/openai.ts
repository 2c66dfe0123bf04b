// Raw completions of OpenAI's interface (https://platform.openai.com/docs/api-reference/completions), which
// OpenAI, OpenRouter, vLLM, llama.cpp, LM Studio and our own trainer's server speak. The SDK brings retries
// with backoff and Retry-After.
import OpenAI, { APIConnectionError, APIError, APIUserAbortError } from "openai";
import { z } from "zod";
import { HexacoderError } from "../../core/errors.ts";
import type { CompletionModel, CompletionRequest, CompletionResponse } from "../llm.ts";
import { withOwnSignal } from "./_own-signal.ts";
import { patientFetch } from "./_patient-fetch.ts";
import { cutAtStop, finishReason, redact } from "./_sampling.ts";

/** An endpoint, completed. */
export interface OpenAiOptions {
  /** Identity of the model for records. */
  readonly identity: string;
  /** Identity of the adapter, if any. */
  readonly adapter?: string;
  /** Address of the API. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  /** The key; never shown. */
  readonly key?: string;
  /** Variable that the key came from, for messages. */
  readonly keyVariable?: string;
  /** Most stop texts of a request. */
  readonly maxStops: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** How often a request is tried again; 5 unless said otherwise. */
  readonly maxRetries?: number;
  /** Lets go of what is behind the endpoint. */
  readonly close?: () => Promise<void>;
}

// A slow processor may take long for a batch; whoever waits can press Ctrl-C.
const REQUEST_TIMEOUT_MS = 3_600_000;

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
        index: z.int().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().nullish(), completion_tokens: z.int().nullish() }).nullish(),
});

/** A model behind an endpoint with raw completions. */
export function openAiModel(options: OpenAiOptions): CompletionModel {
  const client = new OpenAI({
    baseURL: options.url,
    // The SDK insists on a key and on what it finds in the environment; servers without one ignore it.
    apiKey: options.key || "none",
    organization: null,
    project: null,
    maxRetries: options.maxRetries ?? 5,
    timeout: REQUEST_TIMEOUT_MS,
    fetch: patientFetch,
    logLevel: "off",
  });
  return {
    identity: options.identity,
    adapter: options.adapter,
    concurrency: options.concurrency,
    complete: (request, { signal } = {}) =>
      withOwnSignal(signal, (own) => complete(client, options, request, own)),
    close: options.close ?? (async () => undefined),
  };
}

async function complete(
  client: OpenAI,
  options: OpenAiOptions,
  request: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<CompletionResponse> {
  const first = await ask(client, options, request, signal);
  const completions = first.completions.slice(0, request.n);
  const usage = { ...first.usage };
  // Some servers ignore `n`: the rest is asked for one by one, with the seeds that follow.
  while (completions.length < request.n) {
    const rest = { ...request, n: 1, seed: request.seed + completions.length };
    const next = await ask(client, options, rest, signal);
    completions.push(...next.completions.slice(0, 1));
    usage.promptTokens += next.usage.promptTokens;
    usage.completionTokens += next.usage.completionTokens;
  }
  return { completions, usage };
}

async function ask(
  client: OpenAI,
  options: OpenAiOptions,
  request: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<CompletionResponse> {
  const stops = request.stop.slice(0, options.maxStops);
  try {
    const answer: unknown = await client.completions.create(
      {
        model: options.model,
        prompt: request.prompt,
        n: request.n,
        max_tokens: request.maxTokens,
        temperature: request.temperature,
        top_p: request.topP,
        seed: request.seed,
        stream: false,
        ...(stops.length > 0 ? { stop: stops } : {}),
      },
      signal === undefined ? {} : { signal },
    );
    return read(answer, request);
  } catch (error) {
    if (isTooLong(error)) return nothing(request);
    throw explain(error, options, signal);
  }
}

function read(answer: unknown, request: CompletionRequest): CompletionResponse {
  const { choices, usage } = answerSchema.parse(answer);
  const ordered = choices.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
  return {
    completions: ordered.map((choice) =>
      cutAtStop({ text: choice.text ?? "", finishReason: finishReason(choice.finish_reason) }, request.stop),
    ),
    usage: { promptTokens: usage?.prompt_tokens ?? 0, completionTokens: usage?.completion_tokens ?? 0 },
  };
}

/** Prompts that do not fit are to be expected on benchmarks: one of them must not end a run. */
function isTooLong(error: unknown): boolean {
  if (!(error instanceof APIError) || error.status !== 400) return false;
  return error.code === "context_length_exceeded" || /context (length|size)/i.test(error.message);
}

/** No completion, and `error` as the reason, for each sample that was asked for. */
function nothing(request: CompletionRequest): CompletionResponse {
  const completions = Array.from({ length: request.n }, () => ({ text: "", finishReason: "error" as const }));
  return { completions, usage: { promptTokens: 0, completionTokens: 0 } };
}

function explain(error: unknown, options: OpenAiOptions, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true || error instanceof APIUserAbortError) {
    return signal?.reason ?? new DOMException("The request was cancelled.", "AbortError");
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return failed(options, "answered with something that is no list of completions", error);
  }
  if (error instanceof APIConnectionError) {
    return failed(options, `could not be reached (${causes(error)})`, error);
  }
  return error instanceof APIError ? explainStatus(error, options) : error;
}

function explainStatus(error: APIError, options: OpenAiOptions): HexacoderError {
  const said = redact(error.message, options.key);
  const variable = options.keyVariable ?? "the key's variable";
  if (error.status === 401 || error.status === 403) {
    return new HexacoderError("key-missing", {
      message: `${options.identity}: the service refused the key (${error.status}).`,
      remedy: `Set ${variable} to a key that is valid for this service and model.`,
    });
  }
  if (error.status === 404 || /chat model/i.test(said)) {
    return new HexacoderError("model-missing", {
      message: `${options.identity} offers no raw completions here: ${said}`,
      remedy:
        "Check the model's name. A server of your own must have raw completions (/v1/completions), as vLLM and llama.cpp do for base models; or take hf:ORG/NAME.",
    });
  }
  // The cause is left out on purpose: it carries the request with its headers.
  return failed(options, `failed: ${said}`);
}

function failed(options: OpenAiOptions, what: string, cause?: unknown): HexacoderError {
  return new HexacoderError("provider-failed", {
    message: `${options.identity} ${what}.`,
    remedy:
      "Run the same command again once the service answers; a run goes on with --resume, and keeps what was finished.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function causes(error: Error): string {
  const inner = error.cause instanceof Error ? error.cause : error;
  return inner.message || inner.name;
}
