// Base and adapter as one model, for servers that know no adapters.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { trainerFailure } from "../llm/trainer.ts";
import { runTrainer } from "./run-trainer.ts";

/** Merges an adapter into its base; returns the folder `merged` in the adapter's, which is only made once. */
export async function mergeAdapter(
  { base, adapter }: { base: string; adapter: string },
  context: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<string> {
  const out = join(adapter, "merged");
  // The trainer renames a whole folder into place: one that is there is complete.
  if (await stat(out).catch(() => undefined)) return out;
  const args = ["merge", "--model", base, "--adapter", adapter, "--out", out];
  const end = await runTrainer({ ...context, args }, "merged");
  if (end.kind === "failed") throw trainerFailure(end.event);
  return end.event.path;
}
