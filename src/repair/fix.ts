// Repairs one program weakness by weakness: each repair must pass the gates before the next one
// starts from it, so that the outcome is a chain of verified steps.
import { type CweId, compareCwe } from "../core/cwe.ts";
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "./repairer.ts";
import { verifyRepair } from "./verify.ts";

/** What fixing a program needs. */
export interface FixTools {
  /** Finds the weaknesses. */
  readonly detect: SecurityOracle;
  /** Must find nothing in a repaired program; sees every weakness, whatever is to be repaired. */
  readonly verify: readonly SecurityOracle[];
  /** Proposes repairs. */
  readonly repairer: Repairer;
  /** Cancels. */
  readonly signal?: AbortSignal;
}

/** A weakness that was repaired. */
export interface FixedWeakness {
  /** The weakness. */
  readonly cwe: CweId;
  /** Its findings. */
  readonly report: readonly Finding[];
  /** Who repaired it. */
  readonly by: string;
}

/** A weakness that was left. */
export interface LeftWeakness {
  /** The weakness. */
  readonly cwe: CweId;
  /** Its findings. */
  readonly report: readonly Finding[];
  /** Why, in a sentence. */
  readonly reason: string;
}

/** What came of a program. */
export type FixResult =
  | { readonly status: "unscanned"; readonly result: Extract<ScanResult, { status: "unscanned" }> }
  | {
      readonly status: "scanned";
      /** The program after all repairs that passed. */
      readonly text: string;
      readonly fixed: readonly FixedWeakness[];
      readonly left: readonly LeftWeakness[];
    };

/** Repairs a program. */
export async function fixProgram(file: SourceFile, tools: FixTools): Promise<FixResult> {
  const [first] = await tools.detect.scan([file], signalOf(tools));
  if (first?.status === "unscanned") return { status: "unscanned", result: first };
  const fixed: FixedWeakness[] = [];
  const left: LeftWeakness[] = [];
  let current = file;
  let findings = first?.findings ?? [];
  for (const cwe of weaknessesOf(findings)) {
    const report = ofWeakness(findings, cwe);
    // A repair of another weakness may have taken this one along.
    if (report.length === 0) continue;
    const attempt = await repairOf(current, cwe, report, tools);
    if (attempt.text === undefined) {
      left.push({ cwe, report, reason: attempt.reason });
      continue;
    }
    fixed.push({ cwe, report, by: attempt.reason });
    current = { ...file, text: attempt.text };
    const [now] = await tools.detect.scan([current], signalOf(tools));
    findings = now?.status === "scanned" ? now.findings : [];
  }
  return { status: "scanned", text: current.text, fixed, left };
}

function signalOf({ signal }: FixTools): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** The primary weaknesses of findings; notes are advice. */
function weaknessesOf(findings: readonly Finding[]): CweId[] {
  const primary = findings.filter(({ level }) => level !== "note").flatMap(({ cwes }) => cwes.slice(0, 1));
  return [...new Set(primary)].sort(compareCwe);
}

function ofWeakness(findings: readonly Finding[], cwe: CweId): Finding[] {
  return findings.filter(({ cwes, level }) => cwes[0] === cwe && level !== "note");
}

/** The first candidate that passes; else why none did. */
async function repairOf(
  file: SourceFile,
  cwe: CweId,
  report: readonly Finding[],
  tools: FixTools,
): Promise<{ text: string | undefined; reason: string }> {
  const outcome = await tools.repairer.repair({ file, cwe, report }, signalOf(tools));
  if (outcome.kind === "none") return { text: undefined, reason: outcome.detail };
  let reason = "The repairer proposed nothing.";
  for (const { text, repair } of outcome.candidates) {
    const { detect, verify } = tools;
    const request = { file, cwe, report, candidate: text, detect, verify };
    const { accepted, checks } = await verifyRepair(request, signalOf(tools));
    if (accepted) return { text, reason: repair.by };
    const refusal = Object.entries(checks).find(([, { status }]) => status === "failed");
    reason = `A repair was refused by the gate "${refusal?.[0] ?? ""}": ${refusal?.[1].detail ?? ""}`;
  }
  return { text: undefined, reason };
}
