import { describe, expect, it } from "vitest";
import { startChatEndpoint } from "../../../test/support/chat-endpoint.ts";
import { chatConformance, TEST_KEY } from "../chat.conformance.ts";
import { httpChatModel } from "./chat.ts";

const dialects = ["openai", "openai-compatible", "anthropic", "ollama"] as const;

const open = (dialect: (typeof dialects)[number], url: string, timeoutMs: number) =>
  httpChatModel({
    identity: `test:${dialect}`,
    url,
    model: "m",
    dialect,
    key: TEST_KEY,
    concurrency: 2,
    timeoutMs,
  });

for (const dialect of dialects) {
  chatConformance(dialect, { dialect, open: (address, timeoutMs) => open(dialect, address, timeoutMs) });
}

const request = {
  messages: [{ role: "user" as const, content: "x" }],
  maxTokens: 9,
  temperature: 1,
  topP: 1,
  seed: 1,
};

describe("the key of a chat model", () => {
  it.each([
    { dialect: "openai" as const, header: "authorization", value: `Bearer ${TEST_KEY}` },
    { dialect: "anthropic" as const, header: "x-api-key", value: TEST_KEY },
  ])("goes into $header for $dialect", async ({ dialect, header, value }) => {
    const endpoint = await startChatEndpoint(dialect, () => ({ say: "y" }));
    await open(dialect, endpoint.address, 9_000).chat(request);
    expect(endpoint.asked[0]?.headers[header]).toBe(value);
    expect(endpoint.asked[0]?.text).not.toContain("4711");
    await endpoint.close();
  });
});

describe("a refusal", () => {
  it.each(["openai", "anthropic"] as const)("that %s reports is one", async (dialect) => {
    const endpoint = await startChatEndpoint(dialect, () => ({ say: "No.", finish: "refusal" }));
    expect(await open(dialect, endpoint.address, 9_000).chat(request)).toMatchObject({
      finishReason: "content-filter",
    });
    await endpoint.close();
  });
});

describe("a parameter that a model does not take", () => {
  it("is left out from then on, and others are not", async () => {
    const endpoint = await startChatEndpoint("openai", ({ body }) =>
      "temperature" in body
        ? { status: 400, param: "temperature", message: "Unsupported value" }
        : { say: "y" },
    );
    const model = open("openai", endpoint.address, 9_000);
    expect((await model.chat(request)).text).toBe("y");
    await model.chat(request);
    expect(endpoint.asked.map(({ body }) => "temperature" in body)).toEqual([true, false, false]);
    expect(endpoint.asked.every(({ body }) => "seed" in body)).toBe(true);
    await endpoint.close();
  });

  it("ends in the service's own words where it is none that can be left out", async () => {
    const endpoint = await startChatEndpoint("openai", () => ({
      status: 400,
      param: "model",
      message: "no",
    }));
    const error: unknown = await open("openai", endpoint.address, 9_000)
      .chat(request)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ facts: { kind: "bad-request", said: "400 no" } });
    expect(endpoint.asked).toHaveLength(1);
    await endpoint.close();
  });
});
