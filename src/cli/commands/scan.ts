// `hexacoder scan`: finds weaknesses in files and folders. Large folders are spread over threads;
// reports go out in the order of the files, as they come, so that memory does not grow with them.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { extensionOf, type Language, languages } from "../../core/language.ts";
import { type Baseline, compareWith, readBaseline } from "../../oracle/baseline.ts";
import { type FileReport, isOpen } from "../../oracle/file-report.ts";
import { findPrograms } from "../../oracle/files.ts";
import type { Scanner } from "../../oracle/scanner.ts";
import { createWorkerScanner, usefulThreads, type WorkerSetup } from "../../oracle/workers.ts";
import { inBatches, mapOrdered } from "../../util/ordered.ts";
import { plural } from "../../util/text.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { addScanOptions, checkCovered, detectorOptions, type ScanOptions, wholeNumber } from "../options.ts";
import { type Import, openImport } from "../scan-import.ts";
import { openOutput, openWriter, type ScanFormat, scanFormats } from "../scan-output.ts";

interface Options extends ScanOptions {
  readonly format: ScanFormat;
  readonly output?: string;
  readonly baseline?: string;
  readonly suppressions: boolean;
  readonly jobs?: number;
  readonly import?: string;
}

/** Builds the command. */
export function command(context: CliContext): Command {
  const scan = new Command("scan")
    .argument("[paths...]", "files and folders; folders are walked, .gitignore is respected")
    .addOption(new Option("--format <name>", "how to write the result").choices(scanFormats).default("text"))
    .option("--output <file>", "write the result there instead of to standard output")
    .option(
      "--baseline <file>",
      "an earlier scan (SARIF or JSON): what it found is known and not reported as new",
    )
    .option("--no-suppressions", "report what comments (hexacoder: ignore[CWE-79] reason) suppress, too")
    .option(
      "--jobs <n>",
      "threads to scan with (default: one for each 2,000 files, at most one a core)",
      wholeNumber(1),
    );
  addScanOptions(scan, context);
  scan.addOption(
    new Option(
      "--import <file>",
      "report what another tool found (SARIF 2.1.0) in place of scanning; without paths, in the files it names",
    ).conflicts(["oracle", "models", "jobs", "threatModel"]),
  );
  return scan.action((paths: string[], options: Options) => runScan(paths, options, context));
}

/** What was seen. */
interface Tally {
  files: number;
  findings: number;
  advice: number;
  flaggedFiles: number;
  known: number;
  suppressed: number;
  unscanned: number;
}

async function runScan(named: readonly string[], options: Options, context: CliContext): Promise<void> {
  const setup = setupFor(options, context);
  const imported = options.import === undefined ? undefined : await importOf(options.import, named, setup);
  const paths = imported?.paths ?? named;
  if (named.length === 0 && imported === undefined) throw noPaths();
  const baseline =
    options.baseline === undefined
      ? undefined
      : await readBaseline(resolve(context.cwd, options.baseline), options.baseline);
  const scanner: Scanner = imported?.scanner ?? (await openScanner(paths, options, { setup, context }));
  try {
    if (imported === undefined) checkCovered(scanner, options, context);
    // A log may be about nothing, which is no reason not to report so.
    const walked = imported === undefined ? coveredBy(scanner) : languages;
    const tally = await writeReports(paths, options, { scanner, setup, baseline, context, walked });
    for (const line of imported?.leftOut() ?? []) context.talk(line);
    conclude(tally, context);
  } finally {
    await scanner.close();
  }
}

function importOf(file: string, named: readonly string[], setup: WorkerSetup): Promise<Import> {
  const { options, report } = setup;
  return openImport(file, { named, report, ...(options.cwes === undefined ? {} : { cwes: options.cwes }) });
}

function noPaths(): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: "No file or folder was named.",
    remedy: "Name what to scan, for example: hexacoder scan src",
  });
}

function setupFor(options: Options, { cwd }: CliContext): WorkerSetup {
  return {
    oracle: options.oracle,
    options: detectorOptions(options),
    report: { root: cwd, suppressions: options.suppressions },
  };
}

/** Threads where they pay, this thread otherwise. */
async function openScanner(
  paths: readonly string[],
  options: Options,
  to: { setup: WorkerSetup; context: CliContext },
): Promise<Scanner> {
  const { setup, context } = to;
  // Other oracles do their work in processes of their own, and in larger batches.
  const threads = setup.oracle === "builtin" ? usefulThreads(await countFiles(paths, context)) : 1;
  const count = options.jobs ?? threads;
  if (count > 1) return createWorkerScanner(setup, { count });
  // Threads load all this themselves: it is not loaded where they do.
  const [{ openOracle }, { createScanner }] = await Promise.all([
    import("../../oracle/registry.ts"),
    import("../../oracle/scanner.ts"),
  ]);
  return createScanner(await openOracle(setup.oracle, setup.options), setup.report);
}

