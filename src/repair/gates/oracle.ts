// An oracle's verdict on the repaired program: clean of the weakness, and of any other that was
// not there before. What it could not look at is not clean.
import type { CweId } from "../../core/cwe.ts";
import type { Finding, SourceFile } from "../../core/finding.ts";
import type { GateOutcome } from "../../core/pair.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { failed, notApplicable, passed } from "./gate.ts";

/** See the file's head. */
export async function oracleGate(
  oracle: SecurityOracle,
  request: { file: SourceFile; candidate: string; cwe: CweId },
  options: { signal?: AbortSignal },
): Promise<GateOutcome> {
  const { file, candidate, cwe } = request;
  const [before, after] = await oracle.scan([file, { ...file, text: candidate }], options);
  if (after?.status !== "scanned") {
    return failed(`The oracle could not look at the repaired program (${after?.reason ?? "no answer"}).`);
  }
  const verdicts = after.findings.filter(({ level }) => level !== "note");
  const still = verdicts.find(({ cwes }) => cwes.includes(cwe));
  if (still !== undefined) return failed(`Still flagged for ${cwe}: ${place(still)}`);
  const known = new Set(before?.status === "scanned" ? before.findings.map(kindOf) : []);
  const fresh = verdicts.find((finding) => !known.has(kindOf(finding)));
  if (fresh !== undefined) return failed(`Newly flagged for ${fresh.cwes.join(", ")}: ${place(fresh)}`);
  return after.covers.includes(cwe) ? passed : notApplicable(`The oracle does not look for ${cwe}.`);
}

function kindOf({ ruleId, cwes }: Finding): string {
  return `${ruleId} ${cwes[0] ?? ""}`;
}

function place({ ruleId, message, region }: Finding): string {
  return `${message} (${ruleId}, line ${region.startLine})`;
}
