// What `hexacoder synth` is made of: models and their purse, sources, repairers.
import { join, resolve } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { loadLanguage } from "../lang/registry.ts";
import { mostUsage } from "../llm/chat.ts";
import { readKeys } from "../llm/keys.ts";
import { costOf, readPrices } from "../llm/prices.ts";
import { openPurse, type PaidModel, type Purse } from "../llm/purse.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { createRepairChain } from "../repair/chain.ts";
import { hintFor } from "../repair/hints.ts";
import { readHints } from "../repair/hints-file.ts";
import { createLlmRepairer } from "../repair/llm.ts";
import type { Repairer } from "../repair/repairer.ts";
import { type CandidateSource, chainSources, limitSource } from "../synthesis/candidate.ts";
import { chatSource, planProposals } from "../synthesis/sources/chat.ts";
import { filesSource } from "../synthesis/sources/files.ts";
import { jsonlSource } from "../synthesis/sources/jsonl.ts";
import { modelSource } from "../synthesis/sources/model.ts";
import { readSeeds, type SeedFilter, seedSource } from "../synthesis/sources/seeds.ts";
import { weakenSource } from "../synthesis/sources/weaken.ts";
import type { Workshop } from "../synthesis/workshop.ts";
import type { CliContext } from "./context.ts";
import type { SynthOptions } from "./synth-options.ts";

/** The models of a run. */
export interface SynthModels {
  readonly purse: Purse;
  /** Writes programs; absent where none is needed. */
  readonly proposer: PaidModel | undefined;
  /** Repairs them. */
  readonly repairer: PaidModel | undefined;
}

/** Programs asked for when nothing is said. */
const USUAL_COUNT = 200;

/** How many programs a model is asked for. */
export function expectedOf({ count = USUAL_COUNT }: SynthOptions): number {
  return count;
}

/** Opens the models that the options ask for. */
export async function openModels(context: CliContext, options: SynthOptions): Promise<SynthModels> {
  const { env, cwd, signal } = context;
  const path = (name: string | undefined): string | undefined => name && resolve(cwd, name);
  const models = modelsAskedFor(options);
  const used = models.proposer !== undefined || models.repairer !== undefined;
  const purse = openPurse({
    env,
    cwd,
    signal,
    keys: await readKeys(env, used ? path(options.keyFile) : undefined),
    limits: { usd: options.budgetUsd, tokens: options.budgetTokens },
    prices: used ? await readPrices(path(options.prices)) : [],
    timeoutMs: options.timeout * 1000,
    retries: options.retries,
    concurrency: options.concurrency,
    requestsPerMinute: options.requestsPerMinute,
    tokensPerMinute: options.tokensPerMinute,
  });
  const how = { interface: options.interface, language: options.language };
  try {
    const proposer = models.proposer === undefined ? undefined : await purse.open(models.proposer, how);
    const repairer = models.repairer === undefined ? undefined : await purse.open(models.repairer, how);
    return { purse, proposer, repairer };
  } catch (error) {
    await purse.close();
    throw error;
  }
}

function modelsAskedFor({ from, repair, model, repairModel = model }: SynthOptions): {
  proposer: string | undefined;
  repairer: string | undefined;
} {
  const proposes = from.includes("llm");
  const repairs = repair.includes("llm");
  if (proposes && model === undefined)
    throw modelWanted("--from llm needs a model that writes the programs.");
  if (repairs && repairModel === undefined) throw modelWanted("--repair llm needs a model that repairs.");
  return { proposer: proposes ? model : undefined, repairer: repairs ? repairModel : undefined };
}

function modelWanted(message: string): HexacoderError {
  return new HexacoderError("bad-usage", { message, remedy: "Add --model, for example --model tiny." });
}

/** Repairers in the order asked for. */
export async function openRepairer(
  context: CliContext,
  options: SynthOptions,
  { models, workshop }: { models: SynthModels; workshop: Workshop },
): Promise<Repairer> {
  const { codemods, detect, judges } = workshop;
  const hints = options.hints === undefined ? hintFor : await readHints(resolve(context.cwd, options.hints));
  const chain: Repairer[] = [];
  for (const name of options.repair) {
    if (name === "codemod") chain.push(codemods);
    else if (models.repairer !== undefined) {
      const { feedback, rounds, seed, repairMaxTokens: maxTokens } = options;
      const settings = { feedback, rounds, oracle: judges[0] ?? detect, hints, seed, maxTokens };
      chain.push(createLlmRepairer(models.repairer.chat, settings));
    }
  }
  const [only] = chain;
  return chain.length === 1 && only !== undefined ? only : createRepairChain(chain);
}

