import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Behaviour,
  type ChatAsked,
  type ChatEndpoint,
  ENDPOINT_USAGE,
  startChatEndpoint,
} from "../../../test/support/chat-endpoint.ts";
import { startCompletionEndpoint } from "../../../test/support/completion-endpoint.ts";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

const KEY = "sk-ant-4711-never-show-me";

let folder: string;
let endpoint: ChatEndpoint | undefined;
let env: Record<string, string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-synth-cli-"));
  env = {};
});
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<CommandResult> => runCli(["synth", ...args], { cwd: folder, env });

describe("hexacoder synth --language c", () => {
  it("looks at C seeds, and what comes of each is an outcome, never an error", async () => {
    const { code, out } = await run("--language", "c", "--count", "10", "--out", "run", "--json");
    expect(code).toBe(0);
    const { proposed, unscanned, clean, flagged, unscannedReasons } = JSON.parse(out);
    expect(proposed).toBe(10);
    expect(unscanned + clean + flagged).toBe(proposed);
    // What cannot be looked at says why.
    expect(Object.values<number>(unscannedReasons).reduce((sum, n) => sum + n, 0)).toBe(unscanned);
  });

  it("takes rows that name no language for C", async () => {
    await writeFile(join(folder, "rows.jsonl"), '{"code":"int main(void) { return 0; }\\n"}\n');
    await run("--language", "c", "--from", "jsonl:rows.jsonl", "--out", "run");
    expect(await readFile(join(folder, "run", "manifest.json"), "utf8")).toContain('"language": "c"');
  });
});

describe("hexacoder synth --from weaken:DIR", { timeout: 120_000 }, () => {
  it("makes pairs of clean code without a model, and goes on where it was cut", async () => {
    await mkdir(join(folder, "clean"));
    const text = "import yaml\n\n\ndef read(text):\n    return yaml.safe_load(text)\n";
    await writeFile(join(folder, "clean", "reads.py"), text);
    const args = ["--from", "weaken:clean", "--threat-model", "parameters", "--out", "run", "--json"];
    const { code, out, talk } = await run(...args);
    expect(code, talk).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      pairs: 1,
      byCwe: { "CWE-502": { proposed: 1, flagged: 1, pairs: 1 } },
    });
    const pair = JSON.parse(await readFile(join(folder, "run", "pairs.jsonl"), "utf8"));
    expect(pair).toMatchObject({ fixed: text, repair: { by: "weaken:object-loader" } });
    expect((await run(...args, "--resume")).out).toBe(out);
    const status = await run("status", "run");
    expect(status.out).toMatch(/^finished \d+ s ago\nprograms {2}1 of 1/);
    expect(status.out).toContain("CWE-502");
    expect(JSON.parse((await run("status", "run", "--json")).out)).toMatchObject({ summary: { pairs: 1 } });
    expect(await readFile(join(folder, "run", "manifest.json"), "utf8")).toContain('"weaken": "weaken@');
  });
});

describe("hexacoder synth status", () => {
  it("says of a folder that holds no run that it holds none", async () => {
    const { code, talk } = await run("status", ".");
    expect(code).toBe(2);
    expect(talk).toContain("is not the folder of a synthesis run");
  });

  it("asks for --out where a run is to be made", async () => {
    const { code, talk } = await run("--from", "seeds");
    expect(code).toBe(2);
    expect(talk).toContain("--out");
  });
});

/** Starts a service that speaks as Anthropic's does, and points the command line at it. */
async function service(script: (asked: ChatAsked, turn: number) => Behaviour): Promise<ChatEndpoint> {
  endpoint = await startChatEndpoint("anthropic", script);
  env = { ANTHROPIC_API_URL: endpoint.address, ANTHROPIC_API_KEY: KEY };
  return endpoint;
}

const fenced = (code: string): string => `Here you are:\n\`\`\`python\n${code}\`\`\`\n`;
const weak = (name: string): string =>
  `import os\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route("/${name}")\ndef ${name}():\n    os.system("ping " + request.args["host"])\n    return "${name}"\n`;

/** A name for what was asked: the same question gets the same answer. */
const nameFor = ({ text }: ChatAsked): string =>
  `f${[...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7)}`;

