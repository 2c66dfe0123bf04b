// A plan written out: every training and every evaluation that it asks for, each with the folder that its
// results go to and the arms that they hold. The command line turns them into commands.
import type { Strategy } from "../../core/completion.ts";
import type { ExperimentPlan, PlannedArm, PlannedModel, PlannedRun, PlannedTest } from "./plan.ts";

/** An adapter that runs need. */
export interface Training {
  /** Where it goes, below the output folder. */
  readonly folder: string;
  /** The model. */
  readonly model: PlannedModel;
  /** Name of the training data. */
  readonly data: string;
  /** Settings. */
  readonly preset: string;
}

/** One call of `eval`. */
export interface Experiment {
  /** Where it goes, below the output folder. */
  readonly folder: string;
  /** The model. */
  readonly model: PlannedModel;
  /** The run. */
  readonly run: PlannedRun;
  /** The test. */
  readonly test: PlannedTest;
  /** Sampling temperature. */
  readonly temperature: number;
  /** How it generates: without what the test's language does not have. */
  readonly strategies: readonly Strategy[];
  /** The adapter's folder, if it has one. */
  readonly adapter: string | undefined;
  /** The arms that it holds. */
  readonly arms: readonly PlannedArm[];
}

/** Every adapter, each once. */
export function trainingsOf(plan: ExperimentPlan): Training[] {
  const trainings = new Map<string, Training>();
  for (const model of plan.models) {
    for (const run of plan.runs) {
      const training = trainingOf(model, run);
      if (training !== undefined) trainings.set(training.folder, training);
    }
  }
  return [...trainings.values()];
}

function trainingOf(model: PlannedModel, run: PlannedRun): Training | undefined {
  const preset = presetOf(model, run);
  if (run.data === undefined || preset === undefined) return undefined;
  return { folder: `adapters/${model.name}/${run.data}-${preset}`, model, data: run.data, preset };
}

/** The settings of a run for a model; undefined when the run is not for it. */
function presetOf(model: PlannedModel, { presets }: PlannedRun): string | undefined {
  return presets === undefined ? model.preset : presets[model.name];
}

/** Every evaluation, in the order of models, runs, tests, temperatures. */
export function experimentsOf(plan: ExperimentPlan): Experiment[] {
  return plan.models.flatMap((model) =>
    plan.runs
      .filter((run) => presetOf(model, run) !== undefined)
      .flatMap((run) =>
        plan.tests
          .filter((test) => run.tests.includes(test.name))
          .flatMap((test) =>
            test.temperatures.map((temperature) => experimentOf(plan, { model, run, test, temperature })),
          ),
      ),
  );
}

function experimentOf(
  plan: ExperimentPlan,
  of: Pick<Experiment, "model" | "run" | "test" | "temperature">,
): Experiment {
  const { model, run, test, temperature } = of;
  const arms = plan.arms.filter(
    (arm) => arm.run === run.name && (arm.languages === undefined || arm.languages.includes(test.language)),
  );
  const shown = new Set(arms.map(({ variant }) => variant.slice(variant.indexOf("/") + 1)));
  return {
    ...of,
    folder: `evals/${model.name}/${run.name}/${test.name}-t${temperature}`,
    strategies: run.strategies.filter((strategy) => shown.has(strategy)),
    adapter: trainingOf(model, run)?.folder,
    arms,
  };
}

/** Completions that an experiment asks for, by benchmark, with draws of rejected samples at most. */
export function samplesOf(
  { run, test, strategies, adapter }: Experiment,
  { limit, samples }: { readonly limit?: number | undefined; readonly samples?: number | undefined },
): number {
  const roles = adapter === undefined || run.only !== undefined ? 1 : 2;
  const draws = run.draws ?? 1 + (run.guard === undefined ? 0 : (run.retries ?? 3));
  const perArm = test.benchmarks.reduce(
    (sum, benchmark) =>
      sum + Math.min(benchmark.prompts, limit ?? Number.POSITIVE_INFINITY) * (samples ?? benchmark.samples),
    0,
  );
  return perArm * strategies.length * roles * draws;
}
