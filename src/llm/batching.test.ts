import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completeAll } from "./batching.ts";
import type { CompletionModel, CompletionRequest } from "./llm.ts";
import { mockModel } from "./providers/mock.ts";

function requestFor(prompt: string): CompletionRequest {
  return { prompt, n: 1, maxTokens: 8, temperature: 0, topP: 1, stop: [], seed: 0 };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Answers (or fails) at once for some prompts, and for the others only when it is cancelled. */
function untilCancelled(atOnce: string[], failure?: Error): CompletionModel["complete"] {
  return async ({ prompt }, { signal } = {}) => {
    if (!atOnce.includes(prompt)) {
      await new Promise((_resolve, reject) => {
        if (signal?.aborted === true) reject(signal.reason);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    }
    if (failure !== undefined) throw failure;
    return { completions: [], usage: { promptTokens: 0, completionTokens: 0 } };
  };
}

const turns = (count: number): Promise<void> =>
  count === 0 ? Promise.resolve() : Promise.resolve().then(() => turns(count - 1));

describe("a batch of requests", () => {
  it("keeps the order of the items, however long each takes, and never has more than its bound under way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 6 }), async (delays, concurrency) => {
        let running = 0;
        let most = 0;
        const model = mockModel(async ({ prompt }) => {
          most = Math.max(most, ++running);
          await turns(delays[Number(prompt)] ?? 0);
          running--;
          return `answer ${prompt}`;
        });
        const items = delays.map((_, index) => `${index}`);
        const answers = await collect(completeAll(items, { model, request: requestFor, concurrency }));
        expect(answers.map(({ response }) => response.completions[0]?.text)).toEqual(
          items.map((item) => `answer ${item}`),
        );
        expect(most).toBeLessThanOrEqual(concurrency);
      }),
    );
  });

  it("tells how far it is after every answer", async () => {
    const seen: number[] = [];
    const options = { model: mockModel(() => "two words"), request: requestFor, total: 3 };
    await collect(completeAll(["a", "b", "c"], { ...options, onProgress: (now) => seen.push(now.done) }));
    expect(seen).toEqual([1, 2, 3]);
  });

  it("stops at the first failure and cancels what is under way", async () => {
    const controlled = { ...mockModel(), complete: untilCancelled(["bad"], new Error("broken")) };
    const options = { model: controlled, request: requestFor, concurrency: 2 };
    await expect(collect(completeAll(["slow", "bad", "never"], options))).rejects.toThrow("broken");
  });

  it("does not wait for what is under way when its reader leaves", async () => {
    const model = { ...mockModel(), complete: untilCancelled(["fast"]) };
    for await (const { item } of completeAll(["fast", "slow"], {
      model,
      request: requestFor,
      concurrency: 2,
    })) {
      expect(item).toBe("fast");
      break;
    }
  });
});
