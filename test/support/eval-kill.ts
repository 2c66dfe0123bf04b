// An evaluation that is killed and resumed, beside one that is not.
import { scratch } from "./cli.ts";
import { startCompletionEndpoint } from "./completion-endpoint.ts";
import { sameFiles, survives } from "./kill.ts";

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
  const check = sameFiles(folder, ["completions.jsonl", "scores.jsonl", "summary.json"]);
  try {
    await survives({ argsFor: args, cwd: folder, kills, seed, check });
  } finally {
    await endpoint.close();
  }
}
