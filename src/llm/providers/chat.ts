// A chat model behind HTTP, whoever speaks: one request, one try. retry.ts tries again, account.ts pays.
import { ZodError } from "zod";
import { type ChatModel, type ChatReply, type ChatRequest, mostUsage } from "../chat.ts";
import { ProviderFailure } from "../failure.ts";
import { withOwnSignal } from "./_own-signal.ts";
import { postJson } from "./_post.ts";
import { type ChatDialect, type ChatDialectName, chatDialects } from "./chat-dialects.ts";

/** A chat endpoint, completed. */
export interface ChatEndpoint {
  /** Identity of the model for records. */
  readonly identity: string;
  /** Address of the API. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  /** How it is spoken to. */
  readonly dialect: ChatDialectName;
  /** The key; never shown. */
  readonly key?: string | undefined;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** The longest that an answer may take. */
  readonly timeoutMs: number;
}

/** A chat model; its `chat` throws a {@link ProviderFailure} for a try that failed. */
export function httpChatModel(endpoint: ChatEndpoint): ChatModel {
  const left: Set<string> = new Set();
  return {
    identity: endpoint.identity,
    concurrency: endpoint.concurrency,
    chat: (request, { signal } = {}) =>
      withOwnSignal(signal, (own) => chat({ endpoint, left, request, signal: own })),
    close: async () => undefined,
  };
}

interface Asking {
  readonly endpoint: ChatEndpoint;
  /** Parameters that the model turned out not to take: from then on they are left out. */
  readonly left: Set<string>;
  readonly request: ChatRequest;
  readonly signal: AbortSignal | undefined;
}

async function chat(asking: Asking): Promise<ChatReply> {
  const dialect: ChatDialect = chatDialects[asking.endpoint.dialect];
  try {
    return read(dialect, await post(asking, dialect), asking.request);
  } catch (error) {
    const parameter = unwanted(error, dialect, asking.left);
    if (parameter === undefined) throw error;
    asking.left.add(parameter);
    return await chat(asking);
  }
}

function post({ endpoint, left, request, signal }: Asking, dialect: ChatDialect): Promise<unknown> {
  const body = Object.entries(dialect.body(endpoint.model, request)).filter(([name]) => !left.has(name));
  return postJson({
    url: `${endpoint.url}${dialect.path}`,
    headers: dialect.headers(endpoint.key),
    body: Object.fromEntries(body),
    key: endpoint.key,
    timeoutMs: endpoint.timeoutMs,
    signal,
  });
}

function read(dialect: ChatDialect, answer: unknown, request: ChatRequest): ChatReply {
  try {
    const { promptTokens, completionTokens, ...reply } = dialect.read(answer);
    const most = mostUsage(request);
    const usage = {
      promptTokens: promptTokens ?? most.promptTokens,
      completionTokens: completionTokens ?? most.completionTokens,
    };
    return { ...reply, usage };
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const where = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new ProviderFailure({
      kind: "bad-answer",
      said: `the answer is no reply (${where})`,
      mayBePaid: true,
    });
  }
}

/** Some models take no temperature, some no seed: the service names the parameter that it refuses. */
function unwanted(error: unknown, { optional }: ChatDialect, left: ReadonlySet<string>): string | undefined {
  if (!(error instanceof ProviderFailure) || error.facts.kind !== "bad-request") return undefined;
  const { parameter, said } = error.facts;
  const named = optional.find((name) => name === parameter || new RegExp(`\\b${name}\\b`).test(said));
  return named === undefined || left.has(named) ? undefined : named;
}
