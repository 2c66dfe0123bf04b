// Where tests are run: warm Python workers in the sandbox, one pool for statements behind a program, one with
// pytest. Opened before any sample is paid for, so that a machine without a sandbox is found out in time.
import { access, constants, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import type { TaskTests } from "../../core/completion.ts";
import type { SandboxResult } from "../../sandbox/job.ts";
import type { SandboxLimits } from "../../sandbox/limits.ts";
import { openPythonWorkers, type PythonWorkers } from "../../sandbox/python-workers.ts";
import { runProcess } from "../../util/process.ts";
import { trainerInterpreter } from "../../util/python.ts";
import { resource } from "../../util/resources.ts";

/** What is tried. */
export interface Trial {
  /** The task's tests. */
  readonly tests: TaskTests;
  /** The whole program. */
  readonly program: string;
  /** A secret of this trial. */
  readonly token: string;
  /** Cancels. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs tests until it is closed. */
export interface TestBench {
  /** Harness, interpreter and limits, for manifests. */
  readonly identity: string;
  /** The tool that these tests need and that is not there; undefined when all are. */
  missing(tests: TaskTests): Promise<string | undefined>;
  /** Runs a program with its tests. */
  run(trial: Trial): Promise<SandboxResult>;
  /** Ends the workers. */
  close(): Promise<void>;
}

/** How a bench is opened. */
export interface TestBenchOptions {
  /** The environment in which the sandbox and tools are looked for. */
  readonly env: NodeJS.ProcessEnv;
  /** Programs at the same time; the number of processors when absent. */
  readonly count?: number;
}

// What HumanEval's and MBPP's programs import; each found loaded already.
const COMMON = ["typing", "math", "re", "collections", "itertools", "functools", "heapq", "string", "random"];

// Processor time decides: the clock runs on when other work takes the processor, and only ends those who wait.
const ASSERTS: Partial<SandboxLimits> = { cpuSeconds: 5, wallMs: 60_000 };
const PYTEST: Partial<SandboxLimits> = {
  cpuSeconds: 60,
  wallMs: 120_000,
  memoryBytes: 1024 ** 3,
  processes: 64,
};

// What pytest loads when it starts.
const PYTEST_MODULES = [
  "pytest",
  ...["assertion", "cacheprovider", "capture", "config", "fixtures", "main", "mark", "python", "runner"].map(
    (name) => `_pytest.${name}`,
  ),
  ...["skipping", "terminal", "tmpdir", "junitxml", "logging", "unraisableexception"].map(
    (name) => `_pytest.${name}`,
  ),
];

/** Opens a bench; throws `sandbox-missing` where this machine has no sandbox. */
export async function openTestBench({ env, count }: TestBenchOptions): Promise<TestBench> {
  const lanes = count ?? availableParallelism();
  const harness = {
    asserts: await readFile(resource("data", "benchmarks", "harness", "asserts.py"), "utf8"),
    marks: await readFile(resource("data", "benchmarks", "harness", "marks.py"), "utf8"),
  };
  const asserts = await openPythonWorkers({ count: lanes, prelude: COMMON, limits: ASSERTS, env });
  let marked: Promise<PythonWorkers | undefined> | undefined;
  const pytestWorkers = (): Promise<PythonWorkers | undefined> => {
    marked ??= openPytestWorkers(env, lanes);
    return marked;
  };
  return {
    identity: `tests@1+python${asserts.python ?? "-in-container"}`,
    missing: async (tests) => {
      if (tests.kind === "asserts") return undefined;
      if ((await pytestWorkers()) === undefined) return "pytest (in the trainer's Python, or python3)";
      for (const tool of tests.needs) if (!(await onPath(tool, env))) return tool;
      return undefined;
    },
    run: async (trial) => {
      const signal = trial.signal === undefined ? {} : { signal: trial.signal };
      const stdin = `${trial.token}\n`;
      const { tests, program } = trial;
      if (tests.kind === "asserts") {
        const files = { "run.py": harness.asserts, "program.py": program, "tests.py": tests.code };
        return await asserts.run({ program: "run.py", files, stdin, ...signal });
      }
      const workers = await pytestWorkers();
      if (workers === undefined) throw new Error("missing() was not asked before");
      const job = JSON.stringify({ test: tests.test, build: tests.build });
      const files = { ...tests.files, [tests.program]: program, "run.py": harness.marks, "job.json": job };
      return await workers.run({ program: "run.py", files, stdin, ...signal });
    },
    close: async () => {
      await Promise.all([asserts.close(), (await marked)?.close()]);
    },
  };
}

/** The first Python that has pytest: the trainer's, else the system's. */
async function openPytestWorkers(env: NodeJS.ProcessEnv, count: number): Promise<PythonWorkers | undefined> {
  for (const python of [trainerInterpreter(env), "python3"]) {
    if (python === undefined) continue;
    const probe = await runProcess({
      command: [python, "-I", "-c", "import pytest"],
      env,
      timeoutMs: 30_000,
    });
    if (probe.ok) {
      return await openPythonWorkers({ count, python, prelude: PYTEST_MODULES, limits: PYTEST, env });
    }
  }
  return undefined;
}

// The sandbox's own search path: what is elsewhere is not seen from inside.
const INSIDE = ["/usr/local/bin", "/usr/bin", "/bin"];

async function onPath(tool: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => INSIDE.includes(folder));
  for (const folder of new Set([...folders, ...INSIDE])) {
    try {
      await access(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      // not in this folder
    }
  }
  return false;
}
