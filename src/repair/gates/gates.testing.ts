// What the gates' tests share: findings, both sides of a repair, an oracle that answers from a table.
import { parseCweId } from "../../core/cwe.ts";
import type { Finding, ScanResult } from "../../core/finding.ts";
import { loadPython } from "../../lang/python.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { type RepairSides, type StaticGate, sidesOf } from "./gate.ts";

const python = await loadPython();

/** A finding on one line. */
export function finding(cwe: string, line: number, level: Finding["level"] = "error", width = 5): Finding {
  const region = { startLine: line, startColumn: 1, endLine: line, endColumn: width + 1 };
  return { ruleId: `test/${cwe}`, cwes: [parseCweId(cwe)], level, message: "Weak.", region };
}

/** Both sides; the finding is on the first line of the vulnerable side that the fixed one lacks. */
export function sides(before: string, after: string, cwe = "22"): RepairSides {
  const kept = new Set(after.split("\n"));
  const lines = before.split("\n");
  const line = Math.max(1, lines.findIndex((text) => !kept.has(text)) + 1);
  const report = [finding(cwe, line, "error", lines[line - 1]?.length ?? 1)];
  const file = { path: "p.py", language: "python" as const, text: before };
  const request = { cwe: parseCweId(cwe), report, file, candidate: after };
  return sidesOf(request, python);
}

/** What a gate says of a repair. */
export function status(gate: StaticGate, ...given: Parameters<typeof sides>): string {
  return gate(sides(...given)).status;
}

/** An oracle that says of each text what a table says. */
export function oracleOf(
  answers: Record<string, readonly Finding[] | "unscanned">,
  covers = ["22", "79"],
): SecurityOracle {
  const ids = covers.map(parseCweId);
  return {
    identity: "table@1",
    covers: () => ids,
    scan: async (files) =>
      files.map(({ path, text }): ScanResult => {
        const answer = answers[text] ?? [];
        if (answer === "unscanned") return { status: "unscanned", path, reason: "timeout" };
        return { status: "scanned", path, findings: [...answer], covers: ids };
      }),
  };
}
