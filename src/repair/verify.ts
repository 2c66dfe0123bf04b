// The gates of DESIGN.md ("Repair and its gates"): a repair is kept only when every one of them
// lets it through. Each outcome is recorded by the gate's name. Cheap gates come first, and a text
// that does not parse is not looked at any further.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { GateOutcome } from "../core/pair.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { changed } from "./gates/changed.ts";
import { flagged } from "./gates/flagged.ts";
import { notApplicable, type StaticGate, sidesOf } from "./gates/gate.ts";
import { imports } from "./gates/imports.ts";
import { intact } from "./gates/intact.ts";
import { kind } from "./gates/kind.ts";
import { names } from "./gates/names.ts";
import { oracleGate } from "./gates/oracle.ts";
import { parses } from "./gates/parses.ts";

const staticGates = { flagged, parses, changed, names, imports, kind, intact } satisfies Record<
  string,
  StaticGate
>;

/** What is to be verified. */
export interface VerifyRequest {
  /** The vulnerable program. */
  readonly file: SourceFile;
  /** The weakness that was to be repaired. */
  readonly cwe: CweId;
  /** Its findings. */
  readonly report: readonly Finding[];
  /** The proposed text. */
  readonly candidate: string;
  /** The oracle that found the weakness. */
  readonly detect: SecurityOracle;
  /** Oracles that must find nothing in the proposed text. */
  readonly verify: readonly SecurityOracle[];
}

/** The verdict on a repair. */
export interface VerifyResult {
  /** Whether no gate refused. */
  readonly accepted: boolean;
  /** Each gate's outcome, by its name. */
  readonly checks: Record<string, GateOutcome>;
}

/** Languages whose scopes and imports the gates know. What they cannot judge is refused, never let through. */
const JUDGED: readonly Language[] = ["python"];

function notJudged({ file }: VerifyRequest): GateOutcome {
  return { status: "failed", detail: `The gates cannot judge repairs in ${file.language} yet.` };
}

/** Asks every gate. */
export async function verifyRepair(
  request: VerifyRequest,
  options: { signal?: AbortSignal } = {},
): Promise<VerifyResult> {
  if (!JUDGED.includes(request.file.language))
    return { accepted: false, checks: { language: notJudged(request) } };
  const language = await loadLanguage(request.file.language);
  const sides = sidesOf(request, language);
  const checks: Record<string, GateOutcome> = {};
  for (const [name, gate] of Object.entries(staticGates)) {
    checks[name] = gate(sides);
    if (name === "parses" && checks[name].status === "failed") return { accepted: false, checks };
  }
  for (const oracle of oraclesOf(request)) {
    checks[`oracle:${oracle.identity}`] = await oracleGate(oracle, request, options);
  }
  checks.execution = notApplicable("There is no probe for this program.");
  const accepted = Object.values(checks).every(({ status }) => status !== "failed");
  return { accepted, checks };
}

/** The verify set; what the detecting oracle still sees is no repair either. */
function oraclesOf({ detect, verify }: VerifyRequest): SecurityOracle[] {
  const all = [...verify, detect];
  return all.filter(
    (oracle, index) => all.findIndex((other) => other.identity === oracle.identity) === index,
  );
}
