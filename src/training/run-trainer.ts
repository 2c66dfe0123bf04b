// The trainer as a child process: its events come in as lines, Ctrl-C reaches it as a request to save, and how
// it ended is told honestly (a status of 0 without a `finished` event is no success).
import { setTimeout as sleep } from "node:timers/promises";
import { HexacoderError } from "../core/errors.ts";
import { type FailedEvent, LastLines, requireTrainer } from "../llm/trainer.ts";
import { type RunResult, startProcess } from "../util/process.ts";
import { parseTrainerEvent, type TrainerEvent } from "./events.ts";

/** One start of the trainer. */
export interface TrainerRun {
  /** What it is to do: `train`, the run file … */
  readonly args: readonly string[];
  /** Processes that train together on this machine; 1 when absent. */
  readonly processes?: number | undefined;
  /** Environment variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Ctrl-C: the trainer saves a checkpoint and ends. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event, in order. */
  readonly onEvent?: ((event: TrainerEvent) => void) | undefined;
  /** Gets what the trainer writes to its log. */
  readonly log?: ((line: string) => void) | undefined;
}

/** Names of the events that say that a trainer did what it was asked. */
export type Ending = "finished" | "merged";

/** The end of a run that did what it was asked. */
export type EndEvent<Name extends Ending> = Extract<TrainerEvent, { event: Name }>;

/** How the trainer ended; a failure that it explained is a value, since some are worth another try. */
export type TrainerEnd<Name extends Ending> =
  | { readonly kind: "finished"; readonly event: EndEvent<Name> }
  | { readonly kind: "failed"; readonly event: FailedEvent };

// Saving a checkpoint of a large model to a slow disk takes a while.
const SAVING_MS = 120_000;

/**
 * Runs the trainer until it says `ending`; throws `trainer-failed` when it ends without a word, `interrupted`
 * after Ctrl-C.
 */
export async function runTrainer<Name extends Ending>(
  run: TrainerRun,
  ending: Name,
): Promise<TrainerEnd<Name>> {
  const trainer = requireTrainer(run.env);
  const words = new LastLines();
  let last: TrainerEnd<Name> | undefined;
  const child = startProcess({
    command: [...launcher(trainer.command, run.processes ?? 1), ...run.args],
    cwd: trainer.cwd,
    env: trainer.env,
    onStdoutLine: (line) => {
      const event = parseTrainerEvent(line);
      // Only the end decides; a stray line must not cost hours of training.
      if (event === undefined) return run.log?.(`(no event) ${line}`);
      if (event.event === "failed") last = { kind: "failed", event };
      // An event of that name is one of that type, which the compiler cannot see for a name that is a parameter.
      if (event.event === ending) last = { kind: "finished", event: event as EndEvent<Name> };
      return run.onEvent?.(event);
    },
    onStderrLine: (line) => {
      words.add(line);
      run.log?.(line);
    },
  });
  const onAbort = (): void => {
    child.interrupt();
    void Promise.race([child.done, sleep(SAVING_MS, undefined, { ref: false })]).then(() => child.stop());
  };
  if (run.signal?.aborted === true) onAbort();
  run.signal?.addEventListener("abort", onAbort, { once: true });
  const result = await child.done;
  run.signal?.removeEventListener("abort", onAbort);
  return endOf(result, last, { words, interrupted: run.signal?.aborted === true });
}

type Command = readonly [string, ...string[]];

/** Several processes are started by PyTorch's launcher, which is where PyTorch is. */
function launcher([python, ...module]: Command, processes: number): Command {
  if (processes === 1) return [python, ...module];
  return [python, "-m", "torch.distributed.run", "--standalone", `--nproc-per-node=${processes}`, ...module];
}

function endOf<Name extends Ending>(
  result: RunResult,
  last: TrainerEnd<Name> | undefined,
  { words, interrupted }: { words: LastLines; interrupted: boolean },
): TrainerEnd<Name> {
  if (last?.kind === "finished" && result.ok) return last;
  // It may be hit by the signal before it can say so.
  if (interrupted) throw interruption(result.cause);
  if (last?.kind === "failed") return last;
  const killed = result.exitSignal === "SIGKILL";
  const how = result.exitSignal ?? `status ${result.exitCode ?? "unknown"}`;
  throw new HexacoderError("trainer-failed", {
    message: `The trainer ended without finishing (${how}). Its last words:\n${words.text()}\n`,
    remedy: killed
      ? "The system probably ran out of memory: lower --micro-batch-size or --max-length, then go on with --resume from the last checkpoint."
      : "Run the same command again with --resume to go on from the last checkpoint.",
    ...(result.cause === undefined ? {} : { cause: result.cause }),
  });
}

/** What Ctrl-C during training ends in. */
export function interruption(cause?: unknown): HexacoderError {
  return new HexacoderError("interrupted", {
    message: "Training was interrupted; its checkpoint is kept.",
    remedy: "Run the same command again with --resume to go on.",
    ...(cause === undefined ? {} : { cause }),
  });
}
