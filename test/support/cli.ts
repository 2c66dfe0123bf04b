// Runs the built command line as a user does: a process of its own, real streams, real exit codes.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunResult, runProcess } from "../../src/util/process.ts";
import { resource } from "../../src/util/resources.ts";

/** The launcher. */
export const bin = resource("bin", "hexacoder");

/** A new empty folder. */
export function scratch(): Promise<string> {
  return mkdtemp(join(tmpdir(), "hexacoder-e2e-"));
}

/** Runs `hexacoder …args`. */
export function hexacoder(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<RunResult> {
  return runProcess({
    command: [process.execPath, bin, ...args],
    timeoutMs: 300_000,
    ...options,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
  });
}

/**
 * Runs `hexacoder …args` in a mount namespace of its own where `folder` is a small file system:
 * full at `kilobytes`, or read-only. Root is bound by it, too. Linux only.
 */
export function hexacoderOnSmallDisk(
  folder: string,
  disk: { kilobytes: number; readOnly?: boolean },
  args: readonly string[],
): Promise<RunResult> {
  const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const mode = disk.readOnly === true ? "ro" : "rw";
  const mount = 'mount -t tmpfs -o "size=$1k,$2" tmpfs "$3" && shift 3 && exec "$@"';
  return runProcess({
    command: [
      "unshare",
      ...asRoot,
      "--mount",
      "sh",
      "-c",
      mount,
      "sh",
      String(disk.kilobytes),
      mode,
      folder,
      process.execPath,
      bin,
      ...args,
    ],
    timeoutMs: 120_000,
  });
}

/** Talk of a run that a user may see: one paragraph, no stack trace. */
export function paragraphOf(result: RunResult): string {
  const lines = result.stderr.split("\n").filter((line) => line.startsWith("hexacoder: "));
  if (/^\s+at .+:\d+:\d+\)?$/m.test(result.stderr)) throw new Error(`a stack trace:\n${result.stderr}`);
  return lines.join("\n");
}
