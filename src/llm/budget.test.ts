import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Budget } from "./budget.ts";
import { priceOf } from "./prices.ts";

const PRICE = { model: "m", inputUsdPerMillionTokens: 2, outputUsdPerMillionTokens: 10, date: "2026-01-01" };

describe("a budget", () => {
  it("is never passed, whatever requests ask for and cost, in whatever order they are answered", async () => {
    const request = fc.record({
      prompt: fc.nat(500),
      most: fc.nat(500),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
      turns: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request), fc.nat(5000), async (requests, tokens) => {
        const usd = tokens * 4e-6;
        const budget = new Budget({ tokens, usd });
        const outcomes = await Promise.all(
          requests.map(async ({ prompt, most, used, turns }) => {
            try {
              const room = await budget.reserve({ promptTokens: prompt, completionTokens: most }, PRICE);
              for (let turn = 0; turn < turns; turn++) await Promise.resolve();
              room.settle({ promptTokens: prompt, completionTokens: Math.floor(most * used) });
              return "paid";
            } catch (error) {
              expect(error).toMatchObject({ code: "budget-reached" });
              return "refused";
            } finally {
              const { promptTokens, completionTokens, usd: spent } = budget.spent;
              expect(promptTokens + completionTokens).toBeLessThanOrEqual(tokens);
              expect(spent).toBeLessThanOrEqual(usd);
            }
          }),
        );
        expect(outcomes.filter((outcome) => outcome === "paid")).toHaveLength(budget.spent.requests);
      }),
    );
  });

  it("waits for what is under way before it refuses", async () => {
    const budget = new Budget({ tokens: 100 });
    const first = await budget.reserve({ promptTokens: 10, completionTokens: 80 }, undefined);
    const second = budget.reserve({ promptTokens: 10, completionTokens: 60 }, undefined);
    first.settle({ promptTokens: 10, completionTokens: 20 });
    await expect(second).resolves.toBeDefined();
  });

  it("says that a cost is unknown where a model has no price", () => {
    const budget = new Budget();
    budget.add({ promptTokens: 1, completionTokens: 1 }, undefined);
    expect(budget.spent).toMatchObject({ usd: 0, unpriced: true });
  });
});

describe("the price of a model", () => {
  it.each([
    { model: "openai:a", expected: "openai:a" },
    { model: "openai:b", expected: "openai:*" },
    { model: "openai:big-1", expected: "openai:big*" },
    { model: "other:a", expected: undefined },
  ])("$model is that of $expected", ({ model, expected }) => {
    const table = ["openai:*", "openai:a", "openai:big*"].map((name) => ({ ...PRICE, model: name }));
    expect(priceOf(model, table)?.model).toBe(expected);
  });
});
