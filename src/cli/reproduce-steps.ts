// A plan of experiments as command lines: import the training data, train, evaluate, repair with more and less
// feedback. The folders are the plan's own (src/evaluation/paper/experiments.ts).
import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import { type Experiment, experimentsOf, trainingsOf } from "../evaluation/paper/experiments.ts";
import type { ExperimentPlan, PlannedModel } from "../evaluation/paper/plan.ts";
import { writeFileAtomic } from "../util/files.ts";
import type { CliContext } from "./context.ts";
import type { ReproduceOptions } from "./reproduce-options.ts";
import type { Step } from "./steps.ts";

/** Where relative paths start from. */
type Place = Pick<CliContext, "cwd">;

/** Every step, in order. */
export async function reproduceSteps(
  context: Place,
  plan: ExperimentPlan,
  options: ReproduceOptions,
): Promise<Step[]> {
  const trainings = trainingsOf(plan);
  const used = plan.data.filter(({ name }) => trainings.some(({ data }) => data === name));
  const imports: Step[] = [];
  for (const data of used) imports.push(await importStep(context, data, plan.seed, options));
  const trains = trainings.map((training): Step => {
    const { data, model, preset, folder } = training;
    const limit = options.trainSteps === undefined ? [] : ["--max-steps", `${options.trainSteps}`];
    return {
      title: `Training: ${model.name} on ${data}, settings ${preset}`,
      args: [
        ...["train", "--data", join(options.out, "data", data), "--base", specOf(context, model, options)],
        ...["--preset", preset, "--out", join(options.out, folder), ...limit, "--resume"],
      ],
    };
  });
  const preambles = await writePreambles(context, plan, options);
  const evaluations = experimentsOf(plan).map((experiment) =>
    evaluationStep(context, plan, { experiment, preambles, options }),
  );
  return [...imports, ...trains, ...evaluations, ...ablationSteps(plan, options)];
}

async function importStep(
  context: Place,
  { name, files, url, licence }: ExperimentPlan["data"][number],
  seed: number,
  options: ReproduceOptions,
): Promise<Step> {
  const source = resolve(context.cwd, options.source ?? ".");
  const path = files.map((file) => join(source, file)).find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new HexacoderError("data-missing", {
      message: `The training data ${name} (${licence}) is not below ${source}: looked for ${files.join(", ")}.`,
      remedy: `Get it from ${url} and pass --source with the folder that holds it, or see the plan with --dry-run.`,
    });
  }
  const inputs = (await stat(path)).isDirectory()
    ? (await readdir(path))
        .filter((file) => file.endsWith(".jsonl"))
        .sort()
        .map((file) => join(path, file))
    : [path];
  const out = join(options.out, "data", name);
  return {
    title: `Training data: ${name}`,
    args: [
      "dataset",
      "import",
      ...inputs.map((input) => relative(context.cwd, input)),
      ...["--out", out, "--seed", `${seed}`, "--resume"],
    ],
  };
}

/** A model's own folder below --model-folder, or its name in the plan. */
function specOf(context: Place, { name, model }: PlannedModel, { modelFolder }: ReproduceOptions): string {
  if (modelFolder === undefined) return model;
  const folder = join(modelFolder, name);
  if (existsSync(resolve(context.cwd, folder))) return `hf:./${folder}`.replace("hf:.//", "hf:/");
  throw new HexacoderError("model-missing", {
    message: `${modelFolder} holds no ${name}.`,
    remedy: `Put the model there, leave it out with --models, or leave out --model-folder to take ${model}.`,
  });
}

/** Writes the texts before prompts; gives their paths by name and language. */
async function writePreambles(
  context: Place,
  { preambles }: ExperimentPlan,
  { out }: ReproduceOptions,
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const [name, texts] of Object.entries(preambles)) {
    for (const [language, text] of Object.entries(texts)) {
      const path = join(out, "preambles", `${name}.${language}.txt`);
      await mkdir(resolve(context.cwd, out, "preambles"), { recursive: true });
      await writeFileAtomic(resolve(context.cwd, path), text ?? "");
      paths.set(`${name}/${language}`, path);
    }
  }
  return paths;
}

function evaluationStep(
  context: Place,
  plan: ExperimentPlan,
  {
    experiment,
    preambles,
    options,
  }: {
    readonly experiment: Experiment;
    readonly preambles: ReadonlyMap<string, string>;
    readonly options: ReproduceOptions;
  },
): Step {
  const { model, run, test, temperature, strategies, adapter, folder } = experiment;
  const preamble = run.preamble === undefined ? undefined : preambles.get(`${run.preamble}/${test.language}`);
  const maxTokens = options.maxTokens ?? test.maxTokens;
  return {
    title: `Evaluation: ${model.name}, ${run.name}, ${test.name}, temperature ${temperature}`,
    args: [
      ...["eval", "--benchmark", test.benchmarks.map(({ name }) => name).join(",")],
      ...["--model", specOf(context, model, options), "--strategy", strategies.join(",")],
      ...given("--adapter", adapter === undefined ? undefined : join(options.out, adapter)),
      ...given("--only", run.only),
      ...["--temperature", `${temperature}`, "--seed", `${plan.seed}`],
      ...given("--preamble", preamble),
      ...given("--guard", run.guard),
      ...given("--retries", run.retries),
      ...given("--draws", run.draws),
      ...given("--samples", options.samples),
      ...given("--limit", options.limit),
      ...given("--max-tokens", maxTokens),
      ...given("--import-tokens", options.importTokens),
      ...given("--source", options.source),
      ...["--oracle", options.oracle, "--threat-model", options.threatModel.join(",")],
      ...["--out", join(options.out, folder), "--resume"],
    ],
  };
}

function ablationSteps({ ablation, seed }: ExperimentPlan, options: ReproduceOptions): Step[] {
  if (options.repairModel === undefined) return [];
  const { repairModel, repairInterface, repairTokens, budgetUsd, prices } = options;
  const count = options.ablationCount ?? ablation.count;
  return ablation.feedback.map((feedback) => ({
    title: `Repair: told ${feedback}`,
    args: [
      ...["synth", "--from", "seeds", "--language", ablation.language, "--count", `${count}`],
      ...["--repair", "llm", "--repair-model", repairModel, "--feedback", feedback, "--rounds", "1"],
      ...given("--interface", repairInterface),
      ...given("--repair-max-tokens", repairTokens),
      ...given("--budget-usd", budgetUsd),
      ...given("--prices", prices),
      ...["--seed", `${seed}`, "--out", ablationFolder(options.out, feedback), "--resume"],
    ],
  }));
}

/** Where the repairs with one level of feedback go. */
export function ablationFolder(out: string, feedback: string): string {
  return join(out, "ablation", feedback.replaceAll("+", "-and-"));
}

function given(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [flag, `${value}`];
}
