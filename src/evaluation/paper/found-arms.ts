// What the tables of a plan are made of: the arms that its evaluations came to, and how a cell is written.
import type { ArmSummary, EvaluationSummary, Interval } from "../../core/evaluation.ts";
import type { Experiment } from "./experiments.ts";
import type { PlannedArm } from "./plan.ts";

/** A cell; null is "not known". */
export type Cell = string | number | null;

/** A table. */
export interface Table {
  /** Its file's name. */
  readonly id: string;
  /** One line. */
  readonly title: string;
  /** What a reader must know. */
  readonly notes: readonly string[];
  /** Heads of the columns. */
  readonly columns: readonly string[];
  /** Rows, as long as the heads. */
  readonly rows: readonly (readonly Cell[])[];
}

/** An experiment and what came of it; undefined when it was not run. */
export interface Outcome {
  /** The experiment. */
  readonly experiment: Experiment;
  /** Its summary.json. */
  readonly summary: EvaluationSummary | undefined;
}

/** An arm of the plan on a benchmark, by one oracle. */
export interface FoundArm {
  /** The arm. */
  readonly planned: PlannedArm;
  /** Where it was evaluated. */
  readonly experiment: Experiment;
  /** Undefined when it was not run. */
  readonly arm: ArmSummary | undefined;
}

/** Every arm of the plan on a benchmark, one an oracle. */
export function armsOf(outcomes: readonly Outcome[], benchmark: string): FoundArm[] {
  return outcomes
    .filter(({ experiment }) => experiment.test.benchmarks.some(({ name }) => name === benchmark))
    .flatMap(({ experiment, summary }) =>
      experiment.arms.flatMap((planned): FoundArm[] => {
        const found = summary?.arms.filter((arm) => arm.benchmark === benchmark && isArm(arm, planned)) ?? [];
        const all: (ArmSummary | undefined)[] = found.length === 0 ? [undefined] : found;
        return all.map((arm) => ({ planned, experiment, arm }));
      }),
    );
}

function isArm({ adapter, strategy }: ArmSummary, { variant }: PlannedArm): boolean {
  return `${adapter === null ? "base" : "adapter"}/${strategy}` === variant;
}

/** An oracle that was developed on the benchmark is marked. */
export function oracleOf({ oracle, developedOn }: ArmSummary): string {
  const name = oracle.split("@")[0] ?? oracle;
  return developedOn === true ? `${name}*` : name;
}

/** `12.5`, of a share. */
export function percent(share: number | null): number | null {
  return share === null ? null : Math.round(share * 1000) / 10;
}

/** `1.5 to 12.0`, in percent. */
export function span(interval: Interval | null): string | null {
  return interval === null ? null : interval.map((bound) => (100 * bound).toFixed(1)).join(" to ");
}
