// Where and how `scan` writes: to a stream or to a file, whole or not at all; as text, JSON or SARIF.
// Each report goes out as it comes, so that memory does not grow with the number of files.
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import pc from "picocolors";
import { writeError } from "../core/errors.ts";
import { type FileReport, isOpen, type ReportedFinding } from "../oracle/file-report.ts";
import { githubLimits, SarifLog } from "../oracle/sarif.ts";
import { resultAsText } from "../oracle/text.ts";
import { packageHomepage, packageVersion } from "../util/versions.ts";
import type { CliContext } from "./context.ts";

/** Formats of the result. */
export const scanFormats = ["text", "json", "sarif"] as const;
/** See {@link scanFormats}. */
export type ScanFormat = (typeof scanFormats)[number];

/** Where results go. */
export interface ScanOutput {
  write(text: string): Promise<void>;
  close(): Promise<void>;
  /** Gives up: a file that is half written is removed. */
  discard(): Promise<void>;
  readonly colours: boolean;
}

/** Opens the file, or standard output where there is none. */
export async function openOutput(file: string | undefined, context: CliContext): Promise<ScanOutput> {
  if (file !== undefined) return openFile(resolve(context.cwd, file), file);
  const { NO_COLOR, TERM } = context.env;
  // https://no-color.org: an empty variable asks for nothing.
  const colours = context.interactive && process.stdout.isTTY === true && !NO_COLOR && TERM !== "dumb";
  const nothing = async (): Promise<void> => undefined;
  return { write: async (text) => context.out(text), close: nothing, discard: nothing, colours };
}

async function openFile(path: string, shown: string): Promise<ScanOutput> {
  const temporary = `${path}.${process.pid}.tmp`;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw writeError(shown, error);
    }
  };
  const file = await guarded(async () => {
    await mkdir(dirname(path), { recursive: true });
    return open(temporary, "w");
  });
  return {
    write: (text) =>
      guarded(async () => {
        await file.write(text);
      }),
    close: () =>
      guarded(async () => {
        await file.close();
        await rename(temporary, path);
      }),
    discard: async () => {
      await file.close();
      await rm(temporary, { force: true });
    },
    colours: false,
  };
}

/** Writes reports in a format. */
export interface ReportWriter {
  add(report: FileReport): Promise<void>;
  end(): Promise<void>;
}

/** What a writer needs to know. */
export interface WriterSetup {
  readonly output: ScanOutput;
  readonly context: CliContext;
  /** The oracle's identity. */
  readonly identity: string;
  /** Folders with the user's own models and rules. */
  readonly modelsDirs: readonly string[];
  /** Whether SARIF describes the builtin rules; findings of other tools bring their own names only. */
  readonly rules: "builtin" | "none";
}

/** The writer of a format. */
export async function openWriter(format: ScanFormat, setup: WriterSetup): Promise<ReportWriter> {
  switch (format) {
    case "text":
      return textWriter(setup.output);
    case "json":
      return jsonWriter(setup.output);
    case "sarif":
      return sarifWriter(setup);
    default:
      return format satisfies never;
  }
}

/** What is to be acted on, for a person. */
function textWriter(output: ScanOutput): ReportWriter {
  const colours = pc.createColors(output.colours);
  return {
    add: async (report) => {
      const shown =
        report.status === "unscanned" ? report : { ...report, findings: report.findings.filter(isOpen) };
      const text = resultAsText(shown, colours);
      if (text !== "") await output.write(text);
    },
    end: async () => undefined,
  };
}

/** One JSON document, written file by file. */
function jsonWriter(output: ScanOutput): ReportWriter {
  let separator = '{"files":[\n';
  return {
    add: async (report) => {
      await output.write(`${separator}${JSON.stringify(asEntry(report))}`);
      separator = ",\n";
    },
    end: () => output.write("\n]}\n"),
  };
}

/** `findings` are to be acted on; what is known or suppressed stands apart, and only where there is some. */
function asEntry(report: FileReport): unknown {
  const { path, status } = report;
  if (report.status === "unscanned") {
    return { path, status, reason: report.reason, detail: report.detail, findings: [] };
  }
  const suppressed = report.findings.filter((finding) => finding.suppressed !== undefined);
  const known = report.findings.filter(
    (finding) => finding.suppressed === undefined && finding.known === true,
  );
  return {
    path,
    status,
    findings: report.findings.filter(isOpen).map(withoutState),
    ...(known.length === 0 ? {} : { known: known.map(withoutState) }),
    ...(suppressed.length === 0
      ? {}
      : { suppressed: suppressed.map((one) => ({ ...withoutState(one), reason: one.suppressed })) }),
  };
}

function withoutState({ known: _known, suppressed: _suppressed, ...finding }: ReportedFinding): object {
  return finding;
}

async function sarifWriter({
  output,
  context,
  identity,
  modelsDirs,
  rules: which,
}: WriterSetup): Promise<ReportWriter> {
  // Loaded here only: reading all rules takes a while that the other formats need not wait.
  const { loadRules } = await import("../oracle/load.ts");
  const rules = which === "none" ? [] : await loadRules(modelsDirs);
  const pages = packageHomepage();
  const about = {
    rules,
    identity,
    version: packageVersion(),
    root: context.cwd,
    ...(pages === undefined ? {} : { pages }),
  };
  const log = new SarifLog(about, (text) => output.write(text));
  return {
    add: (report) => log.add(report),
    end: async () => {
      await log.end();
      if (log.results > githubLimits.shown) context.talk(tooManyResults(log.results));
    },
  };
}

function tooManyResults(results: number): string {
  const { shown, results: most } = githubLimits;
  const fate = results > most ? `refuses a run with more than ${most}` : `shows ${shown} of a run`;
  return `${results} results: GitHub's code scanning ${fate}. Scan folder by folder, or fewer weaknesses with --cwe.`;
}
