// Where programs are looked at, repaired and judged: in this thread, or in several, each with oracles and
// codemods of its own. All that a program needs goes to one thread, which then remembers its scans.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { ScanResult, SourceFile } from "../core/finding.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { type OracleOptions, openOracle } from "../oracle/registry.ts";
import { createCodemodRepairer } from "../repair/codemod-repairer.ts";
import { verifyRepair } from "../repair/verify.ts";
import { rememberScans } from "./remember-scans.ts";
import {
  errorOf,
  outOfTurn,
  toolsOver,
  type WorkshopAnswer,
  type WorkshopTask,
  type WorkshopTools,
} from "./workshop-tasks.ts";

/** What a workshop is opened with; everything in it can be sent to a thread. */
export interface WorkshopSetup {
  /** Name of the oracle that finds the weak programs. */
  readonly detect: string;
  /** How it looks. */
  readonly detectOptions: OracleOptions;
  /** Names of the oracles that judge the repairs. */
  readonly judges: readonly string[];
  /** How they look. */
  readonly judgeOptions: OracleOptions;
}

/** The tools of a run. */
export interface Workshop extends WorkshopTools {
  /** Judge the repairs; to be named and asked by others, such as a repairing model. */
  readonly judges: readonly SecurityOracle[];
  /** Ends the threads. */
  close(): Promise<void>;
}

/** What a thread says. */
export type ThreadMessage = { readonly kind: "ready" } | WorkshopAnswer;

/** Opens the tools in this thread. */
export async function openWorkshop(setup: WorkshopSetup): Promise<Workshop> {
  const opened = new Map<string, SecurityOracle>();
  const open = async (name: string, options: OracleOptions): Promise<SecurityOracle> => {
    const oracle = await openOracle(name, options);
    // One memory for all that look alike.
    const known = opened.get(oracle.identity) ?? rememberScans(oracle);
    opened.set(oracle.identity, known);
    return known;
  };
  const detect = await open(setup.detect, setup.detectOptions);
  const judges: SecurityOracle[] = [];
  for (const name of setup.judges) judges.push(await open(name, setup.judgeOptions));
  // The judge looks over the repairer's shoulder: what one repair brings to light, the next one takes on.
  const codemods = await createCodemodRepairer({ oracle: judges[0] ?? detect });
  return {
    detect,
    judges,
    codemods,
    verify: ({ candidate, ...request }) =>
      verifyRepair({ ...request, candidate: candidate.text, detect, verify: judges }),
    close: async () => undefined,
  };
}

/** How many threads there are, and from when on. */
export interface Threads {
  /** How many; fewer than 2 means none besides this one, unless it waits for them. */
  readonly count: number;
  /** Programs after which they are started: for fewer they would cost more than they save. */
  readonly after?: number;
  /** Whether the first program waits for them; else this thread works until they are there. */
  readonly waits?: boolean;
}

const USUAL_AFTER = 256;

/** Opens the tools in this thread, and in others as soon as there is enough to do for them. */
export async function openThreadedWorkshop(setup: WorkshopSetup, threads: Threads): Promise<Workshop> {
  const here = await openWorkshop(setup);
  if (threads.count < 2 && threads.waits !== true) return here;
  const team = new Team(setup, threads);
  if (threads.waits === true) await team.opened();
  const away = ({ text }: SourceFile): ReturnType<typeof toolsOver> =>
    toolsOver((task) => team.laneFor(text).ask(task));
  return {
    ...here,
    detect: {
      identity: here.detect.identity,
      covers: (language) => here.detect.covers(language),
      scan: (files, options) =>
        team.isReady(files.length) ? scanIn(files, team) : here.detect.scan(files, options),
    },
    codemods: {
      identity: here.codemods.identity,
      repair: (request, options) =>
        team.isReady() ? away(request.file).repair(request) : here.codemods.repair(request, options),
    },
    verify: (request) => (team.isReady() ? away(request.file).verify(request) : here.verify(request)),
    close: () => team.close(),
  };
}

