// Trains a LoRA adapter: completes the settings, checks the data, starts the trainer package and follows its
// events (PAPER.md, "Fine-tuning"). The adapter's folder is a run folder: killed at any moment, the same call
// with `resume` goes on from the last checkpoint.
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HexacoderError, writeError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { type LocalSpec, parseModelSpec } from "../llm/spec.ts";
import { requireTrainer, trainerFailure } from "../llm/trainer.ts";
import { type BaseIdentity, identifyBase } from "../llm/weights.ts";
import { writeFileAtomic } from "../util/files.ts";
import { JsonLinesWriter } from "../util/jsonl.ts";
import { openRunFolder } from "../util/run-folder.ts";
import { runtimeVersions } from "../util/versions.ts";
import { refuseConflicts } from "./conflicts.ts";
import { readTrainingData, type TrainingData } from "./data.ts";
import type { StartEvent, TrainerEvent } from "./events.ts";
import { type LaunchFiles, writeLaunchFiles } from "./launch.ts";
import { mergeAdapter } from "./merge.ts";
import { choosePreset, completeSettings, type PartialSettings, type TrainingSettings } from "./presets.ts";
import { createProgressReader, type TrainProgress } from "./progress.ts";
import { type EndEvent, interruption, runTrainer } from "./run-trainer.ts";

/** What to train. */
export interface TrainOptions {
  /** The dataset's folder: train.jsonl and eval.jsonl. */
  readonly data: string;
  /** The base, as `--model` takes it: tiny or hf:… */
  readonly base: string;
  /** The adapter's folder. */
  readonly out: string;
  /** Name of a preset; chosen by the base when absent. */
  readonly preset?: string | undefined;
  /** Over the preset. */
  readonly settings?: PartialSettings | undefined;
  /** A file of benign programs to mix in, JSON lines with a `text` each; its share is a setting. */
  readonly replay?: string | undefined;
  /** Processes that train together on this machine: a GPU each, or their share of the processor; 1 when absent. */
  readonly processes?: number | undefined;
  /** Also writes base and adapter as one model. */
  readonly merge?: boolean | undefined;
  /** Goes on with a run that was cut short. */
  readonly resume?: boolean | undefined;
}

/** The world around a training run. */
export interface TrainContext {
  /** Environment variables; the process's when absent. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The folder that relative paths start from; the process's when absent. */
  readonly cwd?: string | undefined;
  /** Ctrl-C: a checkpoint is saved first. */
  readonly signal?: AbortSignal | undefined;
  /** Called as training goes on. */
  readonly onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Called with what a user should read: rows left out, a resumed checkpoint. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets what the trainer writes to its log. */
  readonly log?: ((line: string) => void) | undefined;
}

/** What came of a training run. */
export interface TrainResult {
  /** The adapter's folder. */
  readonly adapter: string;
  /** The preset that was used. */
  readonly preset: string | undefined;
  /** Optimizer steps done. */
  readonly steps: number;
  /** Evaluation loss of the adapter in nats a token; null without evaluation rows. */
  readonly evalLoss: number | null;
  /** Step of the adapter that was kept. */
  readonly bestStep: number | null;
  /** Evaluations that this call saw. */
  readonly evals: readonly { readonly step: number; readonly loss: number }[];
  /** What the trainer said at the start; undefined when the run was finished before. */
  readonly facts: StartEvent | undefined;
  /** Wall time of this call's trainer, seconds. */
  readonly seconds: number;
  /** The folder of base and adapter as one model, where it was asked for. */
  readonly merged?: string;
}

/** Trains an adapter; throws HexacoderError for whatever a user can do something about. */
export async function trainAdapter(options: TrainOptions, context: TrainContext = {}): Promise<TrainResult> {
  const { plan, resumed } = await openPlan(options, context);
  const complete = { ...context, env: context.env ?? process.env };
  const result = await runPlan(plan, complete, resumed);
  if (options.merge !== true) return result;
  return { ...result, merged: await mergeAdapter({ base: plan.spec.base, adapter: plan.out }, complete) };
}

/**
 * Writes what a launcher elsewhere needs (run.json, and accelerate.yaml for as many processes) and starts nothing.
 * When the run is done, the same call as {@link trainAdapter} with `resume` takes its result over.
 */
export async function prepareTraining(
  options: TrainOptions,
  context: TrainContext = {},
): Promise<LaunchFiles> {
  const { plan } = await openPlan(options, context);
  const runFile = join(plan.out, "run.json");
  await writeRunFile(runFile, plan);
  return await writeLaunchFiles({ runFile, settings: plan.settings, processes: plan.processes });
}

async function openPlan(
  options: TrainOptions,
  { env = process.env, cwd = process.cwd() }: TrainContext,
): Promise<{ plan: Plan; resumed: boolean }> {
  requireTrainer(env);
  const spec = trainableSpec(options.base, cwd, env);
  const preset = choosePreset(options.preset, spec.name);
  const settings = completeSettings(preset, options.settings ?? {});
  const replay = settings.replayShare > 0 ? options.replay : undefined;
  const processes = options.processes ?? 1;
  refuseConflicts(settings, { replay: replay !== undefined, processes });
  const data = await readTrainingData(
    resolve(cwd, options.data),
    replay === undefined ? undefined : resolve(cwd, replay),
  );
  const base = await identifyBase(spec);
  const out = resolve(cwd, options.out);
  const plan = { spec, base, settings, data, out, preset: preset?.name, processes };
  const { resumed } = await openRunFolder(out, manifestOf(plan), { resume: options.resume === true });
  return { plan, resumed };
}

