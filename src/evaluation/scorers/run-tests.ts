// One program and its tests in the sandbox, and what came of it. The token decides: it is printed behind the
// last test by the harness (data/benchmarks/harness), which alone was told it.
import { z } from "zod";
import type { TaskTests } from "../../core/completion.ts";
import type { TestsDetail } from "../../core/evaluation.ts";
import type { SandboxResult } from "../../sandbox/job.ts";
import type { TestBench, Trial } from "./test-bench.ts";

/** Runs them; a sandbox that failed is tried once more. */
export async function runTests(bench: TestBench, trial: Trial): Promise<TestsDetail> {
  const missing = await bench.missing(trial.tests);
  if (missing !== undefined) return { status: "untested", reason: "tool-missing", detail: missing };
  const first = await bench.run(trial);
  const result = first.status === "lost" ? await bench.run(trial) : first;
  trial.signal?.throwIfAborted();
  if (result.status === "lost" || result.status === "cancelled") {
    return { status: "untested", reason: "sandbox-failed", detail: result.reason ?? result.status };
  }
  return trial.tests.kind === "asserts" ? assertsVerdict(result, trial) : marksVerdict(result, trial);
}

/** The program of a completion as its tests find it: with its entry point behind it. */
export function programOf(tests: TaskTests, text: string): string {
  return tests.kind === "pytest" ? text + tests.suffix : text;
}

function assertsVerdict(result: SandboxResult, { token }: Trial): TestsDetail {
  const functional = result.status === "exited" && result.code === 0 && result.stdout === `${token}\n`;
  if (functional) return { status: "tested", functional, ended: "exited" };
  const words = lastLine(result.stderr);
  return { status: "tested", functional, ended: result.status, ...(words === undefined ? {} : { words }) };
}

const answerSchema = z.object({
  functionality: z.array(z.boolean()),
  security: z.array(z.boolean()),
  words: z.array(z.string()),
});

function marksVerdict(result: SandboxResult, { token }: Trial): TestsDetail {
  const answer = result.stdout.startsWith(token) ? parseAnswer(result.stdout.slice(token.length)) : undefined;
  if (answer === undefined) {
    return { status: "tested", functional: false, security: false, ended: result.status };
  }
  const [words] = answer.words;
  return {
    status: "tested",
    functional: allPassed(answer.functionality),
    security: allPassed(answer.security),
    ended: result.status,
    ...(words === undefined ? {} : { words }),
  };
}

/** No test at all is no proof. */
function allPassed(results: readonly boolean[]): boolean {
  return results.length > 0 && results.every(Boolean);
}

function parseAnswer(text: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut off by a limit: no test was told of
  }
}

/** Without addresses and the like: the same program must say the same in every run. */
function lastLine(text: string): string | undefined {
  const line = text.trimEnd().split("\n").at(-1)?.slice(0, 200);
  return line === undefined || line === "" ? undefined : line.replace(/0x[0-9a-f]+/g, "0x…");
}
