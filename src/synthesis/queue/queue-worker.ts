// The other end of the queue: takes jobs, does their tasks on threads of its own, answers. It knows no run and
// holds nothing: it can be killed at any moment, and whoever is left (or comes) does what it had begun.
import { hostname } from "node:os";
import { HexacoderError } from "../../core/errors.ts";
import { shortHashOf } from "../../util/hash.ts";
import { packageVersion } from "../../util/versions.ts";
import { openThreadedWorkshop, type Workshop } from "../workshop.ts";
import { answerTask, errorAnswer, type WorkshopAnswer } from "../workshop-tasks.ts";
import {
  type CrewIdentity,
  crewOf,
  isQueueJob,
  QUEUE_NAME,
  QUEUE_PREFIX,
  type QueueJob,
  type QueueResult,
} from "./protocol.ts";
import type { QueueConnection } from "./redis.ts";

/** How a worker works. */
export interface QueueWorkerOptions {
  readonly connection: QueueConnection;
  /** Threads that scan, repair and judge. */
  readonly threads: number;
  /** Milliseconds without a sign of life after which its jobs are given to others. */
  readonly leaseMs: number;
  /** Ends it, after the jobs that it has begun. */
  readonly signal: AbortSignal;
  /** Called after each job with the number of tasks done so far. */
  readonly onJob?: (tasks: number) => void;
  /** Called with what goes wrong between it and the server. */
  readonly onTrouble?: (error: Error) => void;
}

/** How often a job may lose its worker before it is the job's own fault; rented machines go away a lot. */
const MOST_LOSSES = 30;
/** Setups that are kept open; a run has one. */
const MOST_SETUPS = 2;

/** Serves the queue until the signal; resolves to the number of tasks done. */
export async function serveQueue(options: QueueWorkerOptions): Promise<number> {
  const { connection, threads, leaseMs, signal } = options;
  const name = `${hostname()}:${process.pid}`;
  const shelf = new Shelf(threads);
  let done = 0;
  const worker = new connection.bullmq.Worker(
    QUEUE_NAME,
    async ({ data }): Promise<QueueResult> => {
      const answers = await answersTo(data, shelf);
      done += answers.length;
      options.onJob?.(done);
      return { worker: name, answers };
    },
    {
      connection: connection.redis,
      prefix: QUEUE_PREFIX,
      name,
      // One more than it can work on, so that no thread waits for the way to the server.
      concurrency: threads + 1,
      lockDuration: leaseMs,
      stalledInterval: Math.ceil(leaseMs / 2),
      maxStalledCount: MOST_LOSSES,
    },
  );
  worker.on("error", (error) => options.onTrouble?.(error));
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  await worker.close();
  await shelf.close();
  return done;
}

async function answersTo(data: unknown, shelf: Shelf): Promise<WorkshopAnswer[]> {
  const version = versionIn(data);
  const own = packageVersion();
  if (version !== undefined && version !== own) return refusal(data, [version], [own]);
  if (!isQueueJob(data)) throw new Error("what lies in the queue is no job of synthesis");
  return await shelf
    .use(data, async (workshop) => {
      const { tools } = crewOf(workshop, own);
      if (tools.join() !== data.crew.tools.join()) return refusal(data, data.crew.tools, tools);
      return await Promise.all(data.tasks.map((task) => answerTask(task, workshop)));
    })
    .catch((error: unknown) => data.tasks.map(() => errorAnswer(error)));
}

/** The version that a job asks for, read before anything else of a job that may be of another time. */
function versionIn(data: unknown): string | undefined {
  // Checked field by field: nothing is known of it yet.
  const { crew } = (data ?? {}) as { crew?: Partial<CrewIdentity> };
  return typeof crew?.hexacoder === "string" ? crew.hexacoder : undefined;
}

function refusal(data: unknown, wanted: readonly string[], own: readonly string[]): WorkshopAnswer[] {
  const { tasks } = (data ?? {}) as { tasks?: unknown };
  const differing = wanted.filter((tool) => !own.includes(tool));
  const error = new HexacoderError("run-mismatch", {
    message: `A worker has other versions than the run: the run needs ${differing.join(", ") || wanted.join(", ")}, the worker has ${own.join(", ")}.`,
    remedy:
      "Install the same version of hexacoder and of its oracles on every machine, start the workers again, and run the same command with --resume.",
  });
  return Array.isArray(tasks) ? tasks.map(() => errorAnswer(error)) : [];
}

interface Shelved {
  readonly workshop: Promise<Workshop>;
  users: number;
  lastUsed: number;
}

/** Open workshops by setup; those that nobody has asked for of late are closed. */
class Shelf {
  readonly #threads: number;
  readonly #shelved = new Map<string, Shelved>();
  #clock = 0;

  constructor(threads: number) {
    this.#threads = threads;
  }

  async use<T>({ setup }: QueueJob, work: (workshop: Workshop) => Promise<T>): Promise<T> {
    const key = shortHashOf(setup);
    const entry = this.#shelved.get(key) ?? {
      // In threads from the first program on: this thread must be free to tell the server that it lives.
      workshop: openThreadedWorkshop(setup, { count: this.#threads, after: 0, waits: true }),
      users: 0,
      lastUsed: 0,
    };
    this.#shelved.set(key, entry);
    entry.users++;
    entry.lastUsed = ++this.#clock;
    try {
      return await work(await entry.workshop);
    } catch (error) {
      // What could not be opened is tried anew by the next job.
      this.#shelved.delete(key);
      throw error;
    } finally {
      entry.users--;
      await this.#tidy();
    }
  }

  async #tidy(): Promise<void> {
    const idle = [...this.#shelved].filter(([, { users }]) => users === 0);
    idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [key, entry] of idle.slice(0, Math.max(0, this.#shelved.size - MOST_SETUPS))) {
      this.#shelved.delete(key);
      await (await entry.workshop).close();
    }
  }

  async close(): Promise<void> {
    for (const { workshop } of this.#shelved.values()) {
      await workshop.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
  }
}
