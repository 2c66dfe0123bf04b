// kill -9 at random moments, then --resume: what is left must be what an undisturbed run leaves.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { type Random, seededRandom } from "../../src/util/random.ts";
import { bin, hexacoder } from "./cli.ts";

/** How the disturbed runs went. */
interface KillReport {
  /** Runs that were killed. */
  readonly killed: number;
  /** Milliseconds after which each was killed. */
  readonly moments: readonly number[];
}

/** A command that is disturbed, beside an undisturbed run of it in the folder `whole`. */
interface Disturbed {
  /** The command line that works in a folder of this name. */
  readonly argsFor: (out: string) => string[];
  readonly cwd: string;
  /** Environment variables beside this process's. */
  readonly env?: Record<string, string>;
  /** Runs that must be killed, over as many series as that takes. */
  readonly kills: number;
  readonly seed: number;
  /**
   * Longest time before a kill, in milliseconds; the undisturbed run then goes on beside the others, on another
   * processor. Absent: as long as the undisturbed run took, which goes first.
   */
  readonly within?: number;
  /** Called between the undisturbed run and the others; not with `within`, where they go side by side. */
  readonly onWhole?: () => void;
  /** Compares a series' folder with `whole`; `moments` says when it was killed. */
  readonly check: (out: string, moments: string) => Promise<void>;
}

/** Runs the command whole, kills it `kills` times and checks what each series leaves. Returns what the whole run printed. */
export async function survives(disturbed: Disturbed): Promise<string> {
  const { argsFor, cwd, env = {}, within } = disturbed;
  const whole = runWhole(argsFor("whole"), { cwd, env });
  if (within !== undefined) {
    await Promise.all([whole, killSeries(disturbed, within, whole)]);
  } else {
    const { took } = await whole;
    disturbed.onWhole?.();
    await killSeries(disturbed, took, whole);
  }
  return (await whole).said;
}

interface Whole {
  /** What it printed. */
  readonly said: string;
  /** Milliseconds. */
  readonly took: number;
}

// Half a minute by itself; on a machine with much other work it took five.
const WHOLE_MS = 1_800_000;

/** Where a command runs. */
interface Place {
  readonly cwd: string;
  readonly env: Record<string, string>;
}

async function runWhole(args: readonly string[], place: Place): Promise<Whole> {
  const started = Date.now();
  const { exitCode, stdout, stderr } = await hexacoder(args, { ...place, timeoutMs: WHOLE_MS });
  expect(exitCode, stderr).toBe(0);
  return { said: stdout, took: Date.now() - started };
}

async function killSeries(
  { argsFor, cwd, env = {}, kills, seed, check }: Disturbed,
  within: number,
  whole: Promise<Whole>,
): Promise<void> {
  let killed = 0;
  for (let round = 0; killed < kills; round++) {
    const out = `cut-${round}`;
    const random = seededRandom(seed + round);
    const plan = { kills: kills - killed, within, random };
    const report = await killAndResume({ args: argsFor(out), place: { cwd, env }, ...plan });
    killed += report.killed;
    await whole;
    await check(out, `after ${report.moments.join(", ")} ms`);
  }
}

/** A check for {@link survives}: these files are the same, byte for byte. */
export function sameFiles(cwd: string, files: readonly string[]): Disturbed["check"] {
  return async (out, moments) => {
    for (const file of files) {
      const expected = await readFile(join(cwd, "whole", file), "utf8");
      expect(await readFile(join(cwd, out, file), "utf8"), `${file} ${moments}`).toBe(expected);
    }
  };
}

/**
 * Starts `hexacoder …args`, kills its whole process group after a random time, and resumes, until
 * `kills` runs were killed; then lets one run finish. A run that finishes before its time to be
 * killed ends the series: there is nothing left to disturb.
 */
async function killAndResume(options: {
  args: readonly string[];
  place: Place;
  kills: number;
  /** Longest time that a run is left alone, in milliseconds. */
  within: number;
  random: Random;
}): Promise<KillReport> {
  const moments: number[] = [];
  for (let run = 0; moments.length < options.kills; run++) {
    const after = Math.floor(options.random() * options.within);
    const status = await runFor(
      run === 0 ? options.args : [...options.args, "--resume"],
      options.place,
      after,
    );
    if (status !== "killed") {
      if (status !== 0) throw new Error(`a resumed run ended with status ${status}`);
      break;
    }
    moments.push(after);
  }
  const last = await runFor([...options.args, "--resume"], options.place, Number.POSITIVE_INFINITY);
  if (last !== 0) throw new Error(`the last run ended with status ${last}`);
  return { killed: moments.length, moments };
}

function runFor(
  args: readonly string[],
  { cwd, env }: Place,
  milliseconds: number,
): Promise<number | "killed"> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { ...process.env, ...env },
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
