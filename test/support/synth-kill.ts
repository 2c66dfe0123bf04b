// A synthesis run that is killed and resumed, beside one that is not.
import { scratch } from "./cli.ts";
import { sameFiles, survives } from "./kill.ts";

/** Kills a run over all seeds `kills` times; the files must equal those of an undisturbed run. */
export async function synthSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  const cwd = await scratch();
  const check = sameFiles(cwd, ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl", "summary.json"]);
  await survives({ argsFor: (out) => ["synth", "--out", out], cwd, kills, seed, check });
}
