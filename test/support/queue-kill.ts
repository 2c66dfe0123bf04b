// Synthesis over a queue whose workers, and whose own process, are killed and started again, beside a run in one
// process that nobody disturbs.
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { seededRandom } from "../../src/util/random.ts";
import { bin, hexacoder, scratch } from "./cli.ts";
import { startRedis } from "./redis-server.ts";
import { startSameAnswers } from "./same-answers.ts";

/** What may be killed. */
type Victim = "worker" | "run";

const FILES = ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl"];

/**
 * Kills `kills` processes in turn as `victims` says, over as many runs as that takes. Every run must leave what the
 * undisturbed one left, and its model must have been asked for nothing twice that was answered.
 */
export async function queueSurvives(options: {
  kills: number;
  seed: number;
  victims: readonly Victim[];
}): Promise<void> {
  const cwd = await scratch();
  const service = await startSameAnswers();
  const redis = await startRedis();
  const env = { ANTHROPIC_API_URL: service.address, ANTHROPIC_API_KEY: "k" };
  try {
    const started = Date.now();
    const whole = await hexacoder(argsFor("whole"), { cwd, env });
    expect(whole.exitCode, whole.stderr).toBe(0);
    // The longest that a process is left alone: on a slow machine it takes longer to do anything.
    const within = Date.now() - started;
    const asked = service.asked();
    let killed = 0;
    for (let round = 0; killed < options.kills; round++) {
      const out = `cut-${round}`;
      service.forget();
      const random = seededRandom(options.seed + round);
      const plan = { ...options, kills: options.kills - killed, random, within };
      const report = await disturbed({ out, cwd, env, queue: redis.address, ...plan });
      killed += report.workers + report.runs;
      await sameAsWhole(cwd, out, JSON.stringify(report));
      const again = service.asked().length - asked.length;
      // A run that is killed may lose the answers on their way to it; a worker has none to lose.
      expect(new Set(service.asked()), "the same is asked").toEqual(new Set(asked));
      if (report.runs === 0) expect(again, "requests made twice").toBe(0);
    }
  } finally {
    await redis.kill();
    await service.close();
  }
}

function argsFor(out: string): string[] {
  const model = ["--from", "seeds,llm", "--model", "anthropic:m", "--count", "12", "--max-tokens", "200"];
  return ["synth", ...model, "--repair", "codemod,llm", "--rounds", "1", "--json", "--out", out];
}

interface Disturbance {
  readonly out: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly queue: string;
  readonly kills: number;
  /** Milliseconds. */
  readonly within: number;
  readonly victims: readonly Victim[];
  readonly random: () => number;
}

async function disturbed(given: Disturbance): Promise<{ workers: number; runs: number; moments: number[] }> {
  const { queue, kills, victims, random, within } = given;
  const start = (...args: string[]): Running => startCli(args, given);
  const startWorker = (): Running => start("worker", "--queue", queue, "--threads", "1", "--lease", "2");
  const startRun = (...more: string[]): Running => start(...argsFor(given.out), "--queue", queue, ...more);
  const workers = [startWorker(), startWorker()];
  const moments: number[] = [];
  const killed = { worker: 0, run: 0 };
  let run = startRun();
  try {
    for (let turn = 0; turn < kills; turn++) {
      const after = Math.floor(random() * within);
      if (await run.endsWithin(after)) break;
      moments.push(after);
      const victim = victims[turn % victims.length] ?? "worker";
      killed[victim]++;
      if (victim === "run") {
        await run.kill();
        run = startRun("--resume");
      } else {
        const place = turn % workers.length;
        await workers[place]?.kill();
        workers[place] = startWorker();
      }
    }
    expect(await run.end(), run.talk()).toBe(0);
  } finally {
    await Promise.all([run, ...workers].map((one) => one.kill()));
  }
  return { workers: killed.worker, runs: killed.run, moments };
}

interface Running {
  end(): Promise<number | null>;
  endsWithin(milliseconds: number): Promise<boolean>;
  kill(): Promise<void>;
  talk(): string;
}

function startCli(args: readonly string[], { cwd, env }: Disturbance): Running {
  const child: ChildProcess = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const end = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    end: () => end,
    endsWithin: (milliseconds) =>
      Promise.race([
        end.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds)),
      ]),
    kill: async () => {
      child.kill("SIGKILL");
      await end;
    },
    talk: () => said,
  };
}

async function sameAsWhole(cwd: string, out: string, how: string): Promise<void> {
  const read = (folder: string, file: string): Promise<string> => readFile(join(cwd, folder, file), "utf8");
  for (const file of FILES) expect(await read(out, file), `${file} ${how}`).toBe(await read("whole", file));
  // What was lost on the way to a killed run counts as paid; nothing else may differ.
  const counts = async (folder: string): Promise<unknown> => ({
    ...JSON.parse(await read(folder, "summary.json")),
    spent: undefined,
  });
  expect(await counts(out)).toEqual(await counts("whole"));
}
