import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../core/cwe.ts";
import type { Finding } from "../core/finding.ts";
import { SarifLog } from "./sarif.ts";
import { findingFrom, parseSarif, type SarifResult, type SarifRun } from "./sarif-in.ts";
import { RegionReader } from "./sarif-regions.ts";

const cwes = (...numbers: number[]): CweId[] => numbers.map((number) => parseCweId(String(number)));

/** A log with one run; what is not given is the least that the standard asks for. */
function log(run: object, driver: object = {}): string {
  return JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "T", ...driver } }, ...run }] });
}

function runOf(text: string): SarifRun {
  const reading = parseSarif(text);
  if (!reading.ok) throw new Error(reading.why);
  const [run] = reading.runs;
  if (run === undefined) throw new Error("no run");
  return run;
}

/** The one result of a log whose driver has the rules given. */
function resultOf(result: object, rules: object[] = [], run: object = {}): SarifResult {
  const [only] = runOf(log({ results: [result], ...run }, { rules })).results;
  if (only === undefined) throw new Error("no result");
  return only;
}

const at = (uri: string, region: object = { startLine: 1 }): object => ({
  physicalLocation: { artifactLocation: { uri }, region },
});

describe("CWEs of a result", () => {
  it.each<{ says: string; result?: object; rule?: object; run?: object; expected: CweId[] }>([
    {
      says: "tags as CodeQL writes them",
      rule: { properties: { tags: ["security", "external/cwe/cwe-079", "external/cwe/cwe-116"] } },
      expected: cwes(79, 116),
    },
    {
      says: "tags as Semgrep writes them",
      rule: { properties: { tags: ["CWE-502: Deserialization of Untrusted Data", "HIGH CONFIDENCE"] } },
      expected: cwes(502),
    },
    { says: "a tag CWE-79", result: { properties: { tags: ["CWE-79"] } }, expected: cwes(79) },
    {
      says: "taxa of the result before tags of the rule",
      result: { taxa: [{ id: "89", toolComponent: { name: "CWE" } }] },
      rule: { properties: { tags: ["CWE-20"] } },
      expected: cwes(89, 20),
    },
    {
      says: "a relationship, its taxonomy by name",
      rule: { relationships: [{ target: { id: "CWE-22", toolComponent: { name: "CWE" } } }] },
      expected: cwes(22),
    },
    {
      says: "a relationship, its taxonomy by index",
      rule: { relationships: [{ target: { id: "327", toolComponent: { index: 0 } } }] },
      run: { taxonomies: [{ name: "CWE" }] },
      expected: cwes(327),
    },
    {
      says: "a property that is a list",
      rule: { properties: { cwe: ["CWE-78", "cwe_88"] } },
      expected: cwes(78, 88),
    },
    { says: "a property that is a number", result: { properties: { cwe: 611 } }, expected: cwes(611) },
    {
      says: "no CWE for another taxonomy's number",
      rule: { relationships: [{ target: { id: "79", toolComponent: { name: "OWASP" } } }] },
      expected: [],
    },
    {
      says: "no CWE for tags that only look alike",
      rule: { properties: { tags: ["cwe-noinfo", "79", "CWE-79abc", "cwe-0"] } },
      expected: [],
    },
  ])("$says", ({ result = {}, rule = {}, run = {}, expected }) => {
    expect(resultOf({ ruleId: "r", ...result }, [{ id: "r", ...rule }], run).cwes).toEqual(expected);
  });
});

describe("the rule of a result", () => {
  const rule = { id: "a/b", defaultConfiguration: { level: "error" } };
  it.each([
    { says: "by its id", result: { ruleId: "a/b" } },
    { says: "by its index", result: { ruleIndex: 0 } },
    { says: "by a longer id", result: { ruleId: "a/b/c" } },
    { says: "by a reference", result: { rule: { index: 0 } } },
    { says: "by an index that there is not, and its id", result: { ruleIndex: 7, ruleId: "a/b" } },
  ])("is found $says", ({ result }) => {
    expect(resultOf(result, [rule]).level).toBe("error");
  });

  it("is found in an extension, as CodeQL writes it", () => {
    const tool = {
      driver: { name: "CodeQL" },
      extensions: [{ name: "queries", rules: [{ id: "x" }, rule] }],
    };
    const results = [{ ruleId: "a/b", rule: { id: "a/b", index: 1, toolComponent: { index: 0 } } }];
    expect(runOf(log({ tool, results })).results[0]).toMatchObject({ ruleId: "a/b", level: "error" });
  });
});

