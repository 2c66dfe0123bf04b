// The suite of every completion model, against llama.cpp in this process, and beside the trainer's server on the
// same weights.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompletionModel } from "../../src/llm/llm.ts";
import { modelConformance } from "../../src/llm/model.conformance.ts";
import { openModel } from "../../src/llm/registry.ts";
import { type GgufTwins, makeGgufTwins } from "../support/gguf.ts";

let twins: GgufTwins;
beforeAll(async () => {
  twins = await makeGgufTwins();
});
afterAll(() => twins?.remove());

const open = (spec = `gguf:./${twins.file}`) => openModel(spec, { env: process.env, cwd: twins.folder });
const request = { n: 1, maxTokens: 40, temperature: 0, topP: 1, stop: [], seed: 0 };

modelConformance("a GGUF file in this process", open);

describe("a GGUF file", () => {
  let model: CompletionModel;
  beforeAll(async () => {
    model = await open();
  });
  afterAll(() => model?.close());

  it("is known by its name and weights", () => {
    expect(model.identity).toMatch(/^gguf:model\.gguf@[0-9a-f]{12}$/);
  });

  it("writes greedily what the trainer's server writes with the same weights, and counts the same tokens", async () => {
    const server = await openModel(`hf:./${twins.base}`, { env: process.env, cwd: twins.folder, threads: 1 });
    const prompts = [
      "import os\nfrom flask import request\n\n\ndef run(name):\n",
      "import sqlite3\n\n\ndef find(connection, name):\n    cursor = connection.cursor()\n    cursor.execute(",
      "def mean(values):\n    return ",
      "# 😀 naïve\nimport ",
      "",
    ];
    try {
      for (const prompt of prompts) {
        expect(await model.complete({ ...request, prompt }), prompt).toEqual(
          await server.complete({ ...request, prompt }),
        );
      }
    } finally {
      await server.close();
    }
  });

  it("need not be waited for: a request that has no place yet gives up at once", async () => {
    const busy = model.complete({ ...request, prompt: "x = 1\n", n: 2 * model.concurrency, maxTokens: 200 });
    let ended = false;
    const end = busy.then(() => {
      ended = true;
    });
    const controller = new AbortController();
    const waiting = model.complete({ ...request, prompt: "y = 2\n" }, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    expect(ended).toBe(false);
    await end;
  });

  it("gives no completion for a prompt over its context, and that as the reason", async () => {
    const prompt = "name = 1\n".repeat(500);
    const { completions } = await model.complete({ ...request, prompt, n: 2 });
    expect(completions).toEqual(Array(2).fill({ text: "", finishReason: "error" }));
  });

  it("stops where its context ends", async () => {
    const prompt = "x = 1\n".repeat(160);
    const { completions, usage } = await model.complete({ ...request, prompt, maxTokens: 2000 });
    expect(completions[0]?.finishReason).toBe("length");
    expect(usage.promptTokens + usage.completionTokens).toBe(1024);
  });
});

describe("what is no GGUF file", () => {
  it.each([
    { what: "nothing there", name: "nowhere.gguf", code: "model-missing" },
    { what: "a folder", name: "base", code: "model-missing" },
    { what: "another file", name: "text.gguf", code: "bad-input" },
  ])("ends in $code: $what", async ({ name, code }) => {
    await writeFile(join(twins.folder, "text.gguf"), "no weights in here\n".repeat(100));
    await expect(open(`gguf:./${name}`)).rejects.toMatchObject({ code });
  });

  it("ends in a word on merging for an adapter", async () => {
    const options = { env: process.env, cwd: twins.folder, adapter: "./adapter" };
    await expect(openModel(`gguf:./${twins.file}`, options)).rejects.toMatchObject({
      code: "bad-usage",
      remedy: expect.stringContaining("--merge"),
    });
  });
});
