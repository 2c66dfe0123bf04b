// Our end of a warden (data/sandbox/warden.py): starts it, gives it one job at a time, and kills it and its
// whole sandbox when it does not answer. When we die, bubblewrap dies with us and everything in it.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { HexacoderError } from "../core/errors.ts";
import { openPipes, type PipedProcess, runProcess } from "../util/process.ts";
import { resource } from "../util/resources.ts";
import { cancelled, encodeFrame, FrameReader, lost, toResult, type WardenFrame } from "./_frames.ts";
import { launchWarden, type SandboxEngine, type WardenLaunch } from "./engine.ts";
import type { JobSpec, SandboxResult } from "./job.ts";
import type { SandboxLimits } from "./limits.ts";
import { coveredRoots } from "./roots.ts";
import { isFilterArch, seccompFilter } from "./seccomp.ts";

/** What every warden of a sandbox is started with. */
export interface WardenOptions {
  /** The engine. */
  readonly engine: SandboxEngine;
  /** The interpreter. */
  readonly python: string;
  /** Checked folders that are readable inside. */
  readonly roots: readonly string[];
  /** Modules that are imported before the first job. */
  readonly prelude: readonly string[];
  /** Limits of its jobs. */
  readonly limits: SandboxLimits;
  /** The environment in which the engine is started; nothing of it gets in. */
  readonly env: NodeJS.ProcessEnv;
}

const START_MS = 120_000;
// Over the job's own time, which the warden watches: only a warden that hangs uses it up.
const GRACE_MS = 15_000;

// Reads the warden's sources from standard input: so no file of ours has to be readable inside.
const BOOTSTRAP = `
import json, os, sys, types
def exactly(n):
    data = b""
    while len(data) < n:
        chunk = os.read(0, n - len(data))
        if not chunk: sys.exit(1)
        data += chunk
    return data
sys.path[:] = [path for path in sys.path if path]
for name, text in json.loads(exactly(int.from_bytes(exactly(4), "big"))):
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
sys.modules["_hexacoder_warden"].run()
`.trim();

/** A running warden. */
export class Warden {
  /** The version of its Python. */
  readonly python: string;
  private readonly child: PipedProcess;
  private readonly launch: WardenLaunch;
  private readonly frames: AsyncIterator<WardenFrame>;
  private jobs = 0;
  private dead = false;

  private constructor(
    python: string,
    child: PipedProcess,
    launch: WardenLaunch,
    frames: AsyncIterator<WardenFrame>,
  ) {
    this.python = python;
    this.child = child;
    this.launch = launch;
    this.frames = frames;
    void child.done.then(() => {
      this.dead = true;
    });
  }

  /** Starts one and waits until its prelude is imported; throws where the sandbox cannot be built. */
  static async start(options: WardenOptions, signal?: AbortSignal): Promise<Warden> {
    const launch = launchWarden(options.engine, { ...options, bootstrap: BOOTSTRAP });
    const child = openPipes({ env: hostEnv(options.env), cwd: "/", ...launch });
    const frames = readFrames(child);
    const stop = (): void => child.kill();
    const timer = setTimeout(stop, START_MS);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      child.stdin.write(encodeFrame(sources()));
      child.stdin.write(encodeFrame(hello(options)));
      const first = await frames.next();
      if (first.value?.type === "ready") return new Warden(first.value.python, child, launch, frames);
      child.kill();
      const { stderr, cause } = await child.done;
      throw notStarted(options, first.value?.type === "failed" ? first.value.reason : stderr, cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Whether it can take another job. */
  get usable(): boolean {
    return !this.dead;
  }

  /** Runs one job; callers wait for its end before they give the next. */
  async run(spec: JobSpec, signal?: AbortSignal): Promise<SandboxResult> {
    if (signal?.aborted === true) return cancelled();
    this.jobs += 1;
    const id = this.jobs;
    const order = (): void => {
      this.child.stdin.write(encodeFrame({ type: "kill" }));
    };
    const timer = setTimeout(() => this.kill(), spec.limits.wallMs + GRACE_MS);
    signal?.addEventListener("abort", order, { once: true });
    try {
      this.child.stdin.write(encodeFrame({ type: "job", id, spec }));
      const answer = await this.frames.next();
      if (answer.value?.type === "result" && answer.value.id === id) return toResult(answer.value);
      this.kill();
      const { stderr } = await this.child.done;
      return lost(`the sandbox ended without an answer${stderr === "" ? "" : `: ${stderr.trim()}`}`);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", order);
    }
  }

  /** Ends it: it leaves when its input ends, and is killed when it does not. */
  async close(): Promise<void> {
    this.child.stdin.end();
    const grace = new AbortController();
    await Promise.race([
      this.child.done,
      sleep(3000, undefined, { signal: grace.signal }).catch(() => undefined),
    ]);
    grace.abort();
    this.kill();
    await this.child.done;
  }

  private kill(): void {
    const { killCommand } = this.launch;
    if (!this.dead && killCommand !== undefined) void runProcess({ command: killCommand, timeoutMs: 10_000 });
    this.dead = true;
    this.child.kill();
  }
}

/** Frames as they come; ends when the stream does, or with what is no frame. */
async function* readFrames(child: PipedProcess): AsyncGenerator<WardenFrame, undefined> {
  const reader = new FrameReader();
  for await (const chunk of child.stdout) {
    let frames: WardenFrame[];
    try {
      frames = reader.take(Buffer.from(chunk));
    } catch {
      // No warden of ours writes this, so the sandbox is not what it should be.
      child.kill();
      return undefined;
    }
    yield* frames;
  }
  return undefined;
}

/** Of our environment only what the engine's own program needs. */
function hostEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, DOCKER_HOST, XDG_RUNTIME_DIR } = env;
  return Object.fromEntries(
    Object.entries({ PATH, HOME, DOCKER_HOST, XDG_RUNTIME_DIR }).filter(([, value]) => value !== undefined),
  );
}

function sources(): [string, string][] {
  return ["system", "job", "warden"].map((name) => [
    `_hexacoder_${name}`,
    readFileSync(resource("data", "sandbox", `${name}.py`), "utf8"),
  ]);
}

function hello({ engine, prelude, roots }: WardenOptions): object {
  return {
    nested: engine.nested,
    prelude,
    kept: coveredRoots(roots),
    filter: isFilterArch(process.arch) ? seccompFilter(process.arch).toString("base64") : "",
  };
}

function notStarted(options: WardenOptions, said: string, cause: unknown): HexacoderError {
  const missingModule = /^(ModuleNotFound|Import)Error/.test(said);
  return new HexacoderError("sandbox-missing", {
    message: `The sandbox (${options.engine.name}, ${options.python}) did not start: ${said.trim() || String(cause)}`,
    remedy: missingModule
      ? `Install the module for ${options.python}, or name an interpreter that has it.`
      : "User namespaces must be allowed on this machine (docs/sandbox.md names the settings), and Python 3.9 or newer must be there.",
    cause,
  });
}
