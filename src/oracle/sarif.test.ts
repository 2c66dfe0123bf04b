import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import AjvDraft4 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { createBuiltinOracle } from "./engines/builtin.ts";
import { SarifLog } from "./sarif.ts";

const TEXT = "import os\nfrom flask import request\nx = request.args['x']\nos.system(x)\nos.system(x)\n";

async function logOf(text: string, path = "src/my app.py"): Promise<Record<string, unknown>> {
  const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
  const log = new SarifLog({ rules: oracle.rules, identity: oracle.identity, version: "0.1.0" });
  const [result] = await oracle.scan([{ path, language: "python", text }]);
  if (result === undefined) throw new Error("no result");
  log.add(result, text);
  log.add({ status: "unscanned", path: "b.py", reason: "parse-error", detail: "Line 1." }, "");
  return JSON.parse(log.toString());
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
    expect(errors(await logOf(TEXT, "/absolute/ä b.py"))).toEqual([]);
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
  tool: { driver: { rules: { id: string; properties: { tags: string[] } }[] } };
  results: { ruleId: string; ruleIndex: number; partialFingerprints: { primaryLocationLineHash: string } }[];
}
