// `tests`: whether a completed program passes its task's own tests, in the sandbox: the functional ones, and
// the security ones where the task has some. A program that fails where the benchmark's own safe solution
// fails too (a library is missing here, say) has no verdict. The tests run in the program's own process, as
// their makers wrote them: that guards against accidents, not against a program made to deceive them.
import { randomBytes } from "node:crypto";
import type { Task } from "../../core/completion.ts";
import type { TestsDetail } from "../../core/evaluation.ts";
import type { Benchmark } from "../benchmarks/benchmark.ts";
import { programOf, runTests } from "./run-tests.ts";
import type { Scorable, Scorer } from "./scorer.ts";
import type { TestBench } from "./test-bench.ts";
import { scorerOfTrials } from "./tried.ts";

/** The name of its scores. */
export const TESTS_SCORER = "tests";

/** Makes the scorer; the bench is opened before and closed by whoever opened it. */
export function testsScorer(bench: TestBench, benchmarks: readonly Benchmark[]): Scorer {
  const references = new Map<string, Promise<string | undefined>>();
  const solutions = new Map(benchmarks.flatMap(({ solutions: known }) => [...(known ?? [])]));
  return scorerOfTrials({ name: TESTS_SCORER, identity: bench.identity }, judge);

  async function judge(
    { task, completion }: Scorable,
    signal: AbortSignal | undefined,
  ): Promise<TestsDetail> {
    if (task.tests === undefined) return { status: "untested", reason: "no-tests" };
    if (completion.finishReason === "error") return { status: "untested", reason: "no-completion" };
    const detail = await tryOut(task, programOf(task.tests, completion.text), signal);
    if (detail.status === "untested" || (detail.functional && detail.security !== false)) return detail;
    // Only a failure can be the machine's fault; asked once a task.
    const why = await blameless(task, signal);
    return why === undefined ? detail : { status: "untested", reason: "own-solution-fails", detail: why };
  }

  /** Why the benchmark's own safe solution does not pass here; undefined when it does, or there is none. */
  function blameless(task: Task, signal: AbortSignal | undefined): Promise<string | undefined> {
    const safe = solutions.get(task.id)?.safe;
    if (safe === undefined) return Promise.resolve(undefined);
    const known = references.get(task.id) ?? tryOut(task, safe, signal).then(complaint);
    references.set(task.id, known);
    return known;
  }

  async function tryOut(task: Task, program: string, signal: AbortSignal | undefined): Promise<TestsDetail> {
    if (task.tests === undefined) return { status: "untested", reason: "no-tests" };
    const token = randomBytes(16).toString("hex");
    return await runTests(bench, { tests: task.tests, program, token, signal });
  }
}

function complaint(detail: TestsDetail): string | undefined {
  if (detail.status === "untested") return detail.detail ?? detail.reason;
  return detail.functional && detail.security !== false ? undefined : (detail.words ?? detail.ended);
}
