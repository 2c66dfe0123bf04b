// The repaired program still does its work: on benign input it answers as the original does. The programs are run
// in the sandbox, so this gate is asked only where an oracle that runs programs is among the judges; the same
// oracle's verdict on the repaired program is the gate against exploits.
import type { GateOutcome } from "../../core/pair.ts";
import { asBehaviourJudge } from "../../oracle/execution/behaviour.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { failed, notApplicable, type RepairSides } from "./gate.ts";

/** See the file's head. */
export async function behaviourGate(
  request: Pick<RepairSides, "file" | "candidate">,
  judges: readonly SecurityOracle[],
  options: { signal?: AbortSignal },
): Promise<GateOutcome> {
  const judge = judges.flatMap((oracle) => asBehaviourJudge(oracle) ?? [])[0];
  if (judge === undefined) return notApplicable("Not run: no oracle that runs programs is among the judges.");
  const { file, candidate } = request;
  if (file.language !== "python") return notApplicable("Not run: only Python is run.");
  const verdict = await judge.compareBehaviour({ original: file.text, candidate, ...options });
  switch (verdict.kind) {
    case "alike":
      return {
        status: "passed",
        detail: `${verdict.alike} of ${verdict.uses} benign uses are answered alike.`,
      };
    case "translated":
      return {
        status: "passed",
        detail: `${verdict.alike} of ${verdict.uses} benign uses are answered alike when their data comes in another form; as they were they are not taken.`,
      };
    case "differs":
      return failed(verdict.detail);
    case "not-run":
      return notApplicable(`Not run: ${verdict.reason}.`);
    default:
      return verdict satisfies never;
  }
}
