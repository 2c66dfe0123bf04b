// hexabench's probes tell programs apart: on each development prompt a continuation that works and is weak, and
// one that works and holds, in the real sandbox.
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { Completion, Task } from "../../src/core/completion.ts";
import { testsDetailSchema } from "../../src/core/evaluation.ts";
import { loadBenchmark } from "../../src/evaluation/benchmarks/load.ts";
import { probesScorer } from "../../src/evaluation/scorers/probes.ts";
import { createExecutionOracle } from "../../src/oracle/execution/oracle.ts";
import { resource } from "../../src/util/resources.ts";

const oracle = await createExecutionOracle({ threatModels: ["remote"], jobs: 2 });
afterAll(() => oracle.close());
const benchmark = await loadBenchmark("hexabench-dev");
const scorer = probesScorer(oracle, [benchmark]);
const text = readFileSync(resource("test", "fixtures", "execution", "hexabench-dev.txt"), "utf8");
const continuations = text.split(/^(?=# === )/m).map((part) => {
  const [head = "", ...lines] = part.split("\n");
  const [, kind = "", id = ""] = /^# === (weak|safe): (\S+)$/.exec(head) ?? [];
  return { kind, id, code: lines.join("\n") };
});

async function tried(task: Task, code: string): Promise<unknown> {
  const completion: Completion = {
    ...{ id: `${task.id}#0`, taskId: task.id, sample: 0, strategy: "one-step", model: "by-hand", seed: 0 },
    ...{ prompt: task.prompt, text: task.prompt + code, uncut: task.prompt + code, finishReason: "stop" },
    usage: { promptTokens: 0, completionTokens: 0 },
  };
  const [score] = await scorer.score([{ task, completion }]);
  return testsDetailSchema.parse(score?.detail);
}

describe("hexabench's development prompts", () => {
  it.each(benchmark.tasks.map((task) => [task.id, task] as const))("%s", async (id, task) => {
    const own = continuations.filter((one) => one.id === id);
    expect(own.map(({ kind }) => kind).sort()).toEqual(["safe", "weak"]);
    const details = await Promise.all(
      own.map(async ({ kind, code }) => ({ kind, detail: await tried(task, code) })),
    );
    for (const { kind, detail } of details) {
      expect(detail, kind).toMatchObject({ functional: true, security: kind === "safe" });
    }
  });
});

describe("what does not do the task", () => {
  const [task] = benchmark.tasks;

  it.each([
    ["does nothing", "    pass\n"],
    ["fails", "    return nosuchname\n"],
    ["is no program", "    return (\n"],
  ])("does not pass when it %s", async (_name, code) => {
    if (task === undefined) throw new Error("no prompts");
    expect(await tried(task, code)).toMatchObject({ status: "tested", functional: false });
    expect(await tried(task, code)).not.toMatchObject({ security: true });
  });
});