/** The threads of a workshop. */
class Team {
  readonly #setup: WorkshopSetup;
  readonly #threads: Threads;
  readonly #lanes: Lane[] = [];
  #programs = 0;

  constructor(setup: WorkshopSetup, threads: Threads) {
    this.#setup = setup;
    this.#threads = threads;
  }

  /** Starts the threads, and resolves when all are open. */
  async opened(): Promise<void> {
    this.#start();
    await Promise.all(this.#lanes.map((lane) => lane.opened));
  }

  #start(): void {
    for (let i = 0; i < this.#threads.count; i++) this.#lanes.push(new Lane(this.#setup));
  }

  /** Whether all threads are open; starts them when `more` programs are enough. */
  isReady(more = 0): boolean {
    this.#programs += more;
    if (this.#lanes.length === 0 && this.#programs > (this.#threads.after ?? USUAL_AFTER)) this.#start();
    return this.#lanes.length > 0 && this.#lanes.every((lane) => lane.ready);
  }

  /** The thread of a program: always the same, so that it remembers. */
  laneFor(text: string): Lane {
    const lane = this.#lanes[createHash("sha1").update(text).digest().readUInt32LE(0) % this.#lanes.length];
    if (lane === undefined) throw new Error("a workshop without threads");
    return lane;
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

async function scanIn(files: readonly SourceFile[], team: Team): Promise<ScanResult[]> {
  const parts = new Map<Lane, SourceFile[]>();
  for (const file of files) {
    const lane = team.laneFor(file.text);
    parts.set(lane, [...(parts.get(lane) ?? []), file]);
  }
  const results = new Map<SourceFile, ScanResult>();
  await Promise.all(
    [...parts].map(async ([lane, own]) => {
      const answer = await lane.ask({ kind: "scan", files: own });
      if (answer.kind !== "scan") return outOfTurn(answer);
      for (const [index, result] of answer.result.entries()) {
        const file = own[index];
        if (file !== undefined) results.set(file, result);
      }
    }),
  );
  return files.map((file) => {
    const result = results.get(file);
    if (result === undefined) throw new Error(`no result for ${file.path}`);
    return result;
  });
}

interface Waiting {
  readonly resolve: (answer: WorkshopAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One thread; it answers in the order in which it is asked. */
class Lane {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  /** Resolves when its tools are open, or the thread has ended. */
  readonly opened: Promise<void>;
  #ready = false;
  #open: () => void = () => undefined;
  #ended: Error | undefined;

  constructor(setup: WorkshopSetup) {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.#worker = new Worker(threadScript(), { workerData: setup });
    this.#worker.on("message", (message: ThreadMessage) => this.#settle(message));
    this.#worker.on("error", (error: unknown) =>
      this.#end(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on("exit", (code) =>
      this.#end(new Error(`a thread of synthesis ended with status ${code}`)),
    );
  }

  /** Whether its tools are open. */
  get ready(): boolean {
    return this.#ready;
  }

  ask(task: WorkshopTask): Promise<WorkshopAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(message: ThreadMessage): void {
    if (message.kind === "ready") {
      this.#ready = true;
      this.#open();
      return;
    }
    const waiting = this.#waiting.shift();
    if (message.kind === "error") waiting?.reject(errorOf(message));
    else waiting?.resolve(message);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    // Whoever asks next hears of it.
    this.#ready = true;
    this.#open();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}

/** The thread's script; in a checkout that runs from its TypeScript sources, one that makes Node read those. */
function threadScript(): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./workshop-thread.js", import.meta.url);
  const resolved = createRequire(import.meta.url)
    .resolve("tsx/esm/api")
    .replace(/\.cjs$/, ".mjs");
  const loader = pathToFileURL(resolved);
  const sources = new URL("./workshop-thread.ts", import.meta.url);
  const code = `import { register } from "${loader}"; register(); await import("${sources}");`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
