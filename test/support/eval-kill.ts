// An evaluation that is killed and resumed, beside one that is not.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { seededRandom } from "../../src/util/random.ts";
import { hexacoder, scratch } from "./cli.ts";
import { startCompletionEndpoint } from "./completion-endpoint.ts";
import { killAndResume } from "./kill.ts";

const texts = [
  "    return value\n",
  "    os.system(value)\n    return None\n",
  "import os\n",
  "    if value:\n",
  "    return (\n",
];

/** Kills an evaluation of the development prompts `kills` times; the files must equal those of an undisturbed one. */
export async function evalSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  const folder = await scratch();
  const endpoint = await startCompletionEndpoint({ texts, delayMs: 15 });
  const args = (out: string): string[] => [
    "eval",
    "--benchmark",
    "hexabench-dev",
    "--model",
    endpoint.model,
    "--samples",
    "4",
    "--out",
    out,
  ];
  try {
    const started = Date.now();
    const whole = await hexacoder(args("whole"), { cwd: folder });
    expect(whole.exitCode, whole.stderr).toBe(0);
    const within = Date.now() - started;
    let killed = 0;
    for (let round = 0; killed < kills; round++) {
      const out = `cut-${round}`;
      const random = seededRandom(seed + round);
      const report = await killAndResume({
        args: args(out),
        cwd: folder,
        kills: kills - killed,
        within,
        random,
      });
      killed += report.killed;
      for (const file of ["completions.jsonl", "scores.jsonl", "summary.json"]) {
        const expected = await readFile(join(folder, "whole", file), "utf8");
        const found = await readFile(join(folder, out, file), "utf8");
        expect(found, `${file} after ${report.moments.join(", ")} ms`).toBe(expected);
      }
    }
  } finally {
    await endpoint.close();
  }
}
