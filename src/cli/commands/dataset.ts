// `hexacoder dataset build|import|extend|export|push`.
import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { buildDataset } from "../../dataset/build.ts";
import type { KnownText } from "../../dataset/decontaminate.ts";
import { type ExportFormat, exportDataset, exportFormats } from "../../dataset/export.ts";
import { importDataset } from "../../dataset/import.ts";
import { tokensOf } from "../../dataset/similarity.ts";
import { loadBenchmark } from "../../evaluation/benchmarks/load.ts";
import { benchmarkNames, readBenchmarkManifest } from "../../evaluation/benchmarks/manifest.ts";
import type { SpanKind } from "../../lang/lang.ts";
import { loadLanguage } from "../../lang/registry.ts";
import { hashOf, sha256File } from "../../util/hash.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { extendCommand, LOCAL_IMPORTS } from "../dataset-extend.ts";
import { pushCommand } from "../dataset-push.ts";
import { presentDataset } from "../dataset-words.ts";
import { numberBetween, wholeNumber } from "../options.ts";

interface CommonOptions {
  out: string;
  seed: number;
  evalShare: number;
  nearDuplicate: number;
  resume: boolean;
  json: boolean;
}

interface BuildFlags extends CommonOptions {
  spans: SpanKind;
  family: string;
  vulnerableSide: boolean;
  localImports: boolean;
  benchmarks?: string;
  mostPerCwe?: number;
}

interface ExportFlags {
  out: string;
  format: ExportFormat;
  resume: boolean;
  json: boolean;
}

/** The command. */
export function command(context: CliContext): Command {
  return new Command("dataset")
    .addCommand(buildCommand(context))
    .addCommand(importCommand(context))
    .addCommand(extendCommand(context))
    .addCommand(exportCommand(context))
    .addCommand(pushCommand(context));
}

function buildCommand(context: CliContext): Command {
  return addCommonOptions(new Command("build"))
    .description("make training data from the pairs of synthesis runs")
    .argument("<run...>", "run folders that hold pairs.jsonl")
    .addOption(
      new Option("--spans <kind>", "how changed spans are widened")
        .choices(["tokens", "characters", "lines"])
        .default("tokens"),
    )
    .option("--family <field>", "field of a pair's source that names its family", "family")
    .option(
      "--benchmarks <dir>",
      "also stay apart from the benchmarks in this folder (laid out as eval --source takes them)",
    )
    .option("--most-per-cwe <n>", "most rows of one weakness in one language", wholeNumber(1))
    .option("--vulnerable-side", "rows bring the program before the fix, for `train --unlikelihood`", false)
    .option("--local-imports", LOCAL_IMPORTS, false)
    .action(async (runs: string[], options: BuildFlags) => {
      const folders = runs.map((run) => resolve(context.cwd, run));
      const inputs = await hashes(folders.map((run) => resolve(run, "pairs.jsonl")));
      const benchmarks = await benchmarkTexts(context, options.benchmarks);
      const out = await openFolder(
        context,
        options,
        {
          spans: options.spans,
          ...(options.mostPerCwe === undefined ? {} : { mostPerCwe: options.mostPerCwe }),
          ...(benchmarks.length === 0 ? {} : { benchmarks: hashOf(benchmarks) }),
          family: options.family,
          ...(options.vulnerableSide ? { vulnerableSide: true } : {}),
          ...(options.localImports ? { localImports: true } : {}),
        },
        inputs,
      );
      const facts = await buildDataset({
        ...options,
        familyField: options.family,
        runs: folders,
        out,
        languages: { python: await loadLanguage("python"), c: await loadLanguage("c") },
        benchmarks,
      });
      presentDataset(context, options, out, facts);
    });
}

