// Scans files by their paths: reads each, asks an oracle, and notes what a report needs. A scanner
// in this thread is the plain case; workers.ts spreads the same work over threads.
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import type { ScanResult, SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import { type FileReport, type ReportOptions, reportOf } from "./file-report.ts";
import { readProgram } from "./files.ts";
import type { SecurityOracle } from "./oracle.ts";

/** Scans files, and does not fail for any of them. */
export interface Scanner {
  /** The oracle's identity. */
  readonly identity: string;
  /** CWEs that the oracle looks for in a language. */
  covers(language: Language): readonly CweId[];
  /** Files in a batch that it works best with; absent: a few. */
  readonly batch?: number;
  /** How many batches it works on at once. */
  readonly width: number;
  /** One report for each path, in order. */
  scanPaths(paths: readonly string[], signal: AbortSignal): Promise<FileReport[]>;
  /** Ends threads. */
  close(): Promise<void>;
}

/** A scanner in this thread. */
export function createScanner(oracle: SecurityOracle, options: ReportOptions): Scanner {
  return {
    identity: oracle.identity,
    covers: (language) => oracle.covers(language),
    ...(oracle.batch === undefined ? {} : { batch: oracle.batch }),
    width: 1,
    scanPaths: (paths, signal) => scanPaths(paths, { oracle, options, signal }),
    close: async () => undefined,
  };
}

interface How {
  readonly oracle: SecurityOracle;
  readonly options: ReportOptions;
  readonly signal: AbortSignal;
}

async function scanPaths(paths: readonly string[], how: How): Promise<FileReport[]> {
  const found = await Promise.all(paths.map((path) => readProgram(path, how.options.root)));
  const files = found.flatMap((one) => (one.kind === "program" ? [one.file] : []));
  const results = await scanFiles(files, how);
  const queue = files.map((file, index) =>
    reportOf(results[index] ?? failed(file.path, "it gave no answer"), file, how.options),
  );
  return found.flatMap((one) => (one.kind === "unscanned" ? [one.result] : (queue.shift() ?? [])));
}

/** Asks for all at once; where that throws, for each alone, so that one program does not cost the others. */
async function scanFiles(files: readonly SourceFile[], how: How): Promise<ScanResult[]> {
  const { oracle, signal } = how;
  if (files.length === 0) return [];
  try {
    return await oracle.scan(files, { signal });
  } catch (error) {
    // A tool that is missing is missing for every file: the user's to mend, and not a file's fault.
    if (signal.aborted || error instanceof HexacoderError) throw error;
    const [only, ...others] = files;
    if (only !== undefined && others.length === 0) return [failed(only.path, messageOf(error))];
  }
  const results: ScanResult[] = [];
  for (const file of files) results.push(...(await scanFiles([file], how)));
  return results;
}

/** A file for which the oracle broke. */
export function failed(path: string, why: string): Extract<ScanResult, { status: "unscanned" }> {
  return { status: "unscanned", path, reason: "tool-failed", detail: `The oracle failed: ${why}.` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
