// Gathers a report's data from run folders, whatever stage they are of: a folder is looked at
// itself and in the places where `quickstart` and the README keep the stages. Files are streamed.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HexacoderError, systemErrorCode } from "../core/errors.ts";
import { evaluationSummarySchema } from "../core/evaluation.ts";
import type { Manifest } from "../core/manifest.ts";
import { readManifest } from "../util/run-folder.ts";
import { packageVersion } from "../util/versions.ts";
import { collectFromScores } from "./collect-examples.ts";
import { collectPairs } from "./collect-pairs.ts";
import { collectTraining } from "./collect-training.ts";
import type { EvaluationData, PairsData, ReportData, TrainingData } from "./data.ts";
import { readModelRemarks } from "./model-remarks.ts";
import { readJsonIfThere } from "./read-json.ts";

/** Places below a folder in which stages are looked for. */
const PLACES = ["synth", ".", "dataset", "adapter", "eval"] as const;

/** Reads folders; throws `nothing-to-do` when they hold nothing to report. */
export async function collectReport(folders: readonly string[]): Promise<ReportData> {
  const evaluations: EvaluationData[] = [];
  const pairs: PairsData[] = [];
  const trainings: TrainingData[] = [];
  const manifests: Manifest[] = [];
  const pairFiles = new Set<string>();
  for (const folder of await placesIn(folders)) {
    const evaluation = await collectEvaluation(folder);
    if (evaluation !== undefined) evaluations.push(evaluation);
    const found = await collectPairs(folder, pairFiles);
    if (found !== undefined) pairs.push(found);
    const training = await collectTraining(folder);
    if (training !== undefined) trainings.push(training);
    const manifest = await readManifest(folder);
    const other = evaluation === undefined && found === undefined && training === undefined;
    if (other && manifest !== undefined) manifests.push(manifest);
  }
  if (evaluations.length + pairs.length + trainings.length === 0) {
    throw new HexacoderError("nothing-to-do", {
      message: `There is nothing to report in ${folders.join(", ")}: no evaluation, no pairs, no training.`,
      remedy: "Give the --out folder of an eval, synth, train or quickstart run.",
    });
  }
  const modelRemarks = await readModelRemarks(evaluations.map(({ summary }) => summary));
  return { evaluations, pairs, trainings, manifests, modelRemarks, version: packageVersion() };
}

async function placesIn(folders: readonly string[]): Promise<string[]> {
  const places: string[] = [];
  for (const folder of folders) {
    if (!(await isFolder(folder))) {
      throw new HexacoderError("file-not-found", {
        message: `The folder ${folder} does not exist.`,
        remedy: "Give the --out folder of an eval, synth, train or quickstart run.",
      });
    }
    for (const place of PLACES) {
      const path = join(folder, place);
      if (await isFolder(path)) places.push(path);
    }
  }
  return [...new Set(places)];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return false;
    throw error;
  }
}

async function collectEvaluation(folder: string): Promise<EvaluationData | undefined> {
  const value = await readJsonIfThere(join(folder, "summary.json"));
  // Other stages write a summary.json, too: only one with arms is an evaluation's.
  if (typeof value !== "object" || value === null || !("arms" in value)) return undefined;
  const parsed = evaluationSummarySchema.safeParse(value);
  if (!parsed.success) {
    throw new HexacoderError("bad-record", {
      message: `${join(folder, "summary.json")} is not the summary of an evaluation (${parsed.error.issues[0]?.path.join(".") ?? "no field"}).`,
      remedy: "Run the evaluation again with --resume: completions and scores are kept.",
      cause: parsed.error,
    });
  }
  return {
    summary: parsed.data,
    manifest: await readManifest(folder),
    ...(await collectFromScores(folder, parsed.data)),
  };
}
