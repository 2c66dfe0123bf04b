// The endpoint's HTTP server: who may come in, which route it is, and how it ends. OpenAI's interface
// (https://platform.openai.com/docs/api-reference) for one model, guarded.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HexacoderError, systemErrorCode } from "../core/errors.ts";
import { requireAllowed } from "./access.ts";
import { ApiError, apiErrorOf } from "./api-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { sendError } from "./http.ts";
import { route } from "./routes.ts";
import { type Counts, Tally } from "./tally.ts";
import { WaitingRoom } from "./waiting-room.ts";
import type { Door, World } from "./world.ts";

/** How to serve. */
export interface ServerOptions {
  /** What is served. Promised (a model that is being loaded): whoever asks before is told to come back. */
  readonly endpoint: Endpoint | Promise<Endpoint>;
  /** Where to listen; the loopback interface when absent. */
  readonly host?: string | undefined;
  /** 0 or absent: a free one. */
  readonly port?: number | undefined;
  /** What clients must show (`Authorization: Bearer …`); needed beyond the loopback interface. */
  readonly key?: string | undefined;
  /** Requests served at once; what the model takes with profit when absent. */
  readonly concurrency?: number | undefined;
  /** Requests that may wait for that; 256 when absent. */
  readonly waiting?: number | undefined;
  /** Milliseconds between signs of life in a stream; 10 seconds when absent. */
  readonly heartbeatMs?: number | undefined;
  /** Milliseconds that requests under way are given at the end; 10 seconds when absent. */
  readonly graceMs?: number | undefined;
  /** Gets a line for every request, without anything of its content. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running endpoint. */
export interface RunningServer {
  /** Base URL for clients, ending in /v1. */
  readonly url: string;
  /** What it has done. */
  readonly counts: Counts;
  /** Takes no more requests, lets those under way end, cancels what takes too long. */
  close(): Promise<void>;
}

/**
 * Starts an endpoint; it listens when this resolves. Throws `bad-usage` for an address that cannot be had, and for one beyond this machine
 * without a key.
 *
 * @example
 * const server = await startServer({ endpoint: { name: "coder", completions: model, strategy: "two-step", … } });
 * console.log(server.url);
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { endpoint, host = "127.0.0.1", port = 0, key, graceMs = 10_000 } = options;
  const local = isLoopback(host);
  if (!local && (key === undefined || key === "")) throw keyMissing(host);
  const door: Door = {
    key: key === "" ? undefined : key,
    local,
    tally: new Tally(),
    log: options.log ?? (() => undefined),
    open: new Set(),
    ending: new AbortController(),
  };
  let world: World | undefined;
  const serve = (served: Endpoint): void => {
    world = worldOf(served, door, options);
  };
  // Who has promised it hears of a failure, too, and ends this.
  if (endpoint instanceof Promise) endpoint.then(serve, () => undefined);
  else serve(endpoint);
  const server = createServer((request, response) => {
    void handle(request, response, { door, world });
  });
  // A client gets so long to say what it wants; answers take what they take.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  await listen(server, host, port);
  return {
    url: urlOf(server, host),
    get counts() {
      return door.tally.counts;
    },
    close: () => close(server, door, graceMs),
  };
}

const USUAL_CONCURRENCY = 8;

function worldOf(endpoint: Endpoint, door: Door, options: ServerOptions): World {
  return {
    ...door,
    endpoint,
    room: new WaitingRoom({
      atOnce: options.concurrency ?? endpoint.completions?.concurrency ?? USUAL_CONCURRENCY,
      waiting: options.waiting ?? 256,
    }),
    heartbeatMs: options.heartbeatMs ?? 10_000,
    started: Math.floor(Date.now() / 1000),
  };
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function keyMissing(host: string): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: `Listening on ${host} would let others on the network use the model, and no key is set.`,
    remedy: "Set the variable HEXACODER_SERVE_KEY to a key that clients must show, or listen on 127.0.0.1.",
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const error = new HexacoderError("bad-usage", {
        message: `Cannot listen on ${host} port ${port} (${systemErrorCode(cause) ?? cause.message}).`,
        remedy: "Choose another --port (0 for a free one) or --host.",
        cause,
      });
      reject(error);
    });
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server, host: string): string {
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/v1`;
}

interface House {
  readonly door: Door;
  /** Absent until the model is there. */
  readonly world: World | undefined;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { door, world }: House,
): Promise<void> {
  const began = performance.now();
  const gone = new AbortController();
  door.open.add(response);
  response.once("close", () => {
    door.open.delete(response);
    if (!response.writableFinished) gone.abort(new DOMException("The client has gone.", "AbortError"));
  });
  // What a client sends after it has gone, or been refused, is nobody's concern.
  request.on("error", () => undefined);
  door.tally.addRequest();
  const signal = AbortSignal.any([gone.signal, door.ending.signal]);
  let remark = "";
  try {
    requireAllowed(request, door);
    if (world === undefined) throw notYet();
    remark = await route({ request, response, world, signal });
  } catch (error) {
    remark = failed(error, { response, door, gone: gone.signal });
  }
  const took = Math.round(performance.now() - began);
  // Without what stands behind the path: nobody's secrets belong into a log.
  const path = (request.url ?? "/").replace(/\?.*$/s, "").slice(0, 200);
  const status = gone.signal.aborted ? "client gone" : response.statusCode;
  door.log(
    `${request.method} ${JSON.stringify(path).slice(1, -1)} ${status} ${took} ms${remark && `: ${remark}`}`,
  );
}

/** Tells the client, and says what the log is to have. */
function failed(
  error: unknown,
  { response, door, gone }: { response: ServerResponse; door: Door; gone: AbortSignal },
): string {
  if (gone.aborted) return "cancelled";
  const ended = door.ending.signal.aborted;
  const known = ended ? apiErrorOf(endingError(error)) : apiErrorOf(error);
  sendError(response, known);
  const { status, code, message } = known.facts;
  const cause = known.cause instanceof Error ? known.cause : undefined;
  if (status === 500) return `${code}\n${cause?.stack ?? String(known.cause)}`;
  return `${code}${status > 500 ? ` (${message})` : ""}`;
}

/** Clients of OpenAI's interface wait so long and ask again by themselves. */
function notYet(): ApiError {
  const message = "The model is being loaded; try again in a moment.";
  return new ApiError({ status: 503, code: "model_loading", message, retryAfter: 5 });
}

function endingError(cause: unknown): HexacoderError {
  const details = { message: "The endpoint is being shut down.", remedy: "Try again later.", cause };
  return new HexacoderError("trainer-failed", details);
}

async function close(server: Server, { ending, open }: Door, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  for (const response of open) lastOf(response);
  const cancel = setTimeout(() => ending.abort(), graceMs);
  // A client that does not take its answer must not hold the end up.
  const cut = setTimeout(() => server.closeAllConnections(), graceMs + 2000);
  await closed;
  clearTimeout(cancel);
  clearTimeout(cut);
}

/** Its connection would be kept for further requests, which nobody would answer, and hold the end up. */
function lastOf(response: ServerResponse): void {
  const { socket } = response.req;
  if (response.headersSent) response.once("close", () => socket.end());
  else response.setHeader("connection", "close");
}
