import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import AjvDraft4 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { compareWith } from "./baseline.ts";
import { createBuiltinOracle } from "./engines/builtin.ts";
import { reportOf } from "./file-report.ts";
import { SarifLog } from "./sarif.ts";

const TEXT = "import os\nfrom flask import request\nx = request.args['x']\nos.system(x)\nos.system(x)\n";

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });

const SUPPRESSED = TEXT.replace(
  "os.system(x)\n",
  "os.system(x)  # hexacoder: ignore[CWE-78] a test of shells\n",
);

async function logOf(
  text: string,
  how: { path?: string; known?: ReadonlySet<string>; pages?: string } = {},
): Promise<Record<string, unknown>> {
  let written = "";
  const { rules, identity } = oracle;
  const about = { rules, identity, version: "0.1.0", root: "/repo" };
  const log = new SarifLog(how.pages === undefined ? about : { ...about, pages: how.pages }, async (part) => {
    written += part;
  });
  const file = { path: how.path ?? "src/my app.py", language: "python" as const, text };
  const [result] = await oracle.scan([file]);
  if (result === undefined) throw new Error("no result");
  const report = reportOf(result, file, { root: "/repo", suppressions: true });
  await log.add(how.known === undefined ? report : compareWith(report, { fingerprints: how.known }));
  await log.add({ status: "unscanned", path: "b.py", reason: "parse-error", detail: "Line 1." });
  await log.end();
  return JSON.parse(written);
}

// OASIS' schema of SARIF 2.1.0 as Microsoft publishes it with its test matchers: JSON Schema draft 4,
// with a pattern that is none in Unicode mode.
const SCHEMA = createRequire(import.meta.url).resolve(
  "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json",
);

function validator(): (log: unknown) => unknown {
  const ajv = new AjvDraft4.default({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const schema: object = JSON.parse(readFileSync(SCHEMA, "utf8"));
  const validate = ajv.compile(schema);
  return (log) => (validate(log) ? [] : validate.errors);
}

describe("SARIF", () => {
  it("follows the schema, and the schema can tell", async () => {
    const errors = validator();
    const log = await logOf(TEXT);
    expect(errors(log)).toEqual([]);
    expect(errors(await logOf(TEXT, { path: "/absolute/ä b.py" }))).toEqual([]);
    expect(errors(await logOf("print(1)\n"))).toEqual([]);
    expect(errors(await logOf(SUPPRESSED, { known: new Set(), pages: "https://example.org/x" }))).toEqual([]);
    expect(errors({ ...log, version: "2.0.0" })).not.toEqual([]);
    expect(errors({ ...log, tools: [] })).not.toEqual([]);
  });

  it("names the rule, the place, the flow and the weakness of a finding", async () => {
    const log = await logOf(TEXT);
    expect(log).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          columnKind: "utf16CodeUnits",
          results: [
            {
              ruleId: "py/command-line-injection",
              level: "error",
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: "src/my%20app.py" },
                    region: { startLine: 4, startColumn: 11, endLine: 4, endColumn: 12 },
                  },
                },
              ],
              codeFlows: [{ threadFlows: [{ locations: expect.any(Array) }] }],
            },
            { ruleId: "py/command-line-injection" },
          ],
        },
      ],
    });
  });

  it("points each result at its rule, which carries its CWEs as tags", async () => {
    const [run] = (await logOf(TEXT)).runs as Run[]; // the shape that the first test has checked
    for (const result of run?.results ?? []) {
      const rule = run?.tool.driver.rules[result.ruleIndex];
      expect(rule?.id).toBe(result.ruleId);
      expect(rule?.properties.tags).toContain("external/cwe/cwe-078");
    }
  });

  it("tells findings on equal lines apart, and keeps their fingerprints when lines move", async () => {
    const prints = async (text: string): Promise<string[]> => {
      const [run] = (await logOf(text)).runs as Run[]; // see above
      return (run?.results ?? []).map(
        ({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash,
      );
    };
    const before = await prints(TEXT);
    expect(new Set(before).size).toBe(2);
    expect(await prints(`# moved\n\n${TEXT}`)).toEqual(before);
  });

  it("gives paths below the folder relative to it, and files elsewhere as they are", async () => {
    const uriOf = async (path: string): Promise<unknown> => {
      const [run] = (await logOf(TEXT, { path })).runs as Run[]; // see above
      return run?.results[0]?.locations[0]?.physicalLocation.artifactLocation;
    };
    expect(await uriOf("/repo/src/ä b.py")).toEqual({ uri: "src/%C3%A4%20b.py", uriBaseId: "%SRCROOT%" });
    expect(await uriOf("./src/a.py")).toEqual({ uri: "src/a.py", uriBaseId: "%SRCROOT%" });
    expect(await uriOf("/other/a.py")).toEqual({ uri: "file:///other/a.py" });
    expect(await uriOf("../other/a.py")).toEqual({ uri: "file:///other/a.py" });
  });

  it("keeps to what GitHub's code scanning asks of rules", async () => {
    const [run] = (await logOf(TEXT, { pages: "https://example.org/x" })).runs as Run[]; // see above
    for (const rule of run?.tool.driver.rules ?? []) {
      expect(Number(rule.properties["security-severity"])).toBeGreaterThan(0);
      expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
      expect(rule.properties.tags.filter((tag) => /^external\/cwe\/cwe-\d{3,}$/.test(tag))).not.toEqual([]);
      expect(rule).toMatchObject({
        shortDescription: {},
        fullDescription: {},
        help: { markdown: expect.any(String) },
      });
      expect(rule.helpUri).toMatch(/^https:\/\/example\.org\/x\/docs\/rules\/[a-z0-9-]+\.md$/);
    }
  });

  it("says what a comment suppresses, and why", async () => {
    const [run] = (await logOf(SUPPRESSED)).runs as Run[]; // see above
    expect(run?.results.map(({ suppressions }) => suppressions)).toEqual([
      [{ kind: "inSource", status: "accepted", justification: "a test of shells" }],
      undefined,
    ]);
  });

  it("says what a baseline knows", async () => {
    const [before] = (await logOf(TEXT)).runs as Run[]; // see above
    const known = new Set([before?.results[0]?.partialFingerprints.primaryLocationLineHash ?? ""]);
    const [run] = (await logOf(`import re\n${TEXT}`, { known })).runs as Run[]; // see above
    expect(run?.results.map(({ baselineState }) => baselineState)).toEqual(["unchanged", "new"]);
  });

  it("reports a file that was not analysed as a notification", async () => {
    expect(await logOf(TEXT)).toMatchObject({
      runs: [
        {
          invocations: [
            {
              executionSuccessful: true,
              toolExecutionNotifications: [{ descriptor: { id: "unscanned/parse-error" } }],
            },
          ],
        },
      ],
    });
  });
});

interface Run {
  tool: {
    driver: {
      rules: {
        id: string;
        helpUri: string;
        properties: { tags: string[]; "security-severity": string };
      }[];
    };
  };
  results: {
    ruleId: string;
    ruleIndex: number;
    partialFingerprints: { primaryLocationLineHash: string };
    locations: { physicalLocation: { artifactLocation: unknown } }[];
    suppressions?: unknown;
    baselineState?: string;
  }[];
}
