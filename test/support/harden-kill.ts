// A hardening that is killed and resumed, beside one that is not.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { hexacoder, scratch } from "./cli.ts";
import { sameFiles, survives } from "./kill.ts";

function argsFor(out: string): string[] {
  return [
    ...["harden", "--base", "tiny", "--thresholds", "thresholds.yml", "--out", out],
    ...["--from", "seeds", "--cwe", "78,502", "--count", "8", "--train-steps", "2"],
    ...["--benchmark", "hexabench-dev", "--limit", "3", "--samples", "2", "--max-tokens", "24"],
  ];
}

// About as long as a hardening this small takes; on a slower machine the kills come in earlier stages.
const WITHIN_MS = 16_000;

/** Kills hardenings of the bundled model `kills` times; pairs, completions, summary and verdict must come out alike. */
export async function hardenSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  // One thread: sums in another order would be another adapter.
  process.env.OMP_NUM_THREADS = "1";
  const folder = await scratch();
  await writeFile(join(folder, "thresholds.yml"), "flagged: {max: 1}\nparse: {min: 0}\n");
  const files = ["synth/pairs.jsonl", "eval/completions.jsonl", "eval/summary.json", "verdict.json"];
  const check = sameFiles(folder, files);
  const said = await survives({ argsFor, cwd: folder, kills, seed, within: WITHIN_MS, check });
  expect(said).toMatch(/holds.*flagged\.max[\s\S]*Ship\.\n$/);
  await refusesToShip(folder);
}

/** A figure that is not known does not pass: the same run, its parse rates taken away. */
async function refusesToShip(folder: string): Promise<void> {
  const path = join(folder, "whole", "eval", "summary.json");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/"parseRate": [\d.e-]+/g, '"parseRate": null'));
  const again = await hexacoder([...argsFor("whole"), "--resume"], { cwd: folder });
  expect(again.exitCode, again.stderr).toBe(1);
  expect(again.stdout).toMatch(/FAILS.*parse\.min.*not known[\s\S]*Do not ship\.\n$/);
}
