// The clients against a scripted HTTP server: what is sent, what is made of the answers, what is tried again.
import { getEventListeners } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { CompletionModel } from "../llm.ts";
import { openModel } from "../registry.ts";

interface Asked {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}
interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(
  reply: (asked: Asked, turn: number) => Reply,
): Promise<{ address: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      asked.push({ url: request.url, key: request.headers.authorization, body: JSON.parse(text) });
      const { status = 200, headers = {}, body } = reply(asked.at(-1) ?? never(), asked.length);
      response.writeHead(status, { "content-type": "application/json", connection: "close", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { address: `http://127.0.0.1:${address.port}`, asked };
}

function never(): never {
  throw new Error("unreachable");
}

const request = { prompt: "x =", n: 2, maxTokens: 9, temperature: 0.4, topP: 0.95, stop: ["\n\n"], seed: 42 };
const choices = (...texts: string[]): Reply => ({
  body: {
    choices: texts.map((text, index) => ({ text, index, finish_reason: "length" })).reverse(),
    usage: { prompt_tokens: 3, completion_tokens: 2 * texts.length },
  },
});

async function open(address: string, env: NodeJS.ProcessEnv = {}): Promise<CompletionModel> {
  return await openModel(`${address}/v1#code model`, { env });
}

describe("an endpoint with OpenAI's completions", () => {
  it("gets the request as it is, and its choices come back in order", async () => {
    const { address, asked } = await serve(() => choices(" 1", " 2"));
    const model = await open(address, { HEXACODER_API_KEY: "k-1" });
    expect(await model.complete(request)).toEqual({
      completions: [
        { text: " 1", finishReason: "length" },
        { text: " 2", finishReason: "length" },
      ],
      usage: { promptTokens: 3, completionTokens: 4 },
    });
    const { prompt, n, seed } = request;
    expect(asked).toMatchObject([
      {
        url: "/v1/completions",
        key: "Bearer k-1",
        body: {
          model: "code model",
          prompt,
          n,
          seed,
          max_tokens: 9,
          temperature: 0.4,
          top_p: 0.95,
          stop: ["\n\n"],
        },
      },
    ]);
  });

  it("leaves nothing on the signal of the run", async () => {
    const { address } = await serve(() => choices("a", "b"));
    const model = await open(address);
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    await Promise.all(Array.from({ length: 20 }, () => model.complete(request, { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("is asked again with the seeds that follow where it ignores n", async () => {
    const { address, asked } = await serve((_asked, turn) => choices(` ${turn}`));
    const { completions, usage } = await (await open(address)).complete({ ...request, n: 3 });
    expect(completions.map(({ text }) => text)).toEqual([" 1", " 2", " 3"]);
    expect(asked.map(({ body }) => body.seed)).toEqual([42, 43, 44]);
    expect(usage.completionTokens).toBe(6);
  });

  it("need not know all stop texts: those over its limit are applied here", async () => {
    const { address, asked } = await serve(() => choices("abcdef"));
    const model = await open(address);
    const { completions } = await model.complete({ ...request, n: 1, stop: ["1", "2", "3", "4", "cd"] });
    expect(asked[0]?.body.stop).toEqual(["1", "2", "3", "4"]);
    expect(completions).toEqual([{ text: "ab", finishReason: "stop" }]);
  });

  it("is tried again when it is overloaded, after the time that it names", async () => {
    const { address, asked } = await serve((_asked, turn) =>
      turn === 1
        ? { status: 429, headers: { "retry-after-ms": "1" }, body: { error: {} } }
        : choices("a", "b"),
    );
    await (await open(address)).complete(request);
    expect(asked).toHaveLength(2);
  });

  it.each([
    { status: 401, code: "key-missing", says: "HEXACODER_API_KEY" },
    { status: 404, code: "model-missing", says: "raw completions" },
    { status: 400, code: "provider-failed", says: "--resume" },
  ])("that answers $status ends in $code", async ({ status, ...expected }) => {
    const { address } = await serve(() => ({
      status,
      body: { error: { message: "no: sk-secret-key-1234" } },
    }));
    const model = await open(address, { HEXACODER_API_KEY: "sk-secret-key-1234" });
    const error = await model.complete(request).catch((caught) => caught);
    expect(error).toMatchObject({ code: expected.code });
    expect(`${error.message} ${error.remedy}`).toContain(expected.says);
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain("secret");
  });

  it.each([
    { message: "Prompt 0 has 900 tokens", code: "context_length_exceeded" },
    { message: "This model's maximum context length is 2048 tokens.", code: 400 },
    { message: "the request exceeds the available context size", code: 400 },
  ])(
    "that finds the prompt too long ($message) gives no completion, and that as the reason",
    async (error) => {
      const { address } = await serve(() => ({ status: 400, body: { error } }));
      const { completions } = await (await open(address)).complete(request);
      expect(completions).toEqual(Array(2).fill({ text: "", finishReason: "error" }));
    },
  );

  it.each([{ body: "<html>" }, { body: { choices: [] } }, { body: { hello: 1 } }])(
    "whose answer is $body ends in provider-failed",
    async (reply) => {
      const { address } = await serve(() => reply);
      await expect((await open(address)).complete(request)).rejects.toMatchObject({
        code: "provider-failed",
      });
    },
  );
});

describe("an Ollama server", () => {
  it("is asked in raw mode, once a sample, with the seeds that follow", async () => {
    const { address, asked } = await serve((_asked, turn) => ({
      body: { response: ` ${turn}`, done_reason: "stop", prompt_eval_count: 3, eval_count: 2 },
    }));
    const model = await openModel("ollama:coder", { env: { OLLAMA_HOST: address } });
    const { completions, usage } = await model.complete(request);
    expect(completions.map(({ text }) => text)).toEqual([" 1", " 2"]);
    expect(usage).toEqual({ promptTokens: 6, completionTokens: 4 });
    expect(asked.map(({ body }) => body)).toMatchObject([
      { model: "coder", raw: true, stream: false, options: { seed: 42, num_predict: 9, stop: ["\n\n"] } },
      { options: { seed: 43 } },
    ]);
  });

  it("without the model says how to get it", async () => {
    const { address } = await serve(() => ({ status: 404, body: { error: "not found" } }));
    const model = await openModel("ollama:coder", { env: { OLLAMA_HOST: address } });
    await expect(model.complete(request)).rejects.toMatchObject({
      code: "model-missing",
      remedy: expect.stringContaining("ollama pull coder"),
    });
  });
});

it.each([
  { spec: "openai:davinci-002", variable: "OPENAI_API_KEY" },
  { spec: "openrouter:a/b", variable: "OPENROUTER_API_KEY" },
])("$spec without a key names $variable", async ({ spec, variable }) => {
  await expect(openModel(spec, { env: {} })).rejects.toMatchObject({
    code: "key-missing",
    message: expect.stringContaining(variable),
  });
});

it("an adapter folder on a model that runs elsewhere is refused", async () => {
  await expect(openModel("http://h/v1#m", { env: {}, adapter: "./a" })).rejects.toMatchObject({
    code: "bad-usage",
  });
});
