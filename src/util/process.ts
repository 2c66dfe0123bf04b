// The one door to child processes: an argument list, never a shell; a time limit, cancellation,
// a bound on output, and a result that says how it ended.
import { type ChildProcess, spawn } from "node:child_process";

/** What to run. */
export interface RunOptions {
  /** The program and its arguments, each one string; no shell sees them. */
  readonly command: readonly [string, ...string[]];
  /** Working folder. */
  readonly cwd?: string;
  /** The whole environment; the parent's when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Text for standard input; it is closed at once when absent. */
  readonly input?: string;
  /** Milliseconds until it is killed; none when absent. */
  readonly timeoutMs?: number;
  /** Most bytes kept of each output stream; more kills it. */
  readonly maxOutputBytes?: number;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** Called with each whole line of standard output as it comes. */
  readonly onStdoutLine?: (line: string) => void;
  /** Called with each whole line of standard error as it comes. */
  readonly onStderrLine?: (line: string) => void;
}

/** How a process ended. */
export interface RunResult {
  /** True when it was started and left with status 0. */
  readonly ok: boolean;
  /** Exit status; undefined when a signal ended it or it never started. */
  readonly exitCode: number | undefined;
  /** The signal that ended it. */
  readonly exitSignal: NodeJS.Signals | undefined;
  /** What ended it, when it was not the program itself. */
  readonly ended: "by-itself" | "timed-out" | "cancelled" | "output-limit" | "not-started";
  /** Standard output, up to the bound. */
  readonly stdout: string;
  /** Standard error, up to the bound. */
  readonly stderr: string;
  /** The error of the start, for `not-started`. */
  readonly cause?: unknown;
}

const DEFAULT_MAX_OUTPUT = 64 * 1024 * 1024;

/** Runs a program to its end. Never throws for a program that fails: read the result. */
export function runProcess(options: RunOptions): Promise<RunResult> {
  const [program, ...args] = options.command;
  return new Promise((resolve) => {
    let ended: RunResult["ended"] = "by-itself";
    let cause: unknown;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own, so that whatever the program starts can be killed with it.
      detached: process.platform !== "win32",
    });
    const stop = (why: RunResult["ended"]): void => {
      if (ended === "by-itself") ended = why;
      killGroup(child);
    };
    const limit = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT;
    const stdout = collect(child.stdout, limit, () => stop("output-limit"), options.onStdoutLine);
    const stderr = collect(child.stderr, limit, () => stop("output-limit"), options.onStderrLine);
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => stop("timed-out"), options.timeoutMs);
    const onAbort = (): void => stop("cancelled");
    if (options.signal?.aborted === true) onAbort();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    child.once("error", (error) => {
      if (child.pid === undefined) ended = "not-started";
      cause = error;
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      resolve({
        ok: ended === "by-itself" && code === 0,
        exitCode: ended === "not-started" ? undefined : (code ?? undefined),
        exitSignal: signal ?? undefined,
        ended,
        stdout: stdout(),
        stderr: stderr(),
        ...(cause === undefined ? {} : { cause }),
      });
    });
    // A program may leave without reading its input; that is its affair.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** A long-lived child, such as a server: lines come in through callbacks, `stop` ends it and its children. */
export interface RunningProcess {
  /** Resolves when it ends, for whatever reason. */
  readonly done: Promise<RunResult>;
  /** Ends it: closes its input, asks politely, then kills. */
  stop(): Promise<RunResult>;
  /** Sends it Ctrl-C's signal, so that it can save what it has. */
  interrupt(): void;
}

/** Starts a program whose input stays open until it is stopped (so that it can tell when its parent dies). */
export function startProcess(options: Omit<RunOptions, "input" | "timeoutMs">): RunningProcess {
  const [program, ...args] = options.command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  let ended: RunResult["ended"] = "by-itself";
  let cause: unknown;
  const limit = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT;
  const stdout = collect(child.stdout, limit, () => undefined, options.onStdoutLine);
  const stderr = collect(child.stderr, limit, () => undefined, options.onStderrLine);
  child.stdin.on("error", () => undefined);
  child.once("error", (error) => {
    if (child.pid === undefined) ended = "not-started";
    cause = error;
  });
  const done = new Promise<RunResult>((resolve) => {
    child.once("close", (code, signal) => {
      resolve({
        ok: code === 0,
        exitCode: code ?? undefined,
        exitSignal: signal ?? undefined,
        ended,
        stdout: stdout(),
        stderr: stderr(),
        ...(cause === undefined ? {} : { cause }),
      });
    });
  });
  return {
    done,
    stop: async () => {
      child.stdin.end();
      const grace = setTimeout(() => killGroup(child), 3000);
      try {
        return await done;
      } finally {
        clearTimeout(grace);
      }
    },
    interrupt: () => {
      child.kill("SIGINT");
    },
  };
}

/** A child that speaks a protocol of bytes on its standard streams. */
export interface PipedProcess {
  /** Where it reads. */
  readonly stdin: NodeJS.WritableStream;
  /** What it writes. */
  readonly stdout: NodeJS.ReadableStream;
  /** Resolves when it has ended: with the end of its standard error, or with the error of the start. */
  readonly done: Promise<{ readonly stderr: string; readonly cause?: unknown }>;
  /** Kills it and its process group. */
  kill(): void;
}

/** Starts a program whose streams the caller handles; `uid` (root only) starts it as that user and group. */
export function openPipes(options: {
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly uid?: number;
}): PipedProcess {
  const { command, env, cwd, uid } = options;
  const [program, ...args] = command;
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(program, args, { env, cwd, stdio: "pipe", detached: true, ...identity });
  let stderr = "";
  let cause: unknown;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  // A child that has gone is seen by `done`.
  child.stdin.on("error", () => undefined);
  child.once("error", (error) => {
    cause = error;
  });
  const done = new Promise<{ stderr: string; cause?: unknown }>((resolve) => {
    child.once("close", () => resolve({ stderr, ...(cause === undefined ? {} : { cause }) }));
  });
  return { stdin: child.stdin, stdout: child.stdout, done, kill: () => killGroup(child) };
}

function collect(
  stream: NodeJS.ReadableStream,
  limit: number,
  onLimit: () => void,
  onLine: ((line: string) => void) | undefined,
): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  let rest = "";
  const decoder = new TextDecoder();
  stream.on("data", (chunk: Buffer) => {
    if (size + chunk.length <= limit) chunks.push(chunk);
    else onLimit();
    size += chunk.length;
    if (onLine === undefined) return;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (onLine !== undefined && rest !== "") onLine(rest);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: it has ended in the meantime, which is what we want.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
