// A limit that is never passed: before a request is sent, the most that it can cost is set aside; when it is
// answered, what it did cost is taken and the rest given back.
import type { Usage } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import { costOf, type Price } from "./prices.ts";

/** The limits; what is absent is unlimited. */
export interface BudgetLimits {
  readonly usd?: number | undefined;
  readonly tokens?: number | undefined;
}

/** What was spent. */
export interface Spending {
  /** Tries that were sent. */
  requests: number;
  promptTokens: number;
  completionTokens: number;
  /** Dollars for what has a price. */
  usd: number;
  /** Whether something without a price is in it. */
  unpriced: boolean;
  /** Tokens of tries without an answer, which may have been charged: they count as if they had been. */
  lostTokens: number;
}

/** Room set aside for a request. */
export interface Reservation {
  /** Takes what it did cost and gives the rest back. */
  settle(usage: Usage, options?: { readonly lost?: boolean }): void;
}

/** Nothing spent. */
export function noSpending(): Spending {
  return { requests: 0, promptTokens: 0, completionTokens: 0, usd: 0, unpriced: false, lostTokens: 0 };
}

/** See the file's head. */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #spent: Spending = noSpending();
  #held = { usd: 0, tokens: 0, requests: 0 };
  #waiting: (() => void)[] = [];

  constructor(limits: BudgetLimits = {}) {
    this.#limits = limits;
  }

  /** What was spent so far. */
  get spent(): Readonly<Spending> {
    return { ...this.#spent };
  }

  /** Counts something that was paid already, by an earlier run. */
  add(
    usage: Usage,
    price: Price | undefined,
    { lost = false, requests = 1 }: { readonly lost?: boolean; readonly requests?: number } = {},
  ): void {
    const cost = costOf(usage, price);
    this.#spent.requests += requests;
    this.#spent.promptTokens += usage.promptTokens;
    this.#spent.completionTokens += usage.completionTokens;
    this.#spent.usd += cost ?? 0;
    if (cost === undefined && totalOf(usage) > 0) this.#spent.unpriced = true;
    if (lost) this.#spent.lostTokens += totalOf(usage);
  }

  /**
   * Sets room aside; waits while requests under way may still give some back, and throws `budget-reached` when
   * none can.
   */
  async reserve(most: Usage, price: Price | undefined, signal?: AbortSignal): Promise<Reservation> {
    const need = { usd: costOf(most, price) ?? 0, tokens: totalOf(most) };
    while (!this.#fits(need)) {
      signal?.throwIfAborted();
      if (this.#held.requests === 0) throw this.#reached(need);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#hold(need, 1);
    let open = true;
    return {
      settle: (usage, options) => {
        if (!open) return;
        open = false;
        this.#hold(need, -1);
        // A try that was refused counts as a request that cost nothing.
        this.add(usage, price, options);
        for (const wake of this.#waiting.splice(0)) wake();
      },
    };
  }

  #fits(need: { usd: number; tokens: number }): boolean {
    const { usd = Number.POSITIVE_INFINITY, tokens = Number.POSITIVE_INFINITY } = this.#limits;
    const { promptTokens, completionTokens } = this.#spent;
    return (
      this.#spent.usd + this.#held.usd + need.usd <= usd &&
      promptTokens + completionTokens + this.#held.tokens + need.tokens <= tokens
    );
  }

  #hold({ usd, tokens }: { usd: number; tokens: number }, sign: 1 | -1): void {
    this.#held.requests += sign;
    this.#held.tokens += sign * tokens;
    // Sums of fractions drift; with nothing held the sum is zero.
    this.#held.usd = this.#held.requests === 0 ? 0 : this.#held.usd + sign * usd;
  }

  #reached(need: { usd: number; tokens: number }): HexacoderError {
    const { usd, tokens } = this.#limits;
    const { promptTokens, completionTokens } = this.#spent;
    const limits = [
      ...(usd === undefined ? [] : [`$${this.#spent.usd.toFixed(4)} of $${usd}`]),
      ...(tokens === undefined ? [] : [`${promptTokens + completionTokens} of ${tokens} tokens`]),
    ];
    return new HexacoderError("budget-reached", {
      message: `The budget is used up: ${limits.join(" and ")} spent, and the next request may take ${need.tokens} tokens more.`,
      remedy: "What was paid for is kept; go on with --resume and a larger --budget-usd or --budget-tokens.",
    });
  }
}

/** Tokens of both kinds. */
export function totalOf({ promptTokens, completionTokens }: Usage): number {
  return promptTokens + completionTokens;
}
