// `hexacoder synth`: pairs from seeds, files, JSON lines or what a model writes.
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { WEAKEN_IDENTITY } from "../../repair/weaken/weaken.ts";
import type { CandidateSource } from "../../synthesis/candidate.ts";
import type { SynthSummary } from "../../synthesis/ledger.ts";
import { synthesise } from "../../synthesis/synthesis.ts";
import { openThreadedWorkshop, type Workshop } from "../../synthesis/workshop.ts";
import { sha256File } from "../../util/hash.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { detectorOptions, judgeOptions, list } from "../options.ts";
import { createProgress } from "../progress.ts";
import { type SynthOptions, synthCommand } from "../synth-options.ts";
import {
  booksOf,
  estimateOf,
  openModels,
  openRepairer,
  openSources,
  type SynthModels,
  samplingOf,
} from "../synth-tools.ts";

/** The command. */
export function command(context: CliContext): Command {
  return synthCommand(context).action(async (options: SynthOptions) => {
    const summary = await runSynth(context, options);
    if (summary !== undefined) present(context, options, summary);
  });
}

/** Repairs under way at once where no model is asked: enough for every thread to have some waiting. */
const USUAL_CONCURRENCY = Math.max(8, 4 * availableParallelism());

/** Runs synthesis as the command line asks for it; returns the summary, or nothing for an estimate. */
async function runSynth(context: CliContext, options: SynthOptions): Promise<SynthSummary | undefined> {
  const setup = {
    detect: options.detect ?? options.oracle,
    detectOptions: detectorOptions(options),
    judges: list(options.verify ?? options.detect ?? options.oracle),
    judgeOptions: judgeOptions(options),
  };
  const workshop = await openThreadedWorkshop(setup, { count: options.threads ?? availableParallelism() });
  const models = await openModels(context, options);
  try {
    return await runWith(context, options, { workshop, models });
  } finally {
    await models.purse.close();
    await workshop.close();
  }
}

async function runWith(
  context: CliContext,
  options: SynthOptions,
  { workshop, models }: { workshop: Workshop; models: SynthModels },
): Promise<SynthSummary | undefined> {
  const { detect, judges, verify } = workshop;
  const folder = resolve(context.cwd, options.out);
  const repairer = await openRepairer(context, options, { models, workshop });
  const source = await openSources(context, options, { models, detect });
  for (const line of await estimateOf(options, models, source)) context.talk(`synth: ${line}`);
  if (options.estimate) return undefined;
  const hints =
    options.hints === undefined ? {} : { hints: await sha256File(resolve(context.cwd, options.hints)) };
  const manifest = manifestOf(options, {
    source,
    oracles: [detect, ...judges],
    repairer: repairer.identity,
    models,
  });
  await openRunFolder(folder, { ...manifest, inputs: { ...manifest.inputs, ...hints } }, options);
  const used = models.proposer !== undefined || models.repairer !== undefined;
  if (used) await models.purse.start(booksOf(folder));
  const progress = createProgress(context, "synth");
  const summary = await synthesise({
    folder,
    source,
    detect,
    repairer,
    verify,
    ...(options.cwe === undefined ? {} : { cwes: options.cwe }),
    ...(used ? { spent: models.purse.spent } : {}),
    concurrency: options.concurrency ?? models.repairer?.chat.concurrency ?? USUAL_CONCURRENCY,
    signal: context.signal,
    onProgress: (now, size) => progress.update(progressText(now, size)),
  });
  progress.done(progressText(summary, undefined));
  return summary;
}

function manifestOf(
  options: SynthOptions,
  {
    source,
    oracles,
    repairer,
    models,
  }: { source: CandidateSource; oracles: readonly SecurityOracle[]; repairer: string; models: SynthModels },
): Parameters<typeof openRunFolder>[1] {
  const { from, language, count, cwe, threatModel, perRequest, examples, repairMaxTokens } = options;
  const { proposer } = models;
  const proposing =
    proposer === undefined
      ? {}
      : {
          ...samplingOf(options, proposer.kind),
          ...(proposer.kind === "chat" ? { examples } : { perRequest }),
          interface: proposer.kind,
        };
  return {
    version: 1,
    kind: "synth",
    options: {
      from,
      language,
      threatModel,
      ...proposing,
      ...(models.repairer === undefined ? {} : { repairMaxTokens }),
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
      ...(from.some((spec) => spec.startsWith("weaken:")) ? { weaken: WEAKEN_IDENTITY } : {}),
      ...(proposer === undefined ? {} : { model: proposer.chat.identity }),
    },
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}

function progressText(summary: SynthSummary, size: number | undefined): string {
  const of = size === undefined ? "" : ` of ${size}`;
  return `${summary.proposed}${of} programs, ${summary.flagged} flagged, ${summary.pairs} pairs${costText(summary)}`;
}

/** What models cost so far, where one was asked. */
function costText({ spent, costUsd }: SynthSummary): string {
  if (spent === undefined || spent.requests === 0) return "";
  const tokens = spent.promptTokens + spent.completionTokens;
  return `, ${tokens} tokens, ${costUsd === null ? "cost unknown" : `$${costUsd.toFixed(4)}`}`;
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
      `\n${summary.pairs} pairs from ${summary.flagged} flagged programs of ${summary.proposed} proposed; ${[...counts, ...unusable].join(", ")}${costText(summary)}.\n`,
  );
}

function inBrackets(words: readonly string[]): string {
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
