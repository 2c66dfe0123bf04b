// The built endpoint in front of the bundled model: a process of its own, OpenAI's client, a real end.
import OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createBuiltinOracle } from "../../src/oracle/engines/builtin.ts";
import { type RunningProcess, runProcess, startProcess } from "../../src/util/process.ts";
import { bin, scratch } from "../support/cli.ts";

let server: RunningProcess;
let client: OpenAI;
const talk: string[] = [];

beforeAll(async () => {
  const url = await new Promise<string>((resolve, reject) => {
    server = startProcess({
      command: [process.execPath, bin, "serve", "--upstream", "tiny", "--port", "0"],
      onStdoutLine: resolve,
      onStderrLine: (line) => talk.push(line),
    });
    void server.done.then(() => reject(new Error(talk.join("\n"))));
  });
  client = new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });
});
afterAll(() => server?.stop());

const PROMPT = `from flask import Flask, request

app = Flask(__name__)


@app.route("/hello")
def hello():
    name = request.args.get("name", "")
`;
const ask = { model: "tiny", prompt: PROMPT, max_tokens: 120 };

it("lets no completion through in which the oracle finds anything, behind the client's very prompt", async () => {
  const { choices } = await client.completions.create({ ...ask, n: 12, seed: 1, temperature: 0.8 });
  expect(choices).toHaveLength(12);
  const shown = choices.filter(({ finish_reason }) => finish_reason !== "content_filter");
  expect(shown.length).toBeGreaterThan(0);
  const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
  const files = shown.map(({ text }) => ({ path: "a.py", language: "python" as const, text: PROMPT + text }));
  const results = await oracle.scan(files);
  expect(results.map((result) => (result.status === "scanned" ? result.findings : result.reason))).toEqual(
    shown.map(() => []),
  );
  // Unguarded this model reflects the name in most of them: the guard had something to do.
  expect(talk.join("\n")).toMatch(/repaired|resampled|withheld/);
});

it("says the same to the same request, streamed or whole, alone or among others", async () => {
  const request = { ...ask, temperature: 0, seed: 3 };
  const once = (await client.completions.create(request)).choices[0]?.text;
  const streamed = async (): Promise<string> => {
    let text = "";
    for await (const { choices } of await client.completions.create({ ...request, stream: true })) {
      text += choices[0]?.text ?? "";
    }
    return text;
  };
  const others = [1, 2, 3].map((seed) => client.completions.create({ ...ask, seed }));
  expect(await Promise.all([streamed(), streamed()])).toEqual([once, once]);
  await Promise.all(others);
});

it("has no chat where the model has none, and says so", async () => {
  const messages = [{ role: "user" as const, content: "hi" }];
  await expect(client.chat.completions.create({ model: "tiny", messages })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("/v1/completions"),
  });
});

it("ends as it is asked to, with the model's process", async () => {
  server.interrupt();
  const result = await server.done;
  expect(result.exitCode).toBe(130);
  expect(result.stderr).toMatch(/serve: ended after \d+ requests/);
  await expect(client.models.list()).rejects.toThrow();
});

it("ends with 0 when whoever watches over it asks it to (SIGTERM)", async () => {
  const script = '"$@" > url & pid=$!; until [ -s url ]; do sleep 0.1; done; kill -TERM $pid; wait $pid';
  const serve = [process.execPath, bin, "serve", "--upstream", "tiny", "--port", "0"];
  const command = ["/bin/sh", "-c", script, "sh", ...serve] as const;
  const result = await runProcess({ command: [...command], cwd: await scratch(), timeoutMs: 300_000 });
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stderr).toContain("serve: ended after 0 requests");
});
