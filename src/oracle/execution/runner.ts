// Runs programs under the probe harness: warm workers whose interpreter has the frameworks and the harness in
// memory, one sandboxed job a program. Workers start with the first program and end after a moment without one,
// since an oracle has no end of its own.
import { readFileSync } from "node:fs";
import type { SandboxResult } from "../../sandbox/job.ts";
import { openPythonWorkers, type PythonWorkers } from "../../sandbox/python-workers.ts";
import { resource } from "../../util/resources.ts";
import type { ThreatModel } from "../oracle.ts";
import { type HarnessReport, loadProbes, type Probes, parseReport, type Use } from "./harness.ts";
import { checkPrograms, programModules, programsInterpreter } from "./programs-python.ts";
import { Remembered } from "./remembered.ts";
import { parseTaskReport, type TaskProbe, type TaskReport } from "./task-probes.ts";

/** How programs are run. */
export interface RunnerOptions {
  /** What counts as untrusted. */
  readonly threatModels: readonly ThreatModel[];
  /** How many run at the same time. */
  readonly jobs: number;
  /** Where the interpreter and the sandbox's engine are looked for. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What a program is run for. */
export interface RunRequest {
  /** The program. */
  readonly text: string;
  /** Only benign uses, no payloads. */
  readonly benignOnly?: boolean;
  /** Benign uses of another program to repeat, by entry point, instead of looking for some. */
  readonly replay?: Readonly<Record<string, readonly Use[]>>;
  /** Cancels. */
  readonly signal?: AbortSignal;
}

/** A program that answers a known task. */
export interface TaskRequest {
  /** The program. */
  readonly text: string;
  /** What is sent and what the answers show. */
  readonly task: TaskProbe;
  /** Cancels. */
  readonly signal?: AbortSignal;
}

/** What came of a task: the harness's report, or how the sandbox ended without one. */
export type TaskAnswer =
  | { readonly kind: "report"; readonly report: TaskReport }
  | { readonly kind: "none"; readonly status: SandboxResult["status"]; readonly detail: string };

/** What came of it: the harness's report, or how the sandbox ended without one. */
export type RunAnswer =
  | { readonly kind: "report"; readonly report: HarnessReport }
  | { readonly kind: "none"; readonly status: SandboxResult["status"]; readonly detail: string };

/** Runs programs. */
export interface ProgramRunner {
  /** The probes that it fires. */
  readonly probes: Probes;
  /** Runs one program. */
  run(request: RunRequest): Promise<RunAnswer>;
  /** Tries a program that answers a known task. */
  tryTask(request: TaskRequest): Promise<TaskAnswer>;
  /** Ends its workers now; they start again with the next program. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
// The harness bounds each shot and each entry point itself; these are for programs that get around it.
const LIMITS = {
  wallMs: 120_000,
  cpuSeconds: 60,
  memoryBytes: 768 * MIB,
  processes: 48,
  outputBytes: 8 * MIB,
};
const PROGRAM_SECONDS = 90;
const IDLE_MS = 1500;

/** Makes a runner; throws where programs cannot be run here. No worker starts before the first program. */
export async function openProgramRunner(options: RunnerOptions): Promise<ProgramRunner> {
  await checkPrograms(options.env ?? process.env, programModules);
  return new Runner(options);
}

class Runner implements ProgramRunner {
  readonly probes = loadProbes();
  readonly #options: RunnerOptions;
  readonly #main = readFileSync(resource("data", "probes", "main.py"), "utf8");
  readonly #remembered = new Remembered();
  #workers: Promise<PythonWorkers> | undefined;
  #running = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  async run(request: RunRequest): Promise<RunAnswer> {
    const result = await this.#job(this.#plan(request), request.signal);
    const report = result.status === "exited" ? parseReport(result.stdout) : undefined;
    return report === undefined ? noReport(result) : { kind: "report", report };
  }

  async tryTask({ text, task, signal }: TaskRequest): Promise<TaskAnswer> {
    const result = await this.#job({ ...this.#plan({ text }), task }, signal);
    const report = result.status === "exited" ? parseTaskReport(result.stdout) : undefined;
    return report === undefined ? noReport(result) : { kind: "report", report };
  }

  #job(plan: object, signal: AbortSignal | undefined): Promise<SandboxResult> {
    const written = JSON.stringify(plan);
    return this.#remembered.ask(written, () => this.#runPlan(written, signal));
  }

  async #runPlan(plan: string, signal: AbortSignal | undefined): Promise<SandboxResult> {
    this.#running += 1;
    clearTimeout(this.#idle);
    try {
      const workers = await this.#started();
      const files = { "main.py": this.#main, "plan.json": plan };
      return await workers.run({ program: "main.py", files, ...(signal === undefined ? {} : { signal }) });
    } finally {
      this.#running -= 1;
      // A timer that is not waited for would leave the workers, and they keep this process alive.
      if (this.#running === 0) this.#idle = setTimeout(() => void this.close(), IDLE_MS);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const workers = this.#workers;
    this.#workers = undefined;
    await (await workers)?.close();
  }

  /** The workers. Where they do not start nothing is kept: the next program tries again. */
  async #started(): Promise<PythonWorkers> {
    const opening = this.#workers ?? this.#open();
    this.#workers = opening;
    try {
      return await opening;
    } catch (error) {
      if (this.#workers === opening) this.#workers = undefined;
      throw error;
    }
  }

  async #open(): Promise<PythonWorkers> {
    const env = this.#options.env ?? process.env;
    return await openPythonWorkers({
      count: this.#options.jobs,
      python: programsInterpreter(env),
      roots: [resource("data", "probes")],
      prelude: programModules,
      limits: LIMITS,
      env,
    });
  }

  #plan({ text, benignOnly, replay }: RunRequest): object {
    const { families, hints, standins } = this.probes;
    return {
      program: text,
      families,
      hints,
      standins,
      threats: this.#options.threatModels,
      seconds: PROGRAM_SECONDS,
      ...(benignOnly === true ? { benignOnly } : {}),
      ...(replay === undefined ? {} : { replay }),
    };
  }
}

function noReport(result: SandboxResult): Extract<RunAnswer, { kind: "none" }> {
  const detail = result.reason ?? result.stderr.trim().split("\n").at(-1) ?? "";
  return { kind: "none", status: result.status, detail };
}
