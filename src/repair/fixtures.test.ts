// Every pair under test/fixtures/repair: the codemods turn the one into the other, the gates let
// it through, and a second run finds nothing left to do. `.design.py` programs need a design.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import { createBuiltinOracle } from "../oracle/engines/builtin.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { resource } from "../util/resources.ts";
import { createCodemodRepairer } from "./codemod-repairer.ts";
import type { Repairer, RepairOutcome } from "./repairer.ts";
import { verifyRepair } from "./verify.ts";

const root = resource("test", "fixtures", "repair");

interface Fixture {
  readonly name: string;
  readonly cwe: CweId;
  readonly text: string;
  readonly after: string;
}

function fixtures(ending: ".before.py" | ".design.py"): Fixture[] {
  return readdirSync(root).flatMap((folder) => {
    const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(ending));
    return names.map((name) => ({
      name: `${folder}/${name.slice(0, -ending.length)}`,
      cwe: parseCweId(folder),
      text: readFileSync(join(root, folder, name), "utf8"),
      after:
        ending === ".design.py"
          ? ""
          : readFileSync(join(root, folder, name.replace(ending, ".after.py")), "utf8"),
    }));
  });
}

let oracle: SecurityOracle;
let repairer: Repairer;
beforeAll(async () => {
  oracle = await createBuiltinOracle({ threatModels: ["remote"] });
  repairer = await createCodemodRepairer({ oracle });
});

function fileOf(text: string): SourceFile {
  return { path: "program.py", language: "python", text };
}

async function reportOf(text: string, cwe: CweId): Promise<Finding[]> {
  const [result] = await oracle.scan([fileOf(text)]);
  return result?.status === "scanned" ? result.findings.filter(({ cwes }) => cwes.includes(cwe)) : [];
}

async function repair(text: string, cwe: CweId): Promise<RepairOutcome> {
  return repairer.repair({ file: fileOf(text), cwe, report: await reportOf(text, cwe) });
}

function textOf(outcome: RepairOutcome): string | undefined {
  return outcome.kind === "candidates" ? outcome.candidates[0]?.text : undefined;
}

describe("codemods", () => {
  it.each(fixtures(".before.py"))("repair $name as written down", async ({ text, cwe, after }) => {
    expect(textOf(await repair(text, cwe))).toBe(after);
  });

  it.each(fixtures(".before.py"))(
    "make a repair of $name that passes every gate",
    async ({ text, cwe, after }) => {
      const report = await reportOf(text, cwe);
      const request = { file: fileOf(text), cwe, report, candidate: after, detect: oracle, verify: [oracle] };
      const { accepted, checks } = await verifyRepair(request);
      expect({
        accepted,
        failed: Object.entries(checks).filter(([, { status }]) => status === "failed"),
      }).toEqual({
        accepted: true,
        failed: [],
      });
    },
  );

  it.each(fixtures(".before.py"))("find nothing more to do in the repaired $name", async ({ cwe, after }) => {
    expect(await reportOf(after, cwe)).toEqual([]);
  });

  it.each(fixtures(".design.py"))("say that $name needs a design", async ({ text, cwe }) => {
    expect(await repair(text, cwe)).toMatchObject({ kind: "none", reason: "needs-design" });
  });

  it("keep carriage returns at the ends of lines", async () => {
    const [fixture] = fixtures(".before.py").filter(({ name }) => name === "CWE-022/joined-name");
    const repaired = textOf(await repair((fixture?.text ?? "").replaceAll("\n", "\r\n"), parseCweId("22")));
    expect(repaired).toBe(fixture?.after.replaceAll("\n", "\r\n"));
  });

  it("say that a program does not parse", async () => {
    const outcome = await repairer.repair({ file: fileOf("def f(:\n"), cwe: parseCweId("22"), report: [] });
    expect(outcome).toMatchObject({ kind: "none", reason: "unparsable" });
  });
});