/** Prompts and solutions of every known benchmark that a folder holds; says which it does not. */
async function benchmarkTexts(context: CliContext, folder: string | undefined): Promise<KnownText[]> {
  if (folder === undefined) return [];
  const source = resolve(context.cwd, folder);
  const texts: KnownText[] = [];
  const missing: string[] = [];
  for (const name of await benchmarkNames()) {
    // What ships with us is kept apart from in any case.
    if ((await readBenchmarkManifest(name)).kind === "shipped") continue;
    try {
      const { tasks, solutions } = await loadBenchmark(name, { source });
      for (const { id, prompt } of tasks) texts.push({ id: `${name}/${id}`, text: prompt });
      for (const [id, { safe }] of solutions ?? []) texts.push({ id: `${name}/${id}`, text: safe });
    } catch (error) {
      if (!(error instanceof HexacoderError)) throw error;
      missing.push(name);
    }
  }
  if (missing.length > 0) context.talk(`dataset: not in ${folder}: ${missing.join(", ")}`);
  // What has fewer tokens than a line of imports would be found everywhere.
  return texts.filter(({ text }) => tokensOf(text).length >= FEWEST_TOKENS);
}

const FEWEST_TOKENS = 25;

function importCommand(context: CliContext): Command {
  return addCommonOptions(new Command("import"))
    .description("turn published training data (the HexaCoder authors', SVEN's) into ours")
    .argument("<file...>", "JSON lines files")
    .action(async (files: string[], options: CommonOptions) => {
      const paths = files.map((file) => resolve(context.cwd, file));
      const out = await openFolder(context, options, {}, await hashes(paths));
      const python = await loadLanguage("python");
      presentDataset(context, options, out, await importDataset({ ...options, files: paths, out, python }));
    });
}

function exportCommand(context: CliContext): Command {
  return new Command("export")
    .description("write a dataset in the shape that other trainers read")
    .argument("<dataset>", "a folder that dataset build or import has written")
    .requiredOption("--out <dir>", "the folder to write to")
    .addOption(
      new Option("--format <name>", "conversations, or chosen and rejected answers (DPO)")
        .choices(exportFormats)
        .makeOptionMandatory(),
    )
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the numbers as JSON", false)
    .action(async (dataset: string, options: ExportFlags) => {
      const from = resolve(context.cwd, dataset);
      const inputs = await hashes(["train", "eval"].map((part) => resolve(from, `${part}.jsonl`)));
      const out = resolve(context.cwd, options.out);
      const manifest = {
        ...{ version: 1 as const, kind: "dataset-export", options: { format: options.format }, inputs },
        ...{ seeds: {}, identities: {}, versions: runtimeVersions(), startedAt: new Date().toISOString() },
      };
      await openRunFolder(out, manifest, options);
      const facts = await exportDataset(from, out, options.format);
      const { rows, withoutPrompt } = facts;
      if (options.json) context.out(`${JSON.stringify({ out, ...facts }, null, 2)}\n`);
      else
        context.out(
          `${basename(out)}: ${rows.train} ${options.format} rows to train on, ${rows.eval} to evaluate on\n`,
        );
      if (withoutPrompt > 0) context.talk(`left out: ${withoutPrompt} without a common beginning`);
    });
}

function addCommonOptions(command: Command): Command {
  return command
    .requiredOption("--out <dir>", "the dataset folder")
    .option("--seed <n>", "decides the split", wholeNumber(0), 42)
    .option("--eval-share <x>", "share of the rows for evaluation", numberBetween(0, 0.9), 0.2)
    .option("--near-duplicate <x>", "Jaccard index of near-duplicates", numberBetween(0.1, 1), 0.9)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the numbers as JSON", false);
}

async function hashes(paths: readonly string[]): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const path of paths) entries.push([path, await sha256File(path)]);
  return Object.fromEntries(entries);
}

async function openFolder(
  context: CliContext,
  options: CommonOptions,
  own: Record<string, unknown>,
  inputs: Record<string, string>,
): Promise<string> {
  const out = resolve(context.cwd, options.out);
  const { evalShare, nearDuplicate, seed } = options;
  const manifest = {
    version: 1 as const,
    kind: "dataset",
    options: { evalShare, nearDuplicate, ...own },
    inputs,
    seeds: { split: seed },
    identities: {},
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
  await openRunFolder(out, manifest, options);
  return out;
}
