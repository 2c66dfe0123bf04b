// The trainer package's completion server as a child process: one process serves a base and its adapters,
// ends with us (its standard input is our lifeline), and its last words go into our errors.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HexacoderError } from "../core/errors.ts";
import { type RunningProcess, type RunResult, startProcess } from "../util/process.ts";
import type { PythonModule } from "../util/python.ts";
import type { CompletionModel } from "./llm.ts";
import { openAiModel } from "./providers/openai.ts";
import type { LocalSpec } from "./spec.ts";
import {
  failedEventSchema,
  LastLines,
  type ReadyEvent,
  readyEventSchema,
  requireTrainer,
  trainerFailure,
} from "./trainer.ts";
import { checkAdapterBase, identifyAdapter, identifyBase } from "./weights.ts";

/** Models that share one base: the base itself and its adapters, until closed. */
export interface ModelServer {
  /** The base, or the adapter of that name. The model's own `close` does nothing: close the server. */
  model(adapter?: string): CompletionModel;
  /** Where the base or an adapter is asked in OpenAI's way; undefined for models that run in this process or elsewhere. */
  readonly address?: ((adapter?: string) => ServedAddress) | undefined;
  /** What the server said of itself: device, versions; undefined for models served elsewhere. */
  readonly facts: ServerFacts | undefined;
  /** Ends the process. */
  close(): Promise<void>;
}

