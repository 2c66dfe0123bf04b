// An experiment is data: datasets, adapters trained on them, evaluations of these, and how large each of it is.
// This file reads such a file and turns it into the command lines that make it, in order.
import { join } from "node:path";
import { z } from "zod";

const args = z.array(z.string());

/** What is counted of a prompt's completions. */
const countSchema = z.enum(["flagged", "parsed", "atRisk", "functional"]);
/** See {@link countSchema}. */
export type Count = z.infer<typeof countSchema>;

const targetSchema = z.discriminatedUnion("kind", [
  /** A judge flags at least this share fewer. */
  z.strictObject({ kind: z.literal("fewer"), judge: z.string(), atLeast: z.number() }),
  /** A rate after is at least this share of the rate before. */
  z.strictObject({ kind: z.literal("kept"), count: countSchema, atLeast: z.number() }),
  /** A rate before is at least this high. */
  z.strictObject({ kind: z.literal("before"), count: countSchema, atLeast: z.number() }),
  /** A judge flags more in each of these arms than after, the whole 95 % interval of the difference above zero. */
  z.strictObject({ kind: z.literal("worse"), judge: z.string(), arms: z.array(z.string()).min(1) }),
]);
/** See {@link experimentSchema}. */
export type Target = z.infer<typeof targetSchema>;

const experimentSchema = z.strictObject({
  /** What is asked. */
  description: z.string(),
  /** The base, as `--base` takes it. */
  base: z.string(),
  /** Arguments of `synth`. */
  synth: args,
  /** Arguments of `dataset build`. */
  build: args.default([]),
  /**
   * What the model writes securely by itself joins the rows: arguments of the training that comes before, and of
   * `dataset extend`. Every dataset below has these rows; on a vulnerable side there are none.
   */
  ownPrograms: z.strictObject({ train: args, extend: args }).optional(),
  /** Datasets by name: the one that `dataset build` makes, and others made out of it. */
  datasets: z.record(
    z.string(),
    z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("built") }),
      z.strictObject({ kind: z.literal("random-spans"), seed: z.int() }),
      z.strictObject({ kind: z.literal("vulnerable-side") }),
    ]),
  ),
  /** Adapters by name. */
  adapters: z.record(z.string(), z.strictObject({ dataset: z.string(), train: args })),
  /** Evaluations by name; `{experiment}` in an argument is the experiment's folder, `{datasets}` the datasets'. */
  evaluations: z.record(
    z.string(),
    z.strictObject({ title: z.string(), adapter: z.string().optional(), args }),
  ),
  /** Who judges, each by itself, as `eval --oracle` takes them. */
  judges: z.array(z.string()).min(1),
  /** Arms whose change is told, as `evaluation/strategy`. */
  compare: z.strictObject({ before: z.string(), after: z.string() }),
  /** What the change has to be for the experiment to show what it is meant to. */
  targets: z.array(targetSchema).default([]),
  /** Sizes by name: seeds, and arguments that go behind those above. */
  scales: z.record(
    z.string(),
    z.strictObject({
      seeds: z.array(z.int()),
      synth: args,
      train: args,
      extend: args.default([]),
      eval: args,
    }),
  ),
});
/** See {@link experimentSchema}. */
export type Experiment = z.infer<typeof experimentSchema>;
/** A size of an experiment. */
export type Scale = Experiment["scales"][string];

/** One piece of work; each is skipped when it was done before with the same particulars. */
export type Step = {
  readonly name: string;
  /** The seed that it belongs to; absent where all seeds have it in common. */
  readonly seed?: number;
} & (
  | { readonly kind: "command"; readonly args: readonly string[] }
  | {
      readonly kind: "derive";
      readonly dataset: Experiment["datasets"][string];
      readonly from: string;
      readonly to: string;
    }
);

