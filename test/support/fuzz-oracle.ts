// Fuzzes the builtin oracle: every mutated program gets an answer, and the same one twice.
import type { ScanResult, SourceFile } from "../../src/core/finding.ts";
import type { SecurityOracle } from "../../src/oracle/oracle.ts";

/** What a run showed. */
export interface FuzzOutcome {
  readonly programs: number;
  readonly scanned: number;
  readonly findings: number;
  /** Programs without an answer, or with two, and why; the first few in full. */
  readonly failures: readonly { readonly why: string; readonly text: string }[];
}

const KEPT = 5;
const REASONS = new Set(["parse-error", "timeout", "not-text", "too-large", "unsupported-language"]);

/** Scans each program; each `twiceEvery`-th once more, by an oracle that has not seen the others' order. */
export async function fuzzOracle(
  programs: Iterable<SourceFile>,
  oracles: { first: SecurityOracle; second: SecurityOracle },
  until: () => boolean = () => false,
): Promise<FuzzOutcome> {
  const failures: { why: string; text: string }[] = [];
  let [count, scanned, findings] = [0, 0, 0];
  for (const program of programs) {
    if (until() || failures.length >= KEPT) break;
    count++;
    const result = await answer(oracles.first, program);
    if (typeof result === "string") failures.push({ why: result, text: program.text });
    else {
      if (result.status === "scanned") {
        scanned++;
        findings += result.findings.length;
      } else if (!REASONS.has(result.reason)) failures.push({ why: result.reason, text: program.text });
      const again = await answer(oracles.second, program);
      if (JSON.stringify(again) !== JSON.stringify(result))
        failures.push({ why: "two answers", text: program.text });
    }
  }
  return { programs: count, scanned, findings, failures };
}

/** The result, or what went wrong. */
async function answer(oracle: SecurityOracle, program: SourceFile): Promise<ScanResult | string> {
  try {
    const [result] = await oracle.scan([program]);
    return result ?? "no answer";
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
