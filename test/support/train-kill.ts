// A training that is killed and resumed by the command line, beside one that is not.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { survives } from "./kill.ts";
import { makeMiniature } from "./miniature.ts";
import { writeTrainingData } from "./training-data.ts";

/** Kills trainings of a miniature `kills` times; each must end at the step and loss of an undisturbed one. */
export async function trainingSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  const miniature = await makeMiniature();
  try {
    const cwd = miniature.folder;
    await writeTrainingData(join(cwd, "data"));
    const argsFor = (out: string): string[] => {
      const settings = [
        "--epochs",
        "8",
        "--batch-size",
        "4",
        "--learning-rate",
        "0.01",
        "--max-length",
        "128",
      ];
      const rest = ["--save-every", "2", "--threads", "1"];
      return ["train", "--data", "data", "--base", "hf:./base", "--out", out, ...settings, ...rest];
    };
    const check = async (out: string, moments: string): Promise<void> => {
      const [expected, got] = await Promise.all(["whole", out].map((name) => endOf(join(cwd, name))));
      expect(got?.step, moments).toBe(expected?.step);
      expect(got?.evalLoss).toBeCloseTo(expected?.evalLoss ?? Number.NaN, 4);
    };
    await survives({ argsFor, cwd, kills, seed, check });
  } finally {
    await miniature.remove();
  }
}

async function endOf(adapter: string): Promise<{ step: number; evalLoss: number }> {
  return JSON.parse(await readFile(join(adapter, "trainer_state.json"), "utf8"));
}
