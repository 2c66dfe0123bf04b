// Every external engine that setup installs, for real: the conformance suite, its fixtures in one call
// each, and tools that break on some programs. CodeQL cannot be installed here; its adapter is tested
// with a stand-in in src/oracle/external/codeql.test.ts.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceFile } from "../../src/core/finding.ts";
import { type Language, languageOf } from "../../src/core/language.ts";
import type { CallLimits } from "../../src/oracle/external/adapter.ts";
import { type ExternalName, openExternal } from "../../src/oracle/external/open.ts";
import { testOracle } from "../../src/oracle/oracle.conformance.ts";
import type { SecurityOracle } from "../../src/oracle/oracle.ts";
import { enginesVenv } from "../../src/util/python.ts";
import { resource } from "../../src/util/resources.ts";
import { breakingTool, realTool } from "../support/breaking-tool.ts";
import { foundAsMarks, marksOf } from "../support/marks.ts";

const fixtures = resource("test", "fixtures", "engines");
const SETTINGS = { threatModels: ["remote"] as const, modelsDirs: [join(fixtures, "semgrep")] };

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "hexacoder-engines-"));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

/** The project's own environment, but a cache of this run's, so that every engine runs for real. */
const envWith = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HEXACODER_ENGINES: enginesVenv(process.env),
  HEXACODER_CACHE: cache,
  ...more,
});

const vulnerable: Record<Language, string> = {
  python: "import os\nfrom flask import request\n\n\ndef f():\n    os.system('ls ' + request.args['x'])\n",
  c: "#include <stdlib.h>\nvoid f(void) {\n  char *p = malloc(4);\n  if (!p) return;\n  free(p);\n  free(p);\n}\n",
};
const clean: Record<Language, string> = { python: "print('é')\n", c: "int main(void) { return 0; }\n" };
const broken: Record<Language, string> = { python: "def f(:\n", c: "int main( { return }\n" };
const program = (text: string, language: Language, name = "a"): SourceFile => ({
  path: `${name}${language === "python" ? ".py" : ".c"}`,
  language,
  text,
});

const engines: { name: ExternalName; language: Language }[] = [
  { name: "bandit", language: "python" },
  { name: "semgrep", language: "python" },
  { name: "gcc", language: "c" },
  { name: "clang", language: "c" },
  { name: "cppcheck", language: "c" },
];

describe.each(engines)("$name", ({ name, language }) => {
  const opened = new Map<string, Promise<SecurityOracle>>();
  // Opened once: asking Semgrep for its version takes seconds.
  const open = (): Promise<SecurityOracle> => {
    const known = opened.get(name) ?? openExternal(name, { ...SETTINGS, env: envWith() });
    opened.set(name, known);
    return known;
  };

  testOracle({
    name,
    open,
    vulnerable: program(vulnerable[language], language),
    clean: program(clean[language], language),
    broken: program(broken[language], language),
  });

  it("finds in one call what its fixtures mark, and nothing else", async () => {
    const names = (await readdir(join(fixtures, name))).filter((one) => languageOf(one) !== undefined);
    const files = await Promise.all(
      names.map(async (one) => program(await readFile(join(fixtures, name, one), "utf8"), language, one)),
    );
    const paths = files.map((file, index) => ({ ...file, path: names[index] ?? "" }));
    const results = await (await open()).scan(paths);
    const found = names.map((one, index) => [one, foundAsMarks(results[index])]);
    expect(found).toEqual(names.map((one, index) => [one, marksOf(files[index]?.text ?? "")]));
  });

  it("stamps its version and its rules", async () => {
    expect((await open()).identity).toMatch(
      new RegExp(`^${name}@\\d[\\w.]+(\\+rules\\.\\w{8})?\\+map\\.\\w{8}$`),
    );
  });

  it("does not look at other languages", async () => {
    const other = program("x", language === "python" ? "c" : "python");
    const results = await (await open()).scan([other]);
    expect(results).toMatchObject([{ status: "unscanned", reason: "unsupported-language" }]);
    expect((await open()).covers(other.language)).toEqual([]);
  });

  it.each([
    { how: "a wrong exit", marker: "exit" },
    { how: "half a report", marker: "half" },
    { how: "being killed", marker: "kill" },
  ])("$how costs the program concerned and no other", async ({ marker }) => {
    const oracle = await openBreaking(marker);
    const good = program(vulnerable[language], language, "good");
    const results = await oracle.scan([program(clean[language], language), breaking(marker), good]);
    expect(results).toMatchObject([
      { status: "scanned", findings: [] },
      { status: "unscanned", path: breaking(marker).path, reason: "tool-failed" },
      { status: "scanned", path: good.path },
    ]);
    expect(results[2]?.status === "scanned" && results[2].findings.length).toBeGreaterThan(0);
  });

  it("a hang ends as a timeout", async () => {
    const limits = { baseMs: 1000, perProgramMs: 0, memoryBytes: 0 };
    const results = await (await openBreaking("hang", limits)).scan([breaking("hang")]);
    expect(results).toMatchObject([{ status: "unscanned", reason: "timeout" }]);
  });

  const breaking = (marker: string): SourceFile =>
    program(`${language === "python" ? "#" : "//"} BREAK:${marker}\n${clean[language]}`, language, "bad");

  async function openBreaking(marker: string, limits?: CallLimits): Promise<SecurityOracle> {
    const tool = await breakingTool(await realTool(name, envWith()), cache);
    const env = envWith({ [`HEXACODER_${name.toUpperCase()}`]: tool, HEXACODER_CACHE: join(cache, marker) });
    return openExternal(name, { ...SETTINGS, env, ...(limits === undefined ? {} : { limits }) });
  }
});

describe("gcc", () => {
  it("does not judge C++", async () => {
    const oracle = await openExternal("gcc", { ...SETTINGS, env: envWith() });
    const file = { ...program("int f() { return 0; }\n", "c"), path: "a.cpp" };
    const results = await oracle.scan([file, program(clean.c, "c")]);
    expect(results).toMatchObject([{ reason: "unsupported-language" }, { status: "scanned" }]);
  });
});

describe("semgrep", () => {
  it("runs the rules that are shipped", async () => {
    const env = envWith();
    const oracle = await openExternal("semgrep", { threatModels: ["remote"], env });
    const [result] = await oracle.scan([program(vulnerable.python, "python")]);
    expect(foundAsMarks(result)).toContain("6 Alert[CWE-78]");
  });
});
