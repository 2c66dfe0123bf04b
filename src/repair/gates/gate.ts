// A gate looks at a proposed repair and says whether it may pass, with a sentence why.
import type { CweId } from "../../core/cwe.ts";
import type { Finding, SourceFile } from "../../core/finding.ts";
import type { GateOutcome } from "../../core/pair.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { Program } from "../python/program.ts";

/** What a gate looks at: both sides, parsed once for all gates; as the language's programs are read. */
export interface RepairSides<P = Program> {
  /** The weakness that was to be repaired. */
  readonly cwe: CweId;
  /** Its findings in the vulnerable side. */
  readonly report: readonly Finding[];
  /** The vulnerable side. */
  readonly file: SourceFile;
  /** The proposed text. */
  readonly candidate: string;
  /** The vulnerable side, parsed. */
  readonly before: P;
  /** The proposed text, parsed. */
  readonly after: P;
}

/** A gate that needs nothing but the two sides. */
export type StaticGate = (sides: RepairSides) => GateOutcome;

/** Parses both sides. */
export function sidesOf(
  request: Pick<RepairSides, "cwe" | "report" | "file" | "candidate">,
  language: LanguageSupport,
): RepairSides {
  const before = new Program(language.parse(request.file.text));
  return { ...request, before, after: new Program(language.parse(request.candidate)) };
}

/** The outcome of a gate that let a repair through. */
export const passed: GateOutcome = { status: "passed" };

/** The outcome of a gate that has no say here. */
export function notApplicable(detail: string): GateOutcome {
  return { status: "not-applicable", detail };
}

/** The outcome of a gate that refused. */
export function failed(detail: string): GateOutcome {
  return { status: "failed", detail };
}
