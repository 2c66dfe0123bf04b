// The command as a user starts it, with services behind it that behave and misbehave. Real sockets on both sides.
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI, { APIError } from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { type Behaviour, type ChatEndpoint, startChatEndpoint } from "../../../test/support/chat-endpoint.ts";
import { startCompletionEndpoint } from "../../../test/support/completion-endpoint.ts";
import { runCli } from "../../../test/support/run-cli.ts";
import { resource } from "../../util/resources.ts";
import { type ExitCode, terminated } from "../context.ts";
import { cli } from "../main.ts";

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

interface Started {
  readonly client: OpenAI;
  /** Resolves when it ends by itself. */
  readonly ended: Promise<{ code: ExitCode; talk: string }>;
  /** Ends it as Ctrl-C does; the exit code, and what was said. */
  end(reason?: DOMException): Promise<{ code: ExitCode; out: string; talk: string }>;
}

async function serve(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const controller = new AbortController();
  let [out, talk] = ["", ""];
  let ready: (url: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => {
    ready = resolve;
  });
  const context = {
    out: (text: string) => {
      out += text;
      ready(text.trim());
    },
    talk: (line: string) => {
      talk += `${line}\n`;
    },
    signal: controller.signal,
    env,
    cwd: "/",
    interactive: false,
  };
  const done = cli(["serve", "--port", "0", ...args], context);
  const url = await Promise.race([first, done.then((code) => Promise.reject(new Error(`${code}: ${talk}`)))]);
  const end = async (reason?: DOMException) => {
    controller.abort(reason);
    return { code: await done, out, talk };
  };
  endings.push(end);
  return {
    client: new OpenAI({ baseURL: url, apiKey: env.HEXACODER_SERVE_KEY ?? "none", maxRetries: 0 }),
    ended: done.then((code) => ({ code, talk })),
    end,
  };
}

async function service(script: (turn: number) => Behaviour): Promise<ChatEndpoint> {
  const endpoint = await startChatEndpoint("openai-compatible", (_asked, turn) => script(turn));
  endings.push(endpoint.close);
  return endpoint;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The first answer of an address, however long it takes until somebody listens there. */
async function answerOf(url: string): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url);
    } catch {
      await sleep(20); // nobody listens yet
    }
  }
}

const PROMPT = 'import flask\n\n@flask.route("/")\ndef f():\n    x = flask.request.args["x"]\n';
const WEAK = "    return str(eval(x))\n";
const SOUND = "    return str(int(x))\n";
const messages = [{ role: "user" as const, content: "hi" }];

