import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "compare-"));
  await mkdir(join(cwd, "p"));
  await write("p/a.py", BAD);
  await write("p/b.py", "print('<b>hello</b>')\n");
});
afterEach(() => rm(cwd, { recursive: true }));

const BAD = "import os\nfrom flask import request\nos.system(request.args['x'])  # <script>\n";

const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);
const read = (name: string): Promise<string> => readFile(join(cwd, name), "utf8");
const compare = (...args: string[]): Promise<CommandResult> => runCli(["compare-oracles", ...args], { cwd });

/** A log that says nothing of a.py and something of b.py. */
const LOG = JSON.stringify({
  version: "2.1.0",
  runs: [
    {
      tool: { driver: { name: "Theirs", rules: [{ id: "r", properties: { tags: ["CWE-78"] } }] } },
      results: [
        {
          ruleId: "r",
          message: { text: "their <b>words</b>" },
          locations: [
            { physicalLocation: { artifactLocation: { uri: "p/b.py" }, region: { startLine: 1 } } },
          ],
        },
      ],
    },
  ],
});

describe("hexacoder compare-oracles", () => {
  it("says how far an oracle and a log agree, as text, JSON, JSON lines and HTML", async () => {
    await write("their.sarif", LOG);
    const { code, out } = await compare("p", "--import", "theirs=their.sarif", "--out", "o");
    expect(code).toBe(0);
    expect(out).toContain("builtin – theirs: kappa -1.00");
    expect(JSON.parse(await read("o/agreement.json"))).toMatchObject({
      programs: 2,
      disagreements: 2,
      pairs: [{ judges: ["builtin", "theirs"], pooled: { onlyFirst: 1, onlySecond: 1, n: 2 } }],
    });
    const lines = (await read("o/disagreements.jsonl")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { path: "p/a.py", cwe: "CWE-78", flaggedBy: ["builtin"], cleanFor: ["theirs"] },
      { path: "p/b.py", cwe: "CWE-78", flaggedBy: ["theirs"], cleanFor: ["builtin"] },
    ]);
    const page = await read("o/agreement.html");
    expect(page).toContain("their &lt;b&gt;words&lt;/b&gt;");
    expect(page).not.toMatch(/<script|https?:\/\/(?!cwe)/);
  });

  it("comes out the same when it is run again into the same folder", async () => {
    await write("their.sarif", LOG);
    const texts: string[] = [];
    for (let round = 0; round < 2; round++) {
      await compare("p", "--import", "their.sarif", "--out", "o");
      texts.push(await read("o/disagreements.jsonl"), await read("o/agreement.json"));
    }
    expect(texts.slice(2)).toEqual(texts.slice(0, 2));
  });

  it("leaves a manifest that says what was looked at, and by whom", async () => {
    await write("their.sarif", LOG);
    const manifest = async (): Promise<{ inputs: Record<string, string> }> => {
      expect((await compare("p", "--import", "theirs=their.sarif", "--out", "o")).code).toBe(0);
      return JSON.parse(await read("o/manifest.json"));
    };
    const first = await manifest();
    expect(first).toMatchObject({
      kind: "compare-oracles",
      options: { oracle: "builtin", threatModel: ["remote"] },
      inputs: { "import:theirs": expect.stringMatching(/^[0-9a-f]{64}$/) },
      identities: { builtin: expect.stringMatching(/^builtin@/), theirs: expect.any(String) },
      versions: { node: process.version },
    });
    expect((await manifest()).inputs).toEqual(first.inputs);
    await write("p/b.py", "print(1)\n");
    expect((await manifest()).inputs.programs).not.toBe(first.inputs.programs);
  });

  it.each([
    { says: "another run's folder", name: "manifest.json", kind: "eval" },
    { says: "a folder of somebody's own", name: "notes.txt", kind: undefined },
  ])("writes nothing into $says", async ({ name, kind }) => {
    await write("their.sarif", LOG);
    await mkdir(join(cwd, "o"));
    const made = { options: {}, inputs: {}, seeds: {}, identities: {}, versions: {}, startedAt: "now" };
    await write(`o/${name}`, JSON.stringify({ version: 1, kind, ...made }));
    const { code, talk } = await compare("p", "--import", "their.sarif", "--out", "o");
    expect({ code, files: await readdir(join(cwd, "o")) }).toEqual({ code: 2, files: [name] });
    expect(talk).toContain("Choose another --out folder");
  });

  it.each([
    { says: "one judge", args: ["p", "--out", "o"] },
    { says: "two judges of one name", args: ["p", "--out", "o", "--import", "builtin=x.sarif"] },
    { says: "a folder without programs", args: ["o", "--out", "o", "--import", "x.sarif"] },
    { says: "no folder to write to", args: ["p", "--import", "x.sarif"] },
  ])("refuses $says", async ({ args }) => {
    await write("x.sarif", LOG);
    await mkdir(join(cwd, "o"));
    const { code, talk } = await compare(...args);
    expect(code).toBe(2);
    expect(talk).not.toContain("    at ");
  });
});
