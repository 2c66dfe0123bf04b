// Those who answer through the queue, as the run sees them: tasks go out in jobs of a few, answers come back as
// events. Tasks change nothing, so that one done twice (its worker was killed, Redis forgot it) does no harm:
// whatever is not there any more is put in again, and the first answer counts.
import { randomUUID } from "node:crypto";
import type { Queue, QueueEvents } from "bullmq";
import { HexacoderError } from "../../core/errors.ts";
import type { WorkshopSetup } from "../workshop.ts";
import { errorOf, type WorkshopAnswer, type WorkshopTask } from "../workshop-tasks.ts";
import { type CrewIdentity, isQueueResult, QUEUE_NAME, QUEUE_PREFIX, type QueueJob } from "./protocol.ts";
import type { QueueConnection } from "./redis.ts";

/** What a crew needs to know. */
export interface CrewOptions {
  readonly connection: QueueConnection;
  /** Who must answer. */
  readonly crew: CrewIdentity;
  /** The tools that they need. */
  readonly setup: WorkshopSetup;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** Says that nobody is there. */
  readonly talk: (line: string) => void;
  /** Milliseconds between looks at what is open. */
  readonly lookEveryMs?: number;
}

/** Tasks in a job: enough that the way costs little, few enough that all workers have some. */
const TASKS_IN_A_JOB = 8;
const LOOK_EVERY_MS = 5000;
/** Looks without an answer after which a job is asked for. */
const PATIENT_LOOKS = 3;

interface Waiting {
  readonly task: WorkshopTask;
  readonly resolve: (answer: WorkshopAnswer) => void;
  readonly reject: (error: Error) => void;
}

interface OpenJob {
  readonly data: QueueJob;
  readonly waiting: readonly Waiting[];
  /** Looks that it has been there for. */
  looks: number;
}

