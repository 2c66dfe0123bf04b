// OpenAI's chat over HTTP with the client's own request in it. One more try for what a moment may mend; whoever
// asked tries again by himself, and should hear soon.
import { setTimeout as sleep } from "node:timers/promises";
import { ProviderFailure } from "../failure.ts";
import { type RawChat, type RawChatAnswer, type RawChatRequest, rawChatAnswerSchema } from "../raw-chat.ts";
import { withOwnSignal } from "./_own-signal.ts";
import { postJson } from "./_post.ts";

/** A service, completed. */
export interface RawChatEndpoint {
  readonly identity: string;
  /** Address of the API, with its version. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  /** The key; never shown. */
  readonly key?: string | undefined;
  /** The longest that an answer may take. */
  readonly timeoutMs: number;
}

/** A service with OpenAI's `/chat/completions`. */
export function httpRawChat(endpoint: RawChatEndpoint): RawChat {
  return {
    identity: endpoint.identity,
    ask: (request, { signal } = {}) => withOwnSignal(signal, (own) => ask(endpoint, request, own)),
  };
}

async function ask(
  endpoint: RawChatEndpoint,
  request: RawChatRequest,
  signal: AbortSignal | undefined,
): Promise<RawChatAnswer> {
  let answer = await askOnce(endpoint, request, signal);
  // Some servers ignore `n`: the rest is asked for one by one.
  while (answer.choices.length < request.n) {
    const next = await askOnce(endpoint, { ...request, ...followingSeed(request, answer), n: 1 }, signal);
    answer = together(answer, next);
  }
  return { ...answer, choices: answer.choices.slice(0, request.n) };
}

function followingSeed({ seed }: RawChatRequest, { choices }: RawChatAnswer): { seed?: number } {
  return typeof seed === "number" ? { seed: seed + choices.length } : {};
}

/** Two answers as one, their tokens added. */
function together(a: RawChatAnswer, b: RawChatAnswer): RawChatAnswer {
  const sum = (name: "prompt_tokens" | "completion_tokens"): number =>
    (a.usage?.[name] ?? 0) + (b.usage?.[name] ?? 0);
  const usage = { prompt_tokens: sum("prompt_tokens"), completion_tokens: sum("completion_tokens") };
  return { ...a, choices: [...a.choices, ...b.choices], usage };
}

const SHORT_PAUSE_MS = 500;
const MOST_PAUSE_MS = 5000;

async function askOnce(
  endpoint: RawChatEndpoint,
  request: RawChatRequest,
  signal: AbortSignal | undefined,
): Promise<RawChatAnswer> {
  try {
    return await post(endpoint, request, signal);
  } catch (error) {
    const pause = pauseAfter(error);
    if (pause === undefined) throw error;
    await sleep(pause, undefined, signal === undefined ? {} : { signal });
    return await post(endpoint, request, signal);
  }
}

/** How long to wait before another try; undefined where there is to be none. */
function pauseAfter(error: unknown): number | undefined {
  if (!(error instanceof ProviderFailure)) return undefined;
  const { kind, retryAfterMs = SHORT_PAUSE_MS } = error.facts;
  const passing = kind === "busy" || kind === "unreachable" || kind === "bad-answer";
  return passing && retryAfterMs <= MOST_PAUSE_MS ? retryAfterMs : undefined;
}

async function post(
  { url, model, key, timeoutMs }: RawChatEndpoint,
  request: RawChatRequest,
  signal: AbortSignal | undefined,
): Promise<RawChatAnswer> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const body = { ...request, model, stream: false };
  const answer = await postJson({ url: `${url}/chat/completions`, headers, body, key, timeoutMs, signal });
  const read = rawChatAnswerSchema.safeParse(answer);
  if (read.success) return read.data;
  const where = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new ProviderFailure({
    kind: "bad-answer",
    said: `the answer is no reply (${where})`,
    mayBePaid: true,
  });
}