describe("the level of a result", () => {
  it.each([
    { result: { level: "note" }, expected: "note" },
    { result: {}, expected: "warning" },
    { result: { level: "none" }, expected: "none" },
    { result: { kind: "pass", level: "error" }, expected: "none" },
    { result: { kind: "informational" }, expected: "none" },
  ])("of $result is $expected", ({ result, expected }) => {
    expect(resultOf(result).level).toBe(expected);
  });
});

describe("messages", () => {
  it.each([
    {
      message: { text: "depends on a [user-provided value](1)." },
      expected: "depends on a user-provided value.",
    },
    { message: { text: "an array \\[0\\] and [a](b)" }, expected: "an array [0] and a" },
    { message: { id: "m", arguments: ["x", "y"] }, expected: "x before y {0}" },
    { message: { markdown: "only *this*" }, expected: "only *this*" },
    { message: {}, expected: "What it is" },
  ])("$message is “$expected”", ({ message, expected }) => {
    const rule = {
      id: "r",
      shortDescription: { text: "What it is" },
      messageStrings: { m: { text: "{0} before {1} {{0}}" } },
    };
    expect(resultOf({ ruleId: "r", message }, [rule]).message).toBe(expected);
  });
});

describe("paths", () => {
  it.each([
    { says: "relative", location: { uri: "a%20b/c.py" }, expected: "a b/c.py" },
    { says: "absolute", location: { uri: "file:///tmp/a%20b.py" }, expected: "/tmp/a b.py" },
    { says: "with a bare per cent sign", location: { uri: "100%.py" }, expected: "100%.py" },
    { says: "from the list of artifacts", location: { index: 0 }, expected: "listed.py" },
    {
      says: "under a base that is known",
      location: { uri: "c.py", uriBaseId: "SRC" },
      expected: "/r/s/c.py",
    },
    {
      says: "under a base that is not known",
      location: { uri: "c.py", uriBaseId: "%SRCROOT%" },
      expected: "c.py",
    },
    {
      says: "under bases in a circle",
      location: { uri: "c.py", uriBaseId: "A" },
      expected: expect.stringMatching(/c\.py$/),
    },
  ])("$says", ({ location, expected }) => {
    const originalUriBaseIds = {
      SRC: { uri: "s/", uriBaseId: "ROOT" },
      ROOT: { uri: "file:///r/" },
      "%SRCROOT%": {},
      A: { uri: "a/", uriBaseId: "B" },
      B: { uri: "b/", uriBaseId: "A" },
    };
    const run = { originalUriBaseIds, artifacts: [{ location: { uri: "listed.py" } }] };
    const result = { locations: [{ physicalLocation: { artifactLocation: location } }] };
    expect(resultOf(result, [], run).place?.path).toEqual(expected);
  });
});

describe("suppressions", () => {
  it.each([
    { suppressions: [{ kind: "inSource", justification: "a test" }], expected: "a test" },
    { suppressions: [{ kind: "external", status: "accepted" }], expected: "" },
    { suppressions: [{ kind: "external", status: "underReview" }], expected: undefined },
    { suppressions: [{ kind: "inSource" }, { kind: "external", status: "rejected" }], expected: undefined },
    { suppressions: [], expected: undefined },
  ])("$suppressions give $expected", ({ suppressions, expected }) => {
    expect(resultOf({ suppressions }).suppressed).toBe(expected);
  });
});

