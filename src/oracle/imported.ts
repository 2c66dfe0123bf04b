// A SARIF log of a tool that we do not know, as an oracle: it answers for the programs that the log is
// about, and has looked before anyone asked. A log does not say which files were looked at: where a run
// says that it got to its end, it is taken at its word for all of them but those that it complains about.
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type CweId, compareCwe } from "../core/cwe.ts";
import { HexacoderError, readError } from "../core/errors.ts";
import {
  type Finding,
  type ScanResult,
  type SourceFile,
  type UnscannedReason,
  unscannedReasonSchema,
} from "../core/finding.ts";
import { sha256 } from "../util/hash.ts";
import type { SecurityOracle } from "./oracle.ts";
import {
  findingFrom,
  parseSarif,
  type SarifNotification,
  type SarifResult,
  type SarifRun,
} from "./sarif-in.ts";
import { RegionReader } from "./sarif-regions.ts";

/** How a log is read. */
export interface ImportOptions {
  /** Folders from which the log's relative paths may start; the first in which a program lies counts. */
  readonly roots: readonly string[];
  /** Only these CWEs. */
  readonly cwes?: readonly CweId[];
}

/** A finding of the log, and why the log suppresses it. */
export interface ImportedFinding {
  readonly finding: Finding;
  readonly suppressed?: string;
}

/** What of the log could not be used. */
export interface ImportLeft {
  /** Results that name no CWE. */
  readonly withoutCwe: number;
  /** Results that name no file, or a place that its file does not have. */
  readonly withoutPlace: number;
  /** Results in files that nobody asked about. */
  readonly elsewhere: number;
}

/** An oracle that reads out a log. */
export interface ImportedOracle extends SecurityOracle {
  /** Files that have results, as the log names them, in the order of the log. */
  readonly paths: readonly string[];
  /** Findings of one program, those that the log suppresses too. */
  findings(file: SourceFile): readonly ImportedFinding[];
  /** What was left out, as far as programs were asked about. */
  left(): ImportLeft;
}

/** Reads a log; throws one paragraph for a file that is none. */
export async function readImport(path: string, options: ImportOptions): Promise<ImportedOracle> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readError(path, error);
  });
  const reading = parseSarif(text);
  if (!reading.ok) {
    throw new HexacoderError("bad-input", {
      message: `${path} cannot be imported: ${reading.why}.`,
      remedy: "Give the file that the tool wrote as SARIF 2.1.0, whole.",
    });
  }
  const name = `${namesOf(reading.runs)}[${basename(path)} ${sha256(text).slice(0, 8)}]`;
  return new Imported(name, reading.runs, options);
}

function namesOf(runs: readonly SarifRun[]): string {
  const names = runs.map(({ tool, version }) => (version === undefined ? tool : `${tool}@${version}`));
  return [...new Set(names)].join("+") || "nothing";
}

interface Entry {
  readonly run: SarifRun;
  readonly result: SarifResult;
}

class Imported implements ImportedOracle {
  readonly identity: string;
  readonly paths: readonly string[];
  /** What paths of programs are relative to. */
  readonly #base: string;
  readonly #runs: readonly SarifRun[];
  readonly #covers: readonly CweId[];
  readonly #wanted: readonly CweId[] | undefined;
  /** Results by every absolute path that the log may mean. */
  readonly #results = new Map<string, Entry[]>();
  readonly #complaints = new Map<string, SarifNotification>();
  readonly #asked = new Set<Entry>();
  readonly #lost = new Set<Entry>();
  readonly #all: readonly Entry[];

