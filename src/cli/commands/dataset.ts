// `hexacoder dataset build|import`.
import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import { buildDataset } from "../../dataset/build.ts";
import type { DatasetFacts } from "../../dataset/card.ts";
import { importDataset } from "../../dataset/import.ts";
import type { SpanKind } from "../../lang/lang.ts";
import { loadLanguage } from "../../lang/registry.ts";
import { sha256File } from "../../util/hash.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
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
}

/** The command. */
export function command(context: CliContext): Command {
  return new Command("dataset").addCommand(buildCommand(context)).addCommand(importCommand(context));
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
    .option("--vulnerable-side", "rows bring the program before the fix, for `train --unlikelihood`", false)
    .action(async (runs: string[], options: BuildFlags) => {
      const folders = runs.map((run) => resolve(context.cwd, run));
      const inputs = await hashes(folders.map((run) => resolve(run, "pairs.jsonl")));
      const out = await openFolder(
        context,
        options,
        {
          spans: options.spans,
          family: options.family,
          ...(options.vulnerableSide ? { vulnerableSide: true } : {}),
        },
        inputs,
      );
      const language = await loadLanguage("python");
      const facts = await buildDataset({
        ...options,
        familyField: options.family,
        runs: folders,
        out,
        language,
      });
      present(context, options, out, facts);
    });
}

function importCommand(context: CliContext): Command {
  return addCommonOptions(new Command("import"))
    .description("turn published training data (the HexaCoder authors', SVEN's) into ours")
    .argument("<file...>", "JSON lines files")
    .action(async (files: string[], options: CommonOptions) => {
      const paths = files.map((file) => resolve(context.cwd, file));
      const out = await openFolder(context, options, {}, await hashes(paths));
      const python = await loadLanguage("python");
      present(context, options, out, await importDataset({ ...options, files: paths, out, python }));
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

function present(context: CliContext, options: CommonOptions, out: string, facts: DatasetFacts): void {
  if (options.json) {
    context.out(`${JSON.stringify({ out, ...facts }, null, 2)}\n`);
    return;
  }
  const leftOut = Object.entries(facts.leftOut).map(([reason, n]) => `${n} ${reason}`);
  context.out(`${basename(out)}: ${facts.rows.train} rows to train on, ${facts.rows.eval} to evaluate on\n`);
  if (leftOut.length > 0) context.talk(`left out: ${leftOut.join(", ")}`);
}
