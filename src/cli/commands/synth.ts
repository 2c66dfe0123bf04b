// `hexacoder synth`: pairs from seeds, files, JSON lines or what a model writes.
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { WEAKEN_IDENTITY } from "../../repair/weaken/weaken.ts";
import type { CandidateSource } from "../../synthesis/candidate.ts";
import type { SynthSummary } from "../../synthesis/ledger.ts";
import { openQueuedWorkshop } from "../../synthesis/queue/queued-workshop.ts";
import { connectQueue, parseQueueAddress } from "../../synthesis/queue/redis.ts";
import { synthesise } from "../../synthesis/synthesis.ts";
import { openThreadedWorkshop, type Workshop, type WorkshopSetup } from "../../synthesis/workshop.ts";
import { sha256File } from "../../util/hash.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { checkCovered, detectorOptions, judgeOptions, list } from "../options.ts";
import { createLiveView } from "../progress.ts";
import { type SynthOptions, synthCommand } from "../synth-options.ts";
import { createProgressFile, statusCommand } from "../synth-status.ts";
import {
  booksOf,
  estimateOf,
  expectedOf,
  openModels,
  openRepairer,
  openSources,
  type SynthModels,
  samplingOf,
} from "../synth-tools.ts";
import { type SynthMoment, summaryTable, viewLine, viewLines } from "../synth-view.ts";

/** The command. */
export function command(context: CliContext): Command {
  const synth = synthCommand(context).action(async (given: Omit<SynthOptions, "out"> & { out?: string }) => {
    const options = { ...given, out: given.out ?? outMissing() };
    const summary = await runSynth(context, options);
    if (summary !== undefined) present(context, options, summary);
  });
  return synth.addCommand(statusCommand(context));
}

function outMissing(): never {
  throw new HexacoderError("bad-usage", {
    message: "synth needs a folder to write to.",
    remedy: "Add --out DIR.",
  });
}

/** Repairs under way at once where no model is asked: enough for every thread to have some waiting. */
const USUAL_CONCURRENCY = Math.max(8, 4 * availableParallelism());
/** The same where workers do the work: enough for a few machines. */
const QUEUED_CONCURRENCY = 256;

/** Runs synthesis as the command line asks for it; returns the summary, or nothing for an estimate. */
async function runSynth(context: CliContext, options: SynthOptions): Promise<SynthSummary | undefined> {
  const setup = {
    detect: options.detect ?? options.oracle,
    detectOptions: detectorOptions(options),
    judges: list(options.verify ?? options.detect ?? options.oracle),
    judgeOptions: judgeOptions(options),
  };
  const { workshop, close } = await openTools(context, options, setup);
  try {
    const models = await openModels(context, options);
    try {
      return await runWith(context, options, { workshop, models });
    } finally {
      await models.purse.close();
    }
  } finally {
    await close();
  }
}

/** The tools in this process, or those of workers; an estimate asks nobody. */
async function openTools(
  context: CliContext,
  options: SynthOptions,
  setup: WorkshopSetup,
): Promise<{ workshop: Workshop; close: () => Promise<void> }> {
  if (options.queue === undefined || options.estimate) {
    const count = options.threads ?? availableParallelism();
    const workshop = await openThreadedWorkshop(setup, { count });
    return { workshop, close: workshop.close };
  }
  const connection = await connectQueue(parseQueueAddress(options.queue, context.env));
  const { signal, talk } = context;
  const workshop = await openQueuedWorkshop(setup, { connection, signal, talk });
  const close = async (): Promise<void> => {
    await workshop.close();
    connection.close();
  };
  return { workshop, close };
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
  checkCovered(detect, { cwe: options.cwe, oracle: options.detect ?? options.oracle }, context);
  const estimate = await estimateOf(options, models, source);
  if (options.estimate) {
    context.out(options.json ? `${JSON.stringify({ estimate }, null, 2)}\n` : `${estimate.join("\n")}\n`);
    return undefined;
  }
  const used = models.proposer !== undefined || models.repairer !== undefined;
  if (used) for (const line of estimate) context.talk(`synth: ${line}`);
  const hints =
    options.hints === undefined ? {} : { hints: await sha256File(resolve(context.cwd, options.hints)) };
  const manifest = manifestOf(options, {
    source,
    oracles: [detect, ...judges],
    repairer: repairer.identity,
    models,
  });
  await openRunFolder(folder, { ...manifest, inputs: { ...manifest.inputs, ...hints } }, options);
  if (used) await models.purse.start(booksOf(folder));
  const watch = createWatch(context, options, folder);
  const running = synthesise({
    folder,
    source,
    detect,
    repairer,
    verify,
    ...(options.cwe === undefined ? {} : { cwes: options.cwe }),
    ...(used ? { spent: models.purse.spent } : {}),
    concurrency: concurrencyOf(options, models),
    signal: context.signal,
    onStart: watch.start,
    onProgress: watch.show,
  });
  const summary = await running.catch(async (error: unknown) => {
    await watch.stop();
    throw error;
  });
  await watch.end(summary);
  if (!context.signal.aborted) refuseNothing(options, summary);
  return summary;
}

