// Which engine this machine has, and how a warden is started with it.
import { randomBytes, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { runProcess } from "../util/process.ts";
import { bubblewrapLaunch, type Launch } from "./bubblewrap.ts";
import { containerCommand, DEFAULT_IMAGE } from "./container.ts";
import type { SandboxLimits } from "./limits.ts";

/** What keeps the programs in. */
export interface SandboxEngine {
  /** Which kind it is. */
  readonly name: "bubblewrap" | "docker" | "podman";
  /** Path of its program. */
  readonly path: string;
  /** Whether jobs get namespaces of their own inside, so that one warden can serve many. */
  readonly nested: boolean;
  /** The image, for containers. */
  readonly image?: string;
}

/** What a warden is started with. */
export interface LaunchOptions {
  /** The interpreter, as it is called inside. */
  readonly python: string;
  /** The warden's first words. */
  readonly bootstrap: string;
  /** Folders readable inside. */
  readonly roots: readonly string[];
  /** Limits of the job; only containers need them from the start. */
  readonly limits: SandboxLimits;
}

/** A warden's command and, for containers, the one that kills it for certain. */
export type WardenLaunch = Launch & { readonly killCommand?: readonly [string, ...string[]] };

/** The engine to use: bubblewrap on Linux, else a container engine that runs; undefined where there is none. */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<SandboxEngine | undefined> {
  const bwrap = process.platform === "linux" ? onPath("bwrap", env) : undefined;
  if (bwrap !== undefined) return { name: "bubblewrap", path: bwrap, nested: true };
  for (const name of ["docker", "podman"] as const) {
    const path = onPath(name, env);
    if (path === undefined) continue;
    const running = await runProcess({ command: [path, "info"], env, timeoutMs: 10_000 });
    const image = env.HEXACODER_SANDBOX_IMAGE || DEFAULT_IMAGE;
    if (running.ok) return { name, path, nested: false, image };
  }
  return undefined;
}

/** The command that starts a warden with this engine. */
export function launchWarden(engine: SandboxEngine, options: LaunchOptions): WardenLaunch {
  if (engine.image === undefined) {
    return bubblewrapLaunch({
      ...options,
      bwrap: engine.path,
      ...(process.getuid?.() === 0 ? { rootBecomes: someUser() } : {}),
    });
  }
  const name = `hexacoder-${randomBytes(8).toString("hex")}`;
  const command = containerCommand({ ...options, engine: engine.path, image: engine.image, name });
  return { command, killCommand: [engine.path, "kill", name] };
}

/** The refusal where no engine was found. */
export function noEngine(): HexacoderError {
  return new HexacoderError("sandbox-missing", {
    message: "No sandbox was found: programs that a model wrote are run in one, or not at all.",
    remedy:
      process.platform === "linux"
        ? "Install bubblewrap (hexacoder setup does as root; on Debian or Ubuntu: sudo apt-get install bubblewrap), or start docker or podman."
        : "Start docker or podman.",
  });
}

// A user id that no account has: it owns nothing on this machine, and every sandbox has another.
function someUser(): number {
  return randomInt(0x20000000, 0x60000000);
}

function onPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}
