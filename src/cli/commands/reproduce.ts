// `hexacoder reproduce paper`: the paper's evaluation as a plan of named arms, every step a command that a user
// can run alone; ends with the paper's tables.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, parse, resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { HexacoderError } from "../../core/errors.ts";
import { type EvaluationSummary, evaluationSummarySchema } from "../../core/evaluation.ts";
import {
  type EstimateOptions,
  estimatePlan,
  estimateRepair,
  type ModelEstimate,
  totalOf,
} from "../../evaluation/paper/estimate.ts";
import { experimentsOf } from "../../evaluation/paper/experiments.ts";
import { tableFormats } from "../../evaluation/paper/formats.ts";
import type { Outcome, Table } from "../../evaluation/paper/found-arms.ts";
import { type ExperimentPlan, readPlan, withModels } from "../../evaluation/paper/plan.ts";
import { type AblationOutcome, paperTables } from "../../evaluation/paper/tables.ts";
import { writeReport } from "../../report/write-report.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { hashOf } from "../../util/hash.ts";
import { resource } from "../../util/resources.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import type { CliContext } from "../context.ts";
import { checkSteps } from "../eval-check.ts";
import { type ReproduceOptions, reproduceCommand } from "../reproduce-options.ts";
import { ablationFolder, reproduceSteps } from "../reproduce-steps.ts";
import { runSteps } from "../steps.ts";

/** Builds the command. */
export function command(context: CliContext): Command {
  return reproduceCommand().action(async (name: string, options: ReproduceOptions) => {
    const plan = withModels(await planNamed(name, context), options.models);
    if (options.dryRun) presentEstimate(context, plan, options);
    else await reproduce(context, plan, { ...options, name });
  });
}

/** A plan that ships, by its name, or a file of the user's. */
async function planNamed(name: string, { cwd }: CliContext): Promise<ExperimentPlan> {
  if (/[./]/.test(name)) return readPlan(resolve(cwd, name));
  const shipped = (await readdir(resource("data", "plans"))).map((file) => parse(file).name);
  if (shipped.includes(name)) return readPlan(name);
  throw new HexacoderError("bad-usage", {
    message: `There is no plan "${name}".`,
    remedy: `Take one of: ${shipped.join(", ")}; or name a file of your own, such as ./plan.json.`,
  });
}

async function reproduce(
  context: CliContext,
  plan: ExperimentPlan,
  options: ReproduceOptions & { readonly name: string },
): Promise<void> {
  const folder = resolve(context.cwd, options.out);
  await openRunFolder(folder, manifestOf(plan, options), options);
  const steps = await reproduceSteps(context, plan, options);
  await checkSteps(context, steps);
  const goOn = `hexacoder reproduce ${options.name} with the same options and --resume`;
  const code = await runSteps(context, steps, { folder, goOn });
  // What is there is shown, whatever stopped the rest.
  const tables = await writeTables(context, plan, options);
  context.talk(`\nThe tables: ${join(options.out, "tables")}`);
  await writeReportIfAny(context, plan, options);
  if (options.json) context.out(`${JSON.stringify(tables, null, 2)}\n`);
  else context.out(tables.map(tableFormats.md).join("\n"));
  context.finish(code);
}

