// `scan --import`: the findings of another tool's SARIF log as reports, one a file, so that formats,
// baselines, suppressions and exit codes are the same as for an oracle of ours.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { CweId } from "../core/cwe.ts";
import { languageOf, languages } from "../core/language.ts";
import { type FileReport, type ReportOptions, reportOf } from "../oracle/file-report.ts";
import { readProgram } from "../oracle/files.ts";
import { type ImportedFinding, type ImportedOracle, readImport } from "../oracle/imported.ts";
import type { Scanner } from "../oracle/scanner.ts";

/** How to import. */
export interface ImportSetup {
  /** What the user named; nothing: the files that the log names. */
  readonly named: readonly string[];
  readonly report: ReportOptions;
  /** Only these CWEs. */
  readonly cwes?: readonly CweId[];
}

/** A log, ready to be reported. */
export interface Import {
  readonly scanner: Scanner;
  /** Files and folders to report on. */
  readonly paths: readonly string[];
  /** Sentences on what could not be used, once all was reported. */
  leftOut(): string[];
}

/** Opens a log. */
export async function openImport(file: string, { named, report, cwes }: ImportSetup): Promise<Import> {
  const roots = [report.root, ...named.map((path) => resolve(report.root, path))];
  const oracle = await readImport(resolve(report.root, file), {
    roots,
    ...(cwes === undefined ? {} : { cwes }),
  });
  const here = oracle.paths.filter(
    (path) => languageOf(path) !== undefined && existsSync(resolve(report.root, path)),
  );
  return {
    scanner: scannerOf(oracle, report),
    paths: named.length === 0 ? here : named,
    leftOut: () => leftOut(oracle),
  };
}

function scannerOf(oracle: ImportedOracle, options: ReportOptions): Scanner {
  return {
    identity: oracle.identity,
    // A log of a tool that found nothing covers nothing, and its files are reported all the same.
    covers: (language) => (languages.includes(language) ? oracle.covers(language) : []),
    width: 1,
    scanPaths: (paths) => Promise.all(paths.map((path) => reportFor(path, oracle, options))),
    close: async () => undefined,
  };
}

async function reportFor(path: string, oracle: ImportedOracle, options: ReportOptions): Promise<FileReport> {
  const found = await readProgram(path, options.root);
  if (found.kind === "unscanned") return found.result;
  const [result] = await oracle.scan([found.file]);
  if (result === undefined || result.status === "unscanned") {
    return result ?? { status: "unscanned", path, reason: "tool-failed" };
  }
  const all = oracle.findings(found.file);
  const findings = all.map(({ finding }) => finding);
  const report = reportOf({ ...result, findings }, found.file, options);
  return options.suppressions ? suppressedAsInLog(report, all) : report;
}

/** What the log suppresses stays suppressed, with its reason. */
function suppressedAsInLog(report: FileReport, all: readonly ImportedFinding[]): FileReport {
  if (report.status === "unscanned") return report;
  const reasons = new Map(
    all.flatMap(({ finding, suppressed }) =>
      suppressed === undefined ? [] : [[keyOf(finding), suppressed]],
    ),
  );
  const findings = report.findings.map((finding) => {
    const suppressed = finding.suppressed ?? reasons.get(keyOf(finding));
    return suppressed === undefined ? finding : { ...finding, suppressed };
  });
  return { ...report, findings };
}

function keyOf({ ruleId, region, message }: ImportedFinding["finding"]): string {
  return JSON.stringify([ruleId, region, message]);
}

function leftOut(oracle: ImportedOracle): string[] {
  const { withoutCwe, withoutPlace, elsewhere } = oracle.left();
  return [
    withoutCwe === 0 ? "" : `${withoutCwe} results of the log name no CWE and are left out.`,
    withoutPlace === 0
      ? ""
      : `${withoutPlace} results of the log name no place that its file has and are left out.`,
    elsewhere === 0 ? "" : `${elsewhere} results of the log are in files that are not reported here.`,
  ].filter((line) => line !== "");
}
