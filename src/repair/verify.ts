// The gates of DESIGN.md ("Repair and its gates"): a repair is kept only when every one of them
// lets it through. Each outcome is recorded by the gate's name. Cheap gates come first, and a text
// that does not parse is not looked at any further.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { GateOutcome } from "../core/pair.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { compiles } from "./c/gates/compiles.ts";
import type { CGate } from "./c/gates/gate.ts";
import { cStatic } from "./c/gates/static.ts";
import { CProgram } from "./c/program.ts";
import { behaviourGate } from "./gates/behaviour.ts";
import { changed } from "./gates/changed.ts";
import { flagged } from "./gates/flagged.ts";
import { type StaticGate, sidesOf } from "./gates/gate.ts";
import { imports } from "./gates/imports.ts";
import { intact } from "./gates/intact.ts";
import { kind } from "./gates/kind.ts";
import { names } from "./gates/names.ts";
import { oracleGate } from "./gates/oracle.ts";
import { parses } from "./gates/parses.ts";

/** A language's gates, by name; each is asked in turn. */
type Gates = Record<string, () => GateOutcome | Promise<GateOutcome>>;

/** What each language's gates look at, and in which order. What they cannot judge is refused, never let through. */
const gatesOf: Record<Language, (request: VerifyRequest, signal: AbortSignal | undefined) => Promise<Gates>> =
  {
    python: pythonGates,
    c: cGates,
  };

const pythonStatic = { flagged, parses, changed, names, imports, kind, intact } satisfies Record<
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

/** Asks every gate. */
export async function verifyRepair(
  request: VerifyRequest,
  options: { signal?: AbortSignal } = {},
): Promise<VerifyResult> {
  const checks: Record<string, GateOutcome> = {};
  for (const [name, gate] of Object.entries(await gatesOf[request.file.language](request, options.signal))) {
    const outcome = await gate();
    checks[name] = outcome;
    if (name === "parses" && outcome.status === "failed") return { accepted: false, checks };
  }
  for (const oracle of oraclesOf(request)) {
    checks[`oracle:${oracle.identity}`] = await oracleGate(oracle, request, options);
  }
  checks.behaviour = await behaviourGate(request, oraclesOf(request), options);
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

async function pythonGates(request: VerifyRequest): Promise<Gates> {
  const sides = sidesOf(request, await loadLanguage("python"));
  return Object.fromEntries(
    Object.entries<StaticGate>(pythonStatic).map(([name, gate]) => [name, () => gate(sides)]),
  );
}

async function cGates(request: VerifyRequest, signal: AbortSignal | undefined): Promise<Gates> {
  const language = await loadLanguage("c");
  const before = new CProgram(request.file.text, language);
  const sides = { ...request, before, after: new CProgram(request.candidate, language) };
  const statics = Object.entries<CGate>(cStatic).map(([name, gate]) => [name, () => gate(sides)] as const);
  return { ...Object.fromEntries(statics), compiles: () => compiles(sides, signal) };
}
