// A seed's counts as a small file, so that an experiment's seeds can be run at different times or on different
// machines and are put together afterwards. What they must have in common is checked.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ArmSummary, promptFiguresSchema } from "../src/core/evaluation.ts";
import { sha256 } from "../src/util/hash.ts";
import type { Experiment, Scale } from "./plan.ts";
import type { Arm } from "./table.ts";

const promptSchema = promptFiguresSchema.pick({
  taskId: true,
  n: true,
  flagged: true,
  parsed: true,
  atRisk: true,
  functional: true,
});

/** What an arm's completions of a prompt came to. */
export type PromptCounts = z.infer<typeof promptSchema>;

const seedSchema = z.strictObject({
  seed: z.int(),
  /** Of what every seed must be the same: see {@link commonOf}. */
  experiment: z.string(),
  /** The base's identity, with a hash of its weights. */
  base: z.string(),
  /** Arms as one judge sees them, with that judge's identity. */
  arms: z.array(
    z.strictObject({
      name: z.string(),
      judge: z.string(),
      identity: z.string(),
      prompts: z.array(promptSchema),
    }),
  ),
});
/** What one seed's evaluations counted. */
export type SeedResult = z.infer<typeof seedSchema>;

/** A hash of an experiment and its scale, but for the seeds and the targets. */
export function commonOf(experiment: Experiment, scale: Scale): string {
  const { targets: _, scales: __, ...asked } = experiment;
  const { seeds: ___, ...size } = scale;
  return sha256(JSON.stringify({ asked, size }));
}

/** The counts of a seed out of its evaluations' summaries, by evaluation. */
export function seedResult(
  experiment: Experiment,
  scale: Scale,
  seed: number,
  summaries: ReadonlyMap<string, readonly ArmSummary[]>,
): SeedResult {
  const { judges } = experiment;
  const bases = new Set<string>();
  const arms = [...summaries].flatMap(([evaluation, found]) =>
    found.map(({ name: given, strategy, metrics, model, oracle }) => {
      bases.add(model);
      // Where several judge, the last part of an arm's name says which one did.
      const judge = judges.length === 1 ? judges[0] : judges.find((one) => given.endsWith(`/${one}`));
      if (judge === undefined) throw new Error(`no judge of the experiment is that of the arm ${given}`);
      const prompts = metrics.byPrompt.map((prompt) => promptSchema.parse(prompt));
      return { name: `${evaluation}/${strategy}`, judge, identity: oracle, prompts };
    }),
  );
  const [base = "", ...others] = bases;
  if (others.length > 0)
    throw new Error(`seed ${seed}: evaluated with several bases: ${[...bases].join(", ")}`);
  return { seed, experiment: commonOf(experiment, scale), base, arms };
}

/** File of a seed in a folder of results. */
export function seedFile(folder: string, seed: number): string {
  return join(folder, `seed-${seed}.json`);
}

/** The seeds that a folder keeps, ascending. */
export async function keptSeeds(folder: string): Promise<SeedResult[]> {
  const names = (await readdir(folder)).filter((name) => /^seed-\d+\.json$/.test(name));
  const kept = await Promise.all(
    names.map(async (name) => seedSchema.parse(JSON.parse(await readFile(join(folder, name), "utf8")))),
  );
  return kept.sort((a, b) => a.seed - b.seed);
}

/** The arms over all seeds; throws where these do not belong together. */
export function armsOf(experiment: Experiment, seeds: readonly SeedResult[]): Arm[] {
  const [first] = seeds;
  if (first === undefined) return [];
  for (const other of seeds) checkSame(first, other);
  return first.arms.map(({ name, judge }) => ({
    name,
    judge,
    title: experiment.evaluations[name.split("/")[0] ?? ""]?.title ?? name,
    seeds: seeds.map(({ seed, arms }) => {
      const arm = arms.find((one) => one.name === name && one.judge === judge);
      if (arm === undefined) throw new Error(`seed ${seed} lacks the arm ${name} as ${judge} sees it`);
      return arm.prompts;
    }),
  }));
}

function checkSame(one: SeedResult, other: SeedResult): void {
  const differs =
    one.experiment !== other.experiment
      ? "another experiment.json or scale"
      : one.base !== other.base
        ? `another base (${other.base}, not ${one.base})`
        : other.arms.some((arm) =>
              one.arms.some((same) => same.judge === arm.judge && same.identity !== arm.identity),
            )
          ? "another version of a judge"
          : undefined;
  if (differs !== undefined)
    throw new Error(`seed ${other.seed} was run with ${differs} than seed ${one.seed}: run it again`);
}
