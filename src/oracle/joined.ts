// Oracles joined: any (`a+b`) or all (`a&b`). Nothing that an engine does not cover, and no file
// that it could not look at, counts as its verdict.
import { type CweId, compareCwe } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import type { SecurityOracle } from "./oracle.ts";

/** How verdicts are joined: flagged by any, or by all. */
export type JoinRule = "any" | "all";

type Scanned = Extract<ScanResult, { status: "scanned" }>;

/** One oracle of several; it covers a weakness where one of them does (any) or all do (all). */
export function joinOracles(oracles: readonly SecurityOracle[], rule: JoinRule): SecurityOracle {
  const sign = rule === "any" ? "+" : "&";
  return {
    identity: oracles.map(({ identity }) => identity).join(sign),
    covers: (language) =>
      joinCoverage(
        oracles.map((oracle) => oracle.covers(language)),
        rule,
      ),
    scan: async (files, options) => {
      const answers: ScanResult[][] = [];
      for (const oracle of oracles) answers.push(await oracle.scan(files, options));
      return files.map((file, index) =>
        joinResults(
          file.path,
          answers.flatMap((results) => results[index] ?? []),
          rule,
        ),
      );
    },
  };
}

function joinCoverage(lists: readonly (readonly CweId[])[], rule: JoinRule): CweId[] {
  const all = [...new Set(lists.flat())].sort(compareCwe);
  return rule === "any" ? all : all.filter((cwe) => lists.every((list) => list.includes(cwe)));
}

/** Any: what one could not look at, the others may still judge. All: it takes every one of them. */
function joinResults(path: string, results: readonly ScanResult[], rule: JoinRule): ScanResult {
  const scanned = results.filter((result): result is Scanned => result.status === "scanned");
  const unscanned = results.find((result) => result.status === "unscanned");
  if (unscanned !== undefined && (rule === "all" || scanned.length === 0)) return unscanned;
  const covers = joinCoverage(
    scanned.map((result) => result.covers),
    rule,
  );
  const findings = rule === "any" ? anyOf(scanned) : allOf(scanned, covers);
  return { status: "scanned", path, findings, covers };
}

function anyOf(results: readonly Scanned[]): Finding[] {
  return inOrder(results.flatMap(({ findings }) => findings));
}

/** Findings whose weakness every oracle finds somewhere in the file; the first oracle's are shown. */
function allOf(results: readonly Scanned[], covers: readonly CweId[]): Finding[] {
  const [first, ...others] = results;
  if (first === undefined) return [];
  const agreed = first.findings.filter(({ cwes, level }) => {
    const [primary] = cwes;
    if (primary === undefined || !covers.includes(primary) || level === "note") return false;
    return others.every(({ findings }) =>
      findings.some((finding) => finding.level !== "note" && finding.cwes[0] === primary),
    );
  });
  return inOrder(agreed);
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => a.region.startLine - b.region.startLine || a.region.startColumn - b.region.startColumn,
  );
}
