// Completions under guard, through the client library that most tools use.
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import {
  builtinGuard,
  endpointOf,
  type Served,
  scriptedChat,
  serveEndpoint,
} from "../../test/support/serve-endpoint.ts";
import type { MockScript } from "../llm/providers/mock.ts";
import type { Endpoint, EndpointGuard } from "./endpoint.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(script: MockScript | undefined, changes: Partial<Endpoint> = {}): Promise<OpenAI> {
  const server = await serveEndpoint(endpointOf({ ...(script === undefined ? {} : { script }), ...changes }));
  open.push(server);
  return new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
}

const guarded = async (changes: Partial<EndpointGuard> = {}): Promise<Pick<Endpoint, "guard">> => ({
  guard: await builtinGuard(changes),
});

const PROMPT =
  'from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route("/x")\ndef x():\n    name = request.args["n"]\n';
const SOUND = "    return str(int(name))\n";
const WEAK = "    return str(eval(name))\n";
const REFLECTED = '    return "<b>" + name + "</b>"\n';
const ask = { model: "coder", prompt: PROMPT };

describe("a completion", () => {
  it("has OpenAI's shape, and the text behind the prompt alone", async () => {
    const client = await serve([SOUND]);
    const answer = await client.completions.create({ ...ask, max_tokens: 50 });
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^cmpl-/),
      object: "text_completion",
      model: "coder",
      choices: [{ index: 0, text: SOUND, finish_reason: "stop", logprobs: null }],
    });
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens = 0 } = answer.usage ?? {};
    expect(Math.min(prompt_tokens, completion_tokens)).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  });

  it("ends where what the prompt began is over, and says stop", async () => {
    const client = await serve(() => ({ text: `${SOUND}\n\nprint(1)\n`, finishReason: "length" }));
    const answer = await client.completions.create(ask);
    expect(answer.choices).toMatchObject([{ text: SOUND, finish_reason: "stop" }]);
  });

  it("repeats the prompt where it is told to", async () => {
    const client = await serve([SOUND]);
    const answer = await client.completions.create({ ...ask, echo: true });
    expect(answer.choices[0]?.text).toBe(PROMPT + SOUND);
  });

  it("ends before a stop text", async () => {
    const client = await serve(() => "    a = 1\n    b = 2\n");
    const answer = await client.completions.create({ ...ask, stop: ["\n    b"] });
    expect(answer.choices).toMatchObject([{ text: "    a = 1", finish_reason: "stop" }]);
  });

  it("says length where the limit ended it", async () => {
    const client = await serve(() => "    a = 1 + 2 + 3 + 4\n");
    const answer = await client.completions.create({ ...ask, max_tokens: 3 });
    expect(answer.choices).toMatchObject([{ text: "    a = 1", finish_reason: "length" }]);
  });

  it("comes n times for every prompt, prompt by prompt", async () => {
    const client = await serve(({ prompt }, seed) => `    return ${prompt.length + (seed % 2) * 0}\n`);
    const prompts = ["def a():\n", "def bb():\n"];
    const answer = await client.completions.create({ model: "coder", prompt: prompts, n: 2 });
    expect(answer.choices.map(({ index, text }) => [index, text.trim()])).toEqual([
      [0, "return 9"],
      [1, "return 9"],
      [2, "return 10"],
      [3, "return 10"],
    ]);
  });

  it("is the same for the same seed, and for none at temperature 0", async () => {
    const client = await serve(undefined);
    const text = async (more: object): Promise<string | undefined> =>
      (await client.completions.create({ model: "coder", prompt: "x =", max_tokens: 12, ...more })).choices[0]
        ?.text;
    expect(await text({ seed: 5, temperature: 1 })).toBe(await text({ seed: 5, temperature: 1 }));
    expect(await text({ temperature: 0 })).toBe(await text({ temperature: 0 }));
  });

  it("of a prompt over the model's context is refused as OpenAI does", async () => {
    const client = await serve(() => ({ text: "", finishReason: "error" }));
    await expect(client.completions.create(ask)).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
      param: "prompt",
    });
  });

  it("of a prompt that would take too long to analyse is refused in the same way", async () => {
    const client = await serve([]);
    const prompt = "x = 1\n".repeat(50_000);
    await expect(client.completions.create({ ...ask, prompt })).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
  });

  it("is not to be had of a model that only chats", async () => {
    const client = await serve(undefined, { completions: undefined, chat: scriptedChat([]) });
    await expect(client.completions.create(ask)).rejects.toMatchObject({ status: 400, code: "chat_model" });
  });

  it("is streamed as OpenAI streams it", async () => {
    const client = await serve([SOUND, WEAK], await guarded({ mode: "annotate" }));
    const stream = await client.completions.create({
      ...ask,
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts = ["", ""];
    let usage: unknown;
    for await (const chunk of stream) {
      for (const { index, text } of chunk.choices) texts[index] += text;
      usage = chunk.usage ?? usage;
    }
    expect(texts).toEqual([SOUND, WEAK]);
    expect(usage).toMatchObject({ total_tokens: expect.any(Number) });
  });
});

