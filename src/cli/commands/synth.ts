// `hexacoder synth`: pairs from seeds, files, JSON lines or a model's own completions.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { type Language, languages } from "../../core/language.ts";
import { loadLanguage } from "../../lang/registry.ts";
import type { CompletionModel } from "../../llm/llm.ts";
import { openModel } from "../../llm/registry.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { openOracle } from "../../oracle/registry.ts";
import { createCodemodRepairer } from "../../repair/codemod-repairer.ts";
import { verifyRepair } from "../../repair/verify.ts";
import { type CandidateSource, chainSources, limitSource } from "../../synthesis/candidate.ts";
import type { SynthSummary } from "../../synthesis/ledger.ts";
import { filesSource } from "../../synthesis/sources/files.ts";
import { jsonlSource } from "../../synthesis/sources/jsonl.ts";
import { modelSource } from "../../synthesis/sources/model.ts";
import { readSeeds, type SeedFilter, seedSource } from "../../synthesis/sources/seeds.ts";
import { synthesise } from "../../synthesis/synthesis.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { addScanOptions, list, numberBetween, type ScanOptions, wholeNumber } from "../options.ts";
import { createProgress } from "../progress.ts";

/** Options of the command, completed with their defaults. */
export interface SynthOptions extends ScanOptions {
  out: string;
  from: string[];
  language: Language;
  count?: number;
  model?: string;
  detect?: string;
  verify?: string;
  concurrency: number;
  seed: number;
  temperature: number;
  topP: number;
  maxTokens: number;
  perRequest: number;
  resume: boolean;
  json: boolean;
}

/** The command. */
export function command(context: CliContext): Command {
  const synth = new Command("synth")
    .requiredOption("--out <dir>", "the run folder")
    .addOption(
      new Option("--from <sources>", "seeds, files:DIR, jsonl:FILE, llm; several with commas")
        .default(["seeds"], "seeds")
        .argParser(list),
    )
    .addOption(
      new Option(
        "--language <name>",
        "language of the seeds, of what a model writes, and of rows that name none",
      )
        .choices(languages)
        .default("python"),
    )
    .option("--count <n>", "programs to start from (for llm: to ask for)", wholeNumber(1))
    .option("--model <model>", "the model that proposes programs, for --from llm")
    .option("--detect <oracle>", "oracle that finds the weak programs; --oracle when absent")
    .option("--verify <oracles>", "oracles that judge the repairs, with commas; --detect when absent")
    .option("--concurrency <n>", "repairs under way at once", wholeNumber(1), 4)
    .option("--seed <n>", "decides openings and samples", wholeNumber(0), 42)
    .option("--temperature <x>", "sampling of proposals", numberBetween(0, 2), 0.8)
    .option("--top-p <x>", "sampling of proposals", numberBetween(0.01, 1), 0.95)
    .option("--max-tokens <n>", "most tokens of a proposal", wholeNumber(1), 200)
    .option("--per-request <n>", "programs asked for in one request", wholeNumber(1), 4)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the summary as JSON", false);
  return addScanOptions(synth).action(async (options: SynthOptions) => {
    const summary = await runSynth(context, options);
    present(context, options, summary);
  });
}

/** Runs synthesis as the command line asks for it; returns the summary. */
export async function runSynth(context: CliContext, options: SynthOptions): Promise<SynthSummary> {
  const folder = resolve(context.cwd, options.out);
  const scan = scanOptionsOf(options);
  const detect = await openOracle(options.detect ?? options.oracle, scan);
  const judges = await Promise.all(
    list(options.verify ?? options.detect ?? options.oracle).map((name) =>
      openOracle(name, withoutFilter(scan)),
    ),
  );
  const languageSupport = await loadLanguage(options.language);
  // The judge looks over the repairer's shoulder: what one repair brings to light, the next one takes on.
  const repairer = await createCodemodRepairer({ oracle: judges[0] ?? detect });
  const models: CompletionModel[] = [];
  try {
    const tools = { detect, languageSupport, models, folder };
    const source = await openSources(context, options, tools);
    await openRunFolder(
      folder,
      manifestOf(options, source, [detect, ...judges], repairer.identity, models),
      options,
    );
    const progress = createProgress(context, "synth");
    const summary = await synthesise({
      folder,
      source,
      detect,
      repairer,
      verify: ({ candidate, ...request }) =>
        verifyRepair({ ...request, candidate: candidate.text, detect, verify: judges }),
      ...(options.cwe === undefined ? {} : { cwes: options.cwe }),
      concurrency: options.concurrency,
      signal: context.signal,
      onProgress: (now, size) => progress.update(progressText(now, size)),
    });
    progress.done(progressText(summary, undefined));
    return summary;
  } finally {
    await Promise.all(models.map((model) => model.close()));
  }
}

interface SourceTools {
  readonly detect: SecurityOracle;
  readonly languageSupport: Awaited<ReturnType<typeof loadLanguage>>;
  readonly models: CompletionModel[];
  readonly folder: string;
}