const ask = (...more: string[]): string[] => [
  ...["--from", "llm", "--model", "anthropic:m", "--cwe", "78", "--out", "run", "--json", ...more],
];
const read = (name: string): Promise<string> => readFile(join(folder, "run", name), "utf8");

describe("hexacoder synth --from llm with a model that chats", () => {
  it("makes pairs, pays once, repeats itself byte for byte, and writes its key nowhere", async () => {
    const { asked } = await service((one) => ({ say: `${fenced(weak(nameFor(one)))}${KEY}` }));
    const first = await run(...ask("--count", "6"));
    expect(first.code, first.talk).toBe(0);
    const summary = JSON.parse(first.out);
    expect(summary).toMatchObject({
      proposed: 6,
      flagged: 6,
      pairs: 6,
      costUsd: null,
      spent: { requests: 6 },
    });
    expect(new Set(asked.map(({ text }) => text)).size).toBe(6);
    const pairs = await read("pairs.jsonl");
    await rm(join(folder, "run", "ledger.jsonl"));
    await rm(join(folder, "run", "pairs.jsonl"));
    const second = await run(...ask("--count", "6", "--resume"));
    expect(second.code, second.talk).toBe(0);
    expect(await read("pairs.jsonl")).toBe(pairs);
    expect(asked).toHaveLength(6);
    for (const name of await readdir(join(folder, "run")))
      expect(await read(name), name).not.toContain("4711");
    expect(first.talk + second.talk + first.out).not.toContain("4711");
  });

  it("shows its examples and varies what it asks for", async () => {
    const { asked } = await service(() => ({ say: "I'm sorry, I can't write that." }));
    const { out } = await run(...ask("--count", "4", "--examples", "3"));
    expect(JSON.parse(out)).toMatchObject({ proposed: 4, unusable: { refused: 4 }, pairs: 0 });
    for (const { text } of asked) expect(text.split("```python")).toHaveLength(4);
    expect(new Set(asked.map(({ body }) => JSON.stringify(body.messages).slice(-500))).size).toBe(4);
  });

  it("accounts for every sample and every token of a service that misbehaves", async () => {
    const faults: Behaviour[] = [
      { status: 429, headers: { "retry-after-ms": "1" } },
      { status: 500, headers: { "retry-after": "0" } },
      { status: 502 },
      { fault: "reset" },
      { fault: "cut-json" },
      { fault: "html" },
      { fault: "no-choices" },
      { fault: "ten-megabytes" },
      { fault: "hang" },
    ];
    const { asked } = await service((one, turn) => faults[turn - 1] ?? { say: fenced(weak(nameFor(one))) });
    const { code, out, talk } = await run(...ask("--count", "8", "--concurrency", "8", "--timeout", "1"));
    expect(code, talk).toBe(0);
    const { proposed, flagged, unusable, spent } = JSON.parse(out);
    expect(proposed).toBe(8);
    expect(flagged + (unusable["no-program"] ?? 0)).toBe(8);
    expect(spent.requests).toBe(asked.length);
    const answered = asked.length - faults.length;
    const { promptTokens, completionTokens } = ENDPOINT_USAGE;
    const paid = answered * (promptTokens + completionTokens);
    expect(spent.promptTokens + spent.completionTokens).toBe(paid + spent.lostTokens);
    // Six of the faults came after the request had been taken: they may be charged, so they count.
    const lines = (await read("answers.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const lost = lines.filter(({ kind, usage }) => kind === "lost" && usage.completionTokens > 0);
    expect(lost).toHaveLength(6);
  });

  it("stops before its budget is passed, keeps what was paid for, and goes on with a larger one", async () => {
    const { asked } = await service((one) => ({ say: fenced(weak(nameFor(one))), countless: true }));
    const budget = 15_000;
    const short = await run(...ask("--count", "20", "--max-tokens", "400", "--budget-tokens", `${budget}`));
    expect(short.code).toBe(4);
    expect(short.talk).toContain("--budget-tokens");
    const { stopped, spent, pairs } = JSON.parse(await read("summary.json"));
    expect(stopped).toBe("budget-reached");
    expect(spent.promptTokens + spent.completionTokens).toBeLessThanOrEqual(budget);
    expect(pairs).toBeGreaterThan(0);
    const before = asked.length;
    expect(before).toBeGreaterThan(0);
    const more = await run(
      ...ask("--count", "20", "--max-tokens", "400", "--budget-tokens", "900000", "--resume"),
    );
    expect(more.code, more.talk).toBe(0);
    expect(asked).toHaveLength(20);
    expect(new Set(asked.map(({ text }) => text)).size).toBe(20);
    expect(JSON.parse(more.out)).toMatchObject({ proposed: 20, spent: { requests: 20 } });
  });

  it("refuses a budget in dollars for a model without a price, and counts dollars with one", async () => {
    const { asked } = await service((one) => ({ say: fenced(weak(nameFor(one))) }));
    const none = await run(...ask("--count", "2", "--budget-usd", "1"));
    expect(none.code).toBe(2);
    expect(none.talk).toContain("--prices");
    expect(asked).toHaveLength(0);
    const price = { model: "anthropic:*", inputUsdPerMillionTokens: 1000, outputUsdPerMillionTokens: 2000 };
    await writeFile(
      join(folder, "prices.json"),
      JSON.stringify({ prices: [{ ...price, date: "2026-01-31" }] }),
    );
    const { out } = await run(...ask("--count", "2", "--budget-usd", "100", "--prices", "prices.json"));
    expect(JSON.parse(out).costUsd).toBeCloseTo((2 * (40 * 1000 + 7 * 2000)) / 1e6);
  });

  it("says what a run may cost and asks nothing with --estimate", async () => {
    const { asked } = await service(() => ({ say: "" }));
    const { code, out } = await run(...ask("--count", "5", "--estimate"));
    expect(code).toBe(0);
    expect(out).toMatch(/proposals: 5 requests, at most \d+ tokens \(cost unknown: no price\)/);
    expect(asked).toHaveLength(0);
  });

  it("does not call it done where there is no program to start from", async () => {
    await writeFile(join(folder, "empty.jsonl"), "");
    const { code, talk } = await run("--from", "jsonl:empty.jsonl", "--out", "run");
    expect(code).toBe(2);
    expect(talk).toMatch(/no program to start from in jsonl:empty\.jsonl \(python\)\. Name another source/);
  });

  it("says what rows need when none holds a program", async () => {
    await writeFile(join(folder, "rows.jsonl"), '{"text": "x = 1"}\n');
    const { code, talk } = await run("--from", "jsonl:rows.jsonl", "--out", "run");
    expect({ code, talk }).toEqual({
      code: 2,
      talk: expect.stringContaining(
        "Nothing in jsonl:rows.jsonl could be read as a program (1 without-code).",
      ),
    });
  });

  it("says with --estimate that nothing is asked of a model where that is so", async () => {
    const { code, out } = await run("--from", "seeds", "--estimate", "--out", "run");
    expect({ code, out }).toEqual({ code: 0, out: "nothing is asked of a model: it costs nothing\n" });
  });

  it("ends with the key's name where the service refuses it", async () => {
    await service(() => ({ status: 401, message: `invalid x-api-key ${KEY}` }));
    const { code, talk } = await run(...ask("--count", "2"));
    expect(code).toBe(3);
    expect(talk).toContain("ANTHROPIC_API_KEY");
    expect(talk).not.toContain("4711");
  });

  it("stops where the service only talks nonsense, rather than turn every sample down", async () => {
    await service(() => ({ status: 400, message: "no" }));
    const { code, talk } = await run(...ask("--count", "50"));
    expect(code).toBe(4);
    expect(talk).toContain("anthropic:m failed: 400 no");
  });
});

describe("hexacoder synth --repair codemod,llm", () => {
  // A weakness that no rewrite can mend: the program runs what the user says, by design.
  const shell = weak("shell").replace('"ping " + request.args["host"]', 'request.args["command"]');
  const mended = shell
    .replace("import os\n", "import subprocess\n")
    .replace(
      'os.system(request.args["command"])',
      'subprocess.run(["ping", "-c", "1", "localhost"], check=False)',
    );
  const rows = (...codes: string[]): Promise<void> =>
    writeFile(join(folder, "rows.jsonl"), codes.map((code) => `${JSON.stringify({ code })}\n`).join(""));
  const repair = (...more: string[]): string[] => [
    ...["--from", "jsonl:rows.jsonl", "--cwe", "78", "--repair", "codemod,llm", "--model", "anthropic:m"],
    ...["--out", "run", "--json", ...more],
  ];

  it("asks the model only where no rewrite helps, and tells it as much as --feedback says", async () => {
    await rows(weak("easy"), shell);
    await writeFile(join(folder, "hints.yml"), "CWE-78: Never start a shell.\n");
    const { asked } = await service(() => ({ say: fenced(mended) }));
    const { code, out, talk } = await run(...repair("--hints", "hints.yml"));
    expect(code, talk).toBe(0);
    expect(asked.length).toBeGreaterThan(0);
    for (const { text } of asked) {
      expect(text).toContain("Never start a shell.");
      expect(text).not.toContain("easy");
    }
    const { pairs, rejected } = JSON.parse(out);
    expect(pairs + Object.values<number>(rejected).reduce((sum, n) => sum + n, 0)).toBe(2);
  });

  it.each(["none", "report"])("with --feedback %s leaves out the rest", async (level) => {
    await rows(shell);
    const { asked } = await service(() => ({ say: fenced(mended) }));
    await run(...repair("--feedback", level));
    expect(asked[0]?.text.includes("Weakness: CWE-78")).toBe(level === "report");
    expect(asked[0]?.text).not.toContain("Hint: ");
  });

  it.each([
    { say: "I cannot help with this.", finish: "stop" as const },
    { say: "No.", finish: "refusal" as const },
    { say: "```python\nimport os\n", finish: "length" as const },
    { say: "It looks fine.", finish: "stop" as const },
  ])("records %# as an outcome of its own", async (behaviour) => {
    await rows(shell);
    await service(() => behaviour);
    const { code } = await run(...repair("--repair", "llm"));
    expect(code).toBe(0);
    const reasons = {
      stop: behaviour.say.startsWith("I ") ? "refused" : "model-failed",
      refusal: "refused",
      length: "truncated",
    };
    expect(JSON.parse(await read("rejected.jsonl"))).toMatchObject({ reason: reasons[behaviour.finish] });
  });

  it("keeps a repair of C that its gates let through", async () => {
    const read = "int main(void)\n{\n    char *name = malloc(9);\n    name[0] = 0;\n    return 0;\n}\n";
    await rows(`#include <stdlib.h>\n\n${read}`);
    const fixed = read.replace("    name[0]", "    if (name == NULL)\n        return 1;\n    name[0]");
    await service(() => ({ say: `\`\`\`c\n#include <stdlib.h>\n\n${fixed}\`\`\`\n` }));
    const { code, out } = await run(...repair("--language", "c", "--cwe", "476"));
    expect(code).toBe(0);
    const { flagged, pairs, rejected } = JSON.parse(out);
    expect({ flagged, pairs, rejected }).toEqual({ flagged: 1, pairs: 1, rejected: {} });
  });

  it("without a model says that one is needed", async () => {
    await rows(shell);
    const { code, talk } = await run("--from", "jsonl:rows.jsonl", "--repair", "llm", "--out", "run");
    expect(code).toBe(2);
    expect(talk).toContain("--model");
  });
});

describe("hexacoder synth --from llm with a model that continues text", () => {
  it("lets it write on from seeds, and asks for nothing twice", async () => {
    const texts = ['    os.system("ls " + request.args["x"])\n', "    return None\n"];
    const completions = await startCompletionEndpoint({ texts });
    const args = [
      "--from",
      "llm",
      "--cwe",
      "78",
      "--model",
      completions.model,
      "--count",
      "8",
      "--out",
      "run",
      "--json",
    ];
    const first = await run(...args);
    expect(first.code, first.talk).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ proposed: 8, spent: { requests: 2 } });
    const ledger = await read("ledger.jsonl");
    await rm(join(folder, "run", "ledger.jsonl"));
    const second = await run(...args, "--resume");
    expect(second.code, second.talk).toBe(0);
    expect(await read("ledger.jsonl")).toBe(ledger);
    expect(completions.asked).toHaveLength(2);
    await completions.close();
  });
});
