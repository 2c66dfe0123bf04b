// The sandbox for programs that nobody vouches for. Everything that runs code which a model wrote goes
// through here: no network, a read-only system, a private scratch folder, limits on everything, the same for
// root. It is a leaf of its own, not a part of evaluation/, because the execution oracle needs it as well.
// docs/sandbox.md says what holds and what does not.
import { existsSync } from "node:fs";
import { lost } from "./_frames.ts";
import { Warden, type WardenOptions } from "./_warden.ts";
import { findEngine, noEngine, type SandboxEngine } from "./engine.ts";
import { type PythonJob, type SandboxJob, type SandboxResult, toSpec } from "./job.ts";
import { completeLimits, type SandboxLimits } from "./limits.ts";
import { checkRoots, pythonPlace } from "./roots.ts";

/** How a sandbox is opened. */
export interface SandboxOptions {
  /** Interpreter of the warden and of Python jobs, a virtual environment's too; the system's when absent. */
  readonly python?: string;
  /** More folders of the host to show read-only; the interpreter's own are there. */
  readonly roots?: readonly string[];
  /** Limits of its jobs, over the defaults. */
  readonly limits?: Partial<SandboxLimits>;
  /** The environment in which the engine is looked for; nothing of it gets in. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs each program in a sandbox of its own. */
export interface Sandbox {
  /** What keeps the programs in. */
  readonly engine: SandboxEngine["name"];
  /** Runs one program to its end. */
  run(job: SandboxJob): Promise<SandboxResult>;
}

/** Opens a sandbox; throws where this machine has none, before anything was run. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const warden = await wardenOptions(options, []);
  return { engine: warden.engine.name, run: (job) => runOnce(warden, job) };
}

/** Starts a warden, runs one job, ends it. */
export async function runOnce(options: WardenOptions, job: SandboxJob | PythonJob): Promise<SandboxResult> {
  const spec = toSpec(job, options.limits);
  let warden: Warden;
  try {
    warden = await Warden.start({ ...options, limits: spec.limits }, job.signal);
  } catch (error) {
    if (job.signal?.aborted === true) return { ...lost("cancelled"), status: "cancelled" };
    throw error;
  }
  try {
    return await warden.run(spec, job.signal);
  } finally {
    await warden.close();
  }
}

const SYSTEM_PYTHON = "/usr/bin/python3";

/** Completes and checks options: an engine that is there, an interpreter with the folders that it needs. */
export async function wardenOptions(
  options: SandboxOptions,
  prelude: readonly string[],
): Promise<WardenOptions> {
  const env = options.env ?? process.env;
  const engine = await findEngine(env);
  if (engine === undefined) throw noEngine();
  const { executable, roots } = await interpreter(options.python, engine);
  return {
    engine,
    python: executable,
    roots: checkRoots([...roots, ...(options.roots ?? [])]),
    prelude,
    limits: completeLimits(options.limits),
    env,
  };
}

async function interpreter(
  asked: string | undefined,
  engine: SandboxEngine,
): Promise<{ readonly executable: string; readonly roots: readonly string[] }> {
  // A container brings its own system, so nothing of an interpreter here would fit it.
  if (!engine.nested) return { executable: asked ?? "python3", roots: [] };
  if (asked === undefined && existsSync(SYSTEM_PYTHON)) return { executable: SYSTEM_PYTHON, roots: [] };
  return pythonPlace(asked ?? "python3");
}
