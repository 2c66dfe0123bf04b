// The endpoint as its clients see it, over HTTP, with a scripted model behind it.
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { endpointOf, type Served, scriptedChat, serveEndpoint } from "../../test/support/serve-endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ServerOptions } from "./server.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(
  changes: Parameters<typeof endpointOf>[0] = {},
  options: Partial<ServerOptions> = {},
): Promise<Served> {
  const server = await serveEndpoint(endpointOf(changes), options);
  open.push(server);
  return server;
}

const ask = { model: "coder", prompt: "x =" };

describe("the routes", () => {
  it("list the model and give it by name", async () => {
    const { url } = await serve({ name: "org/coder 7" });
    const entry = { id: "org/coder 7", object: "model", owned_by: "hexacoder" };
    const list = await (await fetch(`${url}/models`)).json();
    expect(list).toMatchObject({ object: "list", data: [entry] });
    expect(await (await fetch(`${url}/models/org%2Fcoder%207`)).json()).toMatchObject(entry);
    expect(await (await fetch(`${url}/models/org/coder%207`)).json()).toMatchObject(entry);
    expect((await fetch(`${url}/models/other`)).status).toBe(404);
  });

  it("say how the endpoint is", async () => {
    const server = await serve();
    await server.post("/completions", ask);
    const health = await (await fetch(server.url.replace("/v1", "/health"))).json();
    expect(health).toMatchObject({
      status: "ok",
      active: 0,
      waiting: 0,
      requests: 2,
      choices: { unguarded: 1 },
    });
  });

  it.each([
    ["another path", "GET", "/nothing", 404, "not_found"],
    ["another method", "GET", "/completions", 405, "method_not_allowed"],
    ["a method that nothing takes", "DELETE", "/models", 405, "method_not_allowed"],
  ])("refuse %s in OpenAI's shape", async (_name, method, path, status, code) => {
    const { url } = await serve();
    const response = await fetch(`${url}${path}`, { method });
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: unknown };
    expect(error).toMatchObject({
      code,
      type: "invalid_request_error",
      param: null,
      message: expect.any(String),
    });
  });
});

