// The command against a scripted endpoint: what a user gives, what he gets on which stream.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

const asked = z.object({ n: z.int(), prompt: z.string(), max_tokens: z.int(), temperature: z.number() });
type Asked = z.infer<typeof asked>;

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-generate-"));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** An endpoint whose nth sample is the nth text; imports are answered with nothing. */
async function endpoint(texts: readonly string[], onAsked?: (body: Asked) => void): Promise<string> {
  const left = [...texts];
  const started = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const request = asked.parse(JSON.parse(body));
      const { n, max_tokens } = request;
      onAsked?.(request);
      const text = (): string => (max_tokens === 20 ? "" : (left.shift() ?? ""));
      const choices = Array.from({ length: n }, (_, index) => ({
        index,
        text: text(),
        finish_reason: "stop",
      }));
      response.writeHead(200, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify({ choices, usage: { prompt_tokens: 10, completion_tokens: 5 } }));
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/v1#m`;
}

const run = (...args: string[]): Promise<CommandResult> => runCli(["generate", ...args], { cwd: folder });

const PROMPT = 'import flask\n\n@app.route("/")\ndef f():\n    x = flask.request.args["x"]\n';
const WEAK = "    return str(eval(x))\n";
const SOUND = "    return str(int(x))\n";

async function prompt(text: string | Uint8Array = PROMPT, name = "app.py"): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

describe("hexacoder generate", () => {
  it("prints the completed program alone", async () => {
    const result = await run(await prompt(), "--model", await endpoint([`${SOUND}\n\nprint(1)\n`]));
    expect(result).toEqual({ out: PROMPT + SOUND, talk: "", code: 0 });
  });

  it("parts several completions by comment lines", async () => {
    const { out } = await run(await prompt(), "-n", "2", "--model", await endpoint([SOUND, WEAK]));
    expect(out).toBe(`# completion 1 of 2\n${PROMPT}${SOUND}\n# completion 2 of 2\n${PROMPT}${WEAK}`);
  });

  it("prints records with --json", async () => {
    const { out } = await run(await prompt(), "-n", "2", "--json", "--model", await endpoint([SOUND, WEAK]));
    const records = out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(records).toMatchObject([
      { sample: 0, action: "accepted", completion: { strategy: "two-step", text: PROMPT + SOUND } },
      { sample: 1, completion: { imports: [] } },
    ]);
  });

  it("samples a weak completion again under guard, and says so", async () => {
    const model = await endpoint([WEAK, SOUND]);
    const { out, talk, code } = await run(await prompt(), "--guard", "reject", "--model", model);
    expect({ out, code }).toEqual({ out: PROMPT + SOUND, code: 0 });
    expect(talk).toMatch(/^guard: completion 1 accepted at attempt 2 after: CWE-9[45] in line 6\n$/);
  });

  it("samples otherwise than greedily again, since greedy says the same", async () => {
    const seen: unknown[] = [];
    const model = await endpoint([WEAK, SOUND], (body) => seen.push(body.temperature));
    const greedy = ["--temperature", "0", "--strategy", "one-step"];
    const { out } = await run(await prompt(), "--guard", "reject", ...greedy, "--model", model);
    expect({ out, seen }).toEqual({ out: PROMPT + SOUND, seen: [0, 0.4] });
  });

  it("withholds what stays weak, and ends with exit code 1", async () => {
    const model = await endpoint([WEAK, WEAK]);
    const { out, talk, code } = await run(
      await prompt(),
      "--guard",
      "reject",
      "--retries",
      "1",
      "--model",
      model,
    );
    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(talk).toContain("withheld, refused 2 times");
  });

  it.each([
    ["a missing file", ["nowhere.py"], /nowhere\.py does not exist/],
    ["a file that is no text", ["binary.py"], /binary\.py is not UTF-8 text/],
    ["a file too large", ["large.py"], /more than 1 MB/],
    ["an unknown ending", ["app.txt"], /language of app\.txt cannot be told/],
    ["a folder", ["."], /is a folder, not a program/],
    ["no room for code", ["app.py", "--max-tokens", "20"], /leave none for the code/],
    ["a guard that there is not", ["app.py", "--guard", "maybe"], /Allowed choices are off, reject, repair/],
    ["no samples", ["app.py", "-n", "0"], /at least 1/],
  ])("refuses %s in one paragraph", async (_name, args, message) => {
    await prompt();
    await prompt(PROMPT, "app.txt");
    await prompt("int x;\n", "app.c");
    await prompt(new Uint8Array([0xff, 0xfe, 0x00]), "binary.py");
    await prompt("x\n".repeat(600_000), "large.py");
    const { out, talk, code } = await run(...args, "--model", await endpoint([]));
    expect({ out, code }).toEqual({ out: "", code: 2 });
    expect(talk).toMatch(message);
  });

  it("says that infill is not there yet, with exit code 3", async () => {
    const { code, talk } = await run(await prompt(), "--strategy", "infill", "--model", await endpoint([]));
    expect({ code, talk }).toEqual({ code: 3, talk: expect.stringContaining("--strategy two-step") });
  });
});
