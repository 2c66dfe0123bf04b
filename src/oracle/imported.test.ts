import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import type { ScanResult, SourceFile } from "../core/finding.ts";
import { type ImportedOracle, readImport } from "./imported.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "imported-"));
});
afterEach(() => rm(root, { recursive: true }));

const TEXT = "import os\nos.system(name)\n";
const python = (path: string): SourceFile => ({ path, language: "python", text: TEXT });

const RULES = [
  { id: "shell", properties: { tags: ["CWE-78"] } },
  { id: "never-found", properties: { tags: ["CWE-89"] } },
];

const at = (uri: string, startLine = 2): object => ({
  locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }],
});
const hit = (uri: string, more: object = {}): object => ({
  ruleId: "shell",
  message: { text: "m" },
  ...at(uri),
  ...more,
});

async function imported(run: object, options: object = {}): Promise<ImportedOracle> {
  const tool = { driver: { name: "Lint", version: "3", rules: RULES } };
  const log = { version: "2.1.0", runs: [{ tool, results: [], ...run }] };
  await writeFile(join(root, "x.sarif"), JSON.stringify(log));
  return readImport(join(root, "x.sarif"), { roots: [root], ...options });
}

async function scan(oracle: ImportedOracle, path = "a.py"): Promise<ScanResult | undefined> {
  return (await oracle.scan([python(path)]))[0];
}

describe("an imported log", () => {
  it("answers with its findings, and covers what its rules look for", async () => {
    const oracle = await imported({ results: [hit("a.py")] });
    expect(oracle.identity).toMatch(/^Lint@3\[x\.sarif [0-9a-f]{8}\]$/);
    expect(await scan(oracle)).toMatchObject({
      status: "scanned",
      findings: [{ ruleId: "shell", cwes: ["CWE-78"], region: { startLine: 2 } }],
      covers: ["CWE-78", "CWE-89"],
    });
  });

  it.each([
    { says: "relative to the folder", uri: "a.py", found: 1 },
    { says: "dotted", uri: "./a.py", found: 1 },
    { says: "of another folder", uri: "b/a.py", found: 0 },
  ])("finds a file whose path is $says", async ({ uri, found }) => {
    const result = await scan(await imported({ results: [hit(uri)] }));
    expect(result).toMatchObject({ status: "scanned", findings: { length: found } });
  });

  it("has no verdict on files without results when the tool did not get to its end", async () => {
    const oracle = await imported({
      results: [hit("a.py")],
      invocations: [{ executionSuccessful: false }],
    });
    expect(await scan(oracle)).toMatchObject({ status: "scanned" });
    expect(await scan(oracle, "b.py")).toMatchObject({ status: "unscanned", reason: "tool-failed" });
  });

  it("has no verdict on files that it complains about, with the reason that we gave ourselves", async () => {
    const notice = (id: string, level: string): object => ({
      descriptor: { id },
      level,
      message: { text: "Syntax error" },
      ...at("a.py"),
    });
    for (const [id, level, reason] of [
      ["unscanned/too-large", "warning", "too-large"],
      ["oops", "error", "parse-error"],
    ] as const) {
      const invocations = [{ executionSuccessful: true, toolExecutionNotifications: [notice(id, level)] }];
      expect(await scan(await imported({ invocations }))).toMatchObject({ status: "unscanned", reason });
    }
  });

  it("counts what it cannot use", async () => {
    const oracle = await imported({
      results: [
        hit("a.py"),
        hit("a.py", at("a.py", 99)),
        hit("elsewhere.py"),
        hit("a.py", { ruleId: "style" }),
        { ruleId: "shell", message: { text: "m" } },
      ],
    });
    await scan(oracle);
    expect(oracle.left()).toEqual({ withoutCwe: 1, withoutPlace: 2, elsewhere: 1 });
  });

  it("keeps to the weaknesses that were asked for", async () => {
    const oracle = await imported({ results: [hit("a.py")] }, { cwes: [parseCweId("89")] });
    expect(await scan(oracle)).toMatchObject({ findings: [], covers: ["CWE-89"] });
  });

  it("is refused in one sentence when it is none", async () => {
    await writeFile(join(root, "x.sarif"), '{"version":"2.1.0","runs":[');
    const reading = readImport(join(root, "x.sarif"), { roots: [root] });
    await expect(reading).rejects.toMatchObject({ code: "bad-input" });
  });
});