async function openSources(
  context: CliContext,
  options: SynthOptions,
  tools: SourceTools,
): Promise<CandidateSource> {
  const sources: CandidateSource[] = [];
  for (const spec of options.from) sources.push(await openSource(spec, context, options, tools));
  const all = chainSources(sources);
  // Models are asked for `count` programs each; whatever is read is cut to `count`.
  const cut = options.count !== undefined && !options.from.includes("llm");
  return cut ? limitSource(all, options.count ?? 0) : all;
}

async function openSource(
  spec: string,
  context: CliContext,
  options: SynthOptions,
  tools: SourceTools,
): Promise<CandidateSource> {
  const [kind, ...rest] = spec.split(":");
  const argument = resolve(context.cwd, rest.join(":"));
  if (kind === "seeds") return await seedSource(seedFilterOf(options));
  if (kind === "files" && rest.length > 0) return await filesSource(argument);
  if (kind === "jsonl" && rest.length > 0) return await jsonlSource(argument, options.language);
  if (kind === "llm") return await openModelSource(context, options, tools);
  throw new HexacoderError("bad-usage", {
    message: `--from ${spec} is not a source of programs.`,
    remedy: "Use seeds, files:DIR, jsonl:FILE or llm (with --model), several with commas.",
  });
}

async function openModelSource(
  context: CliContext,
  options: SynthOptions,
  { detect, languageSupport, models, folder }: SourceTools,
): Promise<CandidateSource> {
  if (options.model === undefined) {
    throw new HexacoderError("bad-usage", {
      message: "--from llm needs a model that writes the programs.",
      remedy: "Add --model, for example --model tiny.",
    });
  }
  const model = await openModel(options.model, { env: context.env, signal: context.signal });
  models.push(model);
  const { count = 200, perRequest, seed, temperature, topP, maxTokens } = options;
  return await modelSource({
    folder,
    model,
    seeds: await readSeeds(seedFilterOf(options)),
    detect,
    language: languageSupport,
    count,
    perRequest,
    sampling: { temperature, topP, maxTokens },
    seed,
  });
}

function seedFilterOf({ language, cwe }: SynthOptions): SeedFilter {
  return { language, cwes: cwe };
}

function scanOptionsOf(options: SynthOptions): Parameters<typeof openOracle>[1] {
  return {
    threatModels: options.threatModel,
    ...(options.cwe === undefined ? {} : { cwes: options.cwe }),
    ...(options.models === undefined ? {} : { modelsDirs: [options.models] }),
  };
}

/** A judge looks for every weakness: a repair that trades one for another must not pass. */
function withoutFilter(scan: Parameters<typeof openOracle>[1]): Parameters<typeof openOracle>[1] {
  const { cwes: _onlyForDetection, ...rest } = scan;
  return rest;
}

function manifestOf(
  options: SynthOptions,
  source: CandidateSource,
  oracles: readonly SecurityOracle[],
  repairer: string,
  models: readonly CompletionModel[],
): Parameters<typeof openRunFolder>[1] {
  const { from, language, count, cwe, threatModel, temperature, topP, maxTokens, perRequest } = options;
  const sampling = models.length === 0 ? {} : { temperature, topP, maxTokens, perRequest };
  return {
    version: 1,
    kind: "synth",
    options: {
      from,
      language,
      threatModel,
      ...sampling,
      ...(count === undefined ? {} : { count }),
      ...(cwe === undefined ? {} : { cwe }),
    },
    inputs: { ...source.inputs },
    seeds: { synth: options.seed },
    identities: {
      detect: oracles[0]?.identity ?? "",
      verify: oracles
        .slice(1)
        .map((oracle) => oracle.identity)
        .join(","),
      repairer,
      ...Object.fromEntries(models.map((model) => ["model", model.identity])),
    },
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}

function progressText(summary: SynthSummary, size: number | undefined): string {
  const of = size === undefined ? "" : ` of ${size}`;
  return `${summary.proposed}${of} programs, ${summary.flagged} flagged, ${summary.pairs} pairs`;
}

function present(context: CliContext, options: SynthOptions, summary: SynthSummary): void {
  if (options.json) {
    context.out(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  const rows = Object.entries(summary.byCwe).map(([cwe, counts]) => {
    const rejected = Object.entries(counts.rejected).sort(([, a], [, b]) => b - a);
    const why = rejected.map(([reason, n]) => `${n} ${reason}`).join(", ");
    return `${cwe.padEnd(9)}${String(counts.flagged).padStart(8)}${String(counts.pairs).padStart(8)}  ${why}`;
  });
  const counts = [
    `${summary.clean} clean`,
    `${summary.duplicates} duplicates`,
    `${summary.unscanned} not analysed${inBrackets(Object.keys(summary.unscannedReasons))}`,
  ];
  const unusable = Object.entries(summary.unusable).map(([reason, n]) => `${n} unusable (${reason})`);
  context.out(
    `${"weakness".padEnd(9)}${"flagged".padStart(8)}${"pairs".padStart(8)}  rejected\n${rows.join("\n")}\n` +
      `\n${summary.pairs} pairs from ${summary.flagged} flagged programs of ${summary.proposed} proposed; ${[...counts, ...unusable].join(", ")}.\n`,
  );
}

function inBrackets(words: readonly string[]): string {
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
