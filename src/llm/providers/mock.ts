// A scripted model for tests and examples: it answers from a queue or by a function, and keeps what it was asked.
import type { FinishReason } from "../../core/completion.ts";
import { seededRandom } from "../../util/random.ts";
import type { CompletionModel, CompletionRequest, CompletionResponse, RawCompletion } from "../llm.ts";
import { cutAtStop } from "./_sampling.ts";

/** What a scripted model says for one sample of a request. */
export type MockAnswer = string | RawCompletion;

/** Answers in turn, or a function of the request and the sample's seed. */
export type MockScript =
  | readonly MockAnswer[]
  | ((request: CompletionRequest, seed: number) => MockAnswer | Promise<MockAnswer>);

/** A scripted model and what it has been asked so far. */
export interface MockModel extends CompletionModel {
  /** Every request, in the order of arrival. */
  readonly requests: readonly CompletionRequest[];
}

/** How the scripted model presents itself. */
export interface MockOptions {
  /** Its identity; `mock` when absent. */
  readonly identity?: string;
  /** Identity of its adapter. */
  readonly adapter?: string;
  /** Requests under way at once; 4 when absent. */
  readonly concurrency?: number;
}

/**
 * Makes a scripted model. Tokens are pieces of text between blanks; stop texts and `maxTokens` are honoured.
 *
 * @example
 * const model = mockModel(["    return escape(name)\n"]);
 */
export function mockModel(script: MockScript = babble, options: MockOptions = {}): MockModel {
  const requests: CompletionRequest[] = [];
  const next = typeof script === "function" ? script : queue(script);
  return {
    identity: options.identity ?? "mock",
    adapter: options.adapter,
    concurrency: options.concurrency ?? 4,
    requests,
    complete: async (request, { signal } = {}) => {
      signal?.throwIfAborted();
      requests.push(request);
      const response = await answer(request, next);
      // As a real one: an answer that nobody waits for any more is no answer.
      signal?.throwIfAborted();
      return response;
    },
    close: async () => undefined,
  };
}

async function answer(
  request: CompletionRequest,
  next: (request: CompletionRequest, seed: number) => MockAnswer | Promise<MockAnswer>,
): Promise<CompletionResponse> {
  const completions: RawCompletion[] = [];
  for (let sample = 0; sample < request.n; sample++) {
    const said = await next(request, request.seed + sample);
    const whole = typeof said === "string" ? { text: said, finishReason: "stop" as FinishReason } : said;
    completions.push(cutAtStop(cutAtLength(whole, request.maxTokens), request.stop));
  }
  const completionTokens = completions.reduce((sum, { text }) => sum + tokens(text).length, 0);
  return { completions, usage: { promptTokens: tokens(request.prompt).length, completionTokens } };
}

function queue(answers: readonly MockAnswer[]): () => MockAnswer {
  const left = [...answers];
  return () => {
    const first = left.shift();
    if (first === undefined)
      throw new Error(`the scripted model has no answer left (it had ${answers.length})`);
    return first;
  };
}

const WORDS = ["value", "name", "return", "request", "=", "(", ")", "\n    ", "args", "items"];

/** Words without meaning, the same for the same prompt and seed. */
function babble(request: CompletionRequest, seed: number): RawCompletion {
  const salt = [...request.prompt].reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0,
    7,
  );
  const random = seededRandom(
    request.temperature === 0 ? salt : (salt ^ Math.imul(seed + 1, 0x9e3779b1)) >>> 0,
  );
  const words = Array.from({ length: request.maxTokens }, () => WORDS[Math.floor(random() * WORDS.length)]);
  return { text: words.join(" "), finishReason: "length" };
}

function cutAtLength(completion: RawCompletion, maxTokens: number): RawCompletion {
  const pieces = tokens(completion.text);
  if (pieces.length <= maxTokens) return completion;
  return { text: pieces.slice(0, maxTokens).join(""), finishReason: "length" };
}

function tokens(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
}
