// Chat under guard, through the client library that most tools use.
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import {
  builtinGuard,
  endpointOf,
  type Said,
  type ScriptedChat,
  type Served,
  scriptedChat,
  serveEndpoint,
} from "../../test/support/serve-endpoint.ts";
import type { EndpointGuard } from "./endpoint.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

interface World {
  readonly client: OpenAI;
  readonly chat: ScriptedChat;
}

async function serve(
  says: readonly Said[],
  guard: Partial<EndpointGuard> | "off" = {},
  finish = "stop",
): Promise<World> {
  const chat = scriptedChat(says, finish);
  const guarding = guard === "off" ? {} : { guard: await builtinGuard(guard) };
  const server = await serveEndpoint(endpointOf({ completions: undefined, chat, ...guarding }));
  open.push(server);
  return { client: new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 }), chat };
}

const HEAD =
  'from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route("/x")\ndef x():\n    name = request.args["n"]\n';
const SOUND = `${HEAD}    return str(int(name))\n`;
const WEAK = `${HEAD}    return str(eval(name))\n`;
const REFLECTED = `${HEAD}    return "<b>" + name + "</b>"\n`;
const fenced = (code: string, tag = "python"): string =>
  `Here it is:\n\n\`\`\`${tag}\n${code}\`\`\`\n\nEnjoy.`;
const ask = { model: "coder", messages: [{ role: "user" as const, content: "a page, please" }] };
const call = (args: unknown, name = "write_file"): Record<string, unknown> => ({
  content: null,
  tool_calls: [{ id: "c1", type: "function", function: { name, arguments: JSON.stringify(args) } }],
});

describe("a chat", () => {
  it("has OpenAI's shape, and prose as it is", async () => {
    const { client } = await serve(["Hello 😀.\r\nBye."]);
    expect(await client.chat.completions.create(ask)).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion",
      model: "coder",
      choices: [
        { index: 0, message: { role: "assistant", content: "Hello 😀.\r\nBye." }, finish_reason: "stop" },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    });
  });

  it("hands the request on as it came, but for what is the endpoint's own affair", async () => {
    const { client, chat } = await serve(["Hello."]);
    const tools = [{ type: "function" as const, function: { name: "f", parameters: {} } }];
    const more = {
      tools,
      tool_choice: "auto" as const,
      stop: ["END"],
      seed: 3,
      max_completion_tokens: 9,
      user: "u",
    };
    await client.chat.completions.create({ ...ask, ...more, temperature: 0, stream: false });
    expect(chat.requests).toEqual([{ messages: ask.messages, n: 1, temperature: 0, ...more }]);
  });

  it("cannot give log-probabilities, and says so", async () => {
    const { client } = await serve([]);
    await expect(client.chat.completions.create({ ...ask, logprobs: true })).rejects.toMatchObject({
      status: 400,
      param: "logprobs",
    });
  });

  it("is not to be had of a model that only continues text", async () => {
    const server = await serveEndpoint(endpointOf());
    open.push(server);
    const response = await server.post("/chat/completions", ask);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: "completion_model" } },
    ]);
  });

  it("is streamed as OpenAI streams it, calls of tools too", async () => {
    const said = { ...call({ path: "a.txt", content: "x" }), content: "Look:" };
    const { client } = await serve([said], {}, "tool_calls");
    const stream = client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]).toMatchObject({
      message: {
        role: "assistant",
        content: "Look:",
        tool_calls: [{ id: "c1", function: { name: "write_file" } }],
      },
      finish_reason: "tool_calls",
    });
    expect(final.usage).toMatchObject({ total_tokens: 15 });
  });
});

