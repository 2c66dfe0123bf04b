// Whether an experiment shows what it is meant to: its targets, each with what was measured.
import type { Experiment, Target } from "./plan.ts";
import { type Arm, armOf, excessOf, type Figure, rateOf, reductionOf, shareOf, shown } from "./table.ts";

/** A target and what came of it. */
export interface Outcome {
  /** The target in words. */
  readonly wanted: string;
  /** What was measured. */
  readonly figure: Figure;
  /** Undefined where the figure is. */
  readonly met: boolean | undefined;
}

/** The outcomes of an experiment's targets, in order; one for each arm where a target names several. */
export function outcomesOf(experiment: Experiment, arms: readonly Arm[]): Outcome[] {
  return experiment.targets.flatMap((target) => outcomes(experiment, arms, target));
}

/** The outcomes for people. */
export function outcomesTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ wanted, figure, met }) => {
    const verdict = met === undefined ? "undefined" : met ? "met" : "not met";
    return `| ${wanted} | ${shown(figure)} | ${verdict} |`;
  });
  return ["| Target | Measured | |", "|---|---|---|", ...rows].join("\n");
}

function outcomes(experiment: Experiment, arms: readonly Arm[], target: Target): Outcome[] {
  const { before, after } = experiment.compare;
  // What is no verdict of a judge is the same beside each of them.
  const judge = "judge" in target ? target.judge : (experiment.judges[0] ?? "");
  const first = armOf(arms, before, judge);
  const last = armOf(arms, after, judge);
  if (first === undefined || last === undefined) return [];
  switch (target.kind) {
    case "fewer": {
      const wanted = `${after} against ${before}: at least ${percent(target.atLeast)} fewer flagged by ${judge}`;
      return [atLeast(wanted, reductionOf(first, last), target.atLeast)];
    }
    case "kept": {
      const wanted = `${target.count}: at least ${percent(target.atLeast)} of that of ${before}`;
      return [atLeast(wanted, shareOf(first, last, target.count), target.atLeast)];
    }
    case "before": {
      const wanted = `${target.count} of ${before}: at least ${percent(target.atLeast)}`;
      return [atLeast(wanted, rateOf(first, target.count), target.atLeast)];
    }
    case "worse":
      return target.arms.flatMap((name) => {
        const control = armOf(arms, name, judge);
        return control === undefined
          ? []
          : [worse(`${name}: more flagged by ${judge} than ${after}`, control, last)];
      });
    default:
      return target satisfies never;
  }
}

function atLeast(wanted: string, figure: Figure, least: number): Outcome {
  return { wanted, figure, met: figure.value === undefined ? undefined : figure.value >= least };
}

function worse(wanted: string, control: Arm, after: Arm): Outcome {
  const figure = excessOf(control, after);
  return { wanted, figure, met: figure.ci95 === undefined ? undefined : figure.ci95[0] > 0 };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