/** The sources, one after the other. */
export async function openSources(
  context: CliContext,
  options: SynthOptions,
  tools: { models: SynthModels; detect: SecurityOracle },
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
  { models, detect }: { models: SynthModels; detect: SecurityOracle },
): Promise<CandidateSource> {
  const [kind, ...rest] = spec.split(":");
  const place = rest.join(":");
  const argument = resolve(context.cwd, place);
  if (spec === "seeds") return await seedSource(seedFilterOf(options));
  if (kind === "files" && place !== "") return await filesSource(argument);
  if (kind === "weaken" && place !== "") {
    const { cwe: cwes, language } = options;
    const files = await filesSource(argument);
    return weakenSource({ files, detect, language: await loadLanguage(language), cwes });
  }
  if (kind === "jsonl" && place !== "") return await jsonlSource(argument, options.language);
  if (spec === "llm" && models.proposer !== undefined) {
    return await openModelSource(options, models.proposer, detect);
  }
  throw new HexacoderError("bad-usage", {
    message: `--from ${spec} is not a source of programs.`,
    remedy: "Use seeds, files:DIR, jsonl:FILE, weaken:DIR or llm (with --model), several with commas.",
  });
}

async function openModelSource(
  options: SynthOptions,
  model: PaidModel,
  detect: SecurityOracle,
): Promise<CandidateSource> {
  if (model.kind === "chat") return await chatSource(await chatOptionsOf(options, model));
  const { count = USUAL_COUNT, perRequest, seed } = options;
  return await modelSource({
    model: model.completion,
    seeds: await readSeeds(seedFilterOf(options)),
    detect,
    language: await loadLanguage(options.language),
    count,
    perRequest,
    sampling: samplingOf(options, model.kind),
    seed,
  });
}

async function chatOptionsOf(
  options: SynthOptions,
  { chat }: PaidModel,
): Promise<Parameters<typeof chatSource>[0]> {
  const { language, count = USUAL_COUNT, examples, seed } = options;
  return {
    model: chat,
    seeds: await readSeeds(seedFilterOf(options)),
    language: await loadLanguage(language),
    nameOf: (cwe) => hintFor(cwe, language)?.name,
    count,
    examples,
    sampling: samplingOf(options, "chat"),
    seed,
  };
}

/** How proposals are sampled. */
export function samplingOf(
  { temperature, topP, maxTokens }: SynthOptions,
  kind: PaidModel["kind"],
): { temperature: number; topP: number; maxTokens: number } {
  return { temperature, topP, maxTokens: maxTokens ?? (kind === "chat" ? 1536 : 200) };
}

function seedFilterOf({ language, cwe }: SynthOptions): SeedFilter {
  return { language, cwes: cwe };
}

/** Where the books of a run folder are. */
export function booksOf(folder: string): string {
  return join(folder, "answers.jsonl");
}

/** Lines that say what the models of a run may cost at most. */
export async function estimateOf(
  options: SynthOptions,
  { proposer, repairer }: SynthModels,
  source: CandidateSource,
): Promise<string[]> {
  const lines: string[] = [];
  const programs = options.from.includes("llm") ? (options.count ?? USUAL_COUNT) : undefined;
  if (proposer === undefined && repairer === undefined)
    return ["nothing is asked of a model: it costs nothing"];
  if (proposer?.kind === "completion" && programs !== undefined) {
    // A prompt is the opening of a seed; how many tokens that has, only the model knows.
    const { maxTokens } = samplingOf(options, proposer.kind);
    const most = { promptTokens: 0, completionTokens: programs * maxTokens };
    lines.push(
      `proposals: ${programs} programs in ${Math.ceil(programs / options.perRequest)} requests or more, at most ${atMost(most, proposer)} of answers, and the prompts`,
    );
  }
  if (proposer?.kind === "chat") {
    const usage = { promptTokens: 0, completionTokens: 0 };
    let requests = 0;
    for (const { request } of await planProposals(await chatOptionsOf(options, proposer))) {
      requests++;
      const most = mostUsage(request);
      usage.promptTokens += most.promptTokens;
      usage.completionTokens += most.completionTokens;
    }
    lines.push(`proposals: ${requests} requests, at most ${atMost(usage, proposer)}`);
  }
  if (repairer !== undefined) {
    const most = { promptTokens: 0, completionTokens: options.rounds * options.repairMaxTokens };
    const of = source.size ?? programs;
    const number = of === undefined ? "every program that is flagged" : `up to ${of} programs`;
    lines.push(
      `repairs by the model: ${number}, for each weakness at most ${options.rounds} requests with ${atMost(most, repairer)} of answers, and the prompts`,
    );
  }
  return lines;
}

function atMost(usage: { promptTokens: number; completionTokens: number }, { price }: PaidModel): string {
  const cost = costOf(usage, price);
  const tokens = usage.promptTokens + usage.completionTokens;
  return `${tokens} tokens (${cost === undefined ? "cost unknown: no price" : `$${cost.toFixed(4)}`})`;
}
