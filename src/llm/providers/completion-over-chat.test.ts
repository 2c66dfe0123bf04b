import { afterEach, describe, expect, it } from "vitest";
import { type Behaviour, type ChatEndpoint, startChatEndpoint } from "../../../test/support/chat-endpoint.ts";
import { openModel } from "../registry.ts";

const open: ChatEndpoint[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
});

const PROMPT = "import os\n\n\ndef read(name):\n    path = os.path.join(ROOT, name)\n";
const request = { prompt: PROMPT, n: 1, maxTokens: 50, temperature: 0.4, topP: 0.95, stop: [], seed: 7 };
const CODE = "    return open(path).read()\n";
const fenced = (code: string): string => `\`\`\`python\n${code}\`\`\``;

async function anthropic(script: (turn: number) => Behaviour) {
  const endpoint = await startChatEndpoint("anthropic", (_asked, turn) => script(turn));
  open.push(endpoint);
  const env = { ANTHROPIC_API_KEY: "k-1", ANTHROPIC_API_URL: endpoint.address };
  return { endpoint, model: await openModel("anthropic:claude", { env }) };
}

describe("a model that only chats, asked to go on with a program", () => {
  it.each([
    ["in a fence", fenced(CODE)],
    ["in a fence with words around it", `Here:\n${fenced(CODE)}\nEnjoy.`],
    ["as it is", CODE],
    ["behind the last line once more", fenced(`    path = os.path.join(ROOT, name)\n${CODE}`)],
    ["behind the whole program once more", fenced(PROMPT + CODE)],
  ])("gives what follows, said %s", async (_name, say) => {
    const { model } = await anthropic(() => ({ say }));
    expect((await model.complete(request)).completions).toEqual([{ text: CODE, finishReason: "stop" }]);
  });

  it("keeps a short line that comes twice", async () => {
    const { model } = await anthropic(() => ({ say: fenced("}\n}\n") }));
    const { completions } = await model.complete({
      ...request,
      prompt: "void f(void) {\n  if (a) {\n  }\n}\n",
    });
    expect(completions[0]?.text).toBe("}\n}\n");
  });

  it("is asked once a sample, and ends before stop texts", async () => {
    const { endpoint, model } = await anthropic((turn) => ({ say: fenced(`    a = ${turn}\n    b = 2\n`) }));
    const { completions, usage } = await model.complete({ ...request, n: 2, stop: ["\n    b"] });
    expect(completions.map(({ text }) => text).sort()).toEqual(["    a = 1", "    a = 2"]);
    expect(usage).toEqual({ promptTokens: 80, completionTokens: 14 });
    expect(endpoint.asked[0]?.text).toContain("ROOT");
  });

  it("says whose key was refused, and never shows it", async () => {
    const { model } = await anthropic(() => ({ status: 401, message: "bad key k-1" }));
    const error: unknown = await model.complete(request).catch((caught) => caught);
    expect(error).toMatchObject({
      code: "key-missing",
      remedy: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
    expect(String(error)).not.toContain("k-1");
  });
});

describe("a service that has raw completions for some of its models", () => {
  it("is asked by chat from the first refusal on", async () => {
    const endpoint = await startChatEndpoint("openai", ({ url }) =>
      url.endsWith("/chat/completions")
        ? { say: fenced(CODE) }
        : { status: 404, message: "This is a chat model" },
    );
    open.push(endpoint);
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: endpoint.address };
    const model = await openModel("openai:gpt", { env });
    for (let turn = 0; turn < 2; turn++) {
      expect((await model.complete(request)).completions).toMatchObject([{ text: CODE }]);
    }
    const paths = endpoint.asked.map(({ url }) => url);
    expect(paths).toEqual(["/v1/completions", "/v1/chat/completions", "/v1/chat/completions"]);
  });
});