describe("the guard of chats", () => {
  it("lets sound programs through as they came", async () => {
    const { client } = await serve([fenced(SOUND)]);
    const answer = await client.chat.completions.create(ask);
    expect(answer.choices).toMatchObject([
      { message: { content: fenced(SOUND) }, hexacoder: { action: "accepted", unscanned: [] } },
    ]);
  });

  it("repairs a program where it stands", async () => {
    const { client } = await serve([fenced(REFLECTED)]);
    const [choice] = (await client.chat.completions.create(ask)).choices;
    expect(choice).toMatchObject({ hexacoder: { action: "repaired", repairs: ["codemod:html-escape"] } });
    const content = choice?.message.content ?? "";
    expect(content).toMatch(/^Here it is:\n\n```python\n.*escape\(name\).*\n```\n\nEnjoy\.$/s);
  });

  it("repairs one in a list, with its indentation and line ends", async () => {
    const code = REFLECTED.replaceAll(/^(?=.)/gm, "  ");
    const { client } = await serve([`- so:\n  \`\`\`py\n${code}  \`\`\`\n- done`]);
    const content = (await client.chat.completions.create(ask)).choices[0]?.message.content ?? "";
    expect(content).toMatch(/^- so:\n {2}```py\n(?: {2}.*\n|\n)+ {2}```\n- done$/);
    expect(content).toContain("escape(name)");
  });

  it("asks again in mode reject, with the report and the hint, and counts all tokens", async () => {
    const { client, chat } = await serve([fenced(WEAK), fenced(SOUND)], { mode: "reject" });
    const answer = await client.chat.completions.create({ ...ask, seed: 7 });
    expect(answer.choices).toMatchObject([
      { message: { content: fenced(SOUND) }, hexacoder: { action: "resampled", attempts: 2 } },
    ]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 10 });
    const [, second] = chat.requests;
    expect(second).toMatchObject({ seed: 8, n: 1 });
    expect(second?.messages).toMatchObject([
      { role: "user", content: expect.stringMatching(/^a page, please\n\n.*CWE-9[45]/s) },
    ]);
    expect(JSON.stringify(second)).not.toContain("eval(name)");
  });

  it("asks again behind the result of a tool in a turn of its own", async () => {
    const { client, chat } = await serve([fenced(WEAK), fenced(SOUND)], { mode: "reject" });
    const messages = [...ask.messages, { role: "tool" as const, tool_call_id: "c1", content: "42" }];
    await client.chat.completions.create({ model: "coder", messages });
    expect(chat.requests[1]?.messages).toMatchObject([{}, { role: "tool" }, { role: "user" }]);
  });

  it("withholds what stays weak, and says why without the code", async () => {
    const { client } = await serve([fenced(WEAK), fenced(WEAK)], { mode: "reject", retries: 1 });
    const answer = await client.chat.completions.create(ask);
    expect(answer.choices).toMatchObject([
      {
        message: {
          content: expect.stringMatching(/^hexacoder withheld this answer, after 2 drafts\. CWE-9[45]/),
        },
        finish_reason: "content_filter",
        hexacoder: { action: "withheld", attempts: 2 },
      },
    ]);
    expect(JSON.stringify(answer)).not.toContain("eval(name)");
  });

  it("asks again only for those of n that were refused", async () => {
    const { client, chat } = await serve([fenced(WEAK), "Fine.", fenced(SOUND)], { mode: "reject" });
    const answer = await client.chat.completions.create({ ...ask, n: 2 });
    expect(answer.choices.map(({ message }) => message.content)).toEqual([fenced(SOUND), "Fine."]);
    expect(chat.requests.map(({ n }) => n)).toEqual([2, 1]);
  });

  it("lets everything through in mode annotate, and says what was found", async () => {
    const { client } = await serve([fenced(WEAK)], { mode: "annotate" });
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      {
        message: { content: fenced(WEAK) },
        hexacoder: { action: "annotated", refused: [{ kind: "flagged" }] },
      },
    ]);
  });

  it.each([
    ["without a language's name", fenced(WEAK, "")],
    ["named otherwise", fenced(WEAK, "Py")],
    ["named as a text", fenced(WEAK, "text")],
    ["in an answer that is nothing else", WEAK],
    ["with Windows' line ends", fenced(WEAK).replaceAll("\n", "\r\n")],
    ["indented as a piece of something", fenced(WEAK.replaceAll(/^(?=.)/gm, "    "))],
    ["that was cut off", fenced(WEAK).split("```\n\nEnjoy")[0]?.concat("    y = (") ?? ""],
    [
      "of C",
      fenced(
        "#include <string.h>\nvoid f(char **argv) {\n}\nint main(int argc, char **argv) {\n  char a[8];\n  strcpy(a, argv[1]);\n  return a[0];\n}\n",
        "c",
      ),
    ],
    ["as text in JSON", JSON.stringify({ answer: { code: WEAK } })],
    ["as the second of two", `${fenced(SOUND)}\n${fenced(WEAK)}`],
  ])("sees a weak program %s", async (_name, said) => {
    const { client } = await serve([said], { mode: "reject", retries: 0 });
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      { hexacoder: { action: "withheld", refused: [{ kind: "flagged" }] } },
    ]);
  });

  it.each([
    ["a page of another language", fenced("const x = 1;\n", "js"), ["block 1: unsupported-language (js)"]],
    ["data", fenced('{"a": 1}\n', "json"), []],
    ["a word in prose", "Use `eval(name)` never.", []],
    ["a log without a name", fenced("$ make\ncc -o a a.c\n", ""), []],
  ])("lets %s pass, and says what it did not look at", async (_name, said, unscanned) => {
    const { client } = await serve([said], { retries: 0 });
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      { message: { content: said }, hexacoder: { action: "accepted", unscanned } },
    ]);
  });

  it.each([
    ["withhold", fenced("def f(:\n"), "withheld"],
    ["pass", fenced("def f(:\n"), "accepted"],
    ["withhold", fenced("let x = 1;\n", "js"), "accepted"],
    ["strict", fenced("let x = 1;\n", "js"), "withheld"],
  ] as const)("under %s, does with %j what it should", async (unscanned, said, action) => {
    const { client } = await serve([said], { unscanned, retries: 0 });
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([{ hexacoder: { action } }]);
  });

  it("lets the whole statements of an answer through that was cut off", async () => {
    const { client } = await serve([`So:\n\`\`\`python\n${SOUND}    y = (`], {}, "length");
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      { message: { content: `So:\n\`\`\`python\n${SOUND.trimEnd()}` }, finish_reason: "length" },
    ]);
  });
});