interface Plan {
  readonly spec: LocalSpec;
  readonly base: BaseIdentity;
  readonly settings: TrainingSettings;
  readonly data: TrainingData;
  readonly out: string;
  readonly preset: string | undefined;
  readonly processes: number;
}

function trainableSpec(base: string, cwd: string, env: NodeJS.ProcessEnv): LocalSpec {
  const spec = parseModelSpec(base, { cwd, env });
  if (spec.kind === "local") return spec;
  throw new HexacoderError("bad-usage", {
    message: `${base} runs elsewhere; an adapter can only be trained on a model whose weights are at hand.`,
    remedy: "Pass --base tiny, hf:ORG/NAME or hf:./folder.",
  });
}

function manifestOf({ settings, data, base, preset }: Plan): Manifest {
  // What changes only speed or place may be changed when a run is resumed.
  const { threads, device, microBatchSize, gradientCheckpointing, saveEverySteps, seed, ...others } =
    settings;
  const { fsdp, liger, reportTo, ...deciding } = others;
  return {
    version: 1,
    kind: "train",
    options: { ...deciding, preset: preset ?? null },
    inputs: {
      train: data.train.hash,
      ...(data.eval === undefined ? {} : { eval: data.eval.hash }),
      ...(data.replay === undefined ? {} : { replay: data.replay.hash }),
      ...(base.weightsHash === undefined ? {} : { base: base.weightsHash }),
    },
    seeds: { training: seed },
    identities: { base: base.identity },
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}

async function runPlan(
  plan: Plan,
  context: TrainContext & { env: NodeJS.ProcessEnv },
  resumed: boolean,
): Promise<TrainResult> {
  const runFile = join(plan.out, "run.json");
  const seen: { start?: StartEvent; evals: { step: number; loss: number }[] } = { evals: [] };
  const progress = createProgressReader(context);
  const events = await openEvents(plan.out);
  const onEvent = (event: TrainerEvent): void => {
    // Reports draw the loss curve from this file; a disk that is full is the trainer's own failure to tell.
    events.append(event).catch(() => undefined);
    if (event.event === "start") seen.start = event;
    if (event.event === "eval") seen.evals.push({ step: event.step, loss: event.loss });
    progress(event);
  };
  try {
    await writeRunFile(runFile, plan);
    if (plan.data.eval === undefined)
      context.onNotice?.("no evaluation rows: the last step's adapter is kept");
    const finished = await trainPatiently(
      { ...context, args: ["train", runFile], processes: plan.processes, onEvent },
      context.onNotice,
    );
    return resultOf(plan, finished, seen);
  } catch (error) {
    // Nothing was trained: a folder that only says so would stand in the way of a corrected command.
    if (!resumed && seen.start === undefined) await forget(plan.out);
    throw error;
  } finally {
    await events.close().catch(() => undefined);
  }
}

/** What the trainer said, for reports; a resumed run goes on with the same file. */
async function openEvents(out: string): Promise<JsonLinesWriter> {
  const path = join(out, "progress.jsonl");
  return await JsonLinesWriter.open(path).catch((error: unknown) => {
    throw writeError(path, error);
  });
}

async function writeRunFile(path: string, { spec, settings, data, out }: Plan): Promise<void> {
  const { evalPerEpoch, keepBest, patience, replayShare, ...rest } = settings;
  const run = {
    version: 1,
    base: spec.base,
    data: { train: data.train.path, eval: data.eval?.path ?? null, replay: data.replay?.path ?? null },
    replayShare: data.replay === undefined ? 0 : replayShare,
    out,
    ...rest,
    // Without evaluation rows nothing says which step was best.
    ...(data.eval === undefined ? { keepBest: false } : { keepBest, evalPerEpoch, patience }),
    // Our manifest has decided already whether the folder may be gone on with.
    resume: true,
  };
  try {
    await writeFileAtomic(path, `${JSON.stringify(run, null, 2)}\n`);
  } catch (error) {
    throw writeError(path, error);
  }
}

const BUSY_WAIT_MS = 1000;
const BUSY_TRIES = 60;

/** A trainer whose parent was killed ends at its next step; until then its folder is busy. */
async function trainPatiently(
  run: Parameters<typeof runTrainer>[0],
  onNotice: TrainContext["onNotice"],
): Promise<EndEvent<"finished">> {
  for (let attempt = 0; ; attempt++) {
    const end = await runTrainer(run, "finished");
    if (end.kind === "finished") return end.event;
    if (end.event.code !== "out-busy" || attempt >= BUSY_TRIES) throw trainerFailure(end.event);
    if (attempt === 0) onNotice?.("waiting for a trainer that is still at work in this folder");
    await sleep(BUSY_WAIT_MS, undefined, run.signal === undefined ? {} : { signal: run.signal }).catch(
      (cause) => {
        throw interruption(cause);
      },
    );
  }
}

function resultOf(
  plan: Plan,
  finished: EndEvent<"finished">,
  seen: { start?: StartEvent; evals: { step: number; loss: number }[] },
): TrainResult {
  return {
    adapter: plan.out,
    preset: plan.preset,
    steps: finished.step,
    evalLoss: finished.evalLoss,
    bestStep: finished.bestStep,
    evals: seen.evals,
    facts: seen.start,
    seconds: finished.seconds,
  };
}

async function forget(out: string): Promise<void> {
  for (const name of ["run.json", "manifest.json", "progress.jsonl"])
    await rm(join(out, name), { force: true });
}
