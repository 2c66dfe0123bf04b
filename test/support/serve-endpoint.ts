// An endpoint of ours in this process in front of a scripted model, as tests of the server enter it: over HTTP.
import type { CompletionModel } from "../../src/llm/llm.ts";
import { type MockScript, mockModel } from "../../src/llm/providers/mock.ts";
import type { RawChat, RawChatAnswer, RawChatRequest } from "../../src/llm/raw-chat.ts";
import { createBuiltinOracle } from "../../src/oracle/engines/builtin.ts";
import { createCodemodRepairer } from "../../src/repair/codemod-repairer.ts";
import type { Endpoint, EndpointGuard } from "../../src/server/endpoint.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../src/server/server.ts";

/** What a scripted chat says: a text, or a whole message. */
export type Said = string | Record<string, unknown>;

/** A chat model that says what a script says, and what it has been asked. */
export interface ScriptedChat extends RawChat {
  readonly requests: readonly RawChatRequest[];
}

/** A chat model from a script: one saying for each choice, in turn; or a function. */
export function scriptedChat(
  script:
    | readonly Said[]
    | ((request: RawChatRequest, signal: AbortSignal | undefined) => Promise<Said> | Said),
  finish = "stop",
): ScriptedChat {
  const requests: RawChatRequest[] = [];
  const left = typeof script === "function" ? [] : [...script];
  const say = async (request: RawChatRequest, signal: AbortSignal | undefined): Promise<Said> => {
    if (typeof script === "function") return await script(request, signal);
    const said = left.shift();
    if (said === undefined) throw new Error("the scripted chat has nothing left to say");
    return said;
  };
  return {
    identity: "scripted",
    requests,
    ask: async (request, { signal } = {}): Promise<RawChatAnswer> => {
      requests.push(request);
      const said = await Promise.all(Array.from({ length: request.n }, () => say(request, signal)));
      return {
        choices: said.map((one) => ({
          message: { role: "assistant", ...(typeof one === "string" ? { content: one } : one) },
          finish_reason: finish,
        })),
        usage: { prompt_tokens: 10, completion_tokens: 5 },
      };
    },
  };
}

let guard: Omit<EndpointGuard, "mode" | "retries" | "unscanned"> | undefined;

/** The builtin oracle and its repairs, opened once. */
export async function builtinGuard(changes: Partial<EndpointGuard> = {}): Promise<EndpointGuard> {
  if (guard === undefined) {
    const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
    guard = { oracle, repairer: await createCodemodRepairer({ oracle }) };
  }
  return { mode: "repair", retries: 2, unscanned: "withhold", ...guard, ...changes };
}

/** An endpoint of a scripted model. */
export function endpointOf(changes: Partial<Endpoint> & { script?: MockScript } = {}): Endpoint {
  const { script, ...rest } = changes;
  const completions: CompletionModel = mockModel(script);
  return {
    name: "coder",
    completions,
    strategy: "one-step",
    sampling: { temperature: 0.4, topP: 0.95, maxTokens: 200, importTokens: 20 },
    language: "python",
    ...rest,
  };
}

/** A server for the test's life, and a way to ask it. */
export interface Served extends RunningServer {
  readonly log: readonly string[];
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Serves an endpoint. */
export async function serveEndpoint(
  endpoint: Endpoint | Promise<Endpoint>,
  options: Partial<ServerOptions> = {},
): Promise<Served> {
  const log: string[] = [];
  const server = await startServer({ endpoint, graceMs: 200, log: (line) => log.push(line), ...options });
  return {
    url: server.url,
    get counts() {
      return server.counts;
    },
    close: server.close,
    log,
    post: (path, body, headers = {}) =>
      fetch(`${server.url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}
