// What an adapter of an external tool gives: a name, what it reads, and one function that looks at many
// programs in one call. Everything else (cache, rule map, splitting a call that failed, unscanned
// reasons) is the same for all and lives in this folder.
import type { SourceFile, UnscannedReason } from "../../core/finding.ts";
import type { Language } from "../../core/language.ts";
import type { FoundTool } from "./find-tool.ts";
import type { RuleMap } from "./rule-map.ts";
import type { Report } from "./tool-report.ts";

export type { Report } from "./tool-report.ts";

/** What became of one program. */
export type Look =
  | { readonly status: "looked"; readonly reports: readonly Report[] }
  | { readonly status: "unscanned"; readonly reason: UnscannedReason; readonly detail: string };

/** Why a call did not get to its end. */
export interface Failure {
  readonly reason: Extract<UnscannedReason, "timeout" | "tool-failed">;
  readonly detail: string;
  /** The program that it was at, where that can be told. */
  readonly culprit?: SourceFile;
}

/** What came of a call: what it answered, and why it did not answer more. */
export interface Answers {
  readonly looks: ReadonlyMap<SourceFile, Look>;
  readonly failure?: Failure;
}

/** Bounds on a call. */
export interface CallLimits {
  /** Milliseconds for a call, whatever it is about. */
  readonly baseMs: number;
  /** Milliseconds more for each program. */
  readonly perProgramMs: number;
  /** Bytes of address space for each process of the tool; 0: the tool bounds itself. */
  readonly memoryBytes: number;
}

/** What a call needs besides the programs. */
export interface CallContext {
  readonly tool: FoundTool;
  readonly env: NodeJS.ProcessEnv;
  readonly limits: CallLimits;
  readonly signal: AbortSignal | undefined;
}

/** An external tool. */
export interface Adapter {
  readonly name: string;
  readonly map: RuleMap;
  readonly limits: CallLimits;
  /** Programs in one call; more are several calls. */
  readonly batch: number;
  /** What decides the answers besides the tool's version: arguments, rule files. Goes into the identity. */
  readonly settings: string;
  /** Looks at programs, all of one language. Throws only for bugs. */
  look(files: readonly SourceFile[], context: CallContext): Promise<Answers>;
  /** A program of a language that the tool reads without a finding: tells a broken tool from a bad program. */
  readonly harmless: Readonly<Partial<Record<Language, string>>>;
}
