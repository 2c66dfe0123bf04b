import { expect, it } from "vitest";
import { modelConformance } from "../model.conformance.ts";
import { mockModel } from "./mock.ts";

const request = { prompt: "x =", n: 2, maxTokens: 10, temperature: 1, topP: 1, stop: ["\n"], seed: 0 };

modelConformance("the scripted model", async () => mockModel());

it("answers from its queue in turn and keeps what it was asked", async () => {
  const model = mockModel(["one\ntwo", "three"]);
  const { completions } = await model.complete(request);
  expect(completions.map(({ text }) => text)).toEqual(["one", "three"]);
  expect(model.requests).toEqual([request]);
});

it("says so when its queue is empty", async () => {
  await expect(mockModel(["one"]).complete(request)).rejects.toThrow("no answer left");
});
