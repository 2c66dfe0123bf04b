// What a compiler's SARIF file says of the one program that it is about.
import type { SarifResult } from "../sarif-in.ts";
import { parseSarif } from "../sarif-in.ts";
import type { ColumnKind } from "../sarif-regions.ts";
import type { Look, Report } from "./adapter.ts";

/** The look; undefined where the file is none, or half of one. An error of the compiler is a parse error. */
export function lookFromSarif(text: string): Look | undefined {
  const reading = parseSarif(text);
  if (!reading.ok) return undefined;
  const reports: Report[] = [];
  for (const run of reading.runs) {
    for (const result of run.results) {
      if (isCompileError(result)) {
        return { status: "unscanned", reason: "parse-error", detail: `${run.tool}: ${result.message}` };
      }
      const report = reportFromSarif(result, run.columnKind);
      if (report !== undefined) reports.push(report);
    }
  }
  return { status: "looked", reports };
}

/** Compilers name a warning by its option; what has no name and is an error does not compile. */
function isCompileError({ ruleId, level }: SarifResult): boolean {
  return level === "error" && (ruleId === "error" || ruleId === "fatal error" || ruleId === "unknown");
}

/** A result as a report; undefined where it is no weakness or has no place. */
export function reportFromSarif(result: SarifResult, columnKind: ColumnKind): Report | undefined {
  const { place, level, ruleId, message, cwes, flows } = result;
  if (place === undefined || level === "none") return undefined;
  const flow = flows.find((steps) => steps.every(({ path }) => path === place.path)) ?? [];
  return {
    rule: ruleId,
    message,
    region: place.region ?? { startLine: 1 },
    columnKind,
    weak: level === "note",
    cwes,
    ...(flow.length === 0
      ? {}
      : { steps: flow.map((step) => ({ region: step.region ?? { startLine: 1 }, message: step.message })) }),
  };
}
