import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { build, datasetFolder, pair, pairNames } from "../../test/support/dataset-pairs.ts";
import type { Completion } from "../core/completion.ts";
import { parseCweId } from "../core/cwe.ts";
import { trainingRowSchema } from "../core/pair.ts";
import { loadLanguage } from "../lang/registry.ts";
import { createOperationProbe } from "../oracle/operations.ts";
import { openOracle } from "../oracle/registry.ts";
import { type ExtendOptions, extendDataset, type Opening } from "./extend.ts";
import { readRows } from "./read-rows.ts";

const oracle = await openOracle("builtin", { threatModels: ["remote"] });
const probe = await createOperationProbe();
const languages = { python: await loadLanguage("python"), c: await loadLanguage("c") };
const { out: dataset } = await build(pairNames.map((name) => pair(name)));

const PROMPT =
  "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.get('/who')\ndef who():\n    name = request.args['name']\n";
const opening: Opening = {
  prompt: PROMPT,
  example: `${PROMPT}    return '<p>' + name\n`,
  family: "seed/who",
  language: "python",
  cwe: parseCweId("CWE-79"),
  framework: "flask",
};

function completion(sample: number, body: string, more: Partial<Completion> = {}): Completion {
  const text = PROMPT.replace("request\n", "request\nimport html\n") + body;
  return {
    ...{ id: `c${sample}`, taskId: "openings/who/0", sample, strategy: "two-step", model: "m@1" },
    ...{ adapter: "a@1", prompt: PROMPT, text, uncut: text, finishReason: "stop", seed: sample },
    usage: { promptTokens: 1, completionTokens: 1 },
    ...more,
  };
}

const secure = (tag: string, from: number): string =>
  `${Array.from({ length: 40 }, (_, i) => `    print("${tag}", ${from + i})\n`).join("")}    return '<${tag}>' + html.escape(name)\n`;

async function extended(completions: readonly Completion[], more: Partial<ExtendOptions> = {}) {
  const out = await datasetFolder();
  const facts = await extendDataset({
    ...{ dataset, out, oracle, probe, languages, completions, keep: 2, nearDuplicate: 0.9 },
    openings: new Map([["openings/who/0", opening]]),
    provenance: { run: "extended", madeBy: { model: "m@1" } },
    ...more,
  });
  return { out, facts };
}

async function sampledRows(out: string) {
  const rows = [];
  for await (const row of readRows(out, "train")) if (row.source.kind === "sampled") rows.push(row);
  return rows;
}

