// Whether this machine can run untrusted programs, asked before anything is paid for: a sandbox is really
// built and a program really run in it.
import { HexacoderError } from "../core/errors.ts";
import { openSandbox, type SandboxOptions } from "./sandbox.ts";
import { isFilterArch } from "./seccomp.ts";

/** What a machine has. */
export type SandboxAvailability =
  | {
      readonly available: true;
      /** The engine. */
      readonly engine: "bubblewrap" | "docker" | "podman";
      /** One phrase: the engine, and what it lacks here. */
      readonly detail: string;
    }
  | {
      readonly available: false;
      /** Why there is none. */
      readonly reason: string;
      /** How to get one. */
      readonly remedy: string;
    };

const PROOF = "inside";

/** Tries the sandbox out. */
export async function sandboxAvailability(options: SandboxOptions = {}): Promise<SandboxAvailability> {
  try {
    const sandbox = await openSandbox(options);
    const result = await sandbox.run({ argv: ["/bin/sh", "-c", `echo ${PROOF}`] });
    if (result.stdout.trim() !== PROOF) {
      const reason = `a first program did not run in it: ${result.reason ?? (result.stderr.trim() || result.status)}`;
      return { available: false, reason, remedy: "docs/sandbox.md names the settings that it needs." };
    }
    return { available: true, engine: sandbox.engine, detail: describe(sandbox.engine) };
  } catch (error) {
    if (!(error instanceof HexacoderError)) throw error;
    return { available: false, reason: error.message, remedy: error.remedy };
  }
}

/** Refuses (exit code 3) where there is no sandbox. */
export async function requireSandbox(options: SandboxOptions = {}): Promise<void> {
  const found = await sandboxAvailability(options);
  if (found.available) return;
  throw new HexacoderError("sandbox-missing", { message: found.reason, remedy: found.remedy });
}

function describe(engine: string): string {
  const filter = isFilterArch(process.arch) ? "" : `, without a system call filter on ${process.arch}`;
  return `${engine}${filter}`;
}
