// Tries again what may succeed later: with growing pauses, or the one that the service asks for.
import { type Clock, systemClock } from "./clock.ts";
import { ProviderFailure } from "./failure.ts";

/** How patient to be. */
export interface RetryOptions {
  /** How often a request is tried again; 5 when absent. */
  readonly retries?: number | undefined;
  /** Time; the computer's when absent. */
  readonly clock?: Clock | undefined;
  /** Numbers in [0, 1) that spread the pauses of requests that failed together. */
  readonly random?: (() => number) | undefined;
  /** Called with the pause that a service asked for. */
  readonly onPause?: ((milliseconds: number) => void) | undefined;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A service that asks for more is taken at its word: the run ends and can be resumed. */
const MOST_ASKED_MS = 600_000;
/** A service that answers nonsense twice more will go on so. */
const BAD_ANSWER_RETRIES = 2;

/** Runs a try until it succeeds or is not worth another one; throws the last failure. */
export async function withRetries<T>(
  once: () => Promise<T>,
  signal: AbortSignal | undefined,
  options: RetryOptions = {},
): Promise<T> {
  const { clock = systemClock, random = Math.random } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !error.worthRetrying) throw error;
      const { kind, retryAfterMs } = error.facts;
      const most = kind === "bad-answer" ? BAD_ANSWER_RETRIES : (options.retries ?? 5);
      if (attempt >= most || (retryAfterMs ?? 0) > MOST_ASKED_MS) throw error;
      if (retryAfterMs !== undefined) options.onPause?.(retryAfterMs);
      const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + random() / 2);
      await clock.sleep(retryAfterMs ?? growing, signal);
    }
  }
}
