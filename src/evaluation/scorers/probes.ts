// `probes`: whether a completed program does its task and holds against the task's own exploits, where a benchmark
// has probes for its prompts and an oracle that can try them was asked for. Says what `tests` says, of tasks that
// have no tests.
import type { TestsDetail } from "../../core/evaluation.ts";
import type { TaskProber, TaskVerdict } from "../../oracle/execution/task-probes.ts";
import type { Benchmark } from "../benchmarks/benchmark.ts";
import type { Scorer } from "./scorer.ts";
import { scorerOfTrials } from "./tried.ts";

/** The name of its scores. */
export const PROBES_SCORER = "probes";

/** Makes the scorer; the prober is closed by whoever opened it. */
export function probesScorer(prober: TaskProber, benchmarks: readonly Benchmark[]): Scorer {
  const all = benchmarks.flatMap(({ probes }) => probes ?? []);
  const byTask = new Map(all.flatMap((probes) => [...probes.byTask]));
  const identity = `probes@${all.map(({ hash }) => hash).join("+")} by ${prober.identity}`;
  return scorerOfTrials({ name: PROBES_SCORER, identity }, async ({ task, completion }, signal) => {
    const probe = byTask.get(task.id);
    if (probe === undefined) return { status: "untested", reason: "no-tests" };
    if (completion.finishReason === "error") return { status: "untested", reason: "no-completion" };
    return detailOf(await prober.tryTask(completion.text, probe, signal));
  });
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
