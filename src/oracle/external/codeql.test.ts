// The CodeQL adapter with a stand-in executable: CodeQL cannot be installed where these tests run.
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceFile } from "../../core/finding.ts";
import type { SecurityOracle, ThreatModel } from "../oracle.ts";
import { openExternal } from "./open.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-codeql-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

// Notes its arguments, and writes SARIF as CodeQL does: a result for every line with WEAK, with flows as
// the line says, and a note for each file that it could read.
const STAND_IN = `
const { appendFileSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
if (args[0] === "version") { console.log("2.25.0"); process.exit(0); }
const texts = readdirSync("programs").sort().map((name) => {
  const file = readdirSync("programs/" + name)[0];
  return { uri: name + "/" + file, text: readFileSync("programs/" + name + "/" + file, "utf8") };
});
appendFileSync(process.env.LOG ?? "${"LOG"}", args.join(" ") + " #" + texts.length + "\\n");
if (args[1] === "create") process.exit(texts.some(({ text }) => text.includes("EXIT")) ? 2 : 0);
if (texts.some(({ text }) => text.includes("KILL"))) process.kill(process.pid, "SIGKILL");
const base = { uriBaseId: "%SRCROOT%" };
const at = (uri, startLine) => ({ physicalLocation: { artifactLocation: { uri, ...base }, region: { startLine, startColumn: 1, endColumn: 5 } } });
const step = (uri, line) => ({ location: { ...at(uri, line), message: { text: "ControlFlowNode" } } });
const results = texts.flatMap(({ uri, text }) => text.split("\\n").flatMap((line, index) => {
  if (!line.includes("WEAK")) return [];
  const other = texts.find((one) => one.uri !== uri)?.uri ?? "elsewhere/main.py";
  const inside = { threadFlows: [{ locations: [step(uri, 1), step(uri, index + 1)] }] };
  const across = { threadFlows: [{ locations: [step(other, 1), step(uri, index + 1)] }] };
  const flows = line.includes("ACROSS") ? [across] : line.includes("BOTH") ? [across, inside] : [inside];
  return [{ ruleId: "py/sql-injection", rule: { id: "py/sql-injection", index: 0, toolComponent: { index: 0 } },
    message: { text: "This SQL query depends on a [user-provided value](1)." }, locations: [at(uri, index + 1)], codeFlows: flows }];
}));
const read = texts.filter(({ text }) => !text.includes("SYNTAX")).map(({ uri }) => ({ locations: [at(uri, 1)], message: { text: "" }, level: "none",
  descriptor: { id: "py/diagnostics/successfully-extracted-files", index: 1 } }));
const rules = [{ id: "py/sql-injection", defaultConfiguration: { level: "error" }, properties: { tags: ["external/cwe/cwe-089"] } }];
const log = JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "CodeQL", semanticVersion: "2.25.0", rules: [] }, extensions: [{ name: "q", rules }] },
  invocations: [{ executionSuccessful: true, toolExecutionNotifications: read }], results }] });
writeFileSync("results.sarif", texts.some(({ text }) => text.includes("HALF")) ? log.slice(0, -40) : log);
`;

async function open(threatModels: readonly ThreatModel[] = ["remote"]): Promise<SecurityOracle> {
  const script = join(folder, "codeql.cjs");
  const tool = join(folder, "codeql");
  await writeFile(script, STAND_IN.replace('"LOG"', JSON.stringify(join(folder, "log"))));
  await writeFile(tool, `#!/bin/sh\nexec ${process.execPath} ${script} "$@"\n`);
  await chmod(tool, 0o755);
  const env = { PATH: process.env.PATH, HEXACODER_CODEQL: tool, HEXACODER_CACHE: join(folder, "cache") };
  return openExternal("codeql", { threatModels, env });
}

const calls = async (): Promise<string[]> => (await readFile(join(folder, "log"), "utf8")).trim().split("\n");
const python = (...texts: string[]): SourceFile[] =>
  texts.map((text, index) => ({ path: `${index}.py`, language: "python", text: `${text}\n` }));

describe("codeql", () => {
  it("makes one database of many programs, without a build, and asks it once", async () => {
    const oracle = await open();
    const results = await oracle.scan(python("a = 1", "b = 2  # WEAK", "c = 3"));
    expect(results.map((one) => one.status === "scanned" && one.findings.length)).toEqual([0, 1, 0]);
    const [create, analyze, ...others] = await calls();
    expect(create).toMatch(
      /^database create db --language=python --source-root=programs --build-mode=none .*#3$/,
    );
    expect(analyze).toMatch(
      /^database analyze db .*--output=results\.sarif.* codeql\/python-queries:codeql-suites\/python-security-extended\.qls codeql\/python-queries:Diagnostics\/SuccessfullyExtractedFiles\.ql #3$/,
    );
    expect(others).toEqual([]);
  });

  it("asks C and Python apart", async () => {
    const c: SourceFile = { path: "a.c", language: "c", text: "int a;\n" };
    await (await open()).scan([...python("a = 1"), c]);
    const all = await calls();
    expect(all).toHaveLength(4);
    expect(all.filter((call) => call.includes("--language=cpp"))).toHaveLength(1);
  });

  it("tells it the threat model that it knows", async () => {
    const oracle = await open(["remote", "local"]);
    await oracle.scan(python("a = 1"));
    expect(oracle.identity).toMatch(/^codeql@2\.25\.0\+local\+map\./);
    expect((await calls())[1]).toContain("--threat-model=local");
  });

  it("reads findings with their way, under our CWEs", async () => {
    const [result] = await (await open()).scan(python("a = 1\nb = 2  # WEAK"));
    expect(result).toMatchObject({
      status: "scanned",
      findings: [
        {
          ruleId: "codeql/py/sql-injection",
          cwes: ["CWE-89"],
          level: "error",
          message: "This SQL query depends on a user-provided value.",
          region: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 5 },
          codeFlow: [{ region: { startLine: 1 } }, { region: { startLine: 2 } }],
        },
      ],
    });
  });

  it("drops what flows in from another program of the batch only", async () => {
    const results = await (await open()).scan(python("# WEAK ACROSS", "# WEAK BOTH", "a = 1"));
    expect(results.map((one) => one.status === "scanned" && one.findings.length)).toEqual([0, 1, 0]);
  });

  it("does not take a program that it could not read for clean", async () => {
    const results = await (await open()).scan(python("a = 1", "SYNTAX"));
    expect(results).toMatchObject([{ status: "scanned" }, { status: "unscanned", reason: "parse-error" }]);
  });

  it.each(["EXIT", "KILL", "HALF"])("loses only the program at which it breaks (%s)", async (marker) => {
    const results = await (await open()).scan(python("a = 1", `# ${marker}`, "b = 2  # WEAK", "c = 3"));
    expect(results.map(({ status }) => status)).toEqual(["scanned", "unscanned", "scanned", "scanned"]);
    expect(results[1]).toMatchObject({ reason: "tool-failed" });
  });

  it("is not asked again for what it has said", async () => {
    const files = python("a = 1", "b = 2  # WEAK");
    const first = await (await open()).scan(files);
    const asked = (await calls()).length;
    expect(await (await open()).scan([...files].reverse())).toEqual([...first].reverse());
    expect(await calls()).toHaveLength(asked);
  });

  it("is named with the way to get it and its terms where it is missing", async () => {
    const env = { PATH: folder, HEXACODER_ENGINES: folder };
    await expect(openExternal("codeql", { threatModels: ["remote"], env })).rejects.toMatchObject({
      code: "tool-missing",
      remedy: expect.stringMatching(/codeql-action\/releases.*Not open source/s),
    });
  });
});
