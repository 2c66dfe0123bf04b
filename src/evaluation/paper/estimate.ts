// What a plan will take before it is started: samples, tokens, hours, dollars, by model. Upper bounds: every
// completion is counted at its full length, every guarded sample at all its draws.
import { experimentsOf, samplesOf, trainingsOf } from "./experiments.ts";
import type { ExperimentPlan } from "./plan.ts";

/** What the user knows better than the plan. */
export interface EstimateOptions {
  /** At most so many prompts a benchmark. */
  readonly limit?: number | undefined;
  /** Completions a prompt. */
  readonly samples?: number | undefined;
  /** Most new tokens of a completion. */
  readonly maxTokens?: number | undefined;
  /** New tokens a second, of every model. */
  readonly tokensPerSecond?: number | undefined;
  /** What an hour of the machine costs. */
  readonly usdPerHour?: number | undefined;
}

/** What a model will take. */
export interface ModelEstimate {
  /** The model's name in tables. */
  readonly model: string;
  /** Adapters to train. */
  readonly trainings: number;
  /** Calls of `eval`. */
  readonly evaluations: number;
  /** Completions, at most. */
  readonly samples: number;
  /** Tokens of prompts and completions, at most. */
  readonly tokens: number;
  /** Tokens that training reads, at most. */
  readonly trainTokens: number;
  /** Hours, by the speed that is assumed or given. */
  readonly hours: number;
  /** Dollars; undefined without the price of an hour. */
  readonly usd: number | undefined;
}

const MAX_TOKENS = 200;
// The paper's; presets may have fewer.
const EPOCHS = 10;

/** The estimate, a row a model. */
export function estimatePlan(plan: ExperimentPlan, options: EstimateOptions): ModelEstimate[] {
  return plan.models.map((model) => {
    const trainings = trainingsOf(plan).filter((training) => training.model === model);
    const experiments = experimentsOf(plan).filter((experiment) => experiment.model === model);
    let samples = 0;
    let newTokens = 0;
    for (const experiment of experiments) {
      const asked = samplesOf(experiment, options);
      samples += asked;
      newTokens += asked * (options.maxTokens ?? experiment.test.maxTokens ?? MAX_TOKENS);
    }
    const { promptTokens, trainRows, trainTokensPerRow } = plan.assumed;
    const trainTokens = trainings.length * trainRows * trainTokensPerRow * EPOCHS;
    const seconds =
      newTokens / (options.tokensPerSecond ?? model.assumedTokensPerSecond) +
      trainTokens / model.assumedTrainTokensPerSecond;
    const hours = seconds / 3600;
    return {
      model: model.name,
      trainings: trainings.length,
      evaluations: experiments.length,
      samples,
      tokens: newTokens + samples * promptTokens,
      trainTokens,
      hours,
      usd: options.usdPerHour === undefined ? undefined : hours * options.usdPerHour,
    };
  });
}

/** All rows together. */
export function totalOf(rows: readonly ModelEstimate[]): ModelEstimate {
  const sum = (of: (row: ModelEstimate) => number): number => rows.reduce((all, row) => all + of(row), 0);
  return {
    model: "all",
    trainings: sum((row) => row.trainings),
    evaluations: sum((row) => row.evaluations),
    samples: sum((row) => row.samples),
    tokens: sum((row) => row.tokens),
    trainTokens: sum((row) => row.trainTokens),
    hours: sum((row) => row.hours),
    usd: rows.some(({ usd }) => usd === undefined) ? undefined : sum((row) => row.usd ?? 0),
  };
}

/** What repairing with every level of feedback takes, at most. */
export function estimateRepair(
  { ablation }: ExperimentPlan,
  count: number = ablation.count,
): { readonly requests: number; readonly tokens: number } {
  const requests = ablation.feedback.length * count;
  return { requests, tokens: requests * ablation.assumedTokensPerRepair };
}