describe("the guard of tool calls", () => {
  const argumentsOf = (choice: OpenAI.ChatCompletion.Choice | undefined): unknown => {
    const [first] = choice?.message.tool_calls ?? [];
    return first?.type === "function" ? JSON.parse(first.function.arguments) : undefined;
  };

  it("hands them on as they came, where nothing is wrong", async () => {
    const said = call({ path: "app.py", content: SOUND });
    const { client } = await serve([said], {}, "tool_calls");
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      { message: said, finish_reason: "tool_calls", hexacoder: { action: "accepted" } },
    ]);
  });

  it("repairs the file that one writes", async () => {
    const { client } = await serve([call({ path: "app.py", content: REFLECTED, mode: "w" })]);
    const [choice] = (await client.chat.completions.create(ask)).choices;
    expect(choice).toMatchObject({ hexacoder: { action: "repaired" } });
    expect(argumentsOf(choice)).toEqual({
      path: "app.py",
      content: expect.stringContaining("escape(name)"),
      mode: "w",
    });
  });

  it.each([
    [
      "a tool that takes a text",
      { tool_calls: [{ id: "c", type: "custom", custom: { name: "run", input: WEAK } }] },
    ],
    [
      "a function, as it was before tools",
      { function_call: { name: "w", arguments: JSON.stringify({ code: WEAK }) } },
    ],
    [
      "a tool among others",
      { tool_calls: [{ id: "a", type: "other" }, ...[call({ code: WEAK }).tool_calls].flat()] },
    ],
  ])("see the program for %s", async (_name, said) => {
    const { client } = await serve([{ content: null, ...said }], { mode: "reject", retries: 0 });
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      { hexacoder: { action: "withheld" } },
    ]);
  });

  it("repair what a tool takes as a text", async () => {
    const tool = { id: "c", type: "custom", custom: { name: "run", input: REFLECTED } };
    const { client } = await serve([{ content: null, tool_calls: [tool] }]);
    const [choice] = (await client.chat.completions.create(ask)).choices;
    expect(choice).toMatchObject({ hexacoder: { action: "repaired" } });
    expect(JSON.stringify(choice?.message.tool_calls)).toContain("escape(name)");
  });

  it("withholds one whose file stays weak, and no call is left", async () => {
    const { client } = await serve([call({ path: "app.py", content: WEAK })], { mode: "reject", retries: 0 });
    const [choice] = (await client.chat.completions.create(ask)).choices;
    expect(choice).toMatchObject({ finish_reason: "content_filter", hexacoder: { action: "withheld" } });
    expect(choice?.message.tool_calls).toBeUndefined();
  });

  it.each([
    ["what an edit replaces", { path: "a.py", old_str: WEAK, new_str: SOUND }, []],
    [
      "a piece that does not parse",
      { path: "a.py", new_str: "else:\n    x\n" },
      ["write_file.new_str: parse-error"],
    ],
    ["a file of another kind", { path: "a.md", content: fenced(SOUND) }, []],
    [
      "a file of another language",
      { path: "a.js", content: "a\nb\n" },
      ["write_file.content: unsupported-language (js)"],
    ],
    ["what is no JSON", "not json", []],
  ])("lets %s pass", async (_name, args, unscanned) => {
    const { client } = await serve([call(args)], { retries: 0 });
    expect((await client.chat.completions.create(ask)).choices).toMatchObject([
      { hexacoder: { action: "accepted", unscanned } },
    ]);
  });
});
