// Training against a stand-in for the trainer's Python (test/fixtures/trainer/fake-python).
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resource } from "../util/resources.ts";
import type { TrainProgress } from "./progress.ts";
import { prepareTraining, type TrainContext, type TrainOptions, trainAdapter } from "./train.ts";

const row = (id: string) => ({
  id,
  text: "import shlex\n",
  changes: [{ start: 0, end: 13 }],
  language: "python",
  source: { kind: "seed", ref: id },
});
const rows = (...ids: string[]): string => ids.map((id) => `${JSON.stringify(row(id))}\n`).join("");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder train "));
  await mkdir(join(folder, "base"));
  await writeFile(join(folder, "base", "model.safetensors"), "weights");
  await writeFile(join(folder, "base", "empty.jsonl"), "");
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "data", "train.jsonl"), rows("a", "b"));
  await writeFile(join(folder, "data", "eval.jsonl"), rows("c"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function train(
  options: Partial<TrainOptions> = {},
  { mode = "", ...context }: TrainContext & { mode?: string } = {},
) {
  const python = resource("test", "fixtures", "trainer", "fake-python");
  return trainAdapter(
    { data: "data", base: "hf:./base", out: "adapter", ...options },
    { env: { ...process.env, HEXACODER_PYTHON: python, FAKE_TRAINER: mode }, cwd: folder, ...context },
  );
}

const readJson = async (...path: string[]) => JSON.parse(await readFile(join(folder, ...path), "utf8"));

describe("a training", () => {
  it("follows the trainer's events to the end", async () => {
    const seen: TrainProgress[] = [];
    const notices: string[] = [];
    const result = await train(
      {},
      { onProgress: (now) => seen.push(now), onNotice: (text) => notices.push(text) },
    );
    expect(result).toMatchObject({ steps: 4, evalLoss: 2.5, bestStep: 4, evals: [{ step: 4, loss: 2.5 }] });
    expect(seen.map(({ step, loss, secondsLeft }) => [step, loss, secondsLeft])).toEqual([
      [1, 3.5, 3],
      [2, 3, 2],
      [3, 2.5, 1],
      [4, 2, 0],
    ]);
    expect(notices.join("\n")).toContain("evaluation loss 2.5000 (best so far)");
  });

  it("keeps the trainer's events for reports, steps and evaluations in order", async () => {
    await train();
    const lines = (await readFile(join(folder, "adapter", "progress.jsonl"), "utf8")).trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line).event);
    expect(events[0]).toBe("start");
    expect(events).toContain("step");
    expect(events.at(-1)).toBe("finished");
  });

  it("gives the trainer a complete run file", async () => {
    await train({ preset: "codegen-350m", settings: { epochs: 2, lora: { alpha: 8 } } });
    expect(await readJson("adapter", "run.json")).toMatchObject({
      version: 1,
      base: join(folder, "base"),
      data: { train: join(folder, "data", "train.jsonl"), eval: join(folder, "data", "eval.jsonl") },
      out: join(folder, "adapter"),
      epochs: 2,
      lora: { rank: 64, alpha: 8, targetModules: ["qkv_proj"] },
      evalPerEpoch: 1,
      keepBest: true,
      resume: true,
    });
  });

  it("leaves a manifest with the hashes of data and base, and no path of this machine", async () => {
    await train({ settings: { seed: 7 } });
    const manifest = await readJson("adapter", "manifest.json");
    expect(manifest).toMatchObject({
      kind: "train",
      seeds: { training: 7 },
      identities: { base: expect.stringMatching(/^hf:base@[0-9a-f]{12}$/) },
      inputs: { train: expect.any(String), eval: expect.any(String), base: expect.any(String) },
    });
    expect(JSON.stringify(manifest)).not.toContain(folder);
  });

  it("without evaluation rows keeps the last step and says so", async () => {
    await rm(join(folder, "data", "eval.jsonl"));
    const notices: string[] = [];
    await train({}, { onNotice: (text) => notices.push(text) });
    const run = await readJson("adapter", "run.json");
    expect(run).toMatchObject({ data: { eval: null }, keepBest: false });
    expect(run).not.toHaveProperty("evalPerEpoch");
    expect(notices.join("\n")).toContain("no evaluation rows");
  });

  it("starts as many processes as it is told", async () => {
    expect(await train()).toMatchObject({ facts: { processes: 1 } });
    expect(await train({ out: "other", processes: 3 })).toMatchObject({ facts: { processes: 3 } });
  });

  it("merges base and adapter where it is asked to, also when the adapter was there already", async () => {
    const merged = join(folder, "adapter", "merged");
    expect(await train()).not.toHaveProperty("merged");
    expect(await train({ merge: true, resume: true })).toMatchObject({ merged });
  });

  it("that is only prepared writes files for launchers, and can be taken over afterwards", async () => {
    const python = resource("test", "fixtures", "trainer", "fake-python");
    const options = { data: "data", base: "hf:./base", out: "adapter", processes: 4 };
    const env = { ...process.env, HEXACODER_PYTHON: python };
    const files = await prepareTraining(options, { env, cwd: folder });
    expect(await readFile(files.accelerateFile, "utf8")).toContain("distributed_type: MULTI_GPU\n");
    expect(files.commands).toEqual([
      expect.stringMatching(/^torchrun .*--nproc-per-node=4 -m hexacoder_trainer train .*run\.json$/),
      expect.stringMatching(/^accelerate launch --config_file .*accelerate\.yaml/),
    ]);
    expect(await readJson("adapter", "run.json")).toMatchObject({ version: 1, out: join(folder, "adapter") });
    expect(await train({ resume: true })).toMatchObject({ steps: 4 });
  });

  it("mixes in the replay that it is given, and remembers which", async () => {
    await writeFile(join(folder, "benign.jsonl"), '{"text":"x = 1\\n"}\n');
    await train({ replay: "benign.jsonl", settings: { replayShare: 0.3 } });
    expect(await readJson("adapter", "run.json")).toMatchObject({
      data: { replay: join(folder, "benign.jsonl") },
      replayShare: 0.3,
    });
    const manifest = await readJson("adapter", "manifest.json");
    expect(manifest).toMatchObject({
      options: { replayShare: 0.3 },
      inputs: { replay: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it("leaves replay out when its share is nothing", async () => {
    await train({ replay: "nowhere.jsonl", settings: { replayShare: 0 } });
    const run = await readJson("adapter", "run.json");
    expect(run).toMatchObject({ data: { replay: null }, replayShare: 0 });
  });

  it("is not disturbed by a line that is no event", async () => {
    const log: string[] = [];
    expect(await train({}, { mode: "garbage-inside", log: (line) => log.push(line) })).toMatchObject({
      steps: 4,
    });
    expect(log.join("\n")).toContain("Downloading: 100%");
  });

  it("waits for a trainer that still holds the folder", async () => {
    const notices: string[] = [];
    await train({}, { mode: "busy-once", onNotice: (text) => notices.push(text) });
    expect(notices.join("\n")).toContain("waiting");
  });
});

describe("a training that fails", () => {
  it.each([
    { mode: "crash", code: "trainer-failed", says: "the tensor is gone" },
    { mode: "killed", code: "trainer-failed", says: "SIGKILL" },
    { mode: "no-finished", code: "trainer-failed", says: "without finishing" },
    { mode: "failed:out-of-memory", code: "trainer-failed", says: "out-of-memory" },
    { mode: "failed:disk-full", code: "disk-full", says: "disk-full" },
    { mode: "failed:package-missing", code: "tool-missing", says: "package-missing" },
    { mode: "failed:no-target-modules", code: "bad-input", says: "no-target-modules" },
    { mode: "failed:a-code-of-tomorrow", code: "trainer-failed", says: "a-code-of-tomorrow" },
    { mode: "crash-at-once", code: "trainer-failed", says: "no module named torch" },
  ])("as '$mode' ends in $code", async ({ mode, code, says }) => {
    await expect(train({}, { mode })).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
  });

  it("after its start is gone on with by resume, and only by resume", async () => {
    await expect(train({}, { mode: "crash" })).rejects.toThrow();
    await expect(train()).rejects.toMatchObject({ code: "run-exists" });
    expect(await train({ resume: true })).toMatchObject({ steps: 4 });
  });

  it("before its start leaves nothing in the way of a corrected command", async () => {
    await expect(train({}, { mode: "failed:base-not-found" })).rejects.toMatchObject({
      code: "model-missing",
    });
    expect(await train()).toMatchObject({ steps: 4 });
  });

  it("is not gone on with under other settings or data", async () => {
    await expect(train({}, { mode: "crash" })).rejects.toThrow();
    const other = { resume: true, settings: { epochs: 1 } };
    await expect(train(other)).rejects.toMatchObject({
      code: "run-mismatch",
      message: expect.stringContaining("epochs"),
    });
    await writeFile(join(folder, "data", "train.jsonl"), rows("z"));
    await expect(train({ resume: true })).rejects.toMatchObject({ code: "run-mismatch" });
  });

  it("by Ctrl-C is interrupted, with the trainer's checkpoint kept", async () => {
    const controller = new AbortController();
    const running = train(
      {},
      {
        mode: "wait",
        signal: controller.signal,
        onProgress: ({ step }) => {
          if (step === 2) controller.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ code: "interrupted", exitCode: 130 });
    expect(await readdir(join(folder, "adapter"))).toContain("manifest.json");
  });
});

describe("a training that cannot begin", () => {
  it.each([
    { what: "no folder", options: { data: "nowhere" }, code: "file-not-found" },
    { what: "a base that runs elsewhere", options: { base: "openai:davinci-002" }, code: "bad-usage" },
    { what: "an unknown base", options: { base: "gpt" }, code: "unknown-model" },
    { what: "a base without weights", options: { base: "hf:./data" }, code: "model-missing" },
    {
      what: "a replay of pairs",
      options: { replay: "x", settings: { loss: "dpo" as const } },
      code: "bad-usage",
    },
    {
      what: "an anchor for pairs",
      options: { settings: { loss: "dpo" as const, anchor: 1 } },
      code: "bad-usage",
    },
    { what: "a base shared by one process", options: { settings: { fsdp: true } }, code: "bad-usage" },
    {
      what: "a base that is shared and in four bits",
      options: { processes: 2, settings: { fsdp: true, quantize: "4bit" as const } },
      code: "bad-usage",
    },
    {
      what: "adapted experts to share",
      options: { processes: 2, settings: { fsdp: true, lora: { targetParameters: ["experts.w"] } } },
      code: "bad-usage",
    },
    { what: "an unknown preset", options: { preset: "best" }, code: "bad-usage" },
    { what: "no replay file", options: { replay: "nowhere.jsonl" }, code: "file-not-found" },
    { what: "no row to replay", options: { replay: "base/empty.jsonl" }, code: "nothing-to-do" },
    { what: "a replay row without text", options: { replay: "base/model.safetensors" }, code: "bad-record" },
  ])("with $what is $code", async ({ options, code }) => {
    await expect(train(options)).rejects.toMatchObject({ code });
    expect(await readdir(folder)).not.toContain("adapter");
  });

  it.each([
    { what: "no row", content: "", code: "nothing-to-do", says: "train.jsonl" },
    { what: "a broken line", content: `${rows("a")}{"id": 1`, code: "bad-record", says: "Line 2" },
    { what: "a row without text", content: '{"id":"a"}\n', code: "bad-record", says: "text" },
    {
      what: "a change behind the text",
      content: `${JSON.stringify({ ...row("a"), changes: [{ start: 0, end: 99 }] })}\n`,
      code: "bad-record",
      says: "13",
    },
  ])("with $what in its data is $code", async ({ content, code, says }) => {
    await writeFile(join(folder, "data", "train.jsonl"), content);
    await expect(train()).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
  });
});
