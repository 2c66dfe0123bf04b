// Runs an external tool: a clean environment that holds no key of the user's, no way out to the network
// by proxy, a bound on memory where the system has `prlimit`, a time limit, and an ending in words.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type RunResult, runProcess } from "../../util/process.ts";
import type { CallContext, Failure } from "./adapter.ts";
import { quietEnv } from "./quiet-env.ts";

/** What to run for a call. */
export interface ToolRun {
  /** Arguments after the tool's path. */
  readonly args: readonly string[];
  /** Working folder, which is also the home: tools leave settings and logs there. */
  readonly cwd: string;
  /** How many programs it is about, for the time limit. */
  readonly programs: number;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds of processor time for each process; none where it is absent. */
  readonly cpuSeconds?: number;
}

const MAX_OUTPUT = 512 * 1024 * 1024;

/** Runs the tool to its end. */
export function runTool(run: ToolRun, context: CallContext): Promise<RunResult> {
  const { tool, env, limits, signal } = context;
  return runProcess({
    command: [...bounds(run, context), tool.path, ...run.args] as [string, ...string[]], // never empty
    cwd: run.cwd,
    env: { ...quietEnv(env), HOME: run.cwd, TMPDIR: run.cwd, ...run.env },
    timeoutMs: limits.baseMs + run.programs * limits.perProgramMs,
    maxOutputBytes: MAX_OUTPUT,
    ...(signal === undefined ? {} : { signal }),
  });
}

function bounds({ cpuSeconds }: ToolRun, { env, limits }: CallContext): string[] {
  const folders = (env.PATH ?? "").split(delimiter);
  const prlimit = folders.map((folder) => join(folder, "prlimit")).find((path) => existsSync(path));
  if (prlimit === undefined) return [];
  return [
    prlimit,
    "--core=0",
    ...(limits.memoryBytes === 0 ? [] : [`--as=${limits.memoryBytes}`]),
    ...(cpuSeconds === undefined ? [] : [`--cpu=${cpuSeconds}`]),
    "--",
  ];
}

/** Why a run was no good, in words; `said` is what its output was good for. */
export function failureOf(result: RunResult, said: string): Failure {
  const end = result.stderr.trim().split("\n").slice(-3).join(" ").slice(-300);
  const words = end === "" ? "" : `: ${end}`;
  switch (result.ended) {
    case "timed-out":
      return { reason: "timeout", detail: `It took too long and was stopped${words}.` };
    case "output-limit":
      return { reason: "tool-failed", detail: "It wrote without end and was stopped." };
    case "not-started":
      return { reason: "tool-failed", detail: `It could not be started: ${String(result.cause)}.` };
    case "cancelled":
    case "by-itself": {
      const how =
        result.exitSignal === undefined
          ? `ended with status ${result.exitCode}`
          : `was killed by ${result.exitSignal}`;
      return { reason: "tool-failed", detail: `It ${how} and ${said}${words}.` };
    }
    default:
      return result.ended satisfies never;
  }
}