function manifestOf(plan: ExperimentPlan, options: ReproduceOptions): Parameters<typeof openRunFolder>[1] {
  const { samples, limit, maxTokens, importTokens, trainSteps, repairModel, ablationCount } = options;
  const scale = { samples, limit, maxTokens, importTokens, trainSteps, repairModel, ablationCount };
  return {
    version: 1,
    kind: "reproduce",
    options: {
      plan: plan.name,
      models: plan.models.map(({ name }) => name),
      oracle: options.oracle,
      threatModel: options.threatModel,
      ...Object.fromEntries(Object.entries(scale).filter(([, value]) => value !== undefined)),
    },
    inputs: { plan: hashOf(plan) },
    seeds: { plan: plan.seed },
    identities: {},
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}

async function writeTables(
  context: CliContext,
  plan: ExperimentPlan,
  { out }: ReproduceOptions,
): Promise<Table[]> {
  const outcomes: Outcome[] = [];
  for (const experiment of experimentsOf(plan)) {
    outcomes.push({ experiment, summary: await summaryIn(resolve(context.cwd, out, experiment.folder)) });
  }
  const ablation: AblationOutcome[] = [];
  for (const feedback of plan.ablation.feedback) {
    const path = resolve(context.cwd, ablationFolder(out, feedback), "summary.json");
    const value = await jsonIfThere(path);
    ablation.push({ feedback, byCwe: value === undefined ? undefined : repairsSchema.parse(value).byCwe });
  }
  const tables = paperTables(plan, outcomes, ablation);
  const folder = resolve(context.cwd, out, "tables");
  await mkdir(folder, { recursive: true });
  for (const table of tables) {
    for (const [ending, format] of Object.entries(tableFormats)) {
      await writeFileAtomic(join(folder, `${table.id}.${ending}`), format(table));
    }
  }
  return tables;
}

/** A report of what was evaluated, however far the run came. */
async function writeReportIfAny(
  context: CliContext,
  plan: ExperimentPlan,
  { out }: ReproduceOptions,
): Promise<void> {
  const folder = resolve(context.cwd, out);
  if (!experimentsOf(plan).some((one) => existsSync(join(folder, one.folder, "summary.json")))) return;
  await writeReport([folder], join(folder, "report.html"));
  context.talk(`The report: ${join(out, "report.html")}`);
}

const repairsSchema = z.looseObject({
  byCwe: z.record(z.string(), z.looseObject({ flagged: z.int(), pairs: z.int() })),
});

async function summaryIn(folder: string): Promise<EvaluationSummary | undefined> {
  const value = await jsonIfThere(join(folder, "summary.json"));
  return value === undefined ? undefined : evaluationSummarySchema.parse(value);
}

async function jsonIfThere(path: string): Promise<unknown> {
  // Not there: the step was not run, or not to its end. A file that cannot be read is an error.
  if (!existsSync(path)) return undefined;
  return JSON.parse(await readFile(path, "utf8"));
}

function presentEstimate(context: CliContext, plan: ExperimentPlan, options: ReproduceOptions): void {
  const known: EstimateOptions = options;
  const rows = estimatePlan(plan, known);
  const total = totalOf(rows);
  const repair = estimateRepair(plan, options.ablationCount);
  if (options.json) {
    const { note } = plan.assumed;
    const estimate = { models: rows, total, repair, arms: plan.arms, note };
    context.out(`${JSON.stringify(estimate, null, 2)}\n`);
    return;
  }
  const { title, assumed, arms } = plan;
  context.out(`${title}\n\n${estimateText([...rows, total])}\n`);
  context.out(
    `${arms.map(({ name, paper, what }) => `${paper ? "paper" : "ours "}  ${name}: ${what}`).join("\n")}\n`,
  );
  context.out(
    `\nRepair, told ${plan.ablation.feedback.join(", ")} (needs --repair-model): at most ${grouped(repair.requests)} requests, about ${millions(repair.tokens)} tokens, in no figure above.\n`,
  );
  context.talk(`Upper bounds. ${assumed.note}`);
  if (options.usdPerHour === undefined) context.talk("Dollars need the price of an hour: --usd-per-hour.");
}

function estimateText(rows: readonly ModelEstimate[]): string {
  const cells = rows.map((row) => [
    row.model,
    `${row.trainings}`,
    `${row.evaluations}`,
    grouped(row.samples),
    millions(row.tokens),
    millions(row.trainTokens),
    row.hours.toFixed(1),
    row.usd === undefined ? "?" : row.usd.toFixed(2),
  ]);
  const head = ["model", "adapters", "evals", "samples", "tokens", "training tokens", "hours", "dollars"];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** `196,015`. */
function grouped(value: number): string {
  return value.toLocaleString("en");
}

function millions(tokens: number): string {
  return `${(tokens / 1e6).toFixed(1)} M`;
}
