// The vulnerable side is flagged for the weakness: otherwise there was nothing to repair.
import { failed, passed, type StaticGate } from "./gate.ts";

/** See the file's head. */
export const flagged: StaticGate = ({ cwe, report }) => {
  return report.some((finding) => finding.cwes.includes(cwe) && finding.level !== "note")
    ? passed
    : failed(`The program to repair is not flagged for ${cwe}.`);
};
