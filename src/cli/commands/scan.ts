// `hexacoder scan`: finds weaknesses in files and folders. Results go out as they come, so that
// memory does not grow with the number of files; only SARIF, which is one document, is collected.
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import { HexacoderError, writeError } from "../../core/errors.ts";
import type { ScanResult } from "../../core/finding.ts";
import { languages } from "../../core/language.ts";
import { findPrograms, readProgram } from "../../oracle/files.ts";
import { loadRules } from "../../oracle/load.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { openOracle } from "../../oracle/registry.ts";
import { SarifLog } from "../../oracle/sarif.ts";
import { resultAsText } from "../../oracle/text.ts";
import { packageVersion } from "../../util/versions.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { addScanOptions, type ScanOptions } from "../options.ts";

const formats = ["text", "json", "sarif"] as const;

interface Options extends ScanOptions {
  readonly format: (typeof formats)[number];
  readonly output?: string;
}

/** Builds the command. */
export function command(context: CliContext): Command {
  const scan = new Command("scan")
    .argument("<paths...>", "files and folders; folders are walked, .gitignore is respected")
    .addOption(new Option("--format <name>", "how to write the result").choices(formats).default("text"))
    .option("--output <file>", "write the result there instead of to standard output");
  addScanOptions(scan);
  return scan.action((paths: string[], options: Options) => runScan(paths, options, context));
}

/** What was seen. */
interface Tally {
  files: number;
  findings: number;
  advice: number;
  flaggedFiles: number;
  unscanned: number;
}

async function runScan(paths: readonly string[], options: Options, context: CliContext): Promise<void> {
  const oracle = await openOracle(options.oracle, {
    threatModels: options.threatModel,
    ...(options.cwe === undefined ? {} : { cwes: options.cwe }),
    ...(options.models === undefined ? {} : { modelsDirs: [join2(context.cwd, options.models)] }),
  });
  const output = await openOutput(options, context);
  const tally: Tally = { files: 0, findings: 0, advice: 0, flaggedFiles: 0, unscanned: 0 };
  try {
    const writer = await writerFor(options, { oracle, output, context });
    for await (const { result, text } of scanAll(paths, oracle, context)) {
      count(tally, result);
      await writer.add(result, text);
    }
    if (tally.files === 0 && !context.signal.aborted) throw nothingToScan(paths);
    await writer.end();
    await output.close();
  } catch (error) {
    await output.discard();
    throw error;
  }
  conclude(tally, context);
}

const BATCH = 32;

/** Results in the order of the files, a batch in memory at a time. */
async function* scanAll(
  paths: readonly string[],
  oracle: SecurityOracle,
  context: CliContext,
): AsyncGenerator<{ result: ScanResult; text: string }> {
  const { cwd, signal } = context;
  const covered = languages.filter((language) => oracle.covers(language).length > 0);
  let batch: string[] = [];
  for await (const path of findPrograms(paths, { cwd, languages: covered })) {
    if (signal.aborted) return;
    batch.push(path);
    if (batch.length < BATCH) continue;
    yield* scanBatch(batch, oracle, context);
    batch = [];
  }
  if (batch.length > 0) yield* scanBatch(batch, oracle, context);
}

async function* scanBatch(
  paths: readonly string[],
  oracle: SecurityOracle,
  context: CliContext,
): AsyncGenerator<{ result: ScanResult; text: string }> {
  const found = await Promise.all(paths.map((path) => readProgram(path, context.cwd)));
  const files = found.flatMap((one) => (one.kind === "program" ? [one.file] : []));
  const results = files.length === 0 ? [] : await oracle.scan(files, { signal: context.signal });
  let next = 0;
  for (const one of found) {
    if (one.kind === "unscanned") {
      yield { result: one.result, text: "" };
      continue;
    }
    const result = results[next];
    next++;
    if (result !== undefined) yield { result, text: one.file.text };
  }
}

function count(tally: Tally, result: ScanResult): void {
  tally.files++;
  if (result.status === "unscanned") {
    tally.unscanned++;
    return;
  }
  const verdicts = result.findings.filter(({ level }) => level !== "note").length;
  tally.findings += verdicts;
  tally.advice += result.findings.length - verdicts;
  if (verdicts > 0) tally.flaggedFiles++;
}

function conclude(tally: Tally, context: CliContext): void {
  const { files, findings, advice, flaggedFiles, unscanned } = tally;
  const more = advice === 0 ? "" : `, ${plural(advice, "note")}`;
  const missed = unscanned === 0 ? "" : `; ${plural(unscanned, "file")} could not be analysed`;
  context.talk(
    `${plural(findings, "finding")}${more} in ${flaggedFiles} of ${plural(files, "file")}${missed}.`,
  );
  if (findings > 0) context.finish(exitCodes.findings);
  else if (unscanned > 0) context.finish(exitCodes.failed);
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function nothingToScan(paths: readonly string[]): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `There is no program to look at in ${paths.join(", ")}.`,
    remedy: "Name files or folders that hold Python programs (.py); what .gitignore names is left out.",
  });
}

/** Where results go. */
interface Output {
  write(text: string): Promise<void>;
  close(): Promise<void>;
  /** Gives up: a file that is half written is removed. */
  discard(): Promise<void>;
  readonly colours: boolean;
}

async function openOutput(options: Options, context: CliContext): Promise<Output> {
  if (options.output === undefined) {
    const colours =
      context.interactive && process.stdout.isTTY === true && context.env.NO_COLOR === undefined;
    const nothing = async (): Promise<void> => undefined;
    return { write: async (text) => context.out(text), close: nothing, discard: nothing, colours };
  }
  return openFile(join2(context.cwd, options.output), options.output);
}

async function openFile(path: string, shown: string): Promise<Output> {
  const temporary = `${path}.${process.pid}.tmp`;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw writeError(shown, error);
    }
  };
  const file = await guarded(() => open(temporary, "w"));
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

/** Writes results in a format. */
interface Writer {
  add(result: ScanResult, text: string): Promise<void>;
  end(): Promise<void>;
}

async function writerFor(
  options: Options,
  to: { oracle: SecurityOracle; output: Output; context: CliContext },
): Promise<Writer> {
  const { output } = to;
  switch (options.format) {
    case "text": {
      const colours = pc.createColors(output.colours);
      return {
        add: async (result) => {
          const text = resultAsText(result, colours);
          if (text !== "") await output.write(text);
        },
        end: async () => undefined,
      };
    }
    case "json":
      return jsonWriter(output);
    case "sarif":
      return sarifWriter(options, to);
    default:
      return options.format satisfies never;
  }
}

/** One JSON document, written file by file. */
function jsonWriter(output: Output): Writer {
  let separator = '{"files":[\n';
  return {
    add: async (result) => {
      await output.write(`${separator}${JSON.stringify(asEntry(result))}`);
      separator = ",\n";
    },
    end: () => output.write("\n]}\n"),
  };
}

function asEntry(result: ScanResult): unknown {
  const { path, status } = result;
  if (result.status === "scanned") return { path, status, findings: result.findings };
  return { path, status, reason: result.reason, detail: result.detail, findings: [] };
}

async function sarifWriter(
  options: Options,
  to: { oracle: SecurityOracle; output: Output },
): Promise<Writer> {
  const rules = await loadRules(options.models === undefined ? [] : [options.models]);
  const log = new SarifLog({ rules, identity: to.oracle.identity, version: packageVersion() });
  return {
    add: async (result, text) => log.add(result, text),
    end: () => to.output.write(log.toString()),
  };
}

function join2(cwd: string, path: string): string {
  return path.startsWith("/") ? path : join(cwd, path);
}
