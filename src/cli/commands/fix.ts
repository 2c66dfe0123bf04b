// `hexacoder fix`: repairs weaknesses in files. Only repairs that pass the gates count; they are
// printed as a unified diff, or written into the files with --write.
import { Command } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { extensionOf, type Language, languages } from "../../core/language.ts";
import type { CompletionModel } from "../../llm/llm.ts";
import { openModel } from "../../llm/registry.ts";
import { findPrograms, readProgram } from "../../oracle/files.ts";
import { openOracle } from "../../oracle/registry.ts";
import { createRepairChain } from "../../repair/chain.ts";
import { createCodemodRepairer } from "../../repair/codemod-repairer.ts";
import { type FixResult, type FixTools, fixProgram } from "../../repair/fix.ts";
import { createLlmRepairer } from "../../repair/llm.ts";
import { plural } from "../../util/text.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { createFixOutput, type FixOutput, rewrite } from "../fix-output.ts";
import {
  addScanOptions,
  checkCovered,
  detectorOptions,
  judgeOptions,
  type ScanOptions,
  wholeNumber,
} from "../options.ts";

interface Options extends ScanOptions {
  readonly write: boolean;
  readonly json: boolean;
  readonly model?: string;
  readonly rounds: number;
}

/** Builds the command. */
export function command(context: CliContext): Command {
  const fix = new Command("fix")
    .argument("<paths...>", "files and folders; folders are walked, .gitignore is respected")
    .option("--write", "rewrite the files instead of printing a diff", false)
    .option("--model <model>", "a model to ask where no rewrite helps, for example ollama:NAME")
    .option(
      "--rounds <n>",
      "how often the model may try, hearing what the oracle still finds",
      wholeNumber(1),
      2,
    )
    .option("--json", "print what was done with every file, and why not, as JSON", false);
  addScanOptions(fix, context);
  return fix.action((paths: string[], options: Options) => runFix(paths, options, context));
}

type Unscanned = Extract<FixResult, { status: "unscanned" }>;

/** What was done. */
interface Tally {
  files: number;
  changedFiles: number;
  repaired: number;
  left: number;
  unscanned: number;
}

async function runFix(paths: readonly string[], options: Options, context: CliContext): Promise<void> {
  const { model, signal, env, cwd } = { ...options, ...context };
  const opened = model === undefined ? undefined : await openModel(model, { env, cwd, signal });
  try {
    await fixAll(paths, options, { context, tools: await toolsFor(options, context, opened) });
  } finally {
    await opened?.close();
  }
}

async function fixAll(
  paths: readonly string[],
  options: Options,
  { context, tools }: { context: CliContext; tools: FixTools },
): Promise<void> {
  checkCovered(tools.detect, options, context);
  const covered = languages.filter((language) => tools.detect.covers(language).length > 0);
  const output = createFixOutput(options, context);
  const tally: Tally = { files: 0, changedFiles: 0, repaired: 0, left: 0, unscanned: 0 };
  for await (const path of findPrograms(paths, { cwd: context.cwd, languages: covered })) {
    context.signal.throwIfAborted();
    await fixFile(path, options, { tools, tally, context, output });
  }
  if (tally.files === 0) throw nothingToFix(paths, covered);
  output.end();
  conclude(tally, options, context);
}

async function toolsFor(
  options: Options,
  context: CliContext,
  model: CompletionModel | undefined,
): Promise<FixTools> {
  const detect = await openOracle(options.oracle, detectorOptions(options));
  // A repair must not bring another weakness, so the judge sees all of them.
  const judge = await openOracle(options.oracle, judgeOptions(options));
  const codemods = await createCodemodRepairer({ oracle: judge });
  const { rounds } = options;
  const repairer =
    model === undefined
      ? codemods
      : createRepairChain([codemods, createLlmRepairer(model, { rounds, oracle: judge })]);
  return { detect, verify: [judge], repairer, signal: context.signal };
}

async function fixFile(
  path: string,
  options: Options,
  {
    tools,
    tally,
    context,
    output,
  }: { tools: FixTools; tally: Tally; context: CliContext; output: FixOutput },
): Promise<void> {
  tally.files++;
  const read = await readProgram(path, context.cwd);
  const leave = (result: Unscanned): void => {
    tally.unscanned++;
    context.talk(`${path}: not looked at (${result.result.reason})`);
    output.add(path, { result });
  };
  if (read.kind === "unscanned") return leave({ status: "unscanned", result: read.result });
  const result = await fixProgram(read.file, tools);
  if (result.status === "unscanned") return leave(result);
  report(path, result, context);
  tally.repaired += result.fixed.length;
  tally.left += result.left.length;
  if (tally.left > 0) context.finish(exitCodes.findings);
  const change = { before: read.file.text, after: result.text };
  if (change.before !== change.after) {
    tally.changedFiles++;
    if (options.write) await rewrite(path, result.text, context);
  }
  output.add(path, { result, change });
}

function report(path: string, result: Extract<FixResult, { status: "scanned" }>, context: CliContext): void {
  for (const { cwe, report: findings, by } of result.fixed) {
    context.talk(`${path}: ${cwe} repaired (${plural(findings.length, "finding")}, ${by})`);
  }
  for (const { cwe, report: findings, reason } of result.left) {
    const lines = findings.map(({ region }) => region.startLine).join(", ");
    context.talk(`${path}: ${cwe} left at line ${lines}: ${reason}`);
  }
}

function conclude(tally: Tally, { write }: Options, context: CliContext): void {
  const { files, changedFiles, repaired, left, unscanned } = tally;
  const done = write ? "rewritten" : "to change";
  const missed = unscanned === 0 ? "" : `; ${plural(unscanned, "file")} could not be looked at`;
  context.talk(
    `${repaired} of ${repaired + left} weaknesses repaired, ${plural(changedFiles, "file")} of ${files} ${done}${missed}.`,
  );
  if (left === 0 && unscanned > 0) context.finish(exitCodes.failed);
}

function nothingToFix(paths: readonly string[], covered: readonly Language[]): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `There is no program to look at in ${paths.join(", ")}.`,
    remedy: `Name files or folders that hold programs (${covered.map(extensionOf).join(", ")}); what .gitignore names is left out.`,
  });
}
