// How a request's completions are sampled: what it says, and the endpoint's settings where it does not.
import type { Strategy } from "../core/completion.ts";
import { paperSampling, type Sampling } from "../generation/generation.ts";
import type { Endpoint } from "./endpoint.ts";
import type { CompletionBody } from "./requests.ts";

/** The seed of greedy requests without one: they say the same whenever they are asked. */
export const greedySeed = 0;

/** How to sample, and how to sample again what the guard refused. */
export interface RequestSampling {
  readonly strategy: Strategy;
  readonly sampling: Sampling;
  /** A greedy model says the same again: what was refused is drawn with the paper's temperature. */
  readonly again: Sampling;
}

/** Fewer tokens than these for imports hold none. */
const FEWEST_IMPORT_TOKENS = 8;

/** Reads how to sample from a request. */
export function samplingOf(body: CompletionBody, seed: number, endpoint: Endpoint): RequestSampling {
  const usual = endpoint.sampling;
  const maxTokens = body.max_tokens ?? usual.maxTokens;
  // A short answer cannot spare what the first step may take.
  const importTokens = Math.min(usual.importTokens, Math.floor(maxTokens / 4));
  const short = importTokens < FEWEST_IMPORT_TOKENS;
  const sampling: Sampling = {
    temperature: body.temperature ?? usual.temperature,
    topP: body.top_p ?? usual.topP,
    maxTokens,
    importTokens,
    seed,
    stop: body.stop,
  };
  return {
    strategy: short ? "one-step" : endpoint.strategy,
    sampling,
    again: sampling.temperature > 0 ? sampling : { ...sampling, temperature: paperSampling.temperature },
  };
}
