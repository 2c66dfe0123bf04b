// An evaluation in three passes over a run folder: generate what is missing, score what is not
// scored, count. Each pass streams and can be cut off at any moment; the next run goes on.
import { mkdir } from "node:fs/promises";
import { type Completion, taskSchema } from "../core/completion.ts";
import { writeError } from "../core/errors.ts";
import type { EvaluationSummary } from "../core/evaluation.ts";
import { writeFileAtomic } from "../util/files.ts";
import type { JsonLinesWriter } from "../util/jsonl.ts";
import { mapOrdered } from "../util/ordered.ts";
import type { EvaluateOptions } from "./options.ts";
import { type Arm, armFinder, type EvaluationPlan } from "./plan.ts";
import { openWriter, readCompletions, runFiles } from "./run-files.ts";
import { scoreCompletions } from "./score-completions.ts";
import { summarize } from "./summarize.ts";

/** Runs a plan to its end; what the folder holds already is not made again. */
export async function evaluate(plan: EvaluationPlan, options: EvaluateOptions): Promise<EvaluationSummary> {
  await generateMissing(plan, options);
  return scoreRun(plan, options);
}

/** Scores and counts the completions that a run folder holds, whoever made them. */
export async function scoreRun(plan: EvaluationPlan, options: EvaluateOptions): Promise<EvaluationSummary> {
  await writeTasks(plan, options.folder);
  await scoreCompletions(plan, options);
  const summary = await summarize(plan, options.folder);
  const { summary: path } = runFiles(options.folder);
  await writeFileAtomic(path, `${JSON.stringify(summary, null, 2)}\n`).catch((error: unknown) => {
    throw writeError(path, error);
  });
  return summary;
}

async function writeTasks(plan: EvaluationPlan, folder: string): Promise<void> {
  const tasks = new Map(plan.arms.flatMap((arm) => arm.tasks.map((task) => [task.id, task])));
  const path = runFiles(folder).tasks;
  const text = [...tasks.values()].map((task) => `${JSON.stringify(taskSchema.parse(task))}\n`).join("");
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(path, text).catch((error: unknown) => {
    throw writeError(path, error);
  });
}

/** Makes the samples of a plan that its run folder does not hold yet. */
export async function generateMissing(
  plan: Pick<EvaluationPlan, "arms">,
  options: EvaluateOptions,
): Promise<void> {
  const { completions: path } = runFiles(options.folder);
  // Opening drops a line that a crash cut short, so the file is read only after that.
  const writer = await openWriter(path);
  try {
    await generateArms(plan, await samplesMade(plan.arms, options), writer, options);
  } finally {
    await writer.close();
  }
}

async function generateArms(
  plan: Pick<EvaluationPlan, "arms">,
  made: SamplesMade,
  writer: JsonLinesWriter,
  options: EvaluateOptions,
): Promise<void> {
  const total = plan.arms.reduce((sum, arm) => sum + arm.tasks.length * arm.samples, 0);
  let done = made.count;
  for (const [index, arm] of plan.arms.entries()) {
    options.onProgress?.({ phase: "generate", done, total, arm: index });
    for await (const completions of generateArm(arm, made.of(index), options)) {
      await writer.append(...completions);
      done += completions.length;
      options.onProgress?.({ phase: "generate", done, total, arm: index });
    }
  }
}

/** Numbers of the samples that the folder holds, by arm and task. */
interface SamplesMade {
  /** Completions in all. */
  readonly count: number;
  /** Sample numbers by task of one arm. */
  of(arm: number): ReadonlyMap<string, ReadonlySet<number>>;
}

async function samplesMade(arms: readonly Arm[], options: EvaluateOptions): Promise<SamplesMade> {
  const made: Map<string, Set<number>>[] = arms.map(() => new Map());
  const armOf = armFinder(arms);
  let count = 0;
  let broken = 0;
  for await (const completion of readCompletions(options.folder, () => broken++)) {
    const tasks = made[armOf(completion)?.index ?? -1];
    if (tasks === undefined) continue;
    const samples = tasks.get(completion.taskId) ?? new Set();
    tasks.set(completion.taskId, samples.add(completion.sample));
    count++;
  }
  if (broken > 0) options.onBroken?.(broken);
  return { count, of: (arm) => made[arm] ?? new Map() };
}

async function* generateArm(
  arm: Arm,
  made: ReadonlyMap<string, ReadonlySet<number>>,
  { signal }: EvaluateOptions,
): AsyncGenerator<readonly Completion[]> {
  const missing = arm.tasks.flatMap((task) => {
    const done = made.get(task.id);
    const samples = Array.from({ length: arm.samples }, (_, i) => i).filter((i) => done?.has(i) !== true);
    return samples.length === 0 ? [] : [{ task, samples }];
  });
  const request = signal === undefined ? {} : { signal };
  yield* mapOrdered(missing, arm.concurrency, async ({ task, samples }) => {
    signal?.throwIfAborted();
    return arm.generate(task, samples, request);
  });
}
