// The vulnerable side is flagged for the weakness: otherwise there was nothing to repair.
import type { GateOutcome } from "../../core/pair.ts";
import { failed, passed, type RepairSides } from "./gate.ts";

/** See the file's head. */
export function flagged({ cwe, report }: Pick<RepairSides, "cwe" | "report">): GateOutcome {
  return report.some((finding) => finding.cwes.includes(cwe) && finding.level !== "note")
    ? passed
    : failed(`The program to repair is not flagged for ${cwe}.`);
}