describe("runs", () => {
  it("without results did not get to their end", () => {
    expect(runOf(log({}))).toMatchObject({ completed: false, results: [] });
    expect(runOf(log({ results: null }))).toMatchObject({ completed: false });
    expect(runOf(log({ results: [] }))).toMatchObject({ completed: true });
  });

  it("that say that they failed did not, whatever results they have", () => {
    const invocations = [{ executionSuccessful: true }, { executionSuccessful: false }];
    expect(runOf(log({ results: [{ ruleId: "r" }], invocations })).completed).toBe(false);
  });

  it("say of which files the tool complained", () => {
    const notification = {
      level: "error",
      message: { text: "no" },
      descriptor: { id: "d" },
      locations: [at("a.py")],
    };
    const run = runOf(log({ results: [], invocations: [{ toolExecutionNotifications: [notification] }] }));
    expect(run.notifications).toEqual([{ id: "d", level: "error", message: "no", paths: ["a.py"] }]);
  });
});

describe("regions", () => {
  const text = new RegionReader("first\n  s = '𝒳' + x\r\nlast");
  it.each([
    { says: "a line alone is all of it", region: { startLine: 2 }, expected: [2, 1, 2, 15] },
    {
      says: "an end on its own line",
      region: { startLine: 1, startColumn: 2, endColumn: 4 },
      expected: [1, 2, 1, 4],
    },
    {
      says: "an end beyond its line is the line's",
      region: { startLine: 1, endColumn: 99 },
      expected: [1, 1, 1, 6],
    },
    {
      says: "code points after an astral character",
      region: { startLine: 2, startColumn: 13, endColumn: 14 },
      expected: [2, 14, 2, 15],
    },
    {
      says: "several lines",
      region: { startLine: 1, startColumn: 3, endLine: 3, endColumn: 2 },
      expected: [1, 3, 3, 2],
    },
    {
      says: "characters from the beginning",
      region: { charOffset: 6, charLength: 3 },
      expected: [2, 1, 2, 4],
    },
    { says: "no such line", region: { startLine: 4 }, expected: undefined },
    { says: "an end before the beginning", region: { startLine: 2, endLine: 1 }, expected: undefined },
    { says: "an offset beyond the text", region: { charOffset: 99 }, expected: undefined },
  ])("$says", ({ region, expected }) => {
    const [startLine, startColumn, endLine, endColumn] = expected ?? [];
    expect(text.read(region, "unicodeCodePoints")).toEqual(
      expected === undefined ? undefined : { startLine, startColumn, endLine, endColumn },
    );
  });

  it("count code units where the log does", () => {
    expect(text.read({ startLine: 2, startColumn: 14, endColumn: 15 }, "utf16CodeUnits")).toEqual({
      startLine: 2,
      startColumn: 14,
      endLine: 2,
      endColumn: 15,
    });
  });
});

describe("a finding of a result", () => {
  const text = new RegionReader("import os\nos.system(x)\n");
  const flow = (...uris: string[]): object => ({
    threadFlows: [{ locations: uris.map((uri) => ({ location: { ...at(uri), message: { text: uri } } })) }],
  });

  it("prefers the flow that stays in its file", () => {
    const result = resultOf({
      ruleId: "r",
      locations: [at("a.py", { startLine: 2 })],
      codeFlows: [flow("b.py", "a.py"), flow("a.py", "a.py")],
    });
    const finding = findingFrom(result, { text, columnKind: "unicodeCodePoints", cwes: cwes(78) });
    expect(finding?.codeFlow?.map(({ message }) => message)).toEqual(["a.py", "a.py"]);
  });

  it.each([
    { says: "without a CWE", result: { locations: [at("a.py")] } },
    { says: "without a place", result: { properties: { cwe: 78 } } },
    {
      says: "outside the program",
      result: { properties: { cwe: 78 }, locations: [at("a.py", { startLine: 9 })] },
    },
    { says: "of level none", result: { properties: { cwe: 78 }, locations: [at("a.py")], level: "none" } },
  ])("there is none $says", ({ result }) => {
    expect(findingFrom(resultOf(result), { text, columnKind: "unicodeCodePoints" })).toBeUndefined();
  });
});

const PROGRAM = "alpha = 1\nbeta = '𝒳' + request\n\nos.system(beta)\n";
const reader = new RegionReader(PROGRAM);
const lines = PROGRAM.split("\n");

