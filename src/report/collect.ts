// Gathers a report's data from run folders, whatever stage they are of: a folder is looked at
// itself and in the places where `quickstart`, `reproduce` and the README keep the stages. Files are streamed.
import { join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { evaluationSummarySchema } from "../core/evaluation.ts";
import type { Manifest } from "../core/manifest.ts";
import { readManifest } from "../util/run-folder.ts";
import { packageVersion } from "../util/versions.ts";
import { collectFromScores } from "./collect-examples.ts";
import { collectPairs } from "./collect-pairs.ts";
import { collectTables } from "./collect-tables.ts";
import { collectTraining } from "./collect-training.ts";
import type { EvaluationData, PairsData, ReportData, TableData, TrainingData } from "./data.ts";
import { readModelRemarks } from "./model-remarks.ts";
import { type Place, placesIn } from "./places.ts";
import { readJsonIfThere } from "./read-json.ts";

/** What folders hold. */
export interface CollectedReport {
  /** What is to be shown. */
  readonly data: ReportData;
  /** Folders of those that were named in which no run was found. */
  readonly empty: readonly string[];
}

/** Reads folders; throws `nothing-to-do` when they hold nothing to report. */
export async function collectReport(folders: readonly string[]): Promise<CollectedReport> {
  const evaluations: EvaluationData[] = [];
  const pairs: PairsData[] = [];
  const trainings: TrainingData[] = [];
  const manifests: Manifest[] = [];
  const pairFiles = new Set<string>();
  const tables: TableData[] = [];
  const empty = new Set(folders);
  for (const folder of folders) tables.push(...(await collectTables(folder)));
  for (const place of await placesIn(folders)) {
    const { path: folder, label } = place;
    const evaluation = await collectEvaluation(place);
    if (evaluation !== undefined) evaluations.push(evaluation);
    const found = await collectPairs(folder, pairFiles);
    if (found !== undefined) pairs.push(found);
    const training = await collectTraining(folder);
    if (training !== undefined) trainings.push({ label, ...training });
    const manifest = await readManifest(folder);
    const other = evaluation === undefined && found === undefined && training === undefined;
    if (!other || manifest !== undefined) empty.delete(place.root);
    if (other && manifest !== undefined) manifests.push(manifest);
  }
  if (evaluations.length + pairs.length + trainings.length === 0) {
    throw new HexacoderError("nothing-to-do", {
      message: `There is nothing to report in ${folders.join(", ")}: no evaluation, no pairs, no training.`,
      remedy: "Give the --out folder of an eval, synth, train, quickstart or reproduce run.",
    });
  }
  const modelRemarks = await readModelRemarks(evaluations.map(({ summary }) => summary));
  const version = packageVersion();
  return {
    data: { evaluations, pairs, trainings, tables, manifests, modelRemarks, version },
    empty: [...empty],
  };
}

async function collectEvaluation({ path: folder, label }: Place): Promise<EvaluationData | undefined> {
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
    label,
    summary: parsed.data,
    manifest: await readManifest(folder),
    ...(await collectFromScores(folder, parsed.data)),
  };
}
