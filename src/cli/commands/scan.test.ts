import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";
import { usefulThreads } from "../../oracle/workers.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "scan-"));
});
afterEach(() => rm(cwd, { recursive: true }));

async function write(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(cwd, name, ".."), { recursive: true });
    await writeFile(join(cwd, name), content);
  }
}

const scan = (...args: string[]): Promise<CommandResult> => runCli(["scan", ...args], { cwd });

const BAD = "import os\nfrom flask import request\nos.system(request.args['x'])\n";
const GOOD = "print('hello')\n";

describe("hexacoder scan", () => {
  it("exits 1 with findings and shows the way of the data", async () => {
    await write({ "a.py": BAD });
    const { code, out, talk } = await scan("a.py");
    expect(code).toBe(1);
    expect(out).toMatch(
      /a\.py\n {2}3:11 +error +CWE-78 .*py\/command-line-injection\n +3:11 +the query string/,
    );
    expect(talk).toContain("1 finding in 1 of 1 file.");
  });

  it("exits 0 without findings", async () => {
    await write({ "a.py": GOOD });
    expect(await scan("a.py")).toMatchObject({ code: 0, out: "" });
  });

  it("writes one JSON entry for every file looked at, in a fixed order", async () => {
    await write({ "b/z.py": GOOD, "b/a.py": BAD, "b/broken.py": "def f(:\n", "b/notes.txt": "x" });
    const { code, out } = await scan("b", "--format", "json");
    const { files } = z
      .object({ files: z.array(z.looseObject({ path: z.string(), status: z.string() })) })
      .parse(JSON.parse(out));
    expect(files.map(({ path, status }) => `${path} ${status}`)).toEqual([
      "b/a.py scanned",
      "b/broken.py unscanned",
      "b/z.py scanned",
    ]);
    expect(code).toBe(1);
  });

  it("leaves out what .gitignore names, and folders that are not the user's own", async () => {
    await write({
      ".gitignore": "build/\n*_pb2.py\n",
      "a.py": GOOD,
      "build/b.py": BAD,
      "x_pb2.py": BAD,
      "node_modules/c.py": BAD,
      "sub/.gitignore": "d.py\n",
      "sub/d.py": BAD,
      "sub/e.py": GOOD,
    });
    const { code, out } = await scan(".", "--format", "json");
    expect(out.match(/"path":"[^"]*"/g)).toEqual(['"path":"a.py"', '"path":"sub/e.py"']);
    expect(code).toBe(0);
  });

  it("scans a file once, however often it is named", async () => {
    await write({ "s/a.py": GOOD });
    const { out } = await scan("s/a.py", "s", "s/a.py", "--format", "json");
    expect(out.match(/"path"/g)).toHaveLength(1);
  });

  it.each([
    { name: "a missing file", files: {}, args: ["gone.py"], code: 2, says: /gone\.py does not exist/ },
    {
      name: "an empty folder",
      files: { "f/readme.md": "x" },
      args: ["f"],
      code: 2,
      says: /no program to look at in f/,
    },
    {
      name: "a binary file",
      files: { "a.py": Uint8Array.of(97, 0, 98) },
      args: ["a.py"],
      code: 4,
      says: /1 file could not/,
    },
    {
      name: "invalid UTF-8",
      files: { "a.py": Uint8Array.of(0x78, 0xff, 0xfe) },
      args: ["a.py"],
      code: 4,
      says: /1 file could not/,
    },
    {
      name: "a 50 MB file",
      files: { "a.py": new Uint8Array(50_000_000).fill(0x23) },
      args: ["a.py"],
      code: 4,
      says: /1 file could not/,
    },
    {
      name: "another language",
      files: { "a.rb": "puts 1" },
      args: ["a.rb"],
      code: 4,
      says: /1 file could not/,
    },
    { name: "an unknown CWE", files: { "a.py": GOOD }, args: ["a.py", "--cwe", "abc"], code: 2, says: /abc/ },
    {
      name: "an unknown oracle",
      files: { "a.py": GOOD },
      args: ["a.py", "--oracle", "bandti"],
      code: 2,
      says: /builtin/,
    },
    {
      name: "an unknown threat model",
      files: { "a.py": GOOD },
      args: ["a.py", "--threat-model", "mars"],
      code: 2,
      says: /remote/,
    },
    {
      name: "a missing models folder",
      files: { "a.py": GOOD },
      args: ["a.py", "--models", "none"],
      code: 2,
      says: /none does not exist/,
    },
  ])("explains $name in one paragraph", async ({ files, args, code, says }) => {
    await write(files);
    const result = await scan(...args);
    expect(result.code).toBe(code);
    expect(result.talk).toMatch(says);
    expect(result.talk).not.toMatch(/\n\s+at /);
  });

  it("lists a file that could not be looked at in JSON, with its reason", async () => {
    await write({ "a.py": Uint8Array.of(0xff) });
    const { out } = await scan("a.py", "--format", "json");
    expect(JSON.parse(out)).toEqual({
      files: [
        { path: "a.py", status: "unscanned", reason: "not-text", detail: expect.any(String), findings: [] },
      ],
    });
  });

  it("writes to a file, whole or not at all", async () => {
    await write({ "a.py": BAD });
    const { code, out } = await scan("a.py", "--format", "json", "--output", "result.json");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(JSON.parse(await readFile(join(cwd, "result.json"), "utf8"))).toHaveProperty("files");
    expect((await scan("a.py", "--output", "new/folder/x.json", "--format", "json")).code).toBe(1);
    expect(JSON.parse(await readFile(join(cwd, "new/folder/x.json"), "utf8"))).toHaveProperty("files");
    expect((await scan("a.py", "--output", "a.py/x.json")).code).toBe(2);
  });

  it("keeps to the weaknesses that were asked for", async () => {
    await write({ "a.py": BAD });
    expect((await scan("a.py", "--cwe", "22,CWE-079")).code).toBe(0);
    expect((await scan("a.py", "--cwe", "78")).code).toBe(1);
  });

  it("says which of the weaknesses asked for its oracle does not look for", async () => {
    await write({ "a.py": BAD });
    const { code, talk } = await scan("a.py", "--cwe", "78,9999");
    expect(code).toBe(1);
    expect(talk).toContain("The oracle builtin does not look for CWE-9999. There is no verdict on it.");
  });

  it("gives the same with threads as without", async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 70; i++) files[`f/${i}.py`] = i % 2 === 0 ? BAD : `${GOOD}# ${i}\n`;
    await write(files);
    const alone = await scan("f", "--format", "json", "--jobs", "1");
    expect(await scan("f", "--format", "json", "--jobs", "2")).toEqual(alone);
  }, 120_000);

  it("says in its help for how many files a further thread is started", async () => {
    const { out } = await scan("--help");
    const each = Number(/one for each ([\d,]+)\s+files/.exec(out)?.[1]?.replace(",", ""));
    expect([usefulThreads(2 * each - 1, 8), usefulThreads(2 * each, 8)]).toEqual([1, 2]);
  });
});

