// Scans on several threads: each has an oracle of its own, gets batches of paths and gives reports
// back. A thread that breaks is replaced, and its batch is tried again file by file, so that only
// the file that breaks it is lost.
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import { type Language, languages } from "../core/language.ts";
import type { FileReport, ReportOptions } from "./file-report.ts";
import type { OracleOptions } from "./registry.ts";
import { failed, type Scanner } from "./scanner.ts";

/** What each thread opens. */
export interface WorkerSetup {
  /** The oracle's name, such as `builtin`. */
  readonly oracle: string;
  readonly options: OracleOptions;
  readonly report: ReportOptions;
}

/** From a thread: what it opened, once; then an answer for each request, in order. */
export type WorkerMessage =
  | { readonly kind: "ready"; readonly identity: string; readonly covers: Record<Language, readonly CweId[]> }
  | { readonly kind: "reports"; readonly reports: readonly FileReport[] }
  | {
      readonly kind: "error";
      readonly error: { code: HexacoderError["code"]; message: string; remedy: string };
    };

/** Below this many files for each thread, starting it costs more than it saves: see docs/measurements.md. */
const FILES_PER_THREAD = 2_000;

/** How many threads a number of files is worth on this machine; 1 means none besides this one. */
export function usefulThreads(files: number, cores = availableParallelism()): number {
  return Math.max(1, Math.min(cores, Math.floor(files / FILES_PER_THREAD)));
}

/** Starts threads; resolves when the first one is ready. */
export async function createWorkerScanner(
  setup: WorkerSetup,
  threads: { readonly count: number; readonly script?: URL },
): Promise<Scanner> {
  const start = (): Lane => new Lane(setup, threads.script ?? threadScript());
  const lanes = new Lanes(Array.from({ length: threads.count }, start), start);
  try {
    const { identity, covers } = await lanes.ready;
    return {
      identity,
      covers: (language) => covers[language],
      // One batch in work and one waiting for each thread.
      width: 2 * threads.count,
      scanPaths: (paths, signal) => lanes.scan(paths, signal),
      close: () => lanes.close(),
    };
  } catch (error) {
    await lanes.close();
    throw error;
  }
}

/** Threads that take work as they get free. */
class Lanes {
  readonly ready: Promise<Ready>;
  readonly #start: () => Lane;
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #all: Set<Lane>;

  constructor(lanes: Lane[], start: () => Lane) {
    this.#free = lanes;
    this.#all = new Set(lanes);
    this.#start = start;
    this.ready = Promise.any(lanes.map((lane) => lane.ready)).catch((error: unknown) => {
      throw error instanceof AggregateError ? error.errors[0] : error;
    });
  }

  async scan(paths: readonly string[], signal: AbortSignal): Promise<FileReport[]> {
    const answer = await this.#ask(paths, signal);
    if (answer.kind === "reports") return [...answer.reports];
    const [only, ...others] = paths;
    if (only !== undefined && others.length === 0) return [failed(only, answer.why)];
    const reports: FileReport[] = [];
    for (const path of paths) reports.push(...(await this.scan([path], signal)));
    return reports;
  }

  async #ask(paths: readonly string[], signal: AbortSignal): Promise<Answer> {
    const lane = this.#free.shift() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)));
    let next = lane;
    try {
      signal.throwIfAborted();
      const answer = await lane.ask(paths, signal);
      if (answer.kind === "broken") next = this.#replace(lane);
      return answer;
    } finally {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#free.push(next);
      else waiting(next);
    }
  }

  #replace(broken: Lane): Lane {
    this.#all.delete(broken);
    const lane = this.#start();
    this.#all.add(lane);
    return lane;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.close()));
  }
}

type Ready = Extract<WorkerMessage, { kind: "ready" }>;

/** What a thread made of a batch. */
type Answer =
  | { readonly kind: "reports"; readonly reports: readonly FileReport[] }
  | { readonly kind: "broken"; readonly why: string };

/** One thread. */
class Lane {
  readonly ready: Promise<Ready>;
  readonly #worker: Worker;
  #ended: string | undefined;
  #settle: ((message: WorkerMessage | { kind: "broken"; why: string }) => void) | undefined;

  constructor(setup: WorkerSetup, script: URL) {
    this.#worker = new Worker(script, { workerData: setup });
    this.#worker.on("message", (message: WorkerMessage) => this.#settle?.(message));
    this.#worker.on("error", (error: unknown) =>
      this.#end(error instanceof Error ? error.message : String(error)),
    );
    this.#worker.on("exit", (code) => this.#end(`its thread ended with status ${code}`));
    this.ready = this.#next().then((message) => {
      if (message.kind === "ready") return message;
      throw message.kind === "error"
        ? new HexacoderError(message.error.code, message.error)
        : new Error(
            `A scanning thread could not start: ${message.kind === "broken" ? message.why : message.kind}`,
          );
    });
    this.ready.catch(() => undefined);
  }

  async ask(paths: readonly string[], signal: AbortSignal): Promise<Answer> {
    try {
      await this.ready;
    } catch (error) {
      return { kind: "broken", why: error instanceof Error ? error.message : String(error) };
    }
    signal.throwIfAborted();
    const answer = this.#next();
    const stop = (): void => void this.#worker.terminate();
    signal.addEventListener("abort", stop, { once: true });
    this.#worker.postMessage(paths);
    const message = await answer;
    signal.removeEventListener("abort", stop);
    signal.throwIfAborted();
    switch (message.kind) {
      case "reports":
      case "broken":
        return message;
      case "error":
        throw new HexacoderError(message.error.code, message.error);
      default:
        throw new Error(`unexpected message from a scanning thread: ${message.kind}`);
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #next(): Promise<WorkerMessage | { kind: "broken"; why: string }> {
    return new Promise((resolve) => {
      if (this.#ended === undefined) this.#settle = resolve;
      else resolve({ kind: "broken", why: this.#ended });
    });
  }

  #end(why: string): void {
    this.#ended ??= why;
    this.#settle?.({ kind: "broken", why: this.#ended });
  }
}

/** The thread's script; in a checkout that runs from its TypeScript sources, one that makes Node read those. */
function threadScript(): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./workers-thread.js", import.meta.url);
  const resolved = createRequire(import.meta.url)
    .resolve("tsx/esm/api")
    .replace(/\.cjs$/, ".mjs");
  const loader = pathToFileURL(resolved);
  const sources = new URL("./workers-thread.ts", import.meta.url);
  const code = `import { register } from "${loader}"; register(); await import("${sources}");`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** Coverage as a message carries it. */
export function coverageOf(
  covers: (language: Language) => readonly CweId[],
): Record<Language, readonly CweId[]> {
  const [python, c] = languages;
  return { [python]: covers(python), [c]: covers(c) };
}
