import { describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../../core/cwe.ts";
import type { Finding, Level, ScanResult, SourceFile } from "../../core/finding.ts";
import { OracleComparison } from "./compare.ts";

const cwe = (n: number): CweId => parseCweId(String(n));
const file = (path: string): SourceFile => ({ path, language: "python", text: "" });
const region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };

function finding(n: number, level: Level = "error"): Finding {
  return { ruleId: `r${n}`, cwes: [cwe(n), cwe(1)], level, message: "m", region };
}

/** A judge whose answers are given by path; one that is not given could not be parsed. */
function judge(name: string, covers: number[], answers: Record<string, Finding[]>) {
  const covered = covers.map(cwe);
  const oracle = {
    identity: `${name}@1`,
    covers: () => covered,
    scan: async (files: readonly SourceFile[]): Promise<ScanResult[]> =>
      files.map(({ path }) => {
        const findings = answers[path];
        return findings === undefined
          ? { status: "unscanned", path, reason: "parse-error" }
          : { status: "scanned", path, findings, covers: covered };
      }),
  };
  return { name, oracle };
}

async function compare(...judges: ReturnType<typeof judge>[]) {
  const comparison = new OracleComparison(judges);
  const differences = await comparison.look(["1", "2", "3", "4"].map(file));
  return { differences, result: comparison.result() };
}

const a = judge("a", [78, 89], { 1: [finding(78)], 2: [finding(78)], 3: [], 4: [] });
const b = judge("b", [78], { 1: [finding(78)], 2: [], 3: [finding(78, "note")] });

describe("comparing oracles", () => {
  it("counts only programs on which both have a verdict", async () => {
    const { result } = await compare(a, b);
    expect(result.pairs).toHaveLength(1);
    expect(result.pairs[0]).toMatchObject({
      judges: ["a", "b"],
      byCwe: [{ cwe: "CWE-78", figures: { both: 1, onlyFirst: 1, onlySecond: 0, neither: 1, n: 3 } }],
      pooled: { n: 3 },
    });
  });

  it("keeps each judge's verdicts apart, with what it could not look at", async () => {
    const { result } = await compare(a, b);
    expect(result.judges).toEqual([
      {
        name: "a",
        identity: "a@1",
        unscanned: {},
        byCwe: [
          { cwe: "CWE-78", flagged: 2, clean: 2, none: 0 },
          { cwe: "CWE-89", flagged: 0, clean: 4, none: 0 },
        ],
      },
      {
        name: "b",
        identity: "b@1",
        unscanned: { "parse-error": 1 },
        byCwe: [
          { cwe: "CWE-78", flagged: 1, clean: 2, none: 1 },
          { cwe: "CWE-89", flagged: 0, clean: 0, none: 4 },
        ],
      },
    ]);
  });

  it("says where they differ, and who has no verdict", async () => {
    const third = judge("c", [22], { 2: [] });
    const { differences, result } = await compare(a, b, third);
    expect(differences).toEqual([
      {
        path: "2",
        cwe: "CWE-78",
        flaggedBy: ["a"],
        cleanFor: ["b"],
        noVerdict: ["c"],
        findings: [{ judge: "a", finding: finding(78) }],
      },
    ]);
    expect(result).toMatchObject({ programs: 4, disagreements: 1 });
    expect(result.pairs.map(({ judges }) => judges.join())).toEqual(["a,b", "a,c", "b,c"]);
  });

  it("is no disagreement where the other does not look for it", async () => {
    const wide = judge("w", [89], { 1: [finding(89)], 2: [], 3: [], 4: [] });
    expect((await compare(b, wide)).differences).toEqual([]);
  });
});