describe("hexacoder scan --baseline", () => {
  it.each(["sarif", "json"])(
    "reports only what a former scan in %s did not have, wherever lines moved",
    async (format) => {
      await write({ "a.py": BAD });
      await scan("a.py", "--format", format, "--output", "old");
      expect(await scan("a.py", "--baseline", "old")).toMatchObject({
        code: 0,
        out: "",
        talk: "0 findings in 0 of 1 file; 1 known from the baseline.\n",
      });
      await write({ "a.py": `# moved\n\n${BAD}os.popen(request.args['y'])\n` });
      const { code, out } = await scan("./a.py", "--baseline", "old");
      expect({ code, lines: out.match(/^ {2}\d+/gm) }).toEqual({ code: 1, lines: ["  6"] });
    },
  );

  it("tells known findings apart in JSON, and takes that JSON as the next baseline", async () => {
    await write({ "a.py": BAD });
    await scan("a.py", "--format", "json", "--output", "1.json");
    const { out } = await scan("a.py", "--format", "json", "--baseline", "1.json", "--output", "2.json");
    expect(out).toBe("");
    const { files } = JSON.parse(await readFile(join(cwd, "2.json"), "utf8"));
    expect(files).toMatchObject([{ findings: [], known: [{ ruleId: "py/command-line-injection" }] }]);
    expect((await scan("a.py", "--baseline", "2.json")).code).toBe(0);
  });

  it.each([
    ["gone.json", undefined, /gone\.json does not exist/],
    ["b.txt", "no JSON", /b\.txt cannot be a baseline: it is no JSON/],
    ["b.json", '{"a":1}', /it is neither SARIF nor the JSON/],
    ["b.sarif", '{"runs":[{"results":[{"ruleId":"x"}]}]}', /carry no fingerprints of ours/],
  ])("explains in one paragraph why %s is none", async (name, content, says) => {
    await write({ "a.py": GOOD, ...(content === undefined ? {} : { [name]: content }) });
    const { code, talk } = await scan("a.py", "--baseline", name);
    expect(code).toBe(2);
    expect(talk).toMatch(says);
    expect(talk).not.toMatch(/\n\s+at /);
  });
});

