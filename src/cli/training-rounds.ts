// The steps from pairs to an adapter, for commands that are made of commands. After the first round the model
// writes programs itself, and those that come out secure are learned with the pairs in the next one
// (docs/dataset.md, "A second round").
import { join } from "node:path";
import type { Step } from "./steps.ts";

/** What is trained, and where it goes. */
export interface TrainingRounds {
  /** The run folder of synthesis, as a path that `dataset build` takes. */
  readonly pairs: string;
  /** The folder of the whole: the last round's `dataset` and `adapter` go here, earlier ones into `round-N`. */
  readonly out: string;
  /** The base. */
  readonly model: string;
  /** How many, from 1. */
  readonly rounds: number;
  /** Options of every step, such as a seed. */
  readonly common: readonly string[];
  /** Options of training. */
  readonly training: readonly string[];
  /** Options of what is drawn from the model between two rounds. */
  readonly drawing: readonly string[];
}

/** Dataset and training for the first round, more data and training for each later one. */
export function trainingRounds(plan: TrainingRounds): Step[] {
  return Array.from({ length: plan.rounds }, (_, i) => stepsOf(plan, i + 1)).flat();
}

function stepsOf(plan: TrainingRounds, round: number): Step[] {
  const { model, rounds, common, drawing } = plan;
  const at = (which: number, name: string): string => join(folderOf(plan, which), name);
  const data: Step =
    round === 1
      ? {
          title: "Dataset: fixed programs and the spans that the repairs changed",
          args: ["dataset", "build", plan.pairs, ...common, "--out", at(1, "dataset")],
        }
      : {
          title: "More data: what the model now writes securely by itself",
          args: [
            ...["dataset", "extend", at(1, "dataset"), "--model", model],
            ...["--adapter", at(round - 1, "adapter"), ...drawing, ...common, "--out", at(round, "dataset")],
          ],
        };
  const which = rounds > 1 ? `, round ${round} of ${rounds}` : "";
  const what = round === 1 ? "a LoRA adapter with a loss on the changed spans" : "a new adapter, on both";
  const title = `Training${which}: ${what}`;
  const args = ["train", "--data", at(round, "dataset"), "--base", model, ...plan.training, ...common];
  return [data, { title, args: [...args, "--out", at(round, "adapter")] }];
}

function folderOf({ out, rounds }: TrainingRounds, round: number): string {
  return round === rounds ? out : join(out, `round-${round}`);
}
