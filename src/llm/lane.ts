// The way to one service: so many requests at once, so many a minute, and none while it asks to be left alone.
// All models of a service share it, since the service counts them together.
import { type Clock, systemClock } from "./clock.ts";

/** The bounds of a lane. */
export interface LaneLimits {
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Most requests a minute; unlimited when absent. */
  readonly requestsPerMinute?: number | undefined;
  /** Most tokens a minute, counted as they may at most be; unlimited when absent. */
  readonly tokensPerMinute?: number | undefined;
}

const MINUTE = 60_000;

/** See the file's head. */
export class Lane {
  readonly #limits: LaneLimits;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #closedUntil = 0;
  // When the next request may start, so that a minute never sees more than its share.
  #nextStart = 0;

  constructor(limits: LaneLimits, clock: Clock = systemClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Runs a request when there is room for it. */
  async run<T>(tokens: number, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    await this.#enter(signal);
    try {
      await this.#waitForTurn(tokens, signal);
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Lets no request start for a while: the service said so to one of them. */
  pause(milliseconds: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#clock.now() + milliseconds);
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    while (this.#running >= this.#limits.concurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      // Whoever is woken and does not go in wakes the next one.
      if (signal?.aborted === true) this.#waiting.shift()?.();
      signal?.throwIfAborted();
    }
    this.#running++;
  }

  async #waitForTurn(tokens: number, signal: AbortSignal | undefined): Promise<void> {
    const start = Math.max(this.#clock.now(), this.#nextStart);
    this.#nextStart = start + this.#spacing(tokens);
    for (;;) {
      const wait = Math.max(start, this.#closedUntil) - this.#clock.now();
      if (wait <= 0) return;
      await this.#clock.sleep(wait, signal);
    }
  }

  #spacing(tokens: number): number {
    const { requestsPerMinute, tokensPerMinute } = this.#limits;
    const byRequests = requestsPerMinute === undefined ? 0 : MINUTE / requestsPerMinute;
    const byTokens = tokensPerMinute === undefined ? 0 : (MINUTE * tokens) / tokensPerMinute;
    return Math.max(byRequests, byTokens);
  }
}
