// Turns the trainer's events into what a person follows: how far, how good, how long still.
import type { TrainerEvent } from "./events.ts";

/** How far a training run has come. */
export interface TrainProgress {
  /** Optimizer steps done. */
  readonly step: number;
  /** Optimizer steps in all. */
  readonly steps: number;
  /** Passes over the data done. */
  readonly epoch: number;
  /** Training loss of the last step, nats a learned token. */
  readonly loss: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Tokens a second. */
  readonly tokensPerSecond: number;
  /** Estimate for the rest, seconds. */
  readonly secondsLeft: number;
  /** The last evaluation loss. */
  readonly evalLoss: number | undefined;
  /** With the loss dpo: share of the last step's pairs whose fixed side is preferred; else null. */
  readonly preferred: number | null;
  /** Mean training loss in each part of the run so far; parts are equally long, at most 24 in all. */
  readonly curve: readonly number[];
}

const CURVE_PARTS = 24;

/** Who wants to know. */
export interface ProgressListeners {
  readonly onProgress?: ((progress: TrainProgress) => void) | undefined;
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** A function that takes events in and tells the listeners. */
export function createProgressReader(listeners: ProgressListeners): (event: TrainerEvent) => void {
  let evalLoss: number | undefined;
  const curve = new LossCurve();
  return (event) => {
    const notice = noticeOf(event);
    if (notice !== undefined) listeners.onNotice?.(notice);
    if (event.event === "eval") evalLoss = event.loss;
    if (event.event !== "step") return;
    const { step, steps, epoch, loss, lr, tokensPerSecond, secondsLeft, preferred } = event;
    curve.add(step, steps, loss);
    const speed = { learningRate: lr, tokensPerSecond, secondsLeft };
    listeners.onProgress?.({ step, steps, epoch, loss, ...speed, evalLoss, preferred, curve: curve.means });
  };
}

/** A loss for each part of the run, however many steps it has. */
class LossCurve {
  readonly #parts: { part: number; sum: number; count: number }[] = [];

  add(step: number, steps: number, loss: number): void {
    const part = Math.floor(((step - 1) * CURVE_PARTS) / Math.max(CURVE_PARTS, steps));
    const last = this.#parts.at(-1);
    if (last?.part !== part) this.#parts.push({ part, sum: loss, count: 1 });
    else {
      last.sum += loss;
      last.count++;
    }
  }

  get means(): number[] {
    return this.#parts.map(({ sum, count }) => sum / count);
  }
}

function noticeOf(event: TrainerEvent): string | undefined {
  switch (event.event) {
    case "start": {
      const cut = event.truncatedRows > 0 ? `, ${event.truncatedRows} cut at the greatest length` : "";
      const avoided = event.avoidedTokens > 0 ? ` and ${event.avoidedTokens} of vulnerable sides` : "";
      const replay = event.replayRows > 0 ? ` and ${event.replayRows} of replay` : "";
      return `${event.trainRows} rows (${event.learningTokens} learned tokens${avoided} a pass${cut})${replay}, ${event.evalRows} for evaluation; ${event.steps} steps on ${event.processes > 1 ? `${event.processes} × ` : ""}${event.device} (${event.dtype}); ${event.trainableParams} parameters to train`;
    }
    case "rows-without-learning-tokens":
      return `${event.count} of ${event.ofRows} ${event.split} rows are left out: ${event.noChanges} have no change, ${event.beyondMaxLength} have theirs behind the greatest length${event.noVulnerableSide > 0 ? `, ${event.noVulnerableSide} have no vulnerable side` : ""}`;
    case "resumed":
      return `goes on from step ${event.step}`;
    case "eval":
      return `step ${event.step}: evaluation loss ${event.loss.toFixed(4)}${event.best ? " (best so far)" : ""}${preference(event)}`;
    case "step":
    case "saved":
    case "finished":
    case "merged":
    case "failed":
      return undefined;
    default:
      return event satisfies never;
  }
}

/** How many pairs a model has the right way round, in words; nothing where none are compared. */
export function preference({ preferred }: { readonly preferred: number | null }): string {
  return preferred === null ? "" : `, ${Math.round(100 * preferred)} % of pairs preferred`;
}