describe("hexacoder scan with comments that suppress", () => {
  const HELD = BAD.replace("'])", "'])  # hexacoder: ignore[CWE-78] only admins come here");

  it("counts what they suppress apart, and shows it in JSON with the reason", async () => {
    await write({ "a.py": HELD });
    const { code, out, talk } = await scan("a.py", "--format", "json");
    expect({ code, talk }).toEqual({
      code: 0,
      talk: "0 findings in 0 of 1 file; 1 suppressed by comments.\n",
    });
    expect(JSON.parse(out).files).toMatchObject([
      {
        findings: [],
        suppressed: [{ ruleId: "py/command-line-injection", reason: "only admins come here" }],
      },
    ]);
  });

  it("reports everything with --no-suppressions", async () => {
    await write({ "a.py": HELD });
    expect((await scan("a.py", "--no-suppressions")).code).toBe(1);
  });

  it("does not let a comment without a reason hold", async () => {
    await write({ "a.py": BAD.replace("'])", "'])  # hexacoder: ignore[CWE-78]") });
    const { code, out } = await scan("a.py");
    expect(code).toBe(1);
    expect(out).toMatch(/note +CWE-546 .*gives no reason/);
  });
});

describe("hexacoder scan --import", () => {
  const result = (uri: string, more: object = {}): object => ({
    ruleId: "their-rule",
    message: { text: "their words" },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 3 } } }],
    properties: { tags: ["CWE-78"] },
    ...more,
  });
  const log = (...results: object[]): string =>
    JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "Theirs" } }, results }] });

  it("reports what another tool found, in the files that it names", async () => {
    await write({ "a.py": BAD, "b.py": BAD, "their.sarif": log(result("a.py"), result("page.js")) });
    const { code, out, talk } = await scan("--import", "their.sarif");
    expect(code).toBe(1);
    expect(out).toMatch(/a\.py\n {2}3:1 +warning +CWE-78 +their words +their-rule/);
    expect(talk).toContain("1 results of the log are in files that are not reported here.");
    expect(talk).toContain("1 finding in 1 of 1 file.");
  });

  it("reports on the files that are named, and keeps what the log suppresses", async () => {
    const suppressions = [{ kind: "external", justification: "a test" }];
    await write({ "s/a.py": BAD, "s/b.py": BAD, "their.sarif": log(result("a.py", { suppressions })) });
    const { code, out } = await scan("s", "--import", "their.sarif", "--format", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      files: [
        { path: "s/a.py", findings: [], suppressed: [{ ruleId: "their-rule", reason: "a test" }] },
        { path: "s/b.py", status: "scanned", findings: [] },
      ],
    });
  });

  it.each([
    { says: "an oracle beside it", args: ["a.py", "--import", "x.sarif", "--oracle", "builtin"] },
    { says: "no path without it", args: [] },
    { says: "a log that is none", args: ["--import", "a.py"] },
  ])("refuses $says", async ({ args }) => {
    await write({ "a.py": GOOD });
    expect((await scan(...args)).code).toBe(2);
  });

  it("writes SARIF that it can read again", async () => {
    await write({ "a.py": BAD, "their.sarif": log(result("a.py")) });
    await scan("--import", "their.sarif", "--format", "sarif", "--output", "ours.sarif");
    const again = await scan("--import", "ours.sarif", "--format", "json");
    expect(JSON.parse(again.out)).toMatchObject({
      files: [{ findings: [{ ruleId: "their-rule", cwes: ["CWE-78"] }] }],
    });
  });
});