describe("two steps", () => {
  const twoSteps =
    (code: string, imports = "import html\n"): MockScript =>
    ({ prompt }) =>
      prompt.endsWith("request\n") ? imports : code;

  it("bring their imports along in the completion", async () => {
    const client = await serve(twoSteps('    return "<b>" + html.escape(name) + "</b>"\n'), {
      strategy: "two-step",
      ...(await guarded()),
    });
    const answer = await client.completions.create({ ...ask, max_tokens: 200 });
    const text = '    import html\n    return "<b>" + html.escape(name) + "</b>"\n';
    expect(answer.choices).toMatchObject([{ text, hexacoder: { action: "accepted" } }]);
  });

  it("are one where the imports have no place behind the prompt", async () => {
    const client = await serve(twoSteps("    return 1\n", "from html import *\n"), { strategy: "two-step" });
    const answer = await client.completions.create({ ...ask, max_tokens: 200 });
    expect(answer.choices[0]?.text).toBe("    return 1\n");
  });

  it("are one where there are too few tokens for both", async () => {
    const client = await serve(twoSteps("    return 1\n"), { strategy: "two-step" });
    const answer = await client.completions.create({ ...ask, max_tokens: 16 });
    expect(answer.choices[0]?.text).toBe("    return 1\n");
  });
});

describe("the guard of completions", () => {
  it("lets what is sound through as it is", async () => {
    const client = await serve([SOUND], await guarded());
    const { data, response } = await client.completions.create(ask).withResponse();
    expect(data.choices).toMatchObject([
      { text: SOUND, hexacoder: { action: "accepted", attempts: 1, repairs: [], refused: [] } },
    ]);
    expect(response.headers.get("x-hexacoder-guard")).toBe("accepted");
  });

  it("repairs what is flagged, imports and all, behind the prompt", async () => {
    const client = await serve([REFLECTED], await guarded());
    const [choice] = (await client.completions.create(ask)).choices;
    expect(choice).toMatchObject({
      text: expect.stringMatching(/^ {4}from html import escape\n.*escape\(name\)/s),
      hexacoder: {
        action: "repaired",
        refused: [{ kind: "flagged", findings: [{ cwes: ["CWE-79", "CWE-116"] }] }],
      },
    });
  });

  it("samples again in mode reject, and counts the tokens of all drafts", async () => {
    const client = await serve([WEAK, SOUND], await guarded({ mode: "reject" }));
    const once = await (await serve([SOUND])).completions.create(ask);
    const { choices, usage } = await client.completions.create(ask);
    expect(choices).toMatchObject([{ text: SOUND, hexacoder: { action: "resampled", attempts: 2 } }]);
    expect(usage?.prompt_tokens).toBe(2 * (once.usage?.prompt_tokens ?? 0));
  });

  it("withholds what stays weak, as OpenAI withholds: no text, and content_filter", async () => {
    const client = await serve(() => WEAK, await guarded({ mode: "reject", retries: 1 }));
    const answer = await client.completions.create({ ...ask, n: 2 });
    const withheld = {
      text: "",
      finish_reason: "content_filter",
      hexacoder: { action: "withheld", attempts: 2 },
    };
    expect(answer.choices).toMatchObject([withheld, withheld]);
    expect(JSON.stringify(answer)).not.toContain("eval(name)");
  });

  it("samples otherwise than greedily again, since greedy says the same", async () => {
    const client = await serve(
      ({ temperature }) => (temperature === 0 ? WEAK : SOUND),
      await guarded({ mode: "reject" }),
    );
    const ask0 = { ...ask, temperature: 0 };
    const answer = await client.completions.create(ask0);
    expect(answer.choices).toMatchObject([{ text: SOUND, hexacoder: { action: "resampled" } }]);
  });

  it("withholds what it cannot analyse, or lets it pass and says so, as it is told", async () => {
    const broken = "    return name +\n    else\n";
    const strict = await serve(() => broken, await guarded({ retries: 0 }));
    expect((await strict.completions.create(ask)).choices).toMatchObject([
      {
        text: "",
        hexacoder: { action: "withheld", refused: [{ kind: "unscanned", reason: "parse-error" }] },
      },
    ]);
    const lenient = await serve(() => broken, await guarded({ unscanned: "pass" }));
    expect((await lenient.completions.create(ask)).choices).toMatchObject([
      { text: broken, hexacoder: { action: "accepted", unscanned: ["parse-error"] } },
    ]);
  });

  it("lets everything through in mode annotate, and says what is wrong with it", async () => {
    const client = await serve([WEAK], await guarded({ mode: "annotate" }));
    expect((await client.completions.create(ask)).choices).toMatchObject([
      { text: WEAK, hexacoder: { action: "annotated", refused: [{ kind: "flagged" }] } },
    ]);
  });

  it("holds no weakness of the prompt against the completion", async () => {
    const old = `${PROMPT}    return str(eval(name))\n\n\n@app.route("/y")\ndef y():\n    name = request.args["n"]\n`;
    const client = await serve([SOUND, WEAK], await guarded({ mode: "reject", retries: 0 }));
    const answer = async () => (await client.completions.create({ model: "coder", prompt: old })).choices;
    expect(await answer()).toMatchObject([{ text: SOUND, hexacoder: { action: "accepted" } }]);
    expect(await answer()).toMatchObject([{ text: "", hexacoder: { action: "withheld" } }]);
  });

  it("reads C where the prompt is C", async () => {
    const prompt =
      "#include <stdio.h>\n#include <string.h>\n\nint main(int argc, char **argv) {\n  char a[8];\n";
    const weak = "  strcpy(a, argv[1]);\n  return 0;\n}\n";
    const sound = '  snprintf(a, sizeof a, "%s", argv[1]);\n  return 0;\n}\n';
    const client = await serve([weak, sound], await guarded({ mode: "reject" }));
    const answer = await client.completions.create({ model: "coder", prompt });
    expect(answer.choices).toMatchObject([
      {
        text: sound,
        hexacoder: { action: "resampled", refused: [{ findings: [{ cwes: ["CWE-787", "CWE-120"] }] }] },
      },
    ]);
  });
});
