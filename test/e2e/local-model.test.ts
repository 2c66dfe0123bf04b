// The suite of every completion model, against the trainer's real server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { modelConformance } from "../../src/llm/model.conformance.ts";
import { openModel } from "../../src/llm/registry.ts";
import { type Miniature, makeMiniature } from "../support/miniature.ts";

let miniature: Miniature;
beforeAll(async () => {
  miniature = await makeMiniature();
});
afterAll(() => miniature?.remove());

const open = () => openModel("hf:./base", { env: process.env, cwd: miniature.folder, threads: 1 });

modelConformance("a local model over the trainer's server", open);

it("a prompt over its context gives no completion, and that as the reason", async () => {
  const model = await open();
  const request = { n: 1, maxTokens: 1, temperature: 0, topP: 1, stop: [], seed: 0 };
  const { completions } = await model.complete({ ...request, prompt: "name = 1\n".repeat(500) });
  expect(completions).toEqual([{ text: "", finishReason: "error" }]);
  await model.close();
});

it("closing a local model ends its process", async () => {
  const model = await open();
  await model.close();
  const request = { prompt: "x", n: 1, maxTokens: 1, temperature: 0, topP: 1, stop: [], seed: 0 };
  await expect(model.complete(request)).rejects.toMatchObject({ code: "trainer-failed" });
});
