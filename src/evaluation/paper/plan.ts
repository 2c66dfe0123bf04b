// A plan of experiments as data (data/plans/NAME.json): models, benchmarks, training data, runs of `eval`, and
// the named arms that tables show. What deviates from the paper is an arm with a name of its own.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { strategySchema } from "../../core/completion.ts";
import { cweIdSchema } from "../../core/cwe.ts";
import { HexacoderError, readError } from "../../core/errors.ts";
import { languageSchema } from "../../core/language.ts";
import { resource } from "../../util/resources.ts";

const modelSchema = z.strictObject({
  /** Its name in tables. */
  name: z.string().min(1),
  /** As `--model` takes it. */
  model: z.string().min(1),
  /** Training settings in data/presets. */
  preset: z.string().min(1),
  /** What its licence forbids. */
  licence: z.string().optional(),
  /** New tokens a second, for the estimate. */
  assumedTokensPerSecond: z.number().positive(),
  /** Tokens a second in training, for the estimate. */
  assumedTrainTokensPerSecond: z.number().positive(),
});

const benchmarkSchema = z.strictObject({
  /** As `--benchmark` takes it. */
  name: z.string().min(1),
  /** Prompts that it has, for the estimate. */
  prompts: z.int().min(1),
  /** Completions a prompt. */
  samples: z.int().min(1),
  /** Weaknesses that are counted apart from the others. */
  apart: z.array(cweIdSchema).default([]),
  /** `unseen`: a table of its own, weaknesses that training does not see. */
  role: z.literal("unseen").optional(),
});

const testSchema = z.strictObject({
  /** Its name in folders. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** Language of its prompts. */
  language: languageSchema,
  /** Each is an evaluation of its own. */
  temperatures: z.array(z.number().min(0)).min(1),
  /** Most new tokens; the benchmark's own when absent. */
  maxTokens: z.int().min(1).optional(),
  /** The benchmarks. */
  benchmarks: z.array(benchmarkSchema).min(1),
});

const runSchema = z.strictObject({
  /** Its name in folders. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** Training data of its adapter; none when absent. */
  data: z.string().optional(),
  /** Leave the base out. */
  only: z.literal("adapter").optional(),
  /** How it generates. */
  strategies: z.array(strategySchema).min(1),
  /** Which tests. */
  tests: z.array(z.string()).min(1),
  /** A text before every prompt, by name. */
  preamble: z.string().optional(),
  /** What happens to completions that are flagged. */
  guard: z.enum(["reject", "repair"]).optional(),
  /** Further draws of the guard. */
  retries: z.int().min(0).optional(),
  /** Draws of each sample without an oracle. */
  draws: z.int().min(2).optional(),
  /** Other training settings by model; the run is for these models only. */
  presets: z.record(z.string(), z.string()).optional(),
});

const armSchema = z.strictObject({
  /** Its name in tables. */
  name: z.string().min(1),
  /** The run that it is of. */
  run: z.string().min(1),
  /** `base|adapter/strategy`, as summary.json names it. */
  variant: z.string().regex(/^(base|adapter)\/.+$/),
  /** Whether the paper has it. */
  paper: z.boolean(),
  /** Only for prompts in these languages. */
  languages: z.array(languageSchema).optional(),
  /** What it is, and how it deviates. */
  what: z.string().min(1),
});

const planSchema = z.strictObject({
  /** The file's name. */
  name: z.string().min(1),
  /** One line. */
  title: z.string().min(1),
  /** Of everything random. */
  seed: z.int().min(0),
  /** What the estimate takes for granted. */
  assumed: z.strictObject({
    note: z.string(),
    promptTokens: z.number().positive(),
    trainTokensPerRow: z.number().positive(),
    trainRows: z.number().positive(),
  }),
  models: z.array(modelSchema).min(1),
  /** Training data: where its files may lie below `--source`. */
  data: z.array(
    z.strictObject({
      name: z.string().min(1),
      files: z.array(z.string()).min(1),
      licence: z.string(),
      url: z.string(),
    }),
  ),
  tests: z.array(testSchema).min(1),
  /** Texts before prompts, by name and language. */
  preambles: z.record(z.string(), z.record(languageSchema, z.string())).default({}),
  runs: z.array(runSchema).min(1),
  arms: z.array(armSchema).min(1),
  /** Repair with more and less feedback. */
  ablation: z.strictObject({
    what: z.string(),
    feedback: z.array(z.string()).min(1),
    language: languageSchema,
    count: z.int().min(1),
    assumedTokensPerRepair: z.number().positive(),
  }),
});
/** See the file's head. */
export type ExperimentPlan = z.infer<typeof planSchema>;
/** A model of a plan. */
export type PlannedModel = ExperimentPlan["models"][number];
/** A group of benchmarks. */
export type PlannedTest = ExperimentPlan["tests"][number];
/** Arms that are evaluated together. */
export type PlannedRun = ExperimentPlan["runs"][number];
/** What a table's row shows. */
export type PlannedArm = ExperimentPlan["arms"][number];

/** Reads a plan of data/plans, or of a file. */
export async function readPlan(name: string): Promise<ExperimentPlan> {
  const path = /[./]/.test(name) ? name : resource("data", "plans", `${name}.json`);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readError(path, error);
  });
  try {
    const plan = planSchema.parse(JSON.parse(text));
    checkNames(plan);
    return plan;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new HexacoderError("bad-input", {
      message: `${path} is not a plan of experiments: ${why.replace(/\s+/g, " ")}.`,
      remedy: "Compare it with data/plans/paper.json.",
      cause,
    });
  }
}

/** Every name that is referred to must be there. */
function checkNames({ runs, arms, tests, data, preambles, models }: ExperimentPlan): void {
  const wanted: [kind: string, name: string | undefined, known: readonly string[]][] = [
    ...arms.map(({ run }): [string, string, string[]] => ["run", run, runs.map(({ name }) => name)]),
    ...runs.flatMap((run): [string, string | undefined, string[]][] => [
      ...run.tests.map((test): [string, string, string[]] => ["test", test, tests.map(({ name }) => name)]),
      ["data", run.data, data.map(({ name }) => name)],
      ["preamble", run.preamble, Object.keys(preambles)],
      ...Object.keys(run.presets ?? {}).map((model): [string, string, string[]] => [
        "model",
        model,
        models.map(({ name }) => name),
      ]),
    ]),
  ];
  for (const [kind, name, known] of wanted) {
    if (name !== undefined && !known.includes(name)) throw new Error(`there is no ${kind} "${name}"`);
  }
}

/** The plan with some of its models only; `unknown-model` names those that there are. */
export function withModels(plan: ExperimentPlan, names: readonly string[] | undefined): ExperimentPlan {
  if (names === undefined) return plan;
  const known = plan.models.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new HexacoderError("unknown-model", {
      message: `The plan has no model ${unknown.join(", ")}.`,
      remedy: `Choose from: ${known.join(", ")}.`,
    });
  }
  return { ...plan, models: plan.models.filter(({ name }) => names.includes(name)) };
}
