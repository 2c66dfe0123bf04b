// One try of one request: JSON out, JSON in, or a ProviderFailure that says what it means. Nothing is tried
// again here, and no key leaves this file but in the request's header.
import type { IncomingMessage } from "node:http";
import { systemErrorCode } from "../../core/errors.ts";
import { ProviderFailure } from "../failure.ts";
import { send } from "./_patient-fetch.ts";
import { redact } from "./_sampling.ts";

/** What is sent, and how long the answer may take. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Taken out of everything that comes back. */
  readonly key: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

// Two megabytes are hundreds of thousands of tokens: more than any request here can ask for.
const MOST_BYTES = 2 * 1024 * 1024;
// The request never left: nothing can have been charged.
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Sends a request and gives the JSON of its answer. */
export async function postJson(post: Post): Promise<unknown> {
  post.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(post.timeoutMs);
  const signal = post.signal === undefined ? timeout : AbortSignal.any([post.signal, timeout]);
  try {
    const options = {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...post.headers },
    };
    const answer = await send(new URL(post.url), options, JSON.stringify(post.body), signal);
    return read(answer, redact(await bodyOf(answer), post.key));
  } catch (error) {
    post.signal?.throwIfAborted();
    if (error instanceof ProviderFailure) throw error;
    if (timeout.aborted) throw failure("timeout", `no whole answer in ${post.timeoutMs / 1000} s`, true);
    const code = systemErrorCode(error) ?? (error instanceof Error ? error.name : "unknown");
    throw failure("unreachable", `the connection failed (${code})`, !NOT_SENT.has(code));
  }
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES) {
      answer.destroy();
      throw failure("bad-answer", `the answer is longer than ${MOST_BYTES} bytes`, true);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function read(answer: IncomingMessage, text: string): unknown {
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) throw refusal(answer, status, text);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    const type = answer.headers["content-type"] ?? "no content type";
    throw failure("bad-answer", `the answer is not JSON (${type}, ${text.length} characters)`, true);
  }
}

function refusal(answer: IncomingMessage, status: number, text: string): ProviderFailure {
  const error = errorIn(text);
  const said = `${status} ${error.message}`.trim();
  const retryAfterMs = retryAfter(answer);
  // OpenAI says 429 for an empty account, too: waiting does not fill it.
  const empty = status === 402 || error.code === "insufficient_quota";
  if (empty || status === 401 || status === 403) return failure("key", said, false);
  if (status === 404) return failure("model", said, false);
  if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500) {
    return new ProviderFailure({ kind: "busy", said, mayBePaid: false, retryAfterMs });
  }
  return new ProviderFailure({ kind: "bad-request", said, mayBePaid: false, parameter: error.param });
}

interface SaidError {
  readonly message: string;
  readonly code: string | undefined;
  readonly param: string | undefined;
}

/** What services put into the bodies of refusals: `{error: {message, code, param}}`, `{error: "…"}`, or text. */
function errorIn(text: string): SaidError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined; // a proxy's page: its beginning is shown as it is
  }
  const error = fieldOf(value, "error") ?? value;
  const message = stringOf(fieldOf(error, "message")) ?? stringOf(error) ?? text;
  return {
    message: message.replace(/\s+/g, " ").slice(0, 300),
    code: stringOf(fieldOf(error, "code")),
    param: stringOf(fieldOf(error, "param")),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Seconds or a date (RFC 9110, 10.2.3), or the milliseconds that some services give. */
function retryAfter({ headers }: IncomingMessage): number | undefined {
  const exact = Number(headers["retry-after-ms"]);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function failure(
  kind: "key" | "model" | "timeout" | "unreachable" | "bad-answer",
  said: string,
  mayBePaid: boolean,
): ProviderFailure {
  return new ProviderFailure({ kind, said, mayBePaid });
}
