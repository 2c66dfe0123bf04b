// What every completion model must do, whoever provides it. A provider's test calls this with a way to open one.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompletionModel, CompletionRequest } from "./llm.ts";

const request: CompletionRequest = {
  prompt: "import os\n\ndef run(name):\n",
  n: 1,
  maxTokens: 12,
  temperature: 0.8,
  topP: 0.95,
  stop: [],
  seed: 11,
};

/** Runs the suite on the model that `open` gives. */
export function modelConformance(name: string, open: () => Promise<CompletionModel>): void {
  describe(`${name} is a completion model`, () => {
    let model: CompletionModel;
    const texts = async (changes: Partial<CompletionRequest>): Promise<string[]> =>
      (await model.complete({ ...request, ...changes })).completions.map(({ text }) => text);

    beforeAll(async () => {
      model = await open();
    });
    afterAll(async () => {
      await model?.close();
    });

    it("gives as many completions as were asked for", async () => {
      expect(await texts({ n: 5 })).toHaveLength(5);
    });

    it("orders completions: asking for fewer gives the first of them", async () => {
      const three = await texts({ n: 3, seed: 100 });
      expect(await texts({ n: 1, seed: 100 })).toEqual(three.slice(0, 1));
      expect(await texts({ n: 2, seed: 100 })).toEqual(three.slice(0, 2));
    });

    it("repeats a completion for the same seed and varies it with the seed", async () => {
      expect(await texts({ n: 4, seed: 7 })).toEqual(await texts({ n: 4, seed: 7 }));
      expect(new Set(await texts({ n: 8, seed: 7, temperature: 1 })).size).toBeGreaterThan(1);
    });

    it("is greedy at temperature 0, whatever the seed", async () => {
      const [first] = await texts({ temperature: 0, seed: 1 });
      expect(await texts({ temperature: 0, seed: 2 })).toEqual([first]);
    });

    it("ends before a stop text and says so", async () => {
      const [whole = ""] = await texts({ temperature: 0, maxTokens: 24 });
      const stop = whole.slice(3, 6);
      const response = await model.complete({ ...request, temperature: 0, maxTokens: 24, stop: [stop] });
      expect(response.completions).toEqual([
        { text: whole.slice(0, whole.indexOf(stop)), finishReason: "stop" },
      ]);
    });

    it("says `length` when the limit of tokens ended it", async () => {
      const { completions } = await model.complete({ ...request, temperature: 0, maxTokens: 3 });
      expect(completions[0]?.finishReason).toBe("length");
    });

    it("counts the tokens of all completions", async () => {
      const { usage } = await model.complete({ ...request, n: 3, maxTokens: 5 });
      expect(usage.promptTokens).toBeGreaterThan(0);
      expect(usage.completionTokens).toBeGreaterThan(0);
      expect(usage.completionTokens).toBeLessThanOrEqual(15);
    });

    it("continues an empty prompt", async () => {
      expect(await texts({ prompt: "" })).toHaveLength(1);
    });

    it("answers requests that come at once as it answers them alone", async () => {
      const prompts = ["import os\n", "def run(name):\n    return ", "x = {'a': 1}\n", "# 😀 naïve\n"];
      const alone: string[][] = [];
      for (const prompt of prompts) alone.push(await texts({ prompt, n: 2 }));
      expect(await Promise.all(prompts.map((prompt) => texts({ prompt, n: 2 })))).toEqual(alone);
    });

    it("gives up when the signal says so, and goes on answering others", async () => {
      const controller = new AbortController();
      const pending = model.complete({ ...request, n: 4, maxTokens: 64 }, { signal: controller.signal });
      controller.abort();
      await expect(pending).rejects.toMatchObject({ name: "AbortError" });
      expect(await texts({})).toHaveLength(1);
    });
  });
}
