// The plan of an evaluation: which arms, with which samples, judged by whom. An arm is a benchmark,
// a model with or without its adapter, and a strategy; how a completion is made is a function
// that the command line hands in, since stages do not know one another.
import type { Completion, Strategy, Task } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import type { Benchmark } from "./benchmarks/benchmark.ts";
import type { Scorer } from "./scorers/scorer.ts";

/** Whether the adapter is on. */
export type Role = "base" | "adapter";

/** Makes the samples with these numbers of one task; returns them in this order. */
export type GenerateSamples = (
  task: Task,
  samples: readonly number[],
  options: { signal?: AbortSignal },
) => Promise<readonly Completion[]>;

/** One arm: who completes what, and how. */
export interface Arm {
  /** The benchmark. */
  readonly benchmark: Benchmark;
  /** Its prompts that are used. */
  readonly tasks: readonly Task[];
  /** With or without the adapter. */
  readonly role: Role;
  /** The model's identity, as its completions carry it. */
  readonly model: string;
  /** The adapter's identity, as its completions carry it. */
  readonly adapter: string | undefined;
  /** How it generates. */
  readonly strategy: Strategy;
  /** Samples a prompt. */
  readonly samples: number;
  /** Prompts under way at once. */
  readonly concurrency: number;
  /** Makes samples. */
  readonly generate: GenerateSamples;
}

/** An oracle that judges. */
export interface Judge {
  /** What the user calls it. */
  readonly name: string;
  /** Name with version. */
  readonly identity: string;
}

/** A whole evaluation. */
export interface EvaluationPlan {
  /** Every arm, in the order that they are run and shown. */
  readonly arms: readonly Arm[];
  /** The oracles, the first being the one of the headline. */
  readonly judges: readonly Judge[];
  /** Makes the scorers, oracles included; called once a run, as some remember what they saw. */
  readonly scorers: () => readonly Scorer[];
  /** Seed of the intervals' resampling. */
  readonly seed: number;
  /** Role and strategy of the headline's two arms, as `base/one-step`; chosen by us when absent. */
  readonly headline?: { readonly before: string; readonly after: string };
}

/** What two arms of the same benchmark differ in: `base/one-step`. */
export function armVariant(arm: Pick<Arm, "role" | "strategy">): string {
  return `${arm.role}/${arm.strategy}`;
}

/** Names an arm as summary.json does; model and oracle are named where there are several. */
export function armName(
  arm: Arm,
  judge: Judge,
  { arms, judges }: Pick<EvaluationPlan, "arms" | "judges">,
): string {
  const models = new Set(arms.map(({ model }) => model));
  return [
    arm.benchmark.name,
    ...(models.size > 1 ? [arm.model] : []),
    armVariant(arm),
    ...(judges.length > 1 ? [judge.name] : []),
  ].join("/");
}

/** A key that a completion and its arm share. */
export function armKey(from: {
  readonly benchmark: string;
  readonly model: string;
  readonly adapter?: string | undefined;
  readonly strategy: Strategy;
}): string {
  return JSON.stringify([from.benchmark, from.model, from.adapter ?? null, from.strategy]);
}

/** Finds the arm of a completion among the arms of a plan; undefined for a completion of none. */
export function armFinder(
  arms: readonly Arm[],
): (completion: Completion) => { arm: Arm; task: Task; index: number } | undefined {
  const byKey = new Map(
    arms.map((arm, index) => [
      armKey({ ...arm, benchmark: arm.benchmark.name }),
      { arm, index, tasks: new Map(arm.tasks.map((task) => [task.id, task])) },
    ]),
  );
  const benchmarkOf = new Map(arms.flatMap((arm) => arm.tasks.map((task) => [task.id, arm.benchmark.name])));
  return (completion) => {
    const benchmark = benchmarkOf.get(completion.taskId);
    if (benchmark === undefined) return undefined;
    const found = byKey.get(armKey({ ...completion, benchmark }));
    const task = found?.tasks.get(completion.taskId);
    return found === undefined || task === undefined
      ? undefined
      : { arm: found.arm, task, index: found.index };
  };
}

/** The two variants that the headline compares; undefined with a single arm. */
export function headlineVariants(plan: EvaluationPlan): { before: string; after: string } | undefined {
  const variants = [...new Set(plan.arms.map(armVariant))];
  const { headline } = plan;
  if (headline !== undefined) {
    for (const variant of [headline.before, headline.after]) checkVariant(variant, variants);
    return headline;
  }
  const [first] = variants;
  const last = variants.at(-1);
  return first === undefined || last === undefined || first === last
    ? undefined
    : { before: first, after: last };
}

function checkVariant(variant: string, variants: readonly string[]): void {
  if (variants.includes(variant)) return;
  throw new HexacoderError("bad-usage", {
    message: `--headline names "${variant}", which is no arm of this evaluation.`,
    remedy: `Choose two of: ${variants.join(", ")}.`,
  });
}
