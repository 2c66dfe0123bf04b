// What an endpoint has done so far: for its /health page, and for whoever ends it.
import type { ChoiceAction, ChoiceReport } from "./endpoint.ts";

/** Counts. */
export interface Counts {
  /** Requests that were answered, refused and failed ones too. */
  readonly requests: number;
  /** Choices by what the guard did with them. */
  readonly choices: Readonly<Record<ChoiceAction, number>>;
  /** Choices that hold code which nobody looked at. */
  readonly unscanned: number;
}

const NOTHING: Record<ChoiceAction, number> = {
  unguarded: 0,
  accepted: 0,
  annotated: 0,
  resampled: 0,
  repaired: 0,
  withheld: 0,
};

/** Counts as it goes. */
export class Tally {
  readonly #choices = { ...NOTHING };
  #requests = 0;
  #unscanned = 0;

  /** Takes a request in. */
  addRequest(): void {
    this.#requests++;
  }

  /** Takes the choices of an answer in. */
  addChoices(reports: readonly ChoiceReport[]): void {
    for (const { action, unscanned } of reports) {
      this.#choices[action]++;
      if (unscanned.length > 0) this.#unscanned++;
    }
  }

  /** The counts. */
  get counts(): Counts {
    return { requests: this.#requests, choices: { ...this.#choices }, unscanned: this.#unscanned };
  }
}