describe("dataset extend", () => {
  it("adds a secure program behind the rows that were there, learned from where the model wrote", async () => {
    const { out, facts } = await extended([completion(0, "    return '<p>' + html.escape(name)\n")]);
    const before = (await readFile(join(dataset, "train.jsonl"), "utf8")).trimEnd().split("\n");
    const after = (await readFile(join(out, "train.jsonl"), "utf8")).trimEnd().split("\n");
    expect(after.slice(0, -1)).toEqual(before);
    expect(await readFile(join(out, "eval.jsonl"), "utf8")).toBe(
      await readFile(join(dataset, "eval.jsonl"), "utf8"),
    );
    const row = trainingRowSchema.parse(JSON.parse(after.at(-1) ?? ""));
    expect(row.changes.map(({ start, end }) => row.text.slice(start, end))).toEqual([
      "import html\n",
      "    return '<p>' + html.escape(name)\n",
    ]);
    expect(row).toMatchObject({
      cwe: "CWE-79",
      source: { kind: "sampled", family: "seed/who", model: "m@1", adapter: "a@1" },
    });
    expect(facts).toMatchObject({ made: "extend", sources: { sampled: 1 }, leftOut: {} });
  });

  it.each([
    { reason: "flagged", body: "    return '<p>' + name\n" },
    { reason: "does not do what its opening is about", body: "    return 'hello'\n" },
    { reason: "uses names that nothing binds", body: "    return html.escape(name) + footer\n" },
    { reason: "does not parse", body: "    return html.escape(name\n" },
    { reason: "did not come to an end", body: secure("p", 0), more: { finishReason: "length" as const } },
    { reason: "does not parse", body: secure("p", 0), more: { uncut: `${PROMPT}    return (\n` } },
  ])("leaves out, and counts, what is $reason: $body", async ({ reason, body, more }) => {
    const good = completion(0, "    return html.escape(name)\n");
    const { out, facts } = await extended([good, completion(1, body, more)]);
    expect(facts.leftOut).toEqual({ [reason]: 1 });
    expect((await sampledRows(out)).map(({ id }) => id)).toEqual(["c0"]);
  });

  it("learns no import that the model wrote for nothing", async () => {
    const { out } = await extended([
      completion(0, "    from html import escape\n    return '<p>' + escape(name)\n"),
    ]);
    const [row] = await sampledRows(out);
    expect(row?.text).toBe(`${PROMPT}    from html import escape\n    return '<p>' + escape(name)\n`);
    expect(row?.changes.map(({ start }) => start)).toEqual([PROMPT.length]);
  });

  it("leaves out what does not work where that is asked for, and runs nothing that is left out anyway", async () => {
    const asked: string[] = [];
    const whyItFails = async (text: string): Promise<string | undefined> => {
      asked.push(text);
      return text.includes("broken") ? "NameError" : undefined;
    };
    const completions = [
      completion(0, secure("broken", 0)),
      completion(1, secure("whole", 40)),
      completion(2, "    return '<p>' + name\n"),
    ];
    const { out, facts } = await extended(completions, { whyItFails });
    expect((await sampledRows(out)).map(({ source }) => source.ref)).toEqual(["c1"]);
    expect(facts.leftOut).toEqual({ "does not work": 1, flagged: 1 });
    expect(asked).toEqual([completions[0]?.text, completions[1]?.text]);
  });

  it("cannot run C, so no program of it is known to work", async () => {
    const prompt = "#include <stdlib.h>\n\nchar *make(void)\n{\n    char *p = malloc(9);\n";
    const text = `${prompt}    if (p == NULL)\n        return NULL;\n    p[0] = 0;\n    return p;\n}\n`;
    const inC = { ...opening, prompt, example: text, language: "c" as const, cwe: parseCweId("CWE-476") };
    const openings = new Map([["openings/who/0", inC]]);
    const written = completion(0, "", { prompt, text, uncut: text });
    expect((await extended([written], { openings })).facts.leftOut).toEqual({});
    const runs = { openings, whyItFails: async () => undefined };
    await expect(extended([written], runs)).rejects.toThrow(/cannot be run/);
  });

  it("keeps so many of an opening, the first ones, and no near-duplicates, whatever order they come in", async () => {
    const drawn = [
      completion(0, secure("p", 0)),
      completion(1, secure("p", 0).replace('"p", 3)', '"p", 33)')),
      completion(2, secure("li", 100)),
      completion(3, secure("b", 300)),
    ];
    const { out, facts } = await extended([...drawn].reverse());
    expect((await sampledRows(out)).map(({ id }) => id)).toEqual(["c0", "c2"]);
    expect(facts.leftOut).toEqual({ "near-duplicate": 1, "more than wanted of an opening": 1 });
    const { out: inOrder } = await extended(drawn);
    expect(await sampledRows(inOrder)).toEqual(await sampledRows(out));
  });

  it("is about what most examples of the weakness do, where one does several things", async () => {
    const logs = { ...opening, example: `${PROMPT}    app.logger.info(name)\n    return '<p>' + name\n` };
    const openings = new Map([
      ["openings/who/0", logs],
      ["openings/who/1", opening],
    ]);
    const drawn = [
      completion(0, "    return html.escape(name)\n"),
      completion(1, "    app.logger.info(repr(name))\n    return 'thanks'\n"),
    ];
    const { facts } = await extended(drawn, { openings });
    expect(facts.leftOut).toEqual({ "does not do what its opening is about": 1 });
  });

  it("says in a paragraph that nothing can be learned", async () => {
    await expect(extended([completion(0, "    return name\n")])).rejects.toMatchObject({
      code: "nothing-to-do",
      message: "None of the programs that the model wrote (1) can be learned from: 1 flagged.",
    });
  });

  it("says that there was nothing to write on where no opening fits", async () => {
    await expect(extended([], { openings: new Map() })).rejects.toMatchObject({
      code: "nothing-to-do",
      message: `The model wrote no program: there is no opening of a seed for the weaknesses of ${dataset}.`,
    });
  });
});