describe("a request", () => {
  it.each([
    ["that is no JSON", "{", 400, "invalid_request", null, /not JSON/],
    ["that is no object", [1], 400, "invalid_request", null, /The body/],
    ["without a model", { prompt: "x" }, 400, "invalid_request", "model", /"model"/],
    ["for another model", { ...ask, model: "gpt" }, 404, "model_not_found", "model", /"gpt".*coder/],
    ["without a prompt", { model: "coder" }, 400, "invalid_request", "prompt", /lists of tokens/],
    [
      "with tokens for a prompt",
      { ...ask, prompt: [1, 2] },
      400,
      "invalid_request",
      "prompt",
      /lists of tokens/,
    ],
    ["with an unknown field", { ...ask, top_k: 5 }, 400, "unknown_parameter", "top_k", /top_k/],
    ["for log-probabilities", { ...ask, logprobs: 3 }, 400, "invalid_request", "logprobs", /not supported/],
    ["with a suffix", { ...ask, suffix: "}" }, 400, "invalid_request", "suffix", /not supported/],
    ["with a bias", { ...ask, logit_bias: { 5: 1 } }, 400, "invalid_request", "logit_bias", /not supported/],
    [
      "with a penalty",
      { ...ask, presence_penalty: 1 },
      400,
      "invalid_request",
      "presence_penalty",
      /not supported/,
    ],
    ["for no choices", { ...ask, n: 0 }, 400, "invalid_request", "n", /"n"/],
    [
      "for too many choices",
      { ...ask, prompt: ["a", "b"], n: 100 },
      400,
      "invalid_request",
      "n",
      /At most 128/,
    ],
    ["with half a token", { ...ask, max_tokens: 1.5 }, 400, "invalid_request", "max_tokens", /max_tokens/],
    ["hotter than hot", { ...ask, temperature: 3 }, 400, "invalid_request", "temperature", /temperature/],
  ])("%s is refused with its field and reason", async (_name, body, status, code, param, message) => {
    const response = await (await serve()).post("/completions", body);
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error).toMatchObject({ code, param, type: "invalid_request_error" });
    expect(error.message).toMatch(message);
  });

  it("may carry what changes nothing", async () => {
    const nothing = {
      logprobs: null,
      suffix: "",
      logit_bias: {},
      presence_penalty: 0,
      best_of: 1,
      user: "me",
    };
    expect((await (await serve()).post("/completions", { ...ask, ...nothing })).status).toBe(200);
  });

  it.each([
    ["of another type", { "content-type": "text/plain" }, 415],
    ["without a type", { "content-type": "" }, 415],
    ["that is packed", { "content-encoding": "gzip" }, 415],
  ])("%s is refused", async (_name, headers, status) => {
    expect((await (await serve()).post("/completions", ask, headers)).status).toBe(status);
  });

  it("with a type that names its letters is taken", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await (await serve()).post("/completions", ask, headers)).status).toBe(200);
  });

  it("that is too large is refused before it is read", async () => {
    const server = await serve();
    const response = await server.post("/completions", { ...ask, prompt: "x".repeat(17 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
    expect((await server.post("/completions", ask)).status).toBe(200);
  });

  it("that is not UTF-8 is refused", async () => {
    const { url } = await serve();
    const headers = { "content-type": "application/json" };
    const body = Buffer.from([0x22, 0xff, 0x22]);
    expect((await fetch(`${url}/completions`, { method: "POST", headers, body })).status).toBe(400);
  });

  it("that breaks the protocol ends with its connection, and nothing else does", async () => {
    const server = await serve();
    const { port, hostname } = new URL(server.url);
    const socket = createConnection(Number(port), hostname);
    socket.end("NONSENSE\r\n\r\n");
    await new Promise((resolve) => socket.once("close", resolve).resume());
    expect((await server.post("/completions", ask)).status).toBe(200);
  });

  it("keeps emoji and line ends as they are", async () => {
    const text = " '😀 naïve'\r\ny = 2\r\n";
    const server = await serve({ script: [text] });
    const response = await server.post("/completions", { model: "coder", prompt: "# 😀\r\nx =", stop: [] });
    expect(await response.json()).toMatchObject({
      choices: [{ text: expect.stringContaining("'😀 naïve'\r\n") }],
    });
  });
});

describe("while the model is being loaded", () => {
  it("whoever asks is told to come back, and is served afterwards", async () => {
    let load: (endpoint: Endpoint) => void = () => undefined;
    const endpoint = new Promise<Endpoint>((resolve) => {
      load = resolve;
    });
    const server = await serveEndpoint(endpoint, { key: "k" });
    open.push(server);
    const headers = { authorization: "Bearer k" };
    for (const path of ["/health", "/v1/models", "/v1/completions"]) {
      const response = await fetch(server.url.replace("/v1", path), { headers });
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(await response.json()).toMatchObject({ error: { type: "server_error", code: "model_loading" } });
    }
    expect((await fetch(`${server.url}/models`)).status).toBe(401);
    load(endpointOf());
    await endpoint;
    expect((await server.post("/completions", ask, headers)).status).toBe(200);
  });

  it("a failure of it leaves nothing open", async () => {
    const server = await serveEndpoint(Promise.reject(new Error("no model")));
    expect((await fetch(`${server.url}/models`)).status).toBe(503);
    await server.close();
    await server.close();
    await expect(fetch(`${server.url}/models`)).rejects.toThrow();
  });
});

describe("who may come in", () => {
  it("is, without a key, whoever is on this machine and says so", async () => {
    const server = await serve();
    const { port } = new URL(server.url);
    const raw = (host: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = createConnection(Number(port), "127.0.0.1");
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.once("close", () => resolve(text));
        socket.write(`GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      });
    expect(await raw("evil.example")).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw("localhost:1234")).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("is whoever shows the key, where there is one", async () => {
    const server = await serve({}, { key: "k-123" });
    const refused = await server.post("/completions", ask);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await refused.json()).toMatchObject({
      error: { type: "authentication_error", code: "invalid_api_key" },
    });
    expect((await server.post("/completions", ask, { authorization: "Bearer k-124" })).status).toBe(401);
    expect((await server.post("/completions", ask, { authorization: "Bearer k-123" })).status).toBe(200);
    expect(server.log.join("\n")).not.toContain("k-12");
  });

  it("is nobody from elsewhere without a key", async () => {
    await expect(serve({}, { host: "0.0.0.0" })).rejects.toMatchObject({
      code: "bad-usage",
      remedy: expect.stringContaining("HEXACODER_SERVE_KEY"),
    });
  });

  it("is told where the port is taken", async () => {
    const { url } = await serve();
    await expect(serve({}, { port: Number(new URL(url).port) })).rejects.toMatchObject({ code: "bad-usage" });
  });
});

/** A model that answers when it is let, and knows who has gone. */
function slowModel() {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const signals: AbortSignal[] = [];
  const chat = scriptedChat(async (_request, signal) => {
    if (signal !== undefined) signals.push(signal);
    const gone = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    await Promise.race([gate, gone]);
    return "done";
  });
  return { chat, signals, release };
}

async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await sleep(5);
}

const talk = { model: "coder", messages: [{ role: "user", content: "hi" }] };

describe("under way", () => {
  it("a client that goes cancels the work", async () => {
    const { chat, signals } = slowModel();
    const server = await serve({ chat });
    const controller = new AbortController();
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(talk), signal: controller.signal };
    const pending = fetch(`${server.url}/chat/completions`, init);
    await until(() => signals.length === 1);
    controller.abort();
    await expect(pending).rejects.toThrow();
    await until(() => signals[0]?.aborted === true);
    await until(() => server.log.some((line) => line.includes("client gone")));
  });

  it("a client that goes from a stream cancels the work, too", async () => {
    const { chat, signals } = slowModel();
    const server = await serve({ chat }, { heartbeatMs: 5 });
    const response = await server.post("/chat/completions", { ...talk, stream: true });
    await response.body?.cancel();
    await until(() => signals[0]?.aborted === true);
  });

  it("a stream shows signs of life until the answer is there", async () => {
    const { chat, release } = slowModel();
    const server = await serve({ chat }, { heartbeatMs: 5 });
    const response = await server.post("/chat/completions", { ...talk, stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    release();
    const text = await response.text();
    expect(text).toMatch(/^: still at work\n\n/);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("a failure in a stream is an event where it has begun, and a status where it has not", async () => {
    const failing = scriptedChat(async () => {
      await sleep(50);
      throw new Error("secret inside");
    });
    const begun = await serve({ chat: failing }, { heartbeatMs: 5 });
    const text = await (await begun.post("/chat/completions", { ...talk, stream: true })).text();
    expect(text).toMatch(/data: \{"error":\{.*"code":"internal_error"/);
    expect(text).not.toMatch(/\[DONE\]|secret/);
    const fresh = await serve({ chat: failing });
    const response = await fresh.post("/chat/completions", { ...talk, stream: true });
    expect(response.status).toBe(500);
    expect(fresh.log.join("\n")).toContain("secret inside");
  });

  it("as many are served at once as said, so many wait, and the next is told to come back", async () => {
    const { chat, signals, release } = slowModel();
    const server = await serve({ chat }, { concurrency: 1, waiting: 1 });
    const first = server.post("/chat/completions", talk);
    await until(() => signals.length === 1);
    const second = server.post("/chat/completions", talk);
    const health = async (): Promise<unknown> => (await fetch(server.url.replace("/v1", "/health"))).json();
    while (!JSON.stringify(await health()).includes('"waiting":1')) await sleep(5);
    const third = await server.post("/chat/completions", talk);
    expect([third.status, third.headers.get("retry-after")]).toEqual([429, "1"]);
    release();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  it("requests end before the endpoint does; what takes too long is cancelled", async () => {
    const quick = slowModel();
    const server = await serveEndpoint(endpointOf({ chat: quick.chat }), { graceMs: 60_000 });
    const pending = server.post("/chat/completions", talk, { connection: "keep-alive" });
    await until(() => quick.signals.length === 1);
    const closing = server.close();
    quick.release();
    const answer = await pending;
    // Clients must not send their next request on a connection that is about to go.
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
    await closing;

    const stuck = slowModel();
    const impatient = await serveEndpoint(endpointOf({ chat: stuck.chat }), { graceMs: 20 });
    const lost = impatient.post("/chat/completions", talk);
    await until(() => stuck.signals.length === 1);
    await impatient.close();
    expect((await lost).status).toBe(503);
    await expect(fetch(`${impatient.url}/models`)).rejects.toThrow();
  });

  it("clients at once get what they get alone", async () => {
    const server = await serve({});
    const one = async (seed: number): Promise<unknown> => {
      const response = await server.post("/completions", {
        ...ask,
        prompt: `x${seed % 5} =`,
        seed,
        max_tokens: 9,
      });
      return ((await response.json()) as { choices: unknown }).choices;
    };
    const alone: unknown[] = [];
    for (let seed = 0; seed < 20; seed++) alone.push(await one(seed));
    expect(await Promise.all(Array.from({ length: 20 }, (_none, seed) => one(seed)))).toEqual(alone);
  });
});
