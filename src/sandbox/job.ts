// What runs in a sandbox and what comes of it. How a job ends is a value, never an exception: the program is
// somebody else's, and everything that it can do wrong is to be expected.
import { posix } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { completeLimits, type SandboxLimits } from "./limits.ts";

/** What every job may bring. */
export interface JobOptions {
  /** Files of its scratch folder, by relative path; they are executable. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** Its standard input; empty when absent. */
  readonly stdin?: Uint8Array | string;
  /** Limits for this job, over the sandbox's. */
  readonly limits?: Partial<SandboxLimits>;
  /** Variables over the sandbox's few; nothing of our own environment gets in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder inside the scratch folder; that itself when absent. */
  readonly cwd?: string;
  /** Whether the files that it made or changed are read back. */
  readonly collect?: boolean;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** A program and its arguments. */
export interface SandboxJob extends JobOptions {
  /** The program (looked up in PATH, or a path such as `./a.out`) and its arguments; no shell sees them. */
  readonly argv: readonly [string, ...string[]];
}

/** A Python file of the scratch folder that a warm interpreter runs, as `python FILE ARGS` would. */
export interface PythonJob extends JobOptions {
  /** Its relative path in `files`. */
  readonly program: string;
  /** Its arguments. */
  readonly args?: readonly string[];
}

/**
 * How a job ended. `exited` and `signalled`: by itself. `timeout`, `cpu-limit`, `memory-limit`,
 * `process-limit`, `output-limit`: ended for passing that limit. `cancelled`: by the caller. `lost`: the
 * sandbox around it failed (`reason`), so it says nothing about the program.
 */
export type JobStatus =
  | "exited"
  | "signalled"
  | "timeout"
  | "cpu-limit"
  | "memory-limit"
  | "process-limit"
  | "output-limit"
  | "cancelled"
  | "lost";

/** What came of a job. All of it but the status and the figures is the program's word. */
export interface SandboxResult {
  /** How it ended. */
  readonly status: JobStatus;
  /** Exit status, when it exited. */
  readonly code?: number;
  /** Number of the signal that ended it, when one did. */
  readonly signal?: number;
  /** Standard output as UTF-8, up to the limit. */
  readonly stdout: string;
  /** Standard error as UTF-8, up to the limit. */
  readonly stderr: string;
  /** Whether output was cut. */
  readonly truncated: boolean;
  /** Milliseconds from its start to its end. */
  readonly durationMs: number;
  /** Milliseconds of processor time. */
  readonly cpuMs: number;
  /** Files that it made or changed, by relative path, where that was asked for. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** How many entries of its folder were not read back: links, devices, pipes, too large, too many. */
  readonly filesDropped: number;
  /** Why it was lost. */
  readonly reason?: string;
}

/** A job as the warden takes it. */
export interface JobSpec {
  readonly kind: "exec" | "python";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly files: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly limits: SandboxLimits;
  readonly collect: boolean;
}

/** The environment of every job. */
export const jobEnv: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/scratch",
  TMPDIR: "/tmp",
  LANG: "C.UTF-8",
  PYTHONUTF8: "1",
  PYTHONHASHSEED: "0",
  PYTHONDONTWRITEBYTECODE: "1",
  // Each arena of malloc reserves 64 MiB of address space, one numeric thread a core its stack.
  MALLOC_ARENA_MAX: "2",
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
};

/** Checks a job and puts it into the warden's words. */
export function toSpec(job: SandboxJob | PythonJob, limits: Partial<SandboxLimits> | undefined): JobSpec {
  const files = Object.entries(job.files ?? {});
  for (const [name] of files) if (!isInnerPath(name)) throw badJob(`the file name ${JSON.stringify(name)}`);
  if (job.cwd !== undefined && job.cwd !== "." && !isInnerPath(job.cwd))
    throw badJob(`the folder ${job.cwd}`);
  const argv = "argv" in job ? job.argv : [job.program, ...(job.args ?? [])];
  if ("program" in job && !isInnerPath(job.program)) throw badJob(`the program ${job.program}`);
  const env = { ...jobEnv, ...job.env };
  const words = [...argv, ...Object.entries(env).flat()];
  if (words.some((word) => word.includes("\0"))) throw badJob("a zero byte in an argument or a variable");
  if (Object.keys(env).some((name) => name === "" || name.includes("=")))
    throw badJob("the name of a variable");
  return {
    kind: "argv" in job ? "exec" : "python",
    argv,
    env,
    cwd: job.cwd ?? ".",
    files: Object.fromEntries(files.map(([name, content]) => [name, base64(content)])),
    stdin: base64(job.stdin ?? ""),
    limits: completeLimits(limits, job.limits),
    collect: job.collect ?? false,
  };
}

/** Whether a name can only lie inside the folder that it is taken relative to. */
export function isInnerPath(name: string): boolean {
  return (
    name !== "" &&
    !/[\0\\]/.test(name) &&
    !name.startsWith("/") &&
    posix.normalize(name) === name &&
    name !== "." &&
    name.split("/").every((part) => part !== ".." && part !== "")
  );
}

function base64(content: Uint8Array | string): string {
  return Buffer.from(content).toString("base64");
}

function badJob(what: string): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: `A sandbox cannot take ${what}.`,
    remedy: "Names are relative paths inside the scratch folder, without `..`, `.` or backslashes.",
  });
}
