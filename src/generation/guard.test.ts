import { describe, expect, it } from "vitest";
import type { Task } from "../core/completion.ts";
import { parseCweId } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import type { RawCompletion } from "../llm/llm.ts";
import { mockModel } from "../llm/providers/mock.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { paperSampling } from "./generation.ts";
import { generateGuarded } from "./guard.ts";
import { createGenerator } from "./strategies.ts";

const cwe = parseCweId("CWE-94");
const task: Task = { id: "t", benchmark: "b", language: "python", prompt: "def f(x):\n", family: "t" };

/** Flags `eval` once a call, and cannot look at what does not parse. */
const oracle: SecurityOracle = {
  identity: "eval-finder@1",
  covers: () => [cwe],
  scan: async (files) => files.map(({ path, text }) => resultOf(path, text)),
};

function resultOf(path: string, text: string): ScanResult {
  if (/\($/.test(text.trim())) return { status: "unscanned", path, reason: "parse-error" };
  const findings = [...text.matchAll(/(?<!_)eval/g)].map((): Finding => {
    const region = { startLine: 2, startColumn: 1, endLine: 2, endColumn: 5 };
    return { ruleId: "eval", cwes: [cwe], level: "error", message: "eval", region };
  });
  return { status: "scanned", path, findings, covers: [cwe] };
}

/** Repairs one `eval` a time. */
const repairer: Repairer = {
  identity: "literal@1",
  repair: async ({ file }) => {
    if (file.text.includes("stubborn")) return { kind: "none", reason: "no-rewrite", detail: "stubborn" };
    const text = file.text.replace(/(?<!_)eval/, "ast.literal_eval");
    return { kind: "candidates", candidates: [{ text, repair: { by: "codemod:literal", rounds: 1 } }] };
  },
};

async function guard(
  answers: readonly (string | RawCompletion)[],
  { samples = [0], ...options }: { samples?: number[]; repairer?: Repairer; retries?: number } = {},
) {
  const model = mockModel(answers, { concurrency: 1 });
  const generate = createGenerator({ strategy: "one-step", model, sampling: paperSampling });
  const results = await generateGuarded(generate, { task, samples }, { oracle, retries: 2, ...options });
  return { results, model };
}

describe("the guard", () => {
  it("lets a clean completion through at once", async () => {
    const { results, model } = await guard(["    return x\n"]);
    expect(results).toMatchObject([{ action: "accepted", attempts: 1, refused: [] }]);
    expect(model.requests).toHaveLength(1);
  });

  it("samples a flagged completion again under another seed", async () => {
    const { results, model } = await guard(["    return eval(x)\n", "    return x\n"]);
    expect(results).toMatchObject([
      { sample: 0, action: "resampled", attempts: 2, refused: [{ kind: "flagged" }] },
    ]);
    expect(results[0]?.completion).toMatchObject({ sample: 0, text: "def f(x):\n    return x\n" });
    expect(new Set(model.requests.map(({ seed }) => seed)).size).toBe(2);
  });

  it("lets nothing through that could not be analysed", async () => {
    const { results } = await guard([{ text: "    f(\n", finishReason: "stop" }, "    return x\n"]);
    expect(results).toMatchObject([
      { action: "resampled", refused: [{ kind: "unscanned", reason: "parse-error" }] },
    ]);
  });

  it("withholds a completion after the last attempt, and says why each was refused", async () => {
    const { results } = await guard(["    eval(x)\n", "    eval(y)\n", "    eval(z)\n"]);
    expect(results).toMatchObject([{ action: "withheld", attempts: 3, completion: undefined }]);
    expect(results[0]?.refused).toHaveLength(3);
  });

  it("samples only those again that were refused, and keeps the order", async () => {
    const { results, model } = await guard(["    eval(x)\n", "    return 1\n", "    return 2\n"], {
      samples: [0, 1],
    });
    expect(results.map(({ sample, action }) => [sample, action])).toEqual([
      [0, "resampled"],
      [1, "accepted"],
    ]);
    expect(model.requests.map(({ n }) => n)).toEqual([2, 1]);
  });

  it("repairs before it samples again, one weakness after the other", async () => {
    const { results, model } = await guard(["    return eval(x), eval(y)\n"], { repairer });
    expect(results).toMatchObject([
      { action: "repaired", attempts: 1, repairs: ["codemod:literal", "codemod:literal"] },
    ]);
    expect(results[0]?.completion?.text).toBe(
      "def f(x):\n    return ast.literal_eval(x), ast.literal_eval(y)\n",
    );
    expect(model.requests).toHaveLength(1);
  });

  it("samples again what it cannot repair", async () => {
    const { results } = await guard(["    eval(stubborn)\n", "    return x\n"], { repairer });
    expect(results).toMatchObject([{ action: "resampled", attempts: 2 }]);
  });

  it("looks at a completion without the half statement at the token limit", async () => {
    const { results } = await guard([{ text: "    a = x\n    return g(", finishReason: "length" }]);
    expect(results).toMatchObject([{ action: "accepted", completion: { text: "def f(x):\n    a = x\n" } }]);
  });

  it("gives guarded completions ids of their own", async () => {
    const plain = createGenerator({
      strategy: "one-step",
      model: mockModel(["    return x\n"]),
      sampling: paperSampling,
    });
    const [free] = await plain(task, [0]);
    const { results } = await guard(["    return x\n"]);
    expect(results[0]?.completion?.id).not.toBe(free?.id);
  });
});
