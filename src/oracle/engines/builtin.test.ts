import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCweId } from "../../core/cwe.ts";
import type { Finding, ScanResult } from "../../core/finding.ts";
import { testOracle } from "../oracle.conformance.ts";
import type { ThreatModel } from "../oracle.ts";
import { createBuiltinOracle, MAX_PROGRAM_BYTES } from "./builtin.ts";

const python = (text: string, path = "program.py") => ({ path, language: "python" as const, text });
const VULNERABLE = `import os
from flask import request, Flask
app = Flask(__name__)
@app.route("/")
def f():
    os.system(request.args["x"])
    return "ok"
`;

testOracle({
  name: "builtin",
  open: () => createBuiltinOracle({ threatModels: ["remote"] }),
  vulnerable: python(VULNERABLE),
  clean: python("import os\nos.system('ls')\n"),
  broken: python("def f(:\n"),
});

async function scan(text: string, threatModels: readonly ThreatModel[] = ["remote"]): Promise<ScanResult> {
  const [result] = await (await createBuiltinOracle({ threatModels })).scan([python(text)]);
  if (result === undefined) throw new Error("no result");
  return result;
}

async function findings(text: string, threatModels?: readonly ThreatModel[]): Promise<Finding[]> {
  const result = await scan(text, threatModels);
  if (result.status !== "scanned") throw new Error(`${result.reason}: ${result.detail}`);
  return result.findings;
}

describe("threat models", () => {
  const local = "import os, sys\nos.system(sys.argv[1])\nos.system(input())\nos.system(os.environ['X'])\n";
  const parameter = "import os\ndef run(line):\n    os.system(line)\n";

  it.each([
    { name: "local data is trusted by default", text: local, models: ["remote"], count: 0 },
    { name: "local data is not under local", text: local, models: ["remote", "local"], count: 3 },
    { name: "parameters are trusted by default", text: parameter, models: ["remote"], count: 0 },
    { name: "parameters are not under parameters", text: parameter, models: ["parameters"], count: 1 },
    {
      name: "remote data is trusted where only local is asked",
      text: VULNERABLE,
      models: ["local"],
      count: 0,
    },
  ] as const)("$name", async ({ text, models, count }) => {
    expect(await findings(text, models)).toHaveLength(count);
  });
});

describe("findings", () => {
  it("carry the way from source to sink", async () => {
    const [finding] = await findings(VULNERABLE);
    const steps = finding?.codeFlow?.map(({ region, message }) => `${region.startLine} ${message}`);
    expect(steps).toEqual(["6 the query string", "6 reaches the sink"]);
  });

  it("count columns in UTF-16 code units", async () => {
    const text = VULNERABLE.replace('os.system(request.args["x"])', 'x = "😀"; os.system(request.args["x"])');
    const [finding] = await findings(text);
    const line = text.split("\n")[5] ?? "";
    expect(finding?.region.startColumn).toBe(line.indexOf("request") + 1);
  });

  it("keep to the weaknesses that were asked for", async () => {
    const oracle = await createBuiltinOracle({ threatModels: ["remote"], cwes: [parseCweId("22")] });
    const [result] = await oracle.scan([python(VULNERABLE)]);
    expect(result).toMatchObject({ status: "scanned", findings: [] });
    expect(oracle.covers("python")).toContain(parseCweId("22"));
    expect(oracle.covers("python")).not.toContain(parseCweId("78"));
  });

  it("are of C where the program is, with what is untrusted there", async () => {
    const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
    const text = "#include <stdlib.h>\nint main(int argc, char **argv) {\n  return system(argv[1]);\n}\n";
    const [result] = await oracle.scan([{ path: "a.c", language: "c", text }]);
    expect(result).toMatchObject({ status: "scanned", findings: [{ ruleId: "c/command-line-injection" }] });
    expect(oracle.covers("c")).toContain(parseCweId("787"));
    expect(oracle.covers("python")).not.toContain(parseCweId("787"));
  });
});