/** Reads an experiment; throws where it is not one, or names what it does not have. */
export function parseExperiment(value: unknown): Experiment {
  const experiment = experimentSchema.parse(value);
  for (const [name, { dataset }] of Object.entries(experiment.adapters)) {
    if (!(dataset in experiment.datasets)) throw new Error(`adapter ${name}: there is no dataset ${dataset}`);
  }
  for (const [name, { adapter }] of Object.entries(experiment.evaluations)) {
    if (adapter !== undefined && !(adapter in experiment.adapters))
      throw new Error(`evaluation ${name}: there is no adapter ${adapter}`);
  }
  const { before, after } = experiment.compare;
  const controls = experiment.targets.flatMap((target) => (target.kind === "worse" ? target.arms : []));
  for (const arm of [before, after, ...controls]) {
    const [name = ""] = arm.split("/");
    if (!(name in experiment.evaluations)) throw new Error(`arm ${arm}: there is no evaluation ${name}`);
  }
  for (const target of experiment.targets) {
    if ("judge" in target && !experiment.judges.includes(target.judge))
      throw new Error(`target: there is no judge ${target.judge}`);
  }
  return experiment;
}

/** Where an experiment's parts are. */
export interface Places {
  /** The folder of the experiment's file. */
  readonly experiment: string;
  /** Where its results go. */
  readonly out: string;
}

/** The work of an experiment at a scale, in order. */
export function stepsOf(experiment: Experiment, scale: Scale, places: Places): Step[] {
  const at = (...parts: string[]): string => join(places.out, ...parts);
  const command = (name: string, ...given: string[]): Step => ({
    name,
    kind: "command",
    args: [...given, "--resume"],
  });
  const { base, build, ownPrograms } = experiment;
  const common = ["--seed", "42", "--out"];
  const steps: Step[] = [
    command("synth", "synth", ...experiment.synth, ...scale.synth, "--out", at("synth")),
    command(
      "dataset",
      "dataset",
      "build",
      at("synth"),
      "--vulnerable-side",
      ...build,
      ...common,
      at("built"),
    ),
  ];
  if (ownPrograms !== undefined) {
    const first = [...ownPrograms.train, ...scale.train, ...common, at("first")];
    const extended = [...ownPrograms.extend, ...scale.extend, ...common, at("extended")];
    steps.push(
      command("train-first", "train", "--data", at("built"), "--base", base, ...first),
      command(
        "extend",
        "dataset",
        "extend",
        at("built"),
        "--model",
        base,
        "--adapter",
        at("first"),
        ...extended,
      ),
    );
  }
  for (const [name, dataset] of Object.entries(experiment.datasets)) {
    steps.push({
      name: `dataset-${name}`,
      kind: "derive",
      dataset,
      from: at(ownPrograms === undefined ? "built" : "extended"),
      to: at("datasets", name),
    });
  }
  for (const seed of scale.seeds) {
    for (const [name, { dataset, train }] of Object.entries(experiment.adapters)) {
      const own = ["--data", at("datasets", dataset), "--base", experiment.base, "--seed", String(seed)];
      const out = at(`seed-${seed}`, "adapters", name);
      const more = placed([...train, ...scale.train], places);
      steps.push({ ...command(`train-${name}-${seed}`, "train", ...own, ...more, "--out", out), seed });
    }
    for (const name of Object.keys(experiment.evaluations)) {
      const asked = evaluation(experiment, scale, places, { name, seed });
      steps.push({ ...command(`eval-${name}-${seed}`, ...asked), seed });
    }
  }
  return steps;
}

/** Where an evaluation's summary is. */
export function evaluationFolder(places: Places, seed: number, name: string): string {
  return join(places.out, `seed-${seed}`, "eval", name);
}

function evaluation(
  experiment: Experiment,
  scale: Scale,
  places: Places,
  { name, seed }: { name: string; seed: number },
): string[] {
  const { adapter, args: own = [] } = experiment.evaluations[name] ?? {};
  const adapted =
    adapter === undefined
      ? []
      : ["--adapter", join(places.out, `seed-${seed}`, "adapters", adapter), "--only", "adapter"];
  const common = [
    "--model",
    experiment.base,
    "--seed",
    String(seed),
    "--out",
    evaluationFolder(places, seed, name),
  ];
  const judges = ["--oracle", experiment.judges.join(",")];
  return ["eval", ...common, ...judges, ...adapted, ...placed(own, places), ...scale.eval];
}

function placed(args: readonly string[], { experiment, out }: Places): string[] {
  const datasets = join(out, "datasets");
  return args.map((argument) =>
    argument.replaceAll("{experiment}", experiment).replaceAll("{datasets}", datasets),
  );
}
