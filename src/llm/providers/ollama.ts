// Ollama's own interface in raw mode (https://github.com/ollama/ollama/blob/main/docs/api.md): its
// OpenAI interface puts the prompt into the model's chat template, which is no raw completion.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HexacoderError } from "../../core/errors.ts";
import type { CompletionModel, CompletionRequest, CompletionResponse, RawCompletion } from "../llm.ts";
import type { OllamaSpec } from "../spec.ts";
import { withOwnSignal } from "./_own-signal.ts";
import { patientFetch } from "./_patient-fetch.ts";
import { cutAtStop, finishReason } from "./_sampling.ts";

const answerSchema = z.object({
  response: z.string(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.int().default(0),
  eval_count: z.int().default(0),
});

const RETRIES = 4;
const FIRST_WAIT_MS = 500;

/** A model of an Ollama server. */
export function ollamaModel(spec: OllamaSpec): CompletionModel {
  return {
    identity: spec.identity,
    adapter: undefined,
    concurrency: 4,
    complete: (request, { signal } = {}) => withOwnSignal(signal, (own) => complete(spec, request, own)),
    close: async () => undefined,
  };
}

async function complete(
  spec: OllamaSpec,
  request: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<CompletionResponse> {
  const completions: RawCompletion[] = [];
  const usage = { promptTokens: 0, completionTokens: 0 };
  for (let sample = 0; sample < request.n; sample++) {
    const answer = await ask(spec, { ...request, seed: request.seed + sample }, signal);
    const whole = { text: answer.response, finishReason: finishReason(answer.done_reason) };
    completions.push(cutAtStop(whole, request.stop));
    usage.promptTokens += answer.prompt_eval_count;
    usage.completionTokens += answer.eval_count;
  }
  return { completions, usage };
}

async function ask(
  spec: OllamaSpec,
  request: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof answerSchema>> {
  for (let attempt = 0; ; attempt++) {
    const response = await post(spec, request, signal);
    if (response.ok) return read(spec, await response.json());
    const text = await response.text();
    if (response.status < 500 || attempt >= RETRIES) throw refused(spec, response.status, text);
    await sleep(FIRST_WAIT_MS * 2 ** attempt, undefined, signal === undefined ? {} : { signal });
  }
}

async function post(
  spec: OllamaSpec,
  request: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const body = JSON.stringify({
    model: spec.model,
    prompt: request.prompt,
    raw: true,
    stream: false,
    options: {
      num_predict: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      seed: request.seed,
      stop: request.stop,
    },
  });
  try {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body, ...(signal === undefined ? {} : { signal }) };
    return await patientFetch(`${spec.url}/api/generate`, init);
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    throw new HexacoderError("provider-failed", {
      message: `No Ollama server answers at ${spec.url}.`,
      remedy: "Start it with `ollama serve`, or name its address in the variable OLLAMA_HOST.",
      cause,
    });
  }
}

function read(spec: OllamaSpec, answer: unknown): z.infer<typeof answerSchema> {
  const parsed = answerSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new HexacoderError("provider-failed", {
    message: `${spec.identity} answered with something that is no completion.`,
    remedy: "Update Ollama and try again.",
    cause: parsed.error,
  });
}

function refused(spec: OllamaSpec, status: number, text: string): HexacoderError {
  if (status === 404) {
    return new HexacoderError("model-missing", {
      message: `The Ollama server at ${spec.url} has no model "${spec.model}".`,
      remedy: `Get it with: ollama pull ${spec.model}`,
    });
  }
  return new HexacoderError("provider-failed", {
    message: `${spec.identity} failed with status ${status}: ${text.slice(0, 300)}`,
    remedy: "Look at the log of `ollama serve`; what was finished is kept, go on with --resume.",
  });
}
