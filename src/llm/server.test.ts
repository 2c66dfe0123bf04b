// Local models against a stand-in for the trainer's Python (test/fixtures/trainer/fake-python).
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resource } from "../util/resources.ts";
import { openModel, openModelServer } from "./registry.ts";
import { serveLocally } from "./server.ts";
import { parseModelSpec } from "./spec.ts";
import { identifyBase } from "./weights.ts";

const request = { prompt: "import os\n", n: 2, maxTokens: 4, temperature: 0, topP: 1, stop: [], seed: 5 };
const python = resource("test", "fixtures", "trainer", "fake-python");
let folder: string;

const env = (mode = ""): NodeJS.ProcessEnv => ({
  ...process.env,
  HEXACODER_PYTHON: python,
  FAKE_TRAINER: mode,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder models "));
  await mkdir(join(folder, "base"));
  await writeFile(join(folder, "base", "model.safetensors"), "weights");
  await makeAdapter("good", {}, { base: await baseHash() });
  await makeAdapter("other", { base_model_name_or_path: "x/y" }, { base: "0".repeat(64) });
  await makeAdapter("hub", { base_model_name_or_path: "x/y" });
  await mkdir(join(folder, "empty"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function baseHash(): Promise<string> {
  const spec = parseModelSpec("hf:./base", { cwd: folder, env: {} });
  if (spec.kind !== "local") throw new Error("not local");
  return (await identifyBase(spec)).weightsHash ?? "";
}

async function makeAdapter(name: string, config: object, inputs?: object): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "adapter_config.json"), JSON.stringify(config));
  await writeFile(join(folder, name, "adapter_model.safetensors"), name);
  if (inputs !== undefined) await writeFile(join(folder, name, "manifest.json"), JSON.stringify({ inputs }));
}

const open = (mode?: string, adapter?: string, spec = "hf:./base") =>
  openModel(spec, { env: env(mode), cwd: folder, adapter });

describe("a local model", () => {
  it("is known by name and weights, and answers", async () => {
    const model = await open();
    expect(model.identity).toBe(`hf:base@${(await baseHash()).slice(0, 12)}`);
    const { completions } = await model.complete(request);
    expect(completions.map(({ text }) => text)).toEqual(["base 10 5", "base 10 6"]);
    await model.close();
  });

  it("shares one process with its adapters", async () => {
    const server = await openModelServer({
      base: "hf:./base",
      adapters: { tuned: "good" },
      env: env(),
      cwd: folder,
    });
    const answers = [server.model(), server.model("tuned")].map((model) =>
      model.complete({ ...request, n: 1 }),
    );
    expect((await Promise.all(answers)).map(({ completions }) => completions[0]?.text)).toEqual([
      "base 10 5",
      "tuned 10 5",
    ]);
    expect(server.model("tuned").adapter).toMatch(/^good@[0-9a-f]{12}$/);
    expect(server.facts).toMatchObject({ device: "cpu", contextLength: 512 });
    await server.close();
  });

  it.each([
    { mode: "crash-at-once", code: "trainer-failed", says: "no module named torch" },
    { mode: "failed", code: "model-missing", says: "No such model." },
    { mode: "garbage", code: "trainer-failed", says: "this is no event" },
  ])("whose server starts as '$mode' ends in $code", async ({ mode, code, says }) => {
    await expect(open(mode)).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
  });

  it("whose server dies at work says what its last words were", async () => {
    const model = await open("die-on-request");
    await expect(model.complete(request)).rejects.toMatchObject({
      code: "trainer-failed",
      message: expect.stringContaining("Killed while it worked"),
    });
    await model.close();
  });

  it("whose server says nothing is given up", async () => {
    const spec = parseModelSpec("hf:./base", { cwd: folder, env: {} });
    if (spec.kind !== "local") throw new Error("not local");
    const start = serveLocally({ spec, adapters: {}, env: env("silent"), startTimeoutMs: 50 });
    await expect(start).rejects.toMatchObject({
      code: "trainer-failed",
      message: expect.stringContaining("answer"),
    });
  });

  it("whose start is cancelled leaves no process behind", async () => {
    const controller = new AbortController();
    const start = openModel("hf:./base", { env: env("silent"), cwd: folder, signal: controller.signal });
    controller.abort();
    await expect(start).rejects.toMatchObject({ name: "AbortError" });
  });

  it.each([
    { what: "a folder without weights", spec: "hf:./empty", code: "model-missing" },
    { what: "no folder", spec: "hf:./nowhere", code: "model-missing" },
    { what: "a folder without an adapter", adapter: "empty", code: "model-missing" },
    { what: "an adapter of other weights", adapter: "other", code: "adapter-base-mismatch" },
    {
      what: "an adapter of another hub model",
      spec: "hf:x/z",
      adapter: "hub",
      code: "adapter-base-mismatch",
    },
  ])("with $what ends in $code before anything is started", async ({ spec, adapter, code }) => {
    await expect(open("silent", adapter, spec)).rejects.toMatchObject({ code });
  });

  it("without the trainer's environment says how to get it", async () => {
    const missing = { env: { HEXACODER_VENV: join(folder, "no venv") }, cwd: folder };
    await expect(openModel("hf:./base", missing)).rejects.toMatchObject({
      code: "trainer-missing",
      remedy: expect.stringContaining("setup"),
    });
  });
});

it("a GGUF file without the optional package says how to get it, and the other way to run the file", async () => {
  await writeFile(join(folder, "model.gguf"), "GGUF");
  const missing = { env: { HEXACODER_GGUF: join(folder, "no package") }, cwd: folder };
  await expect(openModel("gguf:./model.gguf", missing)).rejects.toMatchObject({
    code: "tool-missing",
    remedy: expect.stringMatching(/setup --gguf.*http:\/\/host\/v1#NAME/s),
  });
});
