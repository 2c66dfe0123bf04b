// Warm workers: so that thousands of small Python programs are cheap. Each worker is a sandbox of its own with
// a zygote that has imported the prelude and forks once a job; a worker has one job at a time, and each job
// has namespaces, scratch and limits of its own and is gone with all its processes before the next begins.
import { cancelled, lost } from "./_frames.ts";
import { Warden, type WardenOptions } from "./_warden.ts";
import { type PythonJob, type SandboxResult, toSpec } from "./job.ts";
import { runOnce, type SandboxOptions, wardenOptions } from "./sandbox.ts";

/** How workers are opened. */
export interface PythonWorkersOptions extends SandboxOptions {
  /** How many run at the same time. */
  readonly count: number;
  /** Modules that every job finds imported. */
  readonly prelude?: readonly string[];
}

/** Workers that take Python programs. Close them: they live until then, or until this process ends. */
export interface PythonWorkers {
  /** The version of their Python; unknown with a container engine, which starts one a job. */
  readonly python: string | undefined;
  /** Runs a program when a worker is free. */
  run(job: PythonJob): Promise<SandboxResult>;
  /** Ends them when their jobs are done. */
  close(): Promise<void>;
}

// A fresh sandbox now and then, so that nothing can pile up in one.
const JOBS_OF_A_WORKER = 500;

/** Opens workers; throws where this machine has no sandbox or a module of the prelude is missing. */
export async function openPythonWorkers(options: PythonWorkersOptions): Promise<PythonWorkers> {
  const warden = await wardenOptions(options, options.prelude ?? []);
  if (!warden.engine.nested) return containers(warden, options.count);
  // One first: what is wrong with it is wrong with all, and is said once.
  const first = new Worker(warden, await Warden.start(warden));
  const others = Array.from({ length: Math.max(1, options.count) - 1 }, () => new Worker(warden, undefined));
  const workers = [first, ...others];
  const pool = new Pool(workers);
  return {
    python: first.python,
    run: (job) => pool.use((worker) => worker.run(job)),
    close: async () => {
      await pool.drain();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

function containers(warden: WardenOptions, count: number): PythonWorkers {
  const pool = new Pool(Array.from({ length: Math.max(1, count) }, (_, index) => index));
  return {
    python: undefined,
    run: (job) => pool.use(() => runOnce(warden, job)),
    close: () => pool.drain(),
  };
}

/** One sandbox at a time, replaced when it is lost or old. */
class Worker {
  readonly python: string | undefined;
  private readonly options: WardenOptions;
  private warden: Warden | undefined;
  private jobs = 0;

  constructor(options: WardenOptions, warden: Warden | undefined) {
    this.options = options;
    this.warden = warden;
    this.python = warden?.python;
  }

  async run(job: PythonJob): Promise<SandboxResult> {
    if (job.signal?.aborted === true) return cancelled();
    const spec = toSpec(job, this.options.limits);
    try {
      return await (await this.fresh()).run(spec, job.signal);
    } catch (error) {
      // It started before, so this is a moment's trouble (no memory, no processes), not a missing sandbox.
      return lost(error instanceof Error ? error.message : String(error));
    }
  }

  async close(): Promise<void> {
    await this.warden?.close();
    this.warden = undefined;
  }

  private async fresh(): Promise<Warden> {
    if (this.jobs >= JOBS_OF_A_WORKER || this.warden?.usable === false) await this.close();
    if (this.warden === undefined) {
      this.warden = await Warden.start(this.options);
      this.jobs = 0;
    }
    this.jobs += 1;
    return this.warden;
  }
}

/** Hands out members, first come first served. */
class Pool<Member> {
  private readonly free: Member[];
  private readonly size: number;
  private readonly waiting: ((member: Member) => void)[] = [];
  private readonly running = new Set<Promise<unknown>>();

  constructor(members: readonly Member[]) {
    this.free = [...members];
    this.size = members.length;
  }

  async use<T>(work: (member: Member) => Promise<T>): Promise<T> {
    const member = this.free.pop() ?? (await new Promise<Member>((resolve) => this.waiting.push(resolve)));
    const done = work(member);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.running.add(settled);
    try {
      return await done;
    } finally {
      this.running.delete(settled);
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(member);
      else next(member);
    }
  }

  /** Resolves when every member is free. */
  async drain(): Promise<void> {
    while (this.free.length < this.size) {
      await Promise.all(this.running);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
