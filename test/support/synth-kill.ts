// A synthesis run that is killed and resumed, beside one that is not.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { seededRandom } from "../../src/util/random.ts";
import { hexacoder, scratch } from "./cli.ts";
import { killAndResume } from "./kill.ts";

/** Kills a run over all seeds `kills` times; the files must equal those of an undisturbed run. */
export async function synthSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  const folder = await scratch();
  const started = Date.now();
  const whole = await hexacoder(["synth", "--out", "whole"], { cwd: folder });
  expect(whole.exitCode, whole.stderr).toBe(0);
  const within = Date.now() - started;
  let killed = 0;
  for (let round = 0; killed < kills; round++) {
    const out = `cut-${round}`;
    const random = seededRandom(seed + round);
    const report = await killAndResume({
      args: ["synth", "--out", out],
      cwd: folder,
      kills: kills - killed,
      within,
      random,
    });
    killed += report.killed;
    for (const file of ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl", "summary.json"]) {
      const expected = await readFile(join(folder, "whole", file), "utf8");
      expect(
        await readFile(join(folder, out, file), "utf8"),
        `${file} after ${report.moments.join(", ")} ms`,
      ).toBe(expected);
    }
  }
}
