// What a reader must know of a model before reading its figures: data/report/model-remarks.json.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { EvaluationSummary } from "../core/evaluation.ts";
import { resource } from "../util/resources.ts";
import { shortModel } from "./words.ts";

const remarksSchema = z.strictObject({
  remarks: z.array(z.strictObject({ model: z.string(), remark: z.string() })),
});

/** Remarks on the models of some evaluations. */
export async function readModelRemarks(summaries: readonly EvaluationSummary[]): Promise<string[]> {
  const text = await readFile(resource("data", "report", "model-remarks.json"), "utf8");
  const { remarks } = remarksSchema.parse(JSON.parse(text));
  const models = new Set(summaries.flatMap(({ arms }) => arms.map(({ model }) => shortModel(model))));
  return remarks.filter(({ model }) => models.has(model)).map(({ remark }) => remark);
}
