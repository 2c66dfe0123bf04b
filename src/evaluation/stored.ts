// Completions that are there already, of an earlier run or from elsewhere: read from JSON lines,
// completed to records, and made into the arms that they are of. No model is asked.
import { z } from "zod";
import { type Completion, completionSchema, type Task } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import { shortHashOf } from "../util/hash.ts";
import { readJsonLines } from "../util/jsonl.ts";
import type { Benchmark } from "./benchmarks/benchmark.ts";
import { type Arm, armKey } from "./plan.ts";
import { openWriter, runFiles } from "./run-files.ts";
import { truncateLines } from "./truncate-lines.ts";

/** What a line must have, and what is filled in where it is missing. */
const storedSchema = z.looseObject({
  ...completionSchema.partial().shape,
  /** The task, as the benchmark names it. */
  taskId: z.string().min(1),
  /** The whole program: prompt and completion. */
  text: z.string(),
});

/** What came of reading a file. */
export interface StoredCompletions {
  /** The arms that the completions are of, in the order in which they first appear. */
  readonly arms: readonly Arm[];
  /** Lines that are no completions. */
  readonly broken: number;
  /** Completions of tasks that the benchmarks do not have. */
  readonly foreign: number;
  /** Completions of tasks that were not chosen. */
  readonly unchosen: number;
  /** Completions taken. */
  readonly taken: number;
}

/** Reads a file and writes completions.jsonl of the run folder anew; what is scored there stays scored. */
export async function importStored(
  file: string,
  benchmarks: readonly Benchmark[],
  folder: string,
  choose: (tasks: readonly Task[]) => readonly Task[] = (tasks) => tasks,
): Promise<StoredCompletions> {
  const importer = new Importer(benchmarks, choose);
  const path = runFiles(folder).completions;
  await truncateLines(path, 0);
  const writer = await openWriter(path);
  let broken = 0;
  try {
    for await (const line of readJsonLines(file)) {
      const stored = line.kind === "value" ? storedSchema.safeParse(line.value).data : undefined;
      if (stored === undefined) broken++;
      else await writer.append(...importer.take(stored));
    }
  } finally {
    await writer.close();
  }
  if (importer.taken === 0) throw nothingTaken(file, benchmarks, { broken, foreign: importer.foreign });
  const { foreign, unchosen, taken } = importer;
  return { arms: importer.arms(), broken, foreign, unchosen, taken };
}

class Importer {
  taken = 0;
  foreign = 0;
  unchosen = 0;
  readonly #chosen: ReadonlySet<string>;
  readonly #benchmarkOf: ReadonlyMap<string, Benchmark>;
  readonly #arms = new Map<string, Omit<Arm, "samples"> & { counts: Map<string, number> }>();

  constructor(benchmarks: readonly Benchmark[], choose: (tasks: readonly Task[]) => readonly Task[]) {
    this.#chosen = new Set(benchmarks.flatMap(({ tasks }) => choose(tasks).map(({ id }) => id)));
    this.#benchmarkOf = new Map(
      benchmarks.flatMap((benchmark) => benchmark.tasks.map((task) => [task.id, benchmark] as const)),
    );
  }

  /** The record of a line; none for a task that no benchmark has. */
  take(stored: z.infer<typeof storedSchema>): Completion[] {
    const benchmark = this.#benchmarkOf.get(stored.taskId);
    if (benchmark === undefined) {
      this.foreign++;
      return [];
    }
    if (!this.#chosen.has(stored.taskId)) {
      this.unchosen++;
      return [];
    }
    const { taskId, text, model = "unknown", adapter, strategy = "one-step" } = stored;
    const arm = this.#armOf(benchmark, { model, adapter, strategy });
    // Numbered as they come: sample numbers from elsewhere may begin at 1 or have gaps.
    const sample = arm.counts.get(taskId) ?? 0;
    arm.counts.set(taskId, sample + 1);
    this.taken++;
    const identity = { taskId, text, model, adapter, strategy, sample };
    return [
      {
        id: stored.id ?? shortHashOf(identity),
        taskId,
        sample,
        strategy,
        model,
        ...(adapter === undefined ? {} : { adapter }),
        prompt: stored.prompt ?? "",
        text,
        ...(stored.imports === undefined ? {} : { imports: stored.imports }),
        uncut: stored.uncut ?? text,
        finishReason: stored.finishReason ?? "stop",
        usage: stored.usage ?? { promptTokens: 0, completionTokens: 0 },
        seed: stored.seed ?? 0,
      },
    ];
  }

  #armOf(
    benchmark: Benchmark,
    of: Pick<Arm, "model" | "adapter" | "strategy">,
  ): Omit<Arm, "samples"> & { counts: Map<string, number> } {
    const key = armKey({ ...of, benchmark: benchmark.name });
    const known = this.#arms.get(key);
    if (known !== undefined) return known;
    const role = of.adapter === undefined ? ("base" as const) : ("adapter" as const);
    const generate = (): Promise<never> => Promise.reject(new Error("stored completions are not generated"));
    const arm = {
      benchmark,
      tasks: benchmark.tasks,
      role,
      ...of,
      concurrency: 1,
      generate,
      counts: new Map(),
    };
    this.#arms.set(key, arm);
    return arm;
  }

  /** The arms; only tasks that have completions are theirs. */
  arms(): Arm[] {
    return [...this.#arms.values()].map(({ counts, ...arm }) => ({
      ...arm,
      tasks: arm.tasks.filter((task) => counts.has(task.id)),
      samples: Math.max(...counts.values()),
    }));
  }
}

function nothingTaken(
  file: string,
  benchmarks: readonly Benchmark[],
  { broken, foreign }: { broken: number; foreign: number },
): HexacoderError {
  const example = benchmarks[0]?.tasks[0]?.id ?? "benchmark/task";
  return new HexacoderError("bad-input", {
    message: `${file} holds no completion of ${benchmarks.map(({ name }) => name).join(", ")} (${broken} lines are none, ${foreign} are of other tasks).`,
    remedy: `Each line needs at least {"taskId": "${example}", "text": "the whole program"}.`,
  });
}
