// How many requests are served at once, and how many may wait for that: whoever comes then is told to come back.
import { ApiError } from "./api-error.ts";

/** The bounds. */
export interface WaitingRoomLimits {
  /** Requests served at once. */
  readonly atOnce: number;
  /** Requests that may wait. */
  readonly waiting: number;
}

/** See the file's head. */
export class WaitingRoom {
  readonly #limits: WaitingRoomLimits;
  readonly #queue: (() => void)[] = [];
  #inside = 0;

  constructor(limits: WaitingRoomLimits) {
    this.#limits = limits;
  }

  /** Requests that are being served, and that wait. */
  get load(): { readonly active: number; readonly waiting: number } {
    return { active: this.#inside, waiting: this.#queue.length };
  }

  /** Does the work when there is room. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#inside--;
      this.#queue.shift()?.();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#inside < this.#limits.atOnce) {
      this.#inside++;
      return;
    }
    if (this.#queue.length >= this.#limits.waiting) throw full();
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        this.#inside++;
        resolve();
      };
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.#queue.push(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}

function full(): ApiError {
  const message = "Too many requests are waiting; try again in a moment.";
  return new ApiError({ status: 429, code: "too_many_requests", message, retryAfter: 1 });
}
