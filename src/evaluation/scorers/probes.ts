// `probes`: whether a completed program does its task and holds against the task's own exploits, where a benchmark
// has probes for its prompts and an oracle that can try them was asked for. Says what `tests` says, of tasks that
// have no tests.
import type { Score } from "../../core/completion.ts";
import type { TestsDetail } from "../../core/evaluation.ts";
import type { TaskProber, TaskVerdict } from "../../oracle/execution/task-probes.ts";
import type { Benchmark } from "../benchmarks/benchmark.ts";
import type { Scorable, Scorer } from "./scorer.ts";

/** The name of its scores. */
export const PROBES_SCORER = "probes";

/** Makes the scorer; the prober is closed by whoever opened it. */
export function probesScorer(prober: TaskProber, benchmarks: readonly Benchmark[]): Scorer {
  const all = benchmarks.flatMap(({ probes }) => probes ?? []);
  const byTask = new Map(all.flatMap((probes) => [...probes.byTask]));
  return {
    name: PROBES_SCORER,
    identity: `probes@${all.map(({ hash }) => hash).join("+")} by ${prober.identity}`,
    watchesAll: false,
    score: (batch, { signal } = {}) =>
      Promise.all(
        batch.map(async (item): Promise<Score> => {
          const detail = await judge(item, signal);
          const value = detail.status === "tested" ? detail.functional : "unscored";
          return { completionId: item.completion.id, scorer: PROBES_SCORER, value, detail };
        }),
      ),
  };

  async function judge(
    { task, completion }: Scorable,
    signal: AbortSignal | undefined,
  ): Promise<TestsDetail> {
    const probe = byTask.get(task.id);
    if (probe === undefined) return { status: "untested", reason: "no-tests" };
    if (completion.finishReason === "error") return { status: "untested", reason: "no-completion" };
    return detailOf(await prober.tryTask(completion.text, probe, signal));
  }
}

function detailOf(verdict: TaskVerdict): TestsDetail {
  if (verdict.kind === "not-run") {
    return { status: "untested", reason: "sandbox-failed", detail: verdict.reason };
  }
  const { works, secure, detail } = verdict;
  return {
    status: "tested",
    functional: works,
    ...(secure === undefined ? {} : { security: secure }),
    ended: "exited",
    ...(detail === "" ? {} : { words: detail.slice(0, 200) }),
  };
}