/** How many files there are, as far as it matters for the number of threads. */
async function countFiles(paths: readonly string[], { cwd }: CliContext): Promise<number> {
  let files = 0;
  // Counting a large tree takes time, too: more than this starts no further thread worth having.
  const enough = 64_000;
  for await (const _path of findPrograms(paths, { cwd, languages })) {
    files++;
    if (files === enough) break;
  }
  return files;
}

interface Work {
  readonly scanner: Scanner;
  readonly setup: WorkerSetup;
  readonly baseline: Baseline | undefined;
  readonly context: CliContext;
  /** Languages whose programs are looked for in folders. */
  readonly walked: readonly Language[];
}

async function writeReports(paths: readonly string[], options: Options, work: Work): Promise<Tally> {
  const { scanner, setup, baseline, context } = work;
  const output = await openOutput(options.output, context);
  const tally: Tally = {
    files: 0,
    findings: 0,
    advice: 0,
    flaggedFiles: 0,
    known: 0,
    suppressed: 0,
    unscanned: 0,
  };
  try {
    const { identity } = scanner;
    const modelsDirs = setup.options.modelsDirs ?? [];
    const rules = options.import === undefined ? "builtin" : "none";
    const writer = await openWriter(options.format, { output, context, identity, modelsDirs, rules });
    for await (const scanned of scanAll(paths, work)) {
      const report = baseline === undefined ? scanned : compareWith(scanned, baseline);
      count(tally, report);
      // Known from here on, also to whoever reads only the first lines of the result.
      if (tally.findings > 0) context.finish(exitCodes.findings);
      await writer.add(report);
    }
    if (tally.files === 0 && !context.signal.aborted) throw nothingToScan(paths, scanner);
    await writer.end();
    await output.close();
  } catch (error) {
    await output.discard();
    throw error;
  }
  return tally;
}

const BATCH = 32;

/** Reports in the order of the files, a few batches in memory at a time. */
async function* scanAll(
  paths: readonly string[],
  { scanner, walked, context: { cwd, signal } }: Work,
): AsyncGenerator<FileReport> {
  const batches = inBatches(findPrograms(paths, { cwd, languages: walked }), scanner.batch ?? BATCH);
  for await (const reports of mapOrdered(batches, scanner.width, (batch) =>
    scanner.scanPaths(batch, signal),
  )) {
    if (signal.aborted) return;
    yield* reports;
  }
}

function count(tally: Tally, report: FileReport): void {
  tally.files++;
  if (report.status === "unscanned") {
    tally.unscanned++;
    return;
  }
  const open = report.findings.filter(isOpen);
  const verdicts = open.filter(({ level }) => level !== "note").length;
  const suppressed = report.findings.filter((finding) => finding.suppressed !== undefined).length;
  tally.findings += verdicts;
  tally.advice += open.length - verdicts;
  tally.suppressed += suppressed;
  tally.known += report.findings.length - open.length - suppressed;
  if (verdicts > 0) tally.flaggedFiles++;
}

function conclude(tally: Tally, context: CliContext): void {
  const { files, findings, advice, flaggedFiles, known, suppressed, unscanned } = tally;
  const more = advice === 0 ? "" : `, ${plural(advice, "note")}`;
  const aside = [
    known === 0 ? "" : `; ${known} known from the baseline`,
    suppressed === 0 ? "" : `; ${suppressed} suppressed by comments`,
    unscanned === 0 ? "" : `; ${plural(unscanned, "file")} could not be analysed`,
  ].join("");
  context.talk(
    `${plural(findings, "finding")}${more} in ${flaggedFiles} of ${plural(files, "file")}${aside}.`,
  );
  if (findings === 0 && unscanned > 0) context.finish(exitCodes.failed);
}

function nothingToScan(paths: readonly string[], scanner: Scanner): HexacoderError {
  const endings = coveredBy(scanner).map(extensionOf).join(", ");
  return new HexacoderError("nothing-to-do", {
    message: `There is no program to look at in ${paths.join(", ")}.`,
    remedy: `Name files or folders that hold programs (${endings}); what .gitignore names is left out.`,
  });
}

function coveredBy(scanner: Scanner): Language[] {
  return languages.filter((language) => scanner.covers(language).length > 0);
}
