// kill -9 at random moments, then --resume: what is left must be what an undisturbed run leaves.
import { spawn } from "node:child_process";
import type { Random } from "../../src/util/random.ts";
import { bin } from "./cli.ts";

/** How the disturbed runs went. */
export interface KillReport {
  /** Runs that were killed. */
  readonly killed: number;
  /** Milliseconds after which each was killed. */
  readonly moments: readonly number[];
}

/**
 * Starts `hexacoder …args`, kills its whole process group after a random time, and resumes, until
 * `kills` runs were killed; then lets one run finish. A run that finishes before its time to be
 * killed ends the series: there is nothing left to disturb.
 */
export async function killAndResume(options: {
  args: readonly string[];
  cwd: string;
  kills: number;
  /** Longest time that a run is left alone, in milliseconds. */
  within: number;
  random: Random;
}): Promise<KillReport> {
  const moments: number[] = [];
  for (let run = 0; moments.length < options.kills; run++) {
    const after = Math.floor(options.random() * options.within);
    const status = await runFor(run === 0 ? options.args : [...options.args, "--resume"], options.cwd, after);
    if (status !== "killed") {
      if (status !== 0) throw new Error(`a resumed run ended with status ${status}`);
      break;
    }
    moments.push(after);
  }
  const last = await runFor([...options.args, "--resume"], options.cwd, Number.POSITIVE_INFINITY);
  if (last !== 0) throw new Error(`the last run ended with status ${last}`);
  return { killed: moments.length, moments };
}

function runFor(args: readonly string[], cwd: string, milliseconds: number): Promise<number | "killed"> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let talk = "";
    child.stderr.on("data", (chunk: Buffer) => {
      talk = (talk + chunk.toString()).slice(-4000);
    });
    let killed = false;
    const timer = Number.isFinite(milliseconds)
      ? setTimeout(() => {
          killed = child.exitCode === null;
          if (killed && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        }, milliseconds)
      : undefined;
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      if (killed) resolve("killed");
      else if (code === 0) resolve(0);
      else reject(new Error(`hexacoder ${args.join(" ")} ended with ${code}:\n${talk}`));
    });
  });
}
