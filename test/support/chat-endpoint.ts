// A service to chat with in this process, in each dialect, which answers as a script says and misbehaves on
// purpose: slow, broken, overloaded, or talking nonsense. Real sockets, no real service.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Ways of speaking. */
export type Dialect = "openai" | "openai-compatible" | "anthropic" | "ollama";

/** What is said, or done instead. */
export type Behaviour =
  | { readonly say: string; readonly finish?: "stop" | "length" | "refusal"; readonly countless?: boolean }
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly message?: string;
      readonly code?: string;
      readonly param?: string;
    }
  | { readonly fault: "hang" | "drip" | "reset" | "cut-json" | "html" | "no-choices" | "ten-megabytes" };

/** A request as it came. */
export interface ChatAsked {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
  /** Everything that was said to the model, as one text. */
  readonly text: string;
}

/** A running service. */
export interface ChatEndpoint {
  /** Its address, as the dialect's variable or spec takes it. */
  readonly address: string;
  /** Requests in the order in which they came. */
  readonly asked: readonly ChatAsked[];
  /** Ends it. */
  close(): Promise<void>;
}

/** Tokens that an answer is said to have cost. */
export const ENDPOINT_USAGE = { promptTokens: 40, completionTokens: 7 };

/** Starts a service; `script` decides by the request and its number, from 1. */
export async function startChatEndpoint(
  dialect: Dialect,
  script: (asked: ChatAsked, turn: number) => Behaviour | Promise<Behaviour>,
): Promise<ChatEndpoint> {
  const asked: ChatAsked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const entry = { url: request.url ?? "", headers: request.headers, body: JSON.parse(text), text };
    asked.push(entry);
    behave(dialect, response, await script(entry, asked.length));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${dialect === "ollama" ? "" : "/v1"}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function behave(dialect: Dialect, response: ServerResponse, behaviour: Behaviour): void {
  if ("fault" in behaviour) {
    misbehave(dialect, response, behaviour.fault);
  } else if ("status" in behaviour) {
    const { status, headers = {}, message = "scripted", code, param } = behaviour;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ error: { message, code, param } }));
  } else {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answerIn(dialect, behaviour)));
  }
}

function misbehave(dialect: Dialect, response: ServerResponse, fault: string): void {
  const whole = JSON.stringify(answerIn(dialect, { say: "late" }));
  response.setHeader("content-type", fault === "html" ? "text/html" : "application/json");
  if (fault === "html") response.end("<html><body>Please log in</body></html>");
  else if (fault === "cut-json") response.end(whole.slice(0, -9));
  else if (fault === "no-choices") response.end(JSON.stringify({ choices: [], content: [], done: true }));
  else if (fault === "ten-megabytes")
    response.end(JSON.stringify(answerIn(dialect, { say: "x".repeat(10_000_000) })));
  else {
    response.write(whole.slice(0, 10));
    if (fault === "reset") setImmediate(() => response.destroy());
    // "hang" and "drip" never end: whoever asked has to give up.
    if (fault === "drip") {
      const timer = setInterval(() => response.write(" "), 20);
      response.once("close", () => clearInterval(timer));
    }
  }
}

function answerIn(
  dialect: Dialect,
  { say, finish = "stop", countless = false }: Extract<Behaviour, { say: string }>,
): unknown {
  const { promptTokens, completionTokens } = ENDPOINT_USAGE;
  if (dialect === "anthropic") {
    const stop_reason = { stop: "end_turn", length: "max_tokens", refusal: "refusal" }[finish];
    const usage = countless ? {} : { input_tokens: promptTokens, output_tokens: completionTokens };
    return { content: [{ type: "text", text: say }], stop_reason, usage };
  }
  if (dialect === "ollama") {
    const counts = countless ? {} : { prompt_eval_count: promptTokens, eval_count: completionTokens };
    return { message: { role: "assistant", content: say }, done: true, done_reason: finish, ...counts };
  }
  const refused = finish === "refusal";
  const message = refused ? { content: null, refusal: say } : { content: say };
  const usage = countless ? undefined : { prompt_tokens: promptTokens, completion_tokens: completionTokens };
  return { choices: [{ index: 0, message, finish_reason: refused ? "stop" : finish }], usage };
}