/** A run without a single program has not done what it was asked for. What a model did not write is its answer. */
function refuseNothing(options: SynthOptions, { proposed, unusable }: SynthSummary): void {
  if (proposed === 0) throw nothingToStartFrom(options);
  const reasons = Object.entries(unusable);
  const lost = reasons.reduce((total, [, n]) => total + n, 0);
  if (lost < proposed || options.from.includes("llm")) return;
  throw new HexacoderError("nothing-to-do", {
    message: `Nothing in ${options.from.join(", ")} could be read as a program (${reasons.map(([why, n]) => `${n} ${why}`).join(", ")}).`,
    remedy: 'Rows of a jsonl: file need at least {"code": "the whole program"}.',
  });
}

function nothingToStartFrom({ from, language, cwe }: SynthOptions): HexacoderError {
  const about = cwe === undefined ? "" : ` for ${cwe.join(", ")}`;
  return new HexacoderError("nothing-to-do", {
    message: `There is no program to start from in ${from.join(", ")} (${language})${about}.`,
    remedy: "Name another source with --from, another --language, or other weaknesses with --cwe.",
  });
}

function concurrencyOf({ concurrency, queue }: SynthOptions, { repairer }: SynthModels): number {
  return (
    concurrency ??
    (queue === undefined ? (repairer?.chat.concurrency ?? USUAL_CONCURRENCY) : QUEUED_CONCURRENCY)
  );
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

/** Shows a run and leaves its progress in the folder. */
function createWatch(
  context: CliContext,
  options: SynthOptions,
  folder: string,
): {
  start: (finished: number) => void;
  show: (summary: SynthSummary, size: number | undefined) => void;
  end: (summary: SynthSummary) => Promise<void>;
  stop: () => Promise<void>;
} {
  const view = createLiveView(context, "synth");
  const write = createProgressFile(folder);
  const started = performance.now();
  let before = 0;
  let last: SynthMoment | undefined;
  let writing = Promise.resolve();
  const momentOf = (summary: SynthSummary, size: number | undefined): SynthMoment => {
    const expected = size ?? (options.from.every((spec) => spec === "llm") ? expectedOf(options) : undefined);
    return { summary, expected, seconds: (performance.now() - started) / 1000, before };
  };
  return {
    start: (finished) => {
      before = finished;
    },
    show: (summary, size) => {
      const moment = momentOf(summary, size);
      last = moment;
      view.update(
        () => viewLines(moment),
        () => viewLine(moment),
      );
      // One after another; that the disk is full is for the run's own files to say.
      writing = writing.then(() => write(moment, "running")).catch(() => undefined);
    },
    end: async (summary) => {
      const moment = momentOf(summary, summary.proposed);
      view.done(viewLine(moment));
      await writing;
      await write(moment, "finished");
    },
    stop: async () => {
      if (last !== undefined) view.done(viewLine(last));
      await writing;
      if (last !== undefined) await write(last, "stopped").catch(() => undefined);
    },
  };
}

function present(context: CliContext, options: SynthOptions, summary: SynthSummary): void {
  context.out(options.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryTable(summary));
}