describe("what cannot be analysed", () => {
  it.each([
    { name: "a syntax error", text: "x = (\n", reason: "parse-error" },
    { name: "a NUL", text: "x = 1\0", reason: "not-text" },
    { name: "a huge program", text: `x = "${"a".repeat(MAX_PROGRAM_BYTES)}"`, reason: "too-large" },
    { name: "deep nesting", text: `x = ${"[".repeat(3000)}${"]".repeat(3000)}`, reason: "timeout" },
  ])("$name is unscanned with its reason", async ({ text, reason }) => {
    expect(await scan(text)).toMatchObject({ status: "unscanned", reason });
  });

  it.each([
    { name: "a sum of 5,000 terms", text: `x = ${Array(5000).fill("a").join(" + ")}\n` },
    {
      name: "5,000 branches",
      text: Array.from({ length: 5000 }, (_, i) => `if a == ${i}:\n    b = ${i}\n`).join(""),
    },
    { name: "an empty program", text: "" },
    { name: "a comment", text: "# nothing\n" },
    { name: "endless recursion", text: "def f(x):\n    return f(g(x))\ndef g(x):\n    return f(x)\nf(1)\n" },
    { name: "a class that derives from itself", text: "class A(A):\n    pass\nA().x.y()\n" },
  ])("$name is analysed", async ({ text }) => {
    expect(await scan(text)).toMatchObject({ status: "scanned", findings: [] });
  });

  it("takes an empty result for a program cut off anywhere, or says why not, and never throws", async () => {
    const oracle = await createBuiltinOracle({ threatModels: ["remote", "local", "parameters"] });
    const cut = Array.from({ length: VULNERABLE.length }, (_, i) =>
      python(VULNERABLE.slice(0, i), `${i}.py`),
    );
    const results = await oracle.scan(cut);
    expect(results).toHaveLength(VULNERABLE.length);
  });

  it("says the same of the same program, whatever was scanned before it", async () => {
    const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
    const words = [
      "x",
      "=",
      "request.args['a']",
      "os.system(x)",
      "\n",
      "if x:\n    ",
      "return",
      "def f(x):\n    ",
      "[",
      "]",
      "for y in x:\n    ",
      "+",
      "'a'",
      "eval(y)",
      "from flask import request\n",
      "import os\n",
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 24 }), async (parts) => {
        const file = python(parts.join(" "));
        const [first] = await oracle.scan([file]);
        const [, second] = await oracle.scan([python(VULNERABLE), file]);
        expect(second).toEqual(first);
      }),
      { numRuns: 150 },
    );
  });
});

describe("models of one's own", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "models-"));
    await writeFile(
      join(folder, "ours.yml"),
      `sources:\n  - { path: "ours.read()", kind: remote, says: our queue }\nsinks:\n  - { path: ours.shell, arg: 0, kind: command }\n`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  const text = "import ours\nours.shell(ours.read())\n";

  it("add sources and sinks, and change the identity", async () => {
    const plain = await createBuiltinOracle({ threatModels: ["remote"] });
    const own = await createBuiltinOracle({ threatModels: ["remote"], modelsDirs: [folder] });
    expect((await plain.scan([python(text)]))[0]).toMatchObject({ findings: [] });
    expect((await own.scan([python(text)]))[0]).toMatchObject({
      findings: [{ ruleId: "py/command-line-injection" }],
    });
    expect(own.identity).not.toBe(plain.identity);
  });

  it("may bring a kind of sink that ours do not have, whose sanitizer clears no other", async () => {
    const more = await mkdtemp(join(tmpdir(), "models-"));
    await writeFile(
      join(more, "more.yml"),
      `kinds:\n  - { name: ours-radio, says: sends it by radio }\nsinks:\n  - { path: ours.radio, arg: 0, kind: ours-radio }\npropagators:\n  - { path: ours.quiet, from: 0, clears: ours-radio }\n`,
    );
    const own = await createBuiltinOracle({ threatModels: ["remote"], modelsDirs: [folder, more] });
    const quiet = "import ours\nx = ours.read()\nours.radio(x)\nours.shell(ours.quiet(x))\n";
    expect((await own.scan([python(quiet)]))[0]).toMatchObject({
      findings: [{ ruleId: "py/command-line-injection" }],
    });
    await rm(more, { recursive: true });
  });

  it("are refused with the file and the key when they are wrong", async () => {
    const bad = await mkdtemp(join(tmpdir(), "models-"));
    await writeFile(join(bad, "bad.yml"), "sinks:\n  - { path: a.b, arg: 0, kind: command, colour: red }\n");
    await expect(createBuiltinOracle({ threatModels: ["remote"], modelsDirs: [bad] })).rejects.toThrow(
      /bad\.yml.*colour|bad\.yml.*nrecognized/s,
    );
    await rm(bad, { recursive: true });
  });

  it("are refused when a kind is unknown", async () => {
    const bad = await mkdtemp(join(tmpdir(), "models-"));
    await writeFile(join(bad, "bad.yml"), "sinks:\n  - { path: a.b, arg: 0, kind: comand }\n");
    await expect(createBuiltinOracle({ threatModels: ["remote"], modelsDirs: [bad] })).rejects.toThrow(
      /comand/,
    );
    await rm(bad, { recursive: true });
  });
});
