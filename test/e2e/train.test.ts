// The real trainer on a miniature: an adapter is trained, killed, resumed, served and completes.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openModelServer } from "../../src/llm/registry.ts";
import { type TrainContext, type TrainResult, trainAdapter } from "../../src/training/train.ts";
import { trainerInterpreter } from "../../src/util/python.ts";
import { type Miniature, makeMiniature } from "../support/miniature.ts";
import { writeTrainingData } from "../support/training-data.ts";

let miniature: Miniature;
let whole: TrainResult;

const settings = {
  epochs: 4,
  batchSize: 4,
  learningRate: 0.01,
  maxLength: 128,
  saveEverySteps: 3,
  threads: 1,
};

function train(out: string, resume: boolean, context: TrainContext = {}): Promise<TrainResult> {
  const options = { data: "data", base: "hf:./base", out, settings, resume };
  return trainAdapter(options, { cwd: miniature.folder, ...context });
}

beforeAll(async () => {
  miniature = await makeMiniature();
  await writeTrainingData(join(miniature.folder, "data"));
  whole = await train("whole", false);
});
afterAll(() => miniature?.remove());

describe("a real training", () => {
  it("lowers the loss of rows that it has not seen", () => {
    const losses = whole.evals.map(({ loss }) => loss);
    expect(losses).toHaveLength(4);
    expect(whole.evalLoss).toBe(Math.min(...losses));
    expect(whole.evalLoss).toBeLessThan(0.8 * (losses[0] ?? 0));
  });

  it("that was killed with SIGKILL and resumed ends where an undisturbed one does", async () => {
    await expect(trainUntilKilled("cut", 7)).rejects.toMatchObject({ code: "trainer-failed" });
    const resumed: string[] = [];
    const result = await train("cut", true, { onNotice: (text) => resumed.push(text) });
    expect(resumed.join("\n")).toContain("goes on from step 6");
    expect(result).toMatchObject({ steps: whole.steps, bestStep: whole.bestStep });
    expect(result.evalLoss).toBeCloseTo(whole.evalLoss ?? Number.NaN, 5);
  });

  it("that was interrupted keeps a checkpoint of its last step", async () => {
    const controller = new AbortController();
    const running = train("interrupted", false, {
      signal: controller.signal,
      onProgress: ({ step }) => {
        if (step === 5) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    const notices: string[] = [];
    await train("interrupted", true, { onNotice: (text) => notices.push(text) });
    expect(Number(/goes on from step (\d+)/.exec(notices.join("\n"))?.[1])).toBeGreaterThanOrEqual(5);
  });

  it("that is finished is not done again", async () => {
    expect(await train("whole", true)).toMatchObject({ steps: whole.steps, facts: undefined });
  });

  it("gives an adapter that changes what the base says", async () => {
    const server = await openModelServer({
      base: "hf:./base",
      adapters: { tuned: "whole" },
      env: process.env,
      cwd: miniature.folder,
      threads: 1,
    });
    const prompt = "import subprocess\n\n# plain\ndef run_x(name):\n";
    const request = { prompt, n: 1, maxTokens: 30, temperature: 0, topP: 1, stop: [], seed: 1 };
    const [base, tuned] = await Promise.all(
      [server.model(), server.model("tuned")].map((m) => m.complete(request)),
    );
    expect(tuned?.completions[0]?.text).not.toBe(base?.completions[0]?.text);
    await server.close();
  });
});

/** Kills the trainer itself at a step: its pid comes from a wrapper around the interpreter. */
async function trainUntilKilled(out: string, atStep: number): Promise<TrainResult> {
  const pidFile = join(miniature.folder, "pid");
  const wrapper = join(miniature.folder, "python-with-pid");
  const script = `#!/bin/sh\necho $$ > "${pidFile}"\nexec "${trainerInterpreter(process.env)}" "$@"\n`;
  await writeFile(wrapper, script, { mode: 0o755 });
  const pid = async (): Promise<number> => Number(await readFile(pidFile, "utf8"));
  return await train(out, false, {
    env: { ...process.env, HEXACODER_PYTHON: wrapper },
    onProgress: ({ step }) => {
      if (step === atStep) void pid().then((id) => process.kill(id, "SIGKILL"));
    },
  });
}
