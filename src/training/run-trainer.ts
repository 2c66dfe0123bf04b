// The trainer as a child process: its events come in as lines, Ctrl-C reaches it as a request to save, and how
// it ended is told honestly (a status of 0 without a `finished` event is no success).
import { setTimeout as sleep } from "node:timers/promises";
import { HexacoderError } from "../core/errors.ts";
import { type FailedEvent, LastLines, requireTrainer } from "../llm/trainer.ts";
import { type RunResult, startProcess } from "../util/process.ts";
import { parseTrainerEvent, type TrainerEvent } from "./events.ts";

/** One start of the trainer. */
export interface TrainerRun {
  /** The run file. */
  readonly runFile: string;
  /** Environment variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Ctrl-C: the trainer saves a checkpoint and ends. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event, in order. */
  readonly onEvent: (event: TrainerEvent) => void;
  /** Gets what the trainer writes to its log. */
  readonly log?: ((line: string) => void) | undefined;
}

/** The end of a run that did what it was asked. */
export type FinishedEvent = Extract<TrainerEvent, { event: "finished" }>;

/** How the trainer ended; a failure that it explained is a value, since some are worth another try. */
export type TrainerEnd =
  | { readonly kind: "finished"; readonly event: FinishedEvent }
  | { readonly kind: "failed"; readonly event: FailedEvent };

// Saving a checkpoint of a large model to a slow disk takes a while.
const SAVING_MS = 120_000;

/** Runs the trainer to its end; throws `trainer-failed` when it ends without a word, `interrupted` after Ctrl-C. */
export async function runTrainer(run: TrainerRun): Promise<TrainerEnd> {
  const trainer = requireTrainer(run.env);
  const words = new LastLines();
  let last: FailedEvent | FinishedEvent | undefined;
  const child = startProcess({
    command: [...trainer.command, "train", run.runFile],
    cwd: trainer.cwd,
    env: trainer.env,
    onStdoutLine: (line) => {
      const event = parseTrainerEvent(line);
      // Only the end decides; a stray line must not cost hours of training.
      if (event === undefined) return run.log?.(`(no event) ${line}`);
      if (event.event === "finished" || event.event === "failed") last = event;
      return run.onEvent(event);
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

function endOf(
  result: RunResult,
  last: FailedEvent | FinishedEvent | undefined,
  { words, interrupted }: { words: LastLines; interrupted: boolean },
): TrainerEnd {
  if (last?.event === "finished" && result.ok) return { kind: "finished", event: last };
  // It may be hit by the signal before it can say so.
  if (interrupted) throw interruption(result.cause);
  if (last?.event === "failed") return { kind: "failed", event: last };
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