const anyRegion = fc
  .tuple(
    fc.integer({ min: 0, max: lines.length - 1 }),
    fc.integer({ min: 0, max: lines.length - 1 }),
    fc.nat(),
    fc.nat(),
  )
  .map(([one, other, from, to]) => {
    const [start, end] = [Math.min(one, other), Math.max(one, other)];
    const columns = [from % ((lines[start]?.length ?? 0) + 1), to % ((lines[end]?.length ?? 0) + 1)];
    if (start === end) columns.sort((a, b) => a - b);
    return {
      startLine: start + 1,
      startColumn: (columns[0] ?? 0) + 1,
      endLine: end + 1,
      endColumn: (columns[1] ?? 0) + 1,
    };
  });
const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    ruleId: fc.constantFrom("py/a", "py/b", "c/d"),
    cwes: fc
      .uniqueArray(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 3 })
      .map((ids) => cwes(...ids)),
    level: fc.constantFrom("error" as const, "warning" as const, "note" as const),
    message: fc.string({ unit: fc.constantFrom("a", "é", "𝒳", " ", '"', "{", "(", ".") }),
    region: anyRegion,
    codeFlow: fc.array(fc.record({ region: anyRegion, message: fc.constantFrom("x", "y") }), {
      minLength: 1,
      maxLength: 4,
    }),
  },
  { requiredKeys: ["ruleId", "cwes", "level", "message", "region"] },
);

async function written(findings: readonly Finding[]): Promise<string> {
  let text = "";
  const about = { rules: [], identity: "t", version: "1.0.0", root: "/r" };
  const out = new SarifLog(about, async (part) => {
    text += part;
  });
  const reported = findings.map((finding, index) => ({ ...finding, fingerprint: `f:${index}` }));
  await out.add({ status: "scanned", path: "a b.py", findings: reported, covers: [] });
  await out.end();
  return text;
}

describe("what we write", () => {
  it("is read back as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFinding, { maxLength: 5 }), async (findings) => {
        // A log describes a rule once, so its CWEs are the same wherever it is found.
        const alike = findings.map((finding) => ({
          ...finding,
          cwes: findings.find(({ ruleId }) => ruleId === finding.ruleId)?.cwes ?? finding.cwes,
        }));
        const run = runOf(await written(alike));
        const back = run.results.map((result) =>
          findingFrom(result, { text: reader, columnKind: run.columnKind }),
        );
        expect(back).toEqual(alike);
        expect(run.results.map(({ fingerprints }) => Object.values(fingerprints))).toEqual(
          alike.map((_, index) => [`f:${index}`]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is unreadable when it is cut off anywhere, and nothing is thrown", async () => {
    const [finding] = fc.sample(anyFinding, { numRuns: 1, seed: 7 });
    const text = (await written(finding === undefined ? [] : [finding])).trimEnd();
    for (let end = 0; end < text.length; end++) {
      expect(parseSarif(text.slice(0, end))).toMatchObject({ ok: false });
    }
  });

  it("is read or turned down, never thrown over, when any value in it is another", async () => {
    const [finding] = fc.sample(anyFinding, { numRuns: 1, seed: 7 });
    const whole = await written(finding === undefined ? [] : [finding]);
    const keys = whole.match(/"[A-Za-z]+":/g) ?? [];
    fc.assert(
      fc.property(fc.constantFrom(...new Set(keys)), fc.jsonValue(), (key, value) => {
        const name = key.slice(1, -2);
        const document: unknown = JSON.parse(whole, (at, old: unknown) => (at === name ? value : old));
        const reading = parseSarif(JSON.stringify(document));
        if (!reading.ok) expect(reading.why).not.toBe("");
        else
          for (const run of reading.runs)
            for (const result of run.results)
              findingFrom(result, { text: reader, columnKind: run.columnKind });
      }),
      { numRuns: 400 },
    );
  });

  it.each(["", "null", "[]", "{}", '{"version":"2.0.0","runs":[]}', '{"version":"2.1.0"}', "\uFEFF{}"])(
    "turns %j down with a reason",
    (text) => {
      expect(parseSarif(text)).toMatchObject({ ok: false, why: expect.stringMatching(/./) });
    },
  );

  it("reads a log behind a byte order mark", () => {
    expect(parseSarif(`\uFEFF${log({ results: [] })}`)).toMatchObject({ ok: true });
  });
});
