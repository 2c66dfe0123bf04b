// What a report says of one file: the oracle's result, and for each finding its fingerprint, the
// comment that suppresses it, and whether a baseline knows it. Made where the text is at hand, so
// that no text has to be kept or sent between threads.
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import { fingerprintsOf, repositoryPath } from "./fingerprints.ts";
import { type Suppression, suppresses, suppressionsIn } from "./suppressions.ts";

/** A finding, with what a report needs beside it. */
export interface ReportedFinding extends Finding {
  /** The same in later scans, when lines move. */
  readonly fingerprint: string;
  /** Why a comment in the program suppresses it; absent where none does. */
  readonly suppressed?: string;
  /** Whether the baseline has it; absent without a baseline. */
  readonly known?: boolean;
}

type Scanned = Extract<ScanResult, { status: "scanned" }>;
type Unscanned = Extract<ScanResult, { status: "unscanned" }>;

/** A file in a report. */
export type FileReport =
  | Unscanned
  | (Omit<Scanned, "findings"> & { readonly findings: readonly ReportedFinding[] });

/** How a report is made. */
export interface ReportOptions {
  /** Paths in fingerprints are relative to this folder. */
  readonly root: string;
  /** Whether comments may suppress findings. */
  readonly suppressions: boolean;
}

/** Adds fingerprints and suppressions to a result. */
export function reportOf(result: ScanResult, file: SourceFile, options: ReportOptions): FileReport {
  if (result.status === "unscanned") return result;
  const comments = options.suppressions ? suppressionsIn(file.text, file.language) : { held: [], notes: [] };
  const findings = [...result.findings, ...comments.notes];
  if (comments.notes.length > 0) findings.sort((a, b) => a.region.startLine - b.region.startLine);
  const held = new Map<number, Suppression[]>();
  for (const one of comments.held) held.set(one.line, [...(held.get(one.line) ?? []), one]);
  const prints = fingerprintsOf(findings, { path: repositoryPath(file.path, options.root), text: file.text });
  return {
    ...result,
    findings: findings.map((finding, index) => {
      const reason = held.get(finding.region.startLine)?.find((one) => suppresses(one, finding))?.reason;
      const fingerprint = prints[index] ?? "";
      return { ...finding, fingerprint, ...(reason === undefined ? {} : { suppressed: reason }) };
    }),
  };
}

/** Whether a finding is to be acted on: not suppressed, and not in the baseline. */
export function isOpen(finding: ReportedFinding): boolean {
  return finding.suppressed === undefined && finding.known !== true;
}
