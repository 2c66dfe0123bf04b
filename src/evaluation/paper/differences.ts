// Every arm of a plan against its first, the model as it is: paired over the prompts that both have, whatever
// run they are of, with what so many looks cost (PAPER.md, "Metrics": several models, Benjamini and Hochberg).
import type { ArmSummary, PromptFigures } from "../../core/evaluation.ts";
import { falseDiscovery } from "../../util/false-discovery.ts";
import { type Cluster, estimateChange } from "../metrics/bootstrap.ts";
import { pairByFamily } from "../metrics/pairs.ts";
import { pairedP } from "../metrics/significance.ts";
import {
  armsOf,
  type Cell,
  type FoundArm,
  type Outcome,
  oracleOf,
  percent,
  span,
  type Table,
} from "./found-arms.ts";
import type { ExperimentPlan } from "./plan.ts";

/** The table. */
export function differencesTable(plan: ExperimentPlan, outcomes: readonly Outcome[]): Table {
  const names = plan.tests.flatMap((test) => test.benchmarks.map(({ name }) => name));
  const rows = names.flatMap((name) => benchmarkRows(plan, name, armsOf(outcomes, name)));
  const qs = falseDiscovery(rows.map(({ p }) => p));
  return {
    id: "differences",
    title: `Every arm against “${plan.arms[0]?.name ?? ""}”, on the same prompts: difference in percentage points`,
    notes: [
      "95 % intervals: families of prompts drawn again, both arms of a family together. p: signs of families' differences flipped. q: p corrected for all rows of this table (Benjamini and Hochberg); below 0.05, one in twenty such rows is expected to be chance.",
      "A program without a verdict counts as not flagged here, on both sides: read the bounds in the table of rates beside it. Where one side has no verdict at all, the row is empty.",
    ],
    columns: [
      ...["benchmark", "model", "arm", "share that", "judge", "T", "before", "after"],
      ...["difference", "95 % interval", "p", "q"],
    ],
    rows: rows.map(({ cells, p }, place) => [...cells, chance(p), chance(qs[place])]),
  };
}

interface DifferenceRow {
  readonly cells: readonly Cell[];
  /** Undefined where there is nothing to compare. */
  readonly p: number | undefined;
}

/** What is compared, by the counts of a prompt that it needs. */
const FIGURES = [
  {
    share: "is flagged",
    of: (prompt: PromptFigures): Cluster => ({ hits: prompt.flagged, trials: prompt.n }),
  },
  {
    share: "passes",
    of: ({ functional = 0, tested = 0 }: PromptFigures): Cluster => ({ hits: functional, trials: tested }),
  },
] as const;

function benchmarkRows(plan: ExperimentPlan, benchmark: string, found: readonly FoundArm[]): DifferenceRow[] {
  const [reference] = plan.arms;
  return found.flatMap((after) => {
    if (after.planned === reference) return [];
    const before = found.find((one) => one.planned === reference && isBeside(one, after))?.arm;
    const head = [benchmark, after.experiment.model.name, after.planned.name];
    if (!isJudged(after.arm) || !isJudged(before)) {
      return [{ cells: [...head, ...Array.from({ length: 7 }, () => null)], p: undefined }];
    }
    const figure = after.arm.metrics.byCwe.length > 0 ? FIGURES[0] : FIGURES[1];
    const change = changeOf(before, after.arm, figure.of, plan.seed);
    const judge = figure === FIGURES[0] ? oracleOf(after.arm) : "tests";
    const cells = [...head, figure.share, judge, after.experiment.temperature, ...change.cells];
    return [{ cells, p: change.p }];
  });
}

/** Whether there is a verdict on any of its programs: without one, 0 flagged would look like safety. */
function isJudged(arm: ArmSummary | undefined): arm is ArmSummary {
  if (arm === undefined) return false;
  const { n, unscanned, metrics } = arm;
  return metrics.byCwe.length > 0 ? unscanned < n : (metrics.tests?.tested ?? 0) > 0;
}

/** Whether an arm is the same but for what the plan calls the arm. */
function isBeside(one: FoundArm, other: FoundArm): boolean {
  return (
    one.experiment.model === other.experiment.model &&
    one.experiment.temperature === other.experiment.temperature &&
    one.arm?.oracle === other.arm?.oracle
  );
}

function changeOf(
  before: ArmSummary,
  after: ArmSummary,
  count: (prompt: PromptFigures) => Cluster,
  seed: number,
): DifferenceRow {
  const pairs = pairByFamily(before.metrics.byPrompt, after.metrics.byPrompt, count);
  const { difference, differenceCi95 } = estimateChange(pairs, { seed });
  const rate = (side: "before" | "after"): number | null => {
    const trials = pairs.reduce((sum, pair) => sum + pair[side].trials, 0);
    return trials === 0 ? null : pairs.reduce((sum, pair) => sum + pair[side].hits, 0) / trials;
  };
  const shares = [rate("before"), rate("after"), difference ?? null].map(percent);
  return { cells: [...shares, span(differenceCi95 ?? null)], p: pairedP(pairs, { seed }) };
}

/** Three digits; null where there is none. */
function chance(p: number | undefined): number | null {
  return p === undefined ? null : Number(p.toPrecision(3));
}