  constructor(identity: string, runs: readonly SarifRun[], { roots, cwes }: ImportOptions) {
    this.identity = identity;
    this.#base = roots[0] ?? "";
    this.#runs = runs;
    this.#wanted = cwes;
    this.#all = runs.flatMap((run) => run.results.filter(isOpen).map((result) => ({ run, result })));
    this.#covers = coveredBy(runs, cwes);
    this.paths = [...new Set(this.#all.flatMap(({ result }) => result.place?.path ?? []))];
    for (const entry of this.#all) {
      for (const full of placesOf(entry.result.place?.path, roots)) {
        this.#results.set(full, [...(this.#results.get(full) ?? []), entry]);
      }
    }
    for (const notification of runs.flatMap(({ notifications }) => notifications)) {
      if (!isComplaint(notification)) continue;
      for (const path of notification.paths) {
        for (const full of placesOf(path, roots)) this.#complaints.set(full, notification);
      }
    }
  }

  covers(): readonly CweId[] {
    return this.#covers;
  }

  async scan(files: readonly SourceFile[]): Promise<ScanResult[]> {
    return files.map((file) => this.#scanOne(file));
  }

  findings(file: SourceFile): readonly ImportedFinding[] {
    const entries = this.#results.get(resolve(this.#base, file.path)) ?? [];
    const text = new RegionReader(file.text);
    return entries.flatMap((entry): ImportedFinding[] => {
      this.#asked.add(entry);
      const { result, run } = entry;
      const finding = findingFrom(result, { text, columnKind: run.columnKind });
      if (finding === undefined) {
        if (result.cwes.length > 0) this.#lost.add(entry);
        return [];
      }
      if (this.#wanted !== undefined && !finding.cwes.some((cwe) => this.#wanted?.includes(cwe))) return [];
      return [{ finding, ...(result.suppressed === undefined ? {} : { suppressed: result.suppressed }) }];
    });
  }

  left(): ImportLeft {
    const withoutCwe = this.#all.filter(({ result }) => result.cwes.length === 0);
    const placeless = this.#all.filter(({ result }) => result.cwes.length > 0 && result.place === undefined);
    const others = this.#all.filter(
      (entry) => entry.result.cwes.length > 0 && entry.result.place !== undefined && !this.#asked.has(entry),
    );
    return {
      withoutCwe: withoutCwe.length,
      withoutPlace: placeless.length + this.#lost.size,
      elsewhere: others.length,
    };
  }

  #scanOne(file: SourceFile): ScanResult {
    const { path } = file;
    const complaint = this.#complaints.get(resolve(this.#base, path));
    if (complaint !== undefined) {
      return { status: "unscanned", path, reason: reasonOf(complaint), detail: complaint.message };
    }
    const found = this.findings(file);
    if (found.length === 0 && this.#runs.some(({ completed }) => !completed)) {
      const detail = "The log does not say that the tool got to its end.";
      return { status: "unscanned", path, reason: "tool-failed", detail };
    }
    const findings = found.filter(({ suppressed }) => suppressed === undefined).map(({ finding }) => finding);
    return { status: "scanned", path, findings: inOrder(findings), covers: [...this.#covers] };
  }
}

/** Results of a log's own baseline that are gone are no results; what passed is none either. */
function isOpen({ baselineState, level }: SarifResult): boolean {
  return baselineState !== "absent" && level !== "none";
}

/** CWEs of the rules that the log lists, and of its results: tools may list only the rules that found something. */
function coveredBy(runs: readonly SarifRun[], wanted: readonly CweId[] | undefined): CweId[] {
  const all = runs.flatMap(({ cwes, results }) => [...cwes, ...results.flatMap((result) => result.cwes)]);
  return [...new Set(all)].filter((cwe) => wanted === undefined || wanted.includes(cwe)).sort(compareCwe);
}

function placesOf(path: string | undefined, roots: readonly string[]): string[] {
  return path === undefined ? [] : [...new Set(roots.map((root) => resolve(root, path)))];
}

/** An error about a file, or our own word that a file was not analysed. */
function isComplaint({ level, id }: SarifNotification): boolean {
  return level === "error" || ownReason(id) !== undefined;
}

function reasonOf({ id, message }: SarifNotification): UnscannedReason {
  return ownReason(id) ?? (/syntax|pars(?:e|ing)/i.test(`${id} ${message}`) ? "parse-error" : "tool-failed");
}

function ownReason(id: string): UnscannedReason | undefined {
  const own = /^unscanned\/(.+)$/.exec(id)?.[1];
  return unscannedReasonSchema.safeParse(own).data;
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => a.region.startLine - b.region.startLine || a.region.startColumn - b.region.startColumn,
  );
}