describe("hexacoder serve", () => {
  it("serves a model of another server, guarded, until Ctrl-C", async () => {
    const upstream = await startCompletionEndpoint({ texts: [WEAK] });
    endings.push(upstream.close);
    const { client, end } = await serve([
      "--upstream",
      upstream.model,
      "--guard",
      "reject",
      "--strategy",
      "one-step",
    ]);
    expect((await client.models.list()).data).toMatchObject([{ id: "m" }]);
    const answer = await client.completions.create({ model: "m", prompt: PROMPT });
    expect(answer.choices).toMatchObject([{ text: "", finish_reason: "content_filter" }]);
    const { code, out, talk } = await end();
    expect(code).toBe(130);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\n$/);
    expect(talk).toMatch(/^serve: m, completions one-step, guard reject, by builtin@.*\n/);
    expect(talk).toMatch(/POST \/v1\/completions 200 \d+ ms: withheld after 4 drafts \(CWE-9[45]\)/);
    expect(talk).toContain("ended after 2 requests (answers: 1 withheld)");
    expect(talk).not.toContain("eval(x)");
  });

  it("ends with 0 when it is asked to, what was under way answered", async () => {
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const upstream = await startChatEndpoint("openai-compatible", async () => {
      await gate;
      return { say: "Hello." };
    });
    endings.push(upstream.close);
    const { client, end } = await serve(["--upstream", `${upstream.address}#m`]);
    const underWay = client.chat.completions.create({ model: "m", messages });
    while (upstream.asked.length === 0) await sleep(5);
    const ended = end(terminated);
    answer();
    expect((await underWay).choices).toMatchObject([{ message: { content: "Hello." } }]);
    const { code, talk } = await ended;
    expect(code).toBe(0);
    expect(talk).toContain("ended after 1 request");
    await expect(client.models.list()).rejects.toThrow();
  });

  it("gives completions that pass the guard, and a name of one's own", async () => {
    const upstream = await startCompletionEndpoint({ texts: [SOUND] });
    endings.push(upstream.close);
    const { client } = await serve(["--upstream", upstream.model, "--name", "team/coder", "--quiet"]);
    const answer = await client.completions.create({ model: "team/coder", prompt: PROMPT });
    expect(answer).toMatchObject({ model: "team/coder", choices: [{ text: SOUND }] });
  });

  it("shows its key to the service behind it, and the clients' to nobody", async () => {
    const upstream = await service(() => ({ say: "Hello." }));
    const env = { HEXACODER_API_KEY: "sk-upstream-1", HEXACODER_SERVE_KEY: "sk-clients-2" };
    const { client, end } = await serve(["--upstream", `${upstream.address}#chatty`], env);
    expect(
      (await client.chat.completions.create({ model: "chatty", messages })).choices[0]?.message.content,
    ).toBe("Hello.");
    expect(upstream.asked).toMatchObject([
      {
        headers: { authorization: "Bearer sk-upstream-1" },
        body: { model: "chatty", stream: false, messages },
      },
    ]);
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: "sk-other-3", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 });
    const { out, talk } = await end();
    expect(out + talk).not.toMatch(/sk-\w+-\d/);
  });

  it.each([
    ["that refuses the key", { status: 401, message: "bad key sk-upstream-1" }, 502, "upstream_key"],
    ["without the model", { status: 404 }, 502, "upstream_model"],
    [
      "that will not have the request",
      { status: 400, message: "no tools here", param: "tools" },
      400,
      "upstream_refused",
    ],
    ["that asks to be left alone", { status: 429, headers: { "retry-after": "30" } }, 503, "upstream_busy"],
    ["that breaks off", { fault: "reset" }, 502, "upstream_unreachable"],
    ["that is a page", { fault: "html" }, 502, "upstream_bad_answer"],
    ["that says half", { fault: "cut-json" }, 502, "upstream_bad_answer"],
    ["that says nothing", { fault: "no-choices" }, 502, "upstream_bad_answer"],
    ["that says far too much", { fault: "ten-megabytes" }, 502, "upstream_bad_answer"],
    ["that never ends", { fault: "hang" }, 504, "upstream_timeout"],
  ] as const)("tells of a service %s", async (_name, behaviour, status, code) => {
    const upstream = await service(() => behaviour);
    const args = ["--upstream", `${upstream.address}#m`, "--timeout", "1", "--guard", "off"];
    const { client, end } = await serve(args, { HEXACODER_API_KEY: "sk-upstream-1" });
    const error: unknown = await client.chat.completions
      .create({ model: "m", messages })
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status, code });
    if (error instanceof APIError && status === 503) expect(error.headers?.get("retry-after")).toBe("30");
    const { talk } = await end();
    expect(`${talk} ${error instanceof Error ? error.message : ""}`).not.toContain("sk-upstream-1");
  });

  it("tells of a service that takes too long for a completion, too", async () => {
    const upstream = await service(() => ({ fault: "drip" }));
    const { client } = await serve([
      "--upstream",
      `${upstream.address}#m`,
      "--timeout",
      "1",
      "--guard",
      "off",
    ]);
    await expect(client.completions.create({ model: "m", prompt: PROMPT })).rejects.toMatchObject({
      status: 504,
      code: "upstream_timeout",
    });
  });

  it("ends by itself, with exit code 4, where the model's own process ends", async () => {
    const python = resource("test", "fixtures", "trainer", "fake-python");
    const env = { ...process.env, HEXACODER_PYTHON: python, FAKE_TRAINER: "die-on-request" };
    const { client, ended } = await serve(["--upstream", "tiny", "--guard", "off"], env);
    const answer = client.completions.create({ model: "tiny", prompt: PROMPT });
    await expect(answer).rejects.toMatchObject({ status: 503, code: "trainer_failed" });
    const { code, talk } = await ended;
    expect(code).toBe(4);
    expect(talk).toMatch(/hexacoder: The model server ended by itself/);
  });

  it("tries once more where a moment may mend it", async () => {
    const upstream = await service((turn) => (turn === 1 ? { status: 503 } : { say: "Hello." }));
    const { client } = await serve(["--upstream", `${upstream.address}#m`]);
    await client.chat.completions.create({ model: "m", messages });
    expect(upstream.asked).toHaveLength(2);
  });

  it("asks a service that ignores n as often as it takes", async () => {
    const upstream = await service((turn) => ({ say: `${turn}` }));
    const { client } = await serve(["--upstream", `${upstream.address}#m`]);
    const { choices, usage } = await client.chat.completions.create({ model: "m", messages, n: 3, seed: 4 });
    expect(choices.map(({ message }) => message.content)).toEqual(["1", "2", "3"]);
    expect(upstream.asked.map(({ body }) => body.seed)).toEqual([4, 5, 6]);
    expect(usage).toMatchObject({ prompt_tokens: 120, completion_tokens: 21 });
  });

  it("chats with Anthropic's models, in texts alone", async () => {
    const upstream = await startChatEndpoint("anthropic", () => ({ say: "Hello." }));
    endings.push(upstream.close);
    const env = { ANTHROPIC_API_KEY: "k", ANTHROPIC_API_URL: upstream.address };
    const { client } = await serve(["--upstream", "anthropic:claude", "--name", "claude"], env);
    const system = { role: "system" as const, content: "Be short." };
    const parts = [
      { type: "text" as const, text: "a" },
      { type: "text" as const, text: "b" },
    ];
    const answer = await client.chat.completions.create({
      model: "claude",
      messages: [system, { role: "user", content: parts }],
      max_tokens: 5,
    });
    expect(answer.choices).toMatchObject([{ message: { content: "Hello." }, finish_reason: "stop" }]);
    expect(upstream.asked).toMatchObject([
      { body: { system: "Be short.", max_tokens: 5, messages: [{ role: "user", content: "ab" }] } },
    ]);
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    await expect(client.chat.completions.create({ model: "claude", messages, tools })).rejects.toMatchObject({
      status: 400,
      code: "upstream_refused",
      message: expect.stringContaining("tools"),
    });
  });

  it("gives completions of models that only chat, by a contract of code alone", async () => {
    const upstream = await startChatEndpoint("anthropic", () => ({
      say: `Sure:\n\`\`\`python\n${SOUND}\`\`\``,
    }));
    endings.push(upstream.close);
    const env = { ANTHROPIC_API_KEY: "k", ANTHROPIC_API_URL: upstream.address };
    const { client } = await serve(["--upstream", "anthropic:claude", "--strategy", "one-step"], env);
    const answer = await client.completions.create({ model: "claude", prompt: PROMPT });
    expect(answer.choices).toMatchObject([{ text: SOUND, finish_reason: "stop" }]);
  });

  it.each([
    ["Ctrl-C", undefined, 130],
    ["SIGTERM", terminated, 0],
  ])(
    "takes its port first, answers 503 while the model loads, and ends by %s",
    async (_name, reason, code) => {
      const python = resource("test", "fixtures", "trainer", "fake-python");
      const env = { ...process.env, HEXACODER_PYTHON: python, FAKE_TRAINER: "silent" };
      const port = await freePort();
      const controller = new AbortController();
      const args = ["serve", "--upstream", "tiny", "--guard", "off", "--port", `${port}`];
      const done = runCli(args, { cwd: "/", env, signal: controller.signal });
      const response = await answerOf(`http://127.0.0.1:${port}/health`);
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
      const second = await runCli(args, { cwd: "/", env });
      expect(second).toMatchObject({ code: 2, talk: expect.stringMatching(/Cannot listen on .* port/) });
      controller.abort(reason);
      expect(await done).toMatchObject({ code, out: "" });
      await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    },
  );

  it.each([
    ["no upstream", [], 2, /--upstream/],
    ["an unknown model", ["--upstream", "what"], 2, /"what" is not a model/],
    ["a key that is missing", ["--upstream", "openai:gpt-4o"], 3, /OPENAI_API_KEY/],
    ["an unknown guard", ["--upstream", "tiny", "--guard", "maybe"], 2, /off, annotate, reject, repair/],
    ["a port that is none", ["--upstream", "tiny", "--port", "70000"], 2, /0 to 65535/],
    ["a strategy for reproducing", ["--upstream", "tiny", "--strategy", "two-step:authors"], 2, /not served/],
    ["an unknown oracle", ["--upstream", "tiny", "--oracle", "oraculum"], 2, /oraculum/],
    [
      "another address without a key",
      ["--upstream", "http://h/v1#m", "--host", "0.0.0.0"],
      2,
      /HEXACODER_SERVE_KEY/,
    ],
    ["an adapter on a service", ["--upstream", "anthropic:x", "--adapter", "a"], 2, /runs elsewhere/],
  ])("refuses %s in one paragraph", async (_name, args, code, message) => {
    const result = await runCli(["serve", ...args], { cwd: "/" });
    expect(result).toMatchObject({ code, out: "", talk: expect.stringMatching(message) });
    expect(result.talk).not.toMatch(/^\s+at /m);
  });
});