/** See the file's head. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #session = randomUUID().slice(0, 8);
  readonly #jobs = new Map<string, OpenJob>();
  #next: Waiting[] = [];
  #number = 0;
  #quietLooks = 0;
  #looking = false;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = (): void => this.#giveUp();

  private constructor(options: CrewOptions, queue: Queue, events: QueueEvents) {
    this.#options = options;
    this.#queue = queue;
    this.#events = events;
    events.on("completed", ({ jobId, returnvalue }) => this.#settle(jobId, returnvalue));
    events.on("failed", ({ jobId, failedReason }) => this.#refuse(jobId, failedReason));
    // What the client says of a broken connection; it goes on trying, and `look` says that nothing comes.
    queue.on("error", () => undefined);
    events.on("error", () => undefined);
    this.#timer = setInterval(() => void this.#look(), options.lookEveryMs ?? LOOK_EVERY_MS);
    options.signal.addEventListener("abort", this.#stop, { once: true });
  }

  /** Opens the queue; nothing is in it yet. */
  static async open(options: CrewOptions): Promise<Crew> {
    const { bullmq, redis } = options.connection;
    const base = { connection: redis, prefix: QUEUE_PREFIX };
    // From now on by the server's clock: `$` would miss what comes between two looks at an empty stream.
    const [seconds, microseconds] = await redis.time();
    const lastEventId = `${Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) - 1}-0`;
    const queue = new bullmq.Queue(QUEUE_NAME, base);
    const events = new bullmq.QueueEvents(QUEUE_NAME, { ...base, lastEventId });
    await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
    return new Crew(options, queue, events);
  }

  /** Has a task done by whoever is there. */
  ask(task: WorkshopTask): Promise<WorkshopAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#options.signal.aborted) return reject(interrupted());
      // What is asked in one turn goes out together.
      if (this.#next.length === 0) setImmediate(() => void this.#send());
      this.#next.push({ task, resolve, reject });
    });
  }

  /** Takes back what nobody has begun, and lets go of the queue. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#stop);
    const tidying = (async () => {
      await Promise.allSettled([...this.#jobs.keys()].map((id) => this.#queue.remove(id)));
      await Promise.allSettled([this.#events.close(), this.#queue.close()]);
    })();
    // A server that is away must not keep a finished run from ending.
    await Promise.race([tidying, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
  }

  async #send(): Promise<void> {
    const { crew, setup } = this.#options;
    const jobs: [string, OpenJob][] = [];
    for (const waiting = this.#next.splice(0); waiting.length > 0; ) {
      const some = waiting.splice(0, TASKS_IN_A_JOB);
      const data = { crew, setup, tasks: some.map(({ task }) => task) };
      jobs.push([`${this.#session}-${++this.#number}`, { data, waiting: some, looks: 0 }]);
    }
    for (const [id, job] of jobs) this.#jobs.set(id, job);
    await this.#put(jobs);
  }

  async #put(jobs: readonly (readonly [string, OpenJob])[]): Promise<void> {
    try {
      await this.#queue.addBulk(
        jobs.map(([jobId, { data }]) => ({
          name: "tasks",
          data,
          // The answer is in the event; nothing of a job stays behind.
          opts: { jobId, removeOnComplete: true, removeOnFail: true },
        })),
      );
    } catch (error) {
      for (const [id] of jobs) this.#end(id, notTaken(error, this.#options.connection.shown));
    }
  }

  #settle(id: string, result: unknown): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return; // of another run, or answered twice
    this.#quietLooks = 0;
    if (!isQueueResult(result) || result.answers.length !== job.waiting.length) {
      this.#end(id, new Error(`job ${id} of the queue came back with something else than its answers`));
      return;
    }
    this.#jobs.delete(id);
    for (const [index, { resolve, reject }] of job.waiting.entries()) {
      const answer = result.answers[index];
      if (answer === undefined || answer.kind === "error") reject(errorFrom(answer, result.worker));
      else resolve(answer);
    }
  }

  /** Answers are never failures: a job fails only when its worker was lost again and again. */
  #refuse(id: string, reason: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    const programs = job.data.tasks.flatMap((task) =>
      task.kind === "scan" ? task.files : task.request.file,
    );
    this.#end(id, fatalToWorkers(new Set(programs.map(({ path }) => path)), reason));
  }

  #end(id: string, error: Error): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    for (const { reject } of job?.waiting ?? []) reject(error);
  }

  #giveUp(): void {
    for (const { reject } of this.#next.splice(0)) reject(interrupted());
    for (const job of this.#jobs.values()) for (const { reject } of job.waiting) reject(interrupted());
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#jobs.size === 0) return;
    this.#looking = true;
    try {
      this.#quietLooks++;
      if (this.#quietLooks % PATIENT_LOOKS === 1) await this.#sayWhetherAlone();
      for (const [id, job] of this.#jobs) {
        if (++job.looks % PATIENT_LOOKS !== 0) continue;
        const forgotten = (await this.#queue.getJobState(id)) === "unknown";
        if (forgotten && this.#jobs.has(id)) await this.#put([[id, job]]);
      }
    } catch {
      // The connection broke in the middle of a look: the next one tells.
    } finally {
      this.#looking = false;
    }
  }

  async #sayWhetherAlone(): Promise<void> {
    const { connection, talk } = this.#options;
    // Some hosted servers do not say who is connected; then nobody can be missed.
    const workers = await this.#queue.getWorkersCount().catch(() => 1);
    if (workers > 0) return;
    talk(
      `synth: no worker is connected to ${connection.shown}; start one with: hexacoder worker --queue ${connection.shown}`,
    );
  }
}

function errorFrom(answer: WorkshopAnswer | undefined, worker: string): Error {
  if (answer?.kind !== "error") return new Error("an answer of the queue is missing");
  const error = errorOf(answer);
  error.message = `${error.message} (said by the worker ${worker})`;
  return error;
}

function interrupted(): HexacoderError {
  return new HexacoderError("interrupted", {
    message: "Synthesis was interrupted.",
    remedy: "What was finished is kept; run the same command with --resume to go on.",
  });
}

function notTaken(cause: unknown, shown: string): HexacoderError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HexacoderError("provider-failed", {
    message: `The Redis server at ${shown} did not take a job (${why}).`,
    remedy:
      "Check its memory and its log, and run the same command with --resume; what was finished is kept.",
    cause,
  });
}

function fatalToWorkers(programs: ReadonlySet<string>, reason: string): HexacoderError {
  return new HexacoderError("not-analysed", {
    message: `Workers were lost again and again over one of these programs: ${[...programs].join(", ")} (${reason}).`,
    remedy:
      "Look into a worker's log and memory; without the program, or with more memory, run the same command with --resume.",
  });
}
