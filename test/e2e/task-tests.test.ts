// The tests that benchmarks bring, really run in the sandbox, on tasks of our own in their layouts.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Completion, Task } from "../../src/core/completion.ts";
import { evaluationSummarySchema, type TestsDetail, testsDetailSchema } from "../../src/core/evaluation.ts";
import type { Benchmark } from "../../src/evaluation/benchmarks/benchmark.ts";
import { loadBenchmark } from "../../src/evaluation/benchmarks/load.ts";
import { openTestBench, type TestBench } from "../../src/evaluation/scorers/test-bench.ts";
import { testsScorer } from "../../src/evaluation/scorers/tests.ts";
import { startCompletionEndpoint } from "../support/completion-endpoint.ts";
import {
  humanEvalFiles,
  mbppFiles,
  type OwnBenchmark,
  ownHumanEval,
  ownMbpp,
  writeFiles,
} from "../support/own-benchmarks.ts";
import { cwevalTasks, pythonSolutions } from "../support/own-cweval.ts";
import { runCli } from "../support/run-cli.ts";

let bench: TestBench;
let folder: string;
beforeAll(async () => {
  bench = await openTestBench({ env: process.env, count: 2 });
  folder = await mkdtemp(join(tmpdir(), "hexacoder-tests-"));
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

async function load({ manifest, files }: OwnBenchmark): Promise<Benchmark> {
  const at = join(folder, manifest.name);
  await writeFiles(at, { ...files, [`${manifest.name}.json`]: JSON.stringify(manifest) });
  return await loadBenchmark(manifest.name, { manifests: at, source: at });
}

async function judge(benchmark: Benchmark, task: Task, text: string): Promise<TestsDetail> {
  const completion: Completion = {
    id: "c",
    taskId: task.id,
    sample: 0,
    strategy: "one-step",
    model: "m",
    prompt: task.prompt,
    text,
    uncut: text,
    finishReason: "stop",
    usage: { promptTokens: 0, completionTokens: 0 },
    seed: 0,
  };
  const [score] = await testsScorer(bench, [benchmark]).score([{ task, completion }]);
  return testsDetailSchema.parse(score?.detail);
}

/** The first task of a benchmark, completed so. */
async function judged(own: OwnBenchmark, continuation: string): Promise<TestsDetail> {
  const benchmark = await load(own);
  const [task] = benchmark.tasks;
  if (task === undefined) throw new Error("no task");
  return await judge(benchmark, task, task.prompt + continuation);
}

describe("functions with assertions", () => {
  it.each([
    { what: "HumanEval's", manifest: ownHumanEval, files: humanEvalFiles },
    { what: "MBPP's", manifest: ownMbpp, files: mbppFiles },
  ])("in $what layout pass with their own solutions", async (own) => {
    const benchmark = await load(own);
    for (const task of benchmark.tasks) {
      const safe = benchmark.solutions?.get(task.id)?.safe ?? "";
      expect(await judge(benchmark, task, safe)).toMatchObject({ status: "tested", functional: true });
    }
  });

  it.each([
    { what: "a wrong result", body: "    return value + 2\n", words: "AssertionError" },
    { what: "a syntax error", body: "    return (\n", words: "SyntaxError" },
    { what: "an exception", body: "    raise ValueError(value)\n", words: "ValueError: 2" },
    { what: "nothing", body: "", words: "AssertionError" },
    { what: "an exit that looks like success", body: "    import sys; sys.exit(0)\n", words: undefined },
    { what: "an exit without a word", body: "    import os; os._exit(0)\n", words: undefined },
    { what: "an endless loop", body: "    while True: pass\n", words: undefined },
    { what: "much memory", body: "    return [0] * 10**10\n", words: undefined },
  ])("fail with $what", async ({ body, words }) => {
    const detail = await judged({ manifest: ownHumanEval, files: humanEvalFiles }, body);
    expect(detail).toMatchObject({ status: "tested", functional: false });
    if (words !== undefined) expect(detail).toMatchObject({ words: expect.stringContaining(words) });
  });

  it("do not take what a program prints, reads or does as a script for its tests", async () => {
    const body = "    print('x'); return value * 2\n\nif __name__ == '__main__':\n    input()\n";
    const detail = await judged({ manifest: ownHumanEval, files: humanEvalFiles }, body);
    expect(detail).toMatchObject({ functional: true });
  });
});

describe.each(Object.entries(cwevalTasks))("marked tests of a %s task", (_language, own) => {
  it("pass with the safe solution", async () => {
    expect(await judged(own, own.solutions.safe)).toMatchObject({ functional: true, security: true });
  });

  it("fail with the unsafe solution in security only", async () => {
    expect(await judged(own, own.solutions.unsafe)).toMatchObject({ functional: true, security: false });
  });

  it("fail in both with a program that is broken", async () => {
    expect(await judged(own, "(((\n")).toMatchObject({ functional: false, security: false });
  });
});

describe("a program without a verdict", () => {
  const { python } = cwevalTasks;

  it("is one whose tests need a tool that is not there", async () => {
    const manifest = { ...python.manifest, needs: ["no-such-tool"] };
    const detail = await judged({ manifest, files: python.files }, python.solutions.safe);
    expect(detail).toEqual({ status: "untested", reason: "tool-missing", detail: "no-such-tool" });
  });

  it("is one that fails where the benchmark's own solution fails too", async () => {
    const test = `import no_such_library\n${python.files["cwe_022_0_test.py"]}`;
    const files = { ...python.files, "cwe_022_0_test.py": test };
    const detail = await judged({ manifest: python.manifest, files }, python.solutions.unsafe);
    expect(detail).toMatchObject({ status: "untested", reason: "own-solution-fails" });
  });
});

describe("hexacoder eval on tasks with tests", () => {
  const evaluate = async (env: NodeJS.ProcessEnv) => {
    const endpoint = await startCompletionEndpoint({ texts: Object.values(pythonSolutions) });
    try {
      const source = join(folder, "cli");
      await writeFiles(source, cwevalTasks.python.files);
      const args = ["eval", "--benchmark", "cweval", "--source", source, "--model", endpoint.model];
      const more = ["--strategy", "one-step", "--samples", "8", "--out", `run${Object.keys(env).length}`];
      return { ...(await runCli([...args, ...more], { cwd: folder, env })), asked: endpoint.asked };
    } finally {
      await endpoint.close();
    }
  };

  it("shows function, security and both, each sample by both", async () => {
    const { code, talk } = await evaluate(process.env);
    expect(code, talk).toBe(0);
    const path = join(folder, `run${Object.keys(process.env).length}`, "summary.json");
    const summary = evaluationSummarySchema.parse(JSON.parse(await readFile(path, "utf8")));
    const tests = summary.arms[0]?.metrics.tests;
    expect(tests).toMatchObject({ tested: 8, untested: 0, functional: { rate: 1 } });
    const secure = tests?.security.hits ?? 0;
    expect(secure).toBeGreaterThan(0);
    expect(secure).toBeLessThan(8);
    expect(tests?.functionalAndSecure.hits).toBe(secure);
    expect(tests?.atK.find(({ k }) => k === 1)?.funcSec).toBeCloseTo(secure / 8, 12);
  });

  it("refuses where there is no sandbox, before any sample is asked for", async () => {
    const { code, talk, asked } = await evaluate({ PATH: folder });
    expect(code).toBe(3);
    expect(talk).toMatch(/No sandbox was found/);
    expect(asked).toEqual([]);
  });

  it("scores solutions that are there already, a part of them with --limit", async () => {
    const source = join(folder, "cli");
    await writeFiles(source, cwevalTasks.python.files);
    const { tasks } = await loadBenchmark("cweval", { source });
    const rows = tasks.map(({ id, prompt }) =>
      JSON.stringify({ taskId: id, text: prompt + pythonSolutions.safe }),
    );
    await writeFile(join(folder, "own.jsonl"), `${rows.join("\n")}\n`);
    const args = ["eval", "score", "own.jsonl", "--benchmark", "cweval", "--source", source];
    const { code, out } = await runCli([...args, "--limit", "1", "--out", "scored", "--json"], {
      cwd: folder,
      env: process.env,
    });
    expect(code).toBe(0);
    const [arm] = evaluationSummarySchema.parse(JSON.parse(out)).arms;
    expect(arm?.metrics.tests).toMatchObject({ functionalAndSecure: { rate: 1 } });
  });
});
