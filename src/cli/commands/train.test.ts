// The command against a stand-in for the trainer's Python (test/fixtures/trainer/fake-python).
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";
import { resource } from "../../util/resources.ts";
import { describeProgress } from "./train.ts";

const row = {
  id: "a",
  text: "x = 1\n",
  changes: [{ start: 0, end: 5 }],
  language: "python",
  source: { kind: "seed", ref: "" },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder train-cli "));
  await mkdir(join(folder, "base"));
  await writeFile(join(folder, "base", "model.safetensors"), "weights");
  await mkdir(join(folder, "data"));
  for (const part of ["train", "eval"]) {
    await writeFile(join(folder, "data", `${part}.jsonl`), `${JSON.stringify(row)}\n`);
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const BASIC = ["--data", "data", "--base", "hf:./base", "--out", "adapter"];

async function train(
  args: string[],
  {
    mode = "",
    env = {},
    onTalk,
  }: { mode?: string; env?: NodeJS.ProcessEnv; onTalk?: (stop: () => void) => void } = {},
): Promise<CommandResult> {
  const controller = new AbortController();
  const python = resource("test", "fixtures", "trainer", "fake-python");
  return runCli(["train", ...args], {
    cwd: folder,
    env: { ...process.env, HEXACODER_PYTHON: python, FAKE_TRAINER: mode, ...env },
    signal: controller.signal,
    onTalk: () => onTalk?.(() => controller.abort()),
  });
}

it("progress has the curve of the loss, from high to low", () => {
  const speed = { learningRate: 1e-3, tokensPerSecond: 10, secondsLeft: 5 };
  const now = {
    step: 4,
    steps: 8,
    epoch: 1,
    loss: 2,
    evalLoss: undefined,
    preferred: null,
    curve: [3.5, 3, 2.5, 2],
    ...speed,
  };
  expect(describeProgress(now)).toContain("50 % (step 4/8), loss 2.000 █▆▃▁, lr 1.0e-3");
  expect(describeProgress({ ...now, curve: [2] })).toContain("loss 2.000, lr");
  expect(describeProgress({ ...now, preferred: 0.5 })).toContain("█▆▃▁, 50 % of pairs preferred, lr");
});

describe("hexacoder train", () => {
  it("prints what came of it, and talks of its progress", async () => {
    const { code, out, talk } = await train(BASIC);
    expect(code).toBe(0);
    expect(out).toBe(`${join(folder, "adapter")}: adapter after 4 steps, evaluation loss 2.5000\n`);
    expect(talk).toMatch(/25 % \(step 1\/4\), loss 3\.500, lr .*tokens\/s, 3 s left/);
  });

  it("--json prints one object", async () => {
    const { out } = await train([...BASIC, "--json"]);
    expect(JSON.parse(out)).toMatchObject({ adapter: join(folder, "adapter"), steps: 4, evalLoss: 2.5 });
  });

  it("--merge names the merged model, too", async () => {
    const { out } = await train([...BASIC, "--merge"]);
    expect(out).toContain(`${join(folder, "adapter", "merged")}: base and adapter as one model\n`);
  });

  it("--prepare starts nothing and prints what to start", async () => {
    const { code, out } = await train([...BASIC, "--prepare", "--processes", "2", "--device", "cpu"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^export PYTHONPATH=.*\ntorchrun .*\naccelerate launch .*\n$/);
  });

  it("takes settings from its flags, over the preset's", async () => {
    const flags = ["--preset", "codegen-2b", "--epochs", "0.5", "--alpha", "32", "--target-modules", "a,b"];
    await train([...BASIC, ...flags, "--loss", "unmasked", "--seed", "9"]);
    const run = JSON.parse(await readFile(join(folder, "adapter", "run.json"), "utf8"));
    const lora = {
      rank: 64,
      alpha: 32,
      dropout: 0.1,
      targetModules: ["a", "b"],
      targetParameters: null,
      bias: "none",
    };
    expect(run).toMatchObject({ epochs: 0.5, loss: "unmasked", seed: 9, batchSize: 16, lora });
  });

  it("hands on what is for the trainer alone", async () => {
    const flags = ["--quantize", "4bit", "--liger", "--report-to", "tensorboard,wandb"];
    await train([...BASIC, ...flags, "--loss", "dpo", "--beta", "0.2"]);
    const run = JSON.parse(await readFile(join(folder, "adapter", "run.json"), "utf8"));
    const given = { quantize: "4bit", liger: true, reportTo: ["tensorboard", "wandb"] };
    expect(run).toMatchObject({ ...given, fsdp: false, loss: "dpo", beta: 0.2, learningRate: 5e-5 });
  });

  it("ended by Ctrl-C is 130, and says how to go on", async () => {
    const { code, talk } = await train(BASIC, { mode: "wait", onTalk: (stop) => stop() });
    expect(code).toBe(130);
    expect(talk).toContain("--resume");
  });

  it.each([
    { what: "a missing folder", args: ["--data", "nowhere"], code: 2, says: "train.jsonl" },
    { what: "an unknown base", args: ["--base", "gpt"], code: 2, says: "hf:ORG/NAME" },
    { what: "a flag out of range", args: ["--epochs", "0"], code: 2, says: "number from" },
    { what: "a share of no replay", args: ["--replay-share", "0.2"], code: 2, says: "--replay FILE" },
    { what: "an unknown tracker", args: ["--report-to", "paper"], code: 2, says: "tensorboard, wandb" },
    { what: "an unknown flag", args: ["--fast"], code: 2, says: "--fast" },
    { what: "a base without weights", args: ["--base", "hf:./data"], code: 3, says: "model.safetensors" },
    { what: "no trainer", args: [], env: { HEXACODER_PYTHON: "/no/python" }, code: 3, says: "setup" },
    { what: "a trainer that crashes", args: [], mode: "crash", code: 4, says: "--resume" },
  ])("with $what ends with $code in one paragraph", async ({ args, env = {}, mode = "", code, says }) => {
    const result = await train([...BASIC, ...args], { mode, env });
    expect(result).toMatchObject({ code, out: "" });
    expect(result.talk).toContain(says);
    expect(result.talk).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  });
});
