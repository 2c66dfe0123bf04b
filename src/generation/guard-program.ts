// One program under guard: clean, repaired, or refused with the reason. A repair is let through only when the
// gates that pairs must pass let it through, too (DESIGN.md, "Repair and its gates"): code that a guard hands
// out is used unread more often than a training pair.
import { type CweId, compareCwe } from "../core/cwe.ts";
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { verifyRepair } from "../repair/verify.ts";

/** Why a program was refused. */
export type Refusal =
  | { readonly kind: "flagged"; readonly findings: readonly Finding[] }
  | { readonly kind: "unscanned"; readonly reason: string };

/** What judging a program needs. */
export interface ProgramGuard {
  /** Says what is let through. */
  readonly oracle: SecurityOracle;
  /** Repairs what is flagged; absent: flagged is refused. */
  readonly repairer?: Repairer | undefined;
  /** Cancels. */
  readonly signal?: AbortSignal | undefined;
}

/** A program after its repairs. */
export interface RepairedProgram {
  /** The program, in which the oracle finds nothing any more. */
  readonly text: string;
  /** Repairs that were applied, by name. */
  readonly repairs: readonly string[];
}

/** Why an oracle's answer does not let a program through; undefined where it does. Notes are no verdict. */
export function refusalOf(result: ScanResult | undefined): Refusal | undefined {
  if (result === undefined) return { kind: "unscanned", reason: "tool-failed" };
  if (result.status === "unscanned") return { kind: "unscanned", reason: result.reason };
  const findings = result.findings.filter(({ level }) => level !== "note");
  return findings.length === 0 ? undefined : { kind: "flagged", findings };
}

/** Weaknesses are repaired one after the other; each repair must lower what the oracle finds. */
const MOST_REPAIRS = 6;

/** Repairs a flagged program until nothing is found any more; undefined where that fails. */
export async function repairProgram(
  file: SourceFile,
  findings: readonly Finding[],
  guard: ProgramGuard,
): Promise<RepairedProgram | undefined> {
  let state: RepairState = { file, findings, repairs: [] };
  for (let round = 0; round < MOST_REPAIRS; round++) {
    const next = await repairOnce(state, guard);
    if (next === undefined) return undefined;
    if (next.findings.length === 0) return { text: next.file.text, repairs: next.repairs };
    state = next;
  }
  return undefined;
}

interface RepairState {
  readonly file: SourceFile;
  readonly findings: readonly Finding[];
  readonly repairs: readonly string[];
}

async function repairOnce(
  { file, findings, repairs }: RepairState,
  { oracle, repairer, signal }: ProgramGuard,
): Promise<RepairState | undefined> {
  const options = signal === undefined ? {} : { signal };
  for (const cwe of cwesOf(findings)) {
    const report = findings.filter(({ cwes }) => cwes[0] === cwe);
    const outcome = await repairer?.repair({ file, cwe, report }, options);
    if (outcome?.kind !== "candidates") continue;
    for (const candidate of outcome.candidates) {
      const request = { file, cwe, report, candidate: candidate.text, detect: oracle, verify: [] };
      if (!(await verifyRepair(request, options)).accepted) continue;
      const repaired = { ...file, text: candidate.text };
      const left = await findingsIn(repaired, oracle, options);
      if (left === undefined || left.length >= findings.length) continue;
      return { file: repaired, findings: left, repairs: [...repairs, candidate.repair.by] };
    }
  }
  return undefined;
}

/** What the oracle still finds; undefined where it could not look. */
async function findingsIn(
  file: SourceFile,
  oracle: SecurityOracle,
  options: { signal?: AbortSignal },
): Promise<readonly Finding[] | undefined> {
  const [result] = await oracle.scan([file], options);
  const refusal = refusalOf(result);
  if (refusal === undefined) return [];
  return refusal.kind === "flagged" ? refusal.findings : undefined;
}

function cwesOf(findings: readonly Finding[]): CweId[] {
  return [...new Set(findings.flatMap(({ cwes }) => cwes.slice(0, 1)))].sort(compareCwe);
}
