// Time, as what waits sees it: tests bring their own and wait for nothing.
import { setTimeout as sleep } from "node:timers/promises";

/** See the file's head. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Waits; rejects with the signal's reason. */
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

/** The computer's. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};