/** A model of a local server. */
export interface ServedAddress {
  /** Address of the API. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
}

/** Particulars for manifests and reports. */
export interface ServerFacts {
  /** cpu or cuda. */
  readonly device: string;
  /** float32 or bfloat16. */
  readonly dtype: string;
  /** Tokens of prompt and completion together. */
  readonly contextLength: number;
  /** Versions of Python and of the libraries that matter. */
  readonly versions: Readonly<Record<string, string>>;
}

/** How to serve a local model. */
export interface LocalServerOptions {
  /** The base. */
  readonly spec: LocalSpec;
  /** Adapter folders by the name that requests use. */
  readonly adapters: Readonly<Record<string, string>>;
  /** Environment variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Cancels the start. */
  readonly signal?: AbortSignal | undefined;
  /** Gets what the server writes to its log. */
  readonly log?: ((line: string) => void) | undefined;
  /** CPU threads; PyTorch's choice when absent. */
  readonly threads?: number | undefined;
  /** Sequences decoded together; 64 when absent. */
  readonly maxBatch?: number | undefined;
  /** Milliseconds until a start without an answer is given up. */
  readonly startTimeoutMs?: number | undefined;
}

const START_TIMEOUT_MS = 300_000;
// A model of a hub may have to be downloaded first.
const DOWNLOAD_TIMEOUT_MS = 3_600_000;
const CONCURRENCY = 32;

/** Starts the server and waits until it answers. */
export async function serveLocally(options: LocalServerOptions): Promise<ModelServer> {
  const trainer = requireTrainer(options.env);
  const base = await identifyBase(options.spec);
  const adapters = new Map<string, string>();
  for (const [name, folder] of Object.entries(options.adapters)) {
    adapters.set(name, await identifyAdapter(folder));
    await checkAdapterBase(folder, options.spec, base);
  }
  const server = startServer(trainer, options);
  const ready = await server.ready;
  const open = (adapter?: string): CompletionModel => {
    const identity = adapter === undefined ? undefined : adapters.get(adapter);
    if (adapter !== undefined && identity === undefined) {
      throw new Error(`the server was started without the adapter "${adapter}"`);
    }
    const model = openAiModel({
      identity: base.identity,
      ...(identity === undefined ? {} : { adapter: identity }),
      url: ready.url,
      model: adapter ?? ready.model,
      maxStops: 16,
      concurrency: CONCURRENCY,
      // It runs on this machine: a failure is no passing overload.
      maxRetries: 1,
    });
    return { ...model, complete: (...args) => server.explained(model.complete(...args)) };
  };
  const address = (adapter?: string): ServedAddress => ({ url: ready.url, model: adapter ?? ready.model });
  return { model: open, address, facts: ready, close: server.close };
}

interface StartedServer {
  readonly ready: Promise<ReadyEvent>;
  /** Passes a request's failure on, or tells of the server's death where that was the cause. */
  explained<T>(request: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

function startServer(trainer: PythonModule, options: LocalServerOptions): StartedServer {
  const words = new LastLines();
  const first = new FirstLine();
  const child = startProcess({
    command: [...trainer.command, ...serveArguments(options)],
    cwd: trainer.cwd,
    env: trainer.env,
    onStdoutLine: (line) => first.add(line),
    onStderrLine: (line) => {
      words.add(line);
      options.log?.(line);
    },
  });
  const death = child.done.then((result) => explainDeath(result, words, first.text));
  return {
    ready: waitUntilReady({ child, first: first.line, death, options }),
    explained: (request) => explained(request, death),
    close: async () => {
      await child.stop();
    },
  };
}

function serveArguments({ spec, adapters, threads, maxBatch }: LocalServerOptions): string[] {
  return [
    "serve",
    "--model",
    spec.base,
    ...Object.entries(adapters).flatMap(([name, folder]) => ["--adapter", `${name}=${folder}`]),
    ...(threads === undefined ? [] : ["--threads", `${threads}`]),
    ...(maxBatch === undefined ? [] : ["--max-batch", `${maxBatch}`]),
  ];
}

/** The first line of standard output decides; what follows it is no business of ours. */
class FirstLine {
  readonly line: Promise<string>;
  text: string | undefined;
  #resolve: (line: string) => void = () => undefined;

  constructor() {
    this.line = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  add(line: string): void {
    this.text ??= line;
    this.#resolve(this.text);
  }
}

interface Start {
  readonly child: RunningProcess;
  readonly first: Promise<string>;
  readonly death: Promise<HexacoderError>;
  readonly options: LocalServerOptions;
}

async function waitUntilReady({ child, first, death, options }: Start): Promise<ReadyEvent> {
  const limit = options.startTimeoutMs ?? (options.spec.isFolder ? START_TIMEOUT_MS : DOWNLOAD_TIMEOUT_MS);
  const timeout = AbortSignal.timeout(limit);
  const stop = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const line = await Promise.race([first, aborted(stop), death.then((error) => Promise.reject(error))]);
    return parseReady(line);
  } catch (error) {
    await child.stop();
    options.signal?.throwIfAborted();
    throw timeout.aborted ? tooSlow(options.spec, limit) : error;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function parseReady(line: string): ReadyEvent {
  const event = readFirstLine(line);
  if (event === undefined) {
    throw new HexacoderError("trainer-failed", {
      message: `The model server's first line is not one of its protocol: ${line.slice(0, 200)}`,
      remedy: "Run `hexacoder setup` again, so that the Python package matches this version.",
    });
  }
  if (event.event === "failed") throw trainerFailure(event);
  return event;
}

const firstLineSchema = z.discriminatedUnion("event", [readyEventSchema, failedEventSchema]);

function readFirstLine(line: string): z.infer<typeof firstLineSchema> | undefined {
  try {
    return firstLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // no JSON: whoever asked says what that means
  }
}

function tooSlow(spec: LocalSpec, limit: number): HexacoderError {
  return new HexacoderError("trainer-failed", {
    message: `The server of ${spec.name} did not answer within ${Math.round(limit / 1000)} seconds.`,
    remedy: "Check that the machine has memory for the model, and try again.",
  });
}

function explainDeath(result: RunResult, words: LastLines, firstLine: string | undefined): HexacoderError {
  const event = firstLine === undefined ? undefined : readFirstLine(firstLine);
  if (event?.event === "failed") return trainerFailure(event);
  const killed = result.exitSignal === "SIGKILL";
  const how = result.exitSignal ?? `status ${result.exitCode ?? "unknown"}`;
  return new HexacoderError("trainer-failed", {
    message: `The model server ended by itself (${how}). Its last words:\n${words.text()}\n`,
    remedy: killed
      ? "The system probably ran out of memory: take a smaller model or a machine with more, then go on with --resume."
      : "What was finished is kept: run the same command again with --resume.",
    ...(result.cause === undefined ? {} : { cause: result.cause }),
  });
}

// How long after a broken connection the news of the server's end may take.
const NEWS_MS = 2000;

/** Looks at the server's end only after a failure: a race for each request would keep them all in memory. */
async function explained<T>(request: Promise<T>, death: Promise<HexacoderError>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof HexacoderError && error.code === "provider-failed")) throw error;
    const news = await Promise.race([death, sleep(NEWS_MS, undefined, { ref: false })]);
    throw news ?? error;
  }
}
