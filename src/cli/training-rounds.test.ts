import { describe, expect, it } from "vitest";
import { trainingRounds } from "./training-rounds.ts";

const plan = {
  pairs: "run/synth",
  out: "run",
  model: "tiny",
  common: ["--seed", "1"],
  training: ["--strength", "0.8"],
  drawing: ["--samples", "8"],
};
const linesOf = (rounds: number): string[] =>
  trainingRounds({ ...plan, rounds }).map(({ args }) => args.join(" "));

describe("trainingRounds", () => {
  it("is a dataset and a training where there is one round", () => {
    expect(linesOf(1)).toEqual([
      "dataset build run/synth --seed 1 --out run/dataset",
      "train --data run/dataset --base tiny --strength 0.8 --seed 1 --out run/adapter",
    ]);
  });

  it("extends the pairs by what the round before writes, and leaves the last round's result on top", () => {
    expect(linesOf(3)).toEqual([
      "dataset build run/synth --seed 1 --out run/round-1/dataset",
      "train --data run/round-1/dataset --base tiny --strength 0.8 --seed 1 --out run/round-1/adapter",
      "dataset extend run/round-1/dataset --model tiny --adapter run/round-1/adapter --samples 8 --seed 1 --out run/round-2/dataset",
      "train --data run/round-2/dataset --base tiny --strength 0.8 --seed 1 --out run/round-2/adapter",
      "dataset extend run/round-1/dataset --model tiny --adapter run/round-2/adapter --samples 8 --seed 1 --out run/dataset",
      "train --data run/dataset --base tiny --strength 0.8 --seed 1 --out run/adapter",
    ]);
  });
});
