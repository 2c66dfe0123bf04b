import { describe, expect, it } from "vitest";
import { createBuiltinOracle } from "./engines/builtin.ts";
import { type FileReport, reportOf } from "./file-report.ts";
import { suppressionsIn } from "./suppressions.ts";

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });

async function reportFor(text: string, suppressions = true): Promise<FileReport> {
  const file = { path: "a.py", language: "python" as const, text };
  const [result] = await oracle.scan([file]);
  if (result === undefined) throw new Error("no result");
  return reportOf(result, file, { root: "/", suppressions });
}

const HEAD = "import os\nfrom flask import request\n";

/** Line and reason (or rule) of everything in a report. */
async function summary(text: string): Promise<string[]> {
  const report = await reportFor(HEAD + text);
  if (report.status === "unscanned") throw new Error(report.reason);
  return report.findings.map(
    ({ region, ruleId, suppressed }) =>
      `${region.startLine} ${suppressed === undefined ? ruleId : `(${suppressed})`}`,
  );
}

const OPEN = "py/command-line-injection";

describe("a comment that suppresses", () => {
  it.each([
    [
      "on the line",
      "os.system(request.args['x'])  # hexacoder: ignore[CWE-78] only admins\n",
      ["3 (only admins)"],
    ],
    [
      "in the line above",
      "# hexacoder: ignore[CWE-78] only admins\nos.system(request.args['x'])\n",
      ["4 (only admins)"],
    ],
    [
      "for any CWE of the rule",
      "# hexacoder: ignore[78] only admins\nos.system(request.args['x'])\n",
      ["4 (only admins)"],
    ],
    [
      "by the rule",
      `# hexacoder: ignore[${OPEN}]: only admins\nos.system(request.args['x'])\n`,
      ["4 (only admins)"],
    ],
    [
      "among several",
      "# hexacoder: ignore[CWE-22] no path\n# hexacoder: ignore[CWE-79, CWE-78] only admins\nos.system(request.args['x'])\n",
      ["5 (only admins)"],
    ],
  ])("holds %s", async (_name, text, expected) => {
    expect(await summary(text)).toEqual(expected);
  });

  it.each([
    [
      "for another weakness",
      "os.system(request.args['x'])  # hexacoder: ignore[CWE-79] only admins\n",
      [`3 ${OPEN}`],
    ],
    ["in a text", "os.system(request.args['# hexacoder: ignore[CWE-78] only admins'])\n", [`3 ${OPEN}`]],
    [
      "two lines above",
      "# hexacoder: ignore[CWE-78] only admins\n\nos.system(request.args['x'])\n",
      [`5 ${OPEN}`],
    ],
    [
      "behind other code on the line above",
      "x = 1  # hexacoder: ignore[CWE-78] only admins\nos.system(request.args['x'])\n",
      [`4 ${OPEN}`],
    ],
  ])("does not hold %s", async (_name, text, expected) => {
    expect(await summary(text)).toEqual(expected);
  });

  it.each([
    ["without a reason", "# hexacoder: ignore[CWE-78]", /gives no reason/],
    ["with a dash for a reason", "# hexacoder: ignore[CWE-78] --", /gives no reason/],
    ["without a weakness", "# hexacoder: ignore only admins", /names no weakness/],
    ["with an unknown word", "# hexacoder: ignore[shell] only admins", /"shell" is no weakness/],
  ])("is itself a note %s", async (_name, comment, says) => {
    const report = await reportFor(`${HEAD}${comment}\nos.system(request.args['x'])\n`);
    expect(report).toMatchObject({
      findings: [
        { level: "note", message: expect.stringMatching(says), region: { startLine: 3 } },
        { ruleId: OPEN, level: "error" },
      ],
    });
    expect(JSON.stringify(report)).not.toContain('"suppressed"');
  });

  it("is only a comment where suppressions are off", async () => {
    const text = `${HEAD}# hexacoder: ignore[CWE-78]\nos.system(request.args['x'])  # hexacoder: ignore[CWE-78] only admins\n`;
    const report = await reportFor(text, false);
    expect(report).toMatchObject({ findings: [{ ruleId: OPEN, level: "error" }] });
    expect(JSON.stringify(report)).not.toContain("suppress");
  });

  it("is read in a run of any length", () => {
    const held = "# hexacoder: ignore[CWE-78] only admins\n".repeat(300);
    expect(suppressionsIn(`${held}f()\n`, "python").held.map(({ line }) => line)).toEqual(
      Array(300).fill(301),
    );
  });

  it("is none inside a string", () => {
    expect(suppressionsIn('x = "# hexacoder: ignore[CWE-78] only admins"\n', "python").held).toEqual([]);
  });

  it("is read in C, too", () => {
    const text =
      "int f(void) {\n  /* hexacoder: ignore[CWE-476] checked by the caller */\n  return 1; // hexacoder: ignore[190] small\n}\n";
    const { held } = suppressionsIn(text, "c");
    expect(held.map(({ line, cwes, reason }) => [line, cwes, reason])).toEqual([
      [3, ["CWE-476"], "checked by the caller"],
      [3, ["CWE-190"], "small"],
    ]);
  });
});
