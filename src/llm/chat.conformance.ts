// What every chat model must do, whoever provides it. A provider's test calls this with a dialect to script and a
// way to open a model at an address. The services cost money, so real sockets stand in for them.
import { afterEach, describe, expect, it } from "vitest";
import {
  type Behaviour,
  type ChatAsked,
  type ChatEndpoint,
  type Dialect,
  ENDPOINT_USAGE,
  startChatEndpoint,
} from "../../test/support/chat-endpoint.ts";
import { type ChatModel, type ChatRequest, mostUsage } from "./chat.ts";
import { ProviderFailure } from "./failure.ts";

/** The provider under test. */
export interface ChatUnderTest {
  readonly dialect: Dialect;
  /** Opens the model at an address; answers may take `timeoutMs`. */
  open(address: string, timeoutMs: number): ChatModel;
}

/** The key that the model under test is opened with; it must never be seen. */
export const TEST_KEY = "sk-test-4711-never-show-me";

const request: ChatRequest = {
  messages: [
    { role: "system", content: "You write programs." },
    { role: "user", content: "Write one. 😀" },
  ],
  maxTokens: 99,
  temperature: 0.4,
  topP: 0.95,
  seed: 7,
};

/** Runs the suite. */
export function chatConformance(name: string, { dialect, open }: ChatUnderTest): void {
  describe(`${name} is a chat model`, () => {
    const endpoints: ChatEndpoint[] = [];
    afterEach(async () => {
      for (const endpoint of endpoints.splice(0)) await endpoint.close();
    });

    const start = async (
      script: (asked: ChatAsked, turn: number) => Behaviour | Promise<Behaviour>,
      timeoutMs = 60_000,
    ): Promise<{ model: ChatModel; endpoint: ChatEndpoint }> => {
      const endpoint = await startChatEndpoint(dialect, script);
      endpoints.push(endpoint);
      return { endpoint, model: open(endpoint.address, timeoutMs) };
    };
    const failureOf = async (behaviour: Behaviour, timeoutMs?: number): Promise<ProviderFailure> => {
      const { model } = await start(() => behaviour, timeoutMs);
      const error: unknown = await model.chat(request).catch((caught: unknown) => caught);
      if (!(error instanceof ProviderFailure)) throw new Error(`no failure of a provider: ${String(error)}`);
      return error;
    };

    it("says what it was asked to say, and what that cost", async () => {
      const { model, endpoint } = await start(() => ({ say: "x = 1\n" }));
      expect(await model.chat(request)).toMatchObject({
        text: "x = 1\n",
        finishReason: "stop",
        usage: ENDPOINT_USAGE,
      });
      expect(endpoint.asked).toHaveLength(1);
      expect(endpoint.asked[0]?.text).toContain("Write one. 😀");
      expect(endpoint.asked[0]?.text).toContain("You write programs.");
      expect(JSON.stringify(endpoint.asked[0]?.body)).toMatch(
        /"(?:max_tokens|max_completion_tokens|num_predict)":99/,
      );
    });

    it("says when the limit of tokens ended the answer", async () => {
      const { model } = await start(() => ({ say: "x =", finish: "length" }));
      expect(await model.chat(request)).toMatchObject({ text: "x =", finishReason: "length" });
    });

    it("counts the most that it can have been where the service does not count", async () => {
      const { model } = await start(() => ({ say: "x", countless: true }));
      const { usage } = await model.chat(request);
      expect(usage).toEqual(mostUsage(request));
    });

    it.each([
      { behaviour: { status: 401 }, kind: "key", paid: false },
      { behaviour: { status: 402 }, kind: "key", paid: false },
      { behaviour: { status: 404 }, kind: "model", paid: false },
      { behaviour: { status: 400 }, kind: "bad-request", paid: false },
      { behaviour: { status: 429 }, kind: "busy", paid: false },
      { behaviour: { status: 429, code: "insufficient_quota" }, kind: "key", paid: false },
      { behaviour: { status: 500 }, kind: "busy", paid: false },
      { behaviour: { status: 502 }, kind: "busy", paid: false },
      { behaviour: { status: 529 }, kind: "busy", paid: false },
      {
        behaviour: { status: 302, headers: { location: "http://127.0.0.1:9/" } },
        kind: "bad-request",
        paid: false,
      },
      { behaviour: { fault: "reset" }, kind: "unreachable", paid: true },
      { behaviour: { fault: "cut-json" }, kind: "bad-answer", paid: true },
      { behaviour: { fault: "html" }, kind: "bad-answer", paid: true },
      { behaviour: { fault: "no-choices" }, kind: "bad-answer", paid: true },
      { behaviour: { fault: "ten-megabytes" }, kind: "bad-answer", paid: true },
    ] as const)("fails with $kind for $behaviour", async ({ behaviour, kind, paid }) => {
      expect((await failureOf(behaviour)).facts).toMatchObject({ kind, mayBePaid: paid });
    });

    it.each(["hang", "drip"] as const)("gives up on an answer that does not end (%s)", async (fault) => {
      expect((await failureOf({ fault }, 150)).facts).toMatchObject({ kind: "timeout", mayBePaid: true });
    });

    it("knows that nothing was sent where nobody answers", async () => {
      const { model, endpoint } = await start(() => ({ say: "" }));
      await endpoint.close();
      const error: unknown = await model.chat(request).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ facts: { kind: "unreachable", mayBePaid: false } });
    });

    it.each([
      { headers: { "retry-after": "7" }, expected: 7000 },
      { headers: { "retry-after-ms": "12" }, expected: 12 },
      { headers: {}, expected: undefined },
    ])("passes on how long to wait: $headers", async ({ headers, expected }) => {
      expect((await failureOf({ status: 429, headers })).facts.retryAfterMs).toBe(expected);
    });

    it("never shows its key, even where the service repeats it", async () => {
      for (const status of [400, 401, 500]) {
        const error = await failureOf({ status, message: `bad key ${TEST_KEY}` });
        expect(JSON.stringify([String(error), error.stack, error.facts])).not.toContain("4711");
      }
      const { model } = await start(() => ({ say: `key = "${TEST_KEY}"` }));
      expect(JSON.stringify(await model.chat(request))).not.toContain("4711");
    });

    it("gives up when the signal says so, and goes on answering others", async () => {
      const controller = new AbortController();
      const { model } = await start((_asked, turn) => {
        if (turn > 1) return { say: "y" };
        controller.abort();
        return { fault: "hang" };
      });
      await expect(model.chat(request, { signal: controller.signal })).rejects.toMatchObject({
        name: "AbortError",
      });
      expect((await model.chat(request)).text).toBe("y");
    });
  });
}
