// A whole evaluation without a model or an oracle: programs and verdicts depend on nothing but arm, task and sample.
import type { Completion, FinishReason, Strategy, Task } from "../../src/core/completion.ts";
import { parseCweId } from "../../src/core/cwe.ts";
import type { Finding, ScanResult, SourceFile } from "../../src/core/finding.ts";
import type { Benchmark } from "../../src/evaluation/benchmarks/benchmark.ts";
import type { Arm, EvaluationPlan, Role } from "../../src/evaluation/plan.ts";
import { atRiskScorer } from "../../src/evaluation/scorers/at-risk.ts";
import { duplicateScorer } from "../../src/evaluation/scorers/duplicate.ts";
import { oracleScorer } from "../../src/evaluation/scorers/oracle.ts";
import { parseScorer } from "../../src/evaluation/scorers/parse.ts";
import { loadLanguage } from "../../src/lang/registry.ts";
import type { SecurityOracle } from "../../src/oracle/oracle.ts";

const cwe = parseCweId("78");

/** A task of the benchmark. */
export function task(name: string): Task {
  return {
    id: `own/${name}`,
    benchmark: "own",
    language: "python",
    prompt: `def ${name}(value):\n`,
    cwe,
    family: `own/${name}`,
    operation: "run-command",
  };
}

const tasks = ["a", "b", "c", "d"].map(task);
const benchmark: Benchmark = {
  name: "own",
  title: "Four prompts",
  identity: "own@0123456789abcdef",
  language: "python",
  licence: "MIT",
  remarks: [],
  defaults: { samples: 5, maxTokens: 200 },
  tasks,
};

const finding: Finding = {
  ruleId: "py/command-injection",
  cwes: [cwe],
  level: "error",
  message: "A command is built from a request's value.",
  region: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 5 },
};

/** Reads its verdict from marks in the program. */
export const oracle: SecurityOracle = {
  identity: "marks@1",
  covers: () => [cwe],
  scan: (files) => Promise.resolve(files.map(verdictOf)),
};

function verdictOf({ path, text }: SourceFile): ScanResult {
  if (text.includes("unscannable")) return { status: "unscanned", path, reason: "timeout" };
  if (text.includes("other")) return { status: "scanned", path, findings: [], covers: [parseCweId("22")] };
  const level = text.includes("advice") ? ("note" as const) : ("error" as const);
  return {
    status: "scanned",
    path,
    findings: text.includes("shell") ? [{ ...finding, level }] : [],
    covers: [cwe],
  };
}

/** Writes programs that depend on nothing but arm, task and sample. */
export function completionOf(
  of: Task,
  sample: number,
  strategy: Strategy,
  adapter: string | undefined,
): Completion {
  const kinds =
    adapter === undefined
      ? ["shell", "shell", "other", "unscannable"]
      : ["safe", "safe", "shell advice", "safe"];
  const body = `    run("${kinds[(sample + of.id.length) % 4]}", value)\n`;
  const finishReason: FinishReason = sample === 1 ? "length" : "stop";
  return {
    id: `${of.id}#${sample}#${strategy}#${adapter ?? "base"}`,
    taskId: of.id,
    sample,
    strategy,
    model: "mock@1",
    ...(adapter === undefined ? {} : { adapter }),
    prompt: of.prompt,
    text: of.prompt + body,
    uncut: of.prompt + body + (sample === 1 ? "    run(va" : sample === 2 ? "def (:\n" : ""),
    finishReason,
    usage: { promptTokens: 1, completionTokens: 2 },
    seed: 42 + sample,
  };
}

/** A plan, and what was asked of it. */
export interface World {
  /** Four arms. */
  readonly plan: EvaluationPlan;
  /** Ids of the completions that were made. */
  readonly generated: string[];
  /** Ids of the completions that the oracle was asked about. */
  readonly scored: string[];
}

/** A plan of two models and two strategies; `beforeEachCall` may throw. */
export function world(beforeEachCall: () => void = () => undefined): World {
  const generated: string[] = [];
  const scored: string[] = [];
  const arm = (role: Role, strategy: Strategy): Arm => {
    const adapter = role === "adapter" ? "lora@1" : undefined;
    return {
      benchmark,
      tasks,
      role,
      model: "mock@1",
      adapter,
      strategy,
      samples: 5,
      concurrency: 2,
      generate: async (of, samples) => {
        beforeEachCall();
        await Promise.resolve();
        const completions = samples.map((sample) => completionOf(of, sample, strategy, adapter));
        generated.push(...completions.map(({ id }) => id));
        return completions;
      },
    };
  };
  const watched = oracleScorer("marks", oracle);
  const plan: EvaluationPlan = {
    arms: [
      arm("base", "one-step"),
      arm("base", "two-step"),
      arm("adapter", "one-step"),
      arm("adapter", "two-step"),
    ],
    judges: [{ name: "marks", identity: oracle.identity }],
    scorers: () => [
      {
        ...watched,
        score: (batch) => {
          beforeEachCall();
          scored.push(...batch.map(({ completion }) => completion.id));
          return watched.score(batch);
        },
      },
      parseScorer(loadLanguage),
      atRiskScorer({
        identity: "probe@1",
        operations: ["run-command"],
        performs: (file) => (file.text.includes("unscannable") ? "unscanned" : file.text.includes("run(")),
      }),
      duplicateScorer(),
    ],
    seed: 42,
  };
  return { plan, generated, scored };
}
