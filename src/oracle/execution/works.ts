// Whether a program works as far as it can be seen without knowing its task: benign uses of it are looked for, no
// payload is sent. What ends in an error in all of them does not work.
import type { EntryReport, Outcome } from "./harness.ts";
import type { RunAnswer } from "./runner.ts";

/** Why a program does not work, in a few words; undefined where it does. */
export function whyItFails(answer: RunAnswer): string | undefined {
  if (answer.kind === "none") return answer.status;
  const { report } = answer;
  if (report.status !== "ran") return report.status;
  const { load, entries } = report;
  const reached = entries.filter((entry) => !isMethodRefused(entry));
  const failed = reached.find((entry) => outcomesOf(entry).every(({ state }) => state === "failed"));
  if (failed !== undefined) return errorOf(outcomesOf(failed)[0], failed);
  if (reached.some((entry) => outcomesOf(entry).some(({ state }) => state === "ok"))) return undefined;
  return load.state === "failed" ? load.error_type : "every use is refused";
}

/** An entry point that does not take its method (405) is asked by another. */
function isMethodRefused(entry: EntryReport): boolean {
  return outcomesOf(entry).some(({ status }) => status === 405);
}

function outcomesOf({ benign, families }: EntryReport): Outcome[] {
  return [...(benign == null ? [] : [benign]), ...families.map((family) => family.benign)];
}

function errorOf(outcome: Outcome | undefined, { ended }: EntryReport): string {
  if (outcome === undefined) return ended === "" ? "no use ended" : ended;
  return outcome.error_type === "" ? `status ${outcome.status ?? "?"}` : outcome.error_type;
}
