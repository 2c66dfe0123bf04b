import { describe, expect, it } from "vitest";
import type { Task } from "../core/completion.ts";
import { parseCweId } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import type { RawCompletion } from "../llm/llm.ts";
import { mockModel } from "../llm/providers/mock.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { paperSampling, type Sampling } from "./generation.ts";
import { generateGuarded } from "./guard.ts";
import { createGenerator } from "./strategies.ts";

const evaluation = parseCweId("CWE-94");
const loading = parseCweId("CWE-502");
const PROMPT = "import ast\nimport json\nimport pickle\n\n\ndef f(x, y):\n";
const task: Task = { id: "t", benchmark: "b", language: "python", prompt: PROMPT, family: "t" };

/** Flags each `eval` and `pickle.loads`, and cannot look at what does not parse. */
const oracle: SecurityOracle = {
  identity: "eval-finder@1",
  covers: () => [evaluation, loading],
  scan: async (files) => files.map(({ path, text }) => resultOf(path, text)),
};

function resultOf(path: string, text: string): ScanResult {
  if (/\($/.test(text.trim())) return { status: "unscanned", path, reason: "parse-error" };
  const findings = [...text.matchAll(/(?<!_)eval|pickle\.loads/g)].map(([name]): Finding => {
    const region = { startLine: 7, startColumn: 5, endLine: 7, endColumn: 9 };
    const cwe = name === "eval" ? evaluation : loading;
    return { ruleId: name, cwes: [cwe], level: "error", message: name, region };
  });
  return { status: "scanned", path, findings, covers: [evaluation, loading] };
}

/** Repairs the weakness that it is asked for. */
const repairer: Repairer = {
  identity: "literal@1",
  repair: async ({ file, cwe }) => {
    if (file.text.includes("stubborn")) return { kind: "none", reason: "no-rewrite", detail: "stubborn" };
    const literal = cwe === evaluation;
    const text = literal
      ? file.text.replaceAll(/(?<!_)eval/g, "ast.literal_eval")
      : file.text.replaceAll("pickle.loads", "json.loads");
    const by = literal ? "codemod:literal" : "codemod:json";
    return { kind: "candidates", candidates: [{ text, repair: { by, rounds: 1 } }] };
  },
};

/** Does away with the program, and the finding with it. */
const gutting: Repairer = {
  identity: "gutting@1",
  repair: async ({ file }) => {
    const text = file.text.replace(/ {4}return .*\n/, "    pass\n");
    return { kind: "candidates", candidates: [{ text, repair: { by: "gutting", rounds: 1 } }] };
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
    expect(results[0]?.completion).toMatchObject({ sample: 0, text: `${PROMPT}    return x\n` });
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
    const { results, model } = await guard(["    return eval(x), pickle.loads(y)\n"], { repairer });
    expect(results).toMatchObject([
      { action: "repaired", attempts: 1, repairs: ["codemod:literal", "codemod:json"] },
    ]);
    expect(results[0]?.completion?.text).toBe(`${PROMPT}    return ast.literal_eval(x), json.loads(y)\n`);
    expect(model.requests).toHaveLength(1);
  });

  it("takes no repair that the gates refuse", async () => {
    const { results } = await guard(["    return eval(x)\n", "    return x\n"], { repairer: gutting });
    expect(results).toMatchObject([{ action: "resampled", attempts: 2, repairs: [] }]);
  });

  it("samples again with the generator that is given for that", async () => {
    const model = mockModel(["    eval(x)\n", "    return x\n"]);
    const greedy = { ...paperSampling, temperature: 0 };
    const generator = (sampling: Sampling) => createGenerator({ strategy: "one-step", model, sampling });
    const options = { oracle, retries: 1, again: generator(paperSampling) };
    const results = await generateGuarded(generator(greedy), { task, samples: [0] }, options);
    expect(results).toMatchObject([{ action: "resampled" }]);
    expect(model.requests.map(({ temperature }) => temperature)).toEqual([0, 0.4]);
  });

  it("samples again what it cannot repair", async () => {
    const { results } = await guard(["    eval(stubborn)\n", "    return x\n"], { repairer });
    expect(results).toMatchObject([{ action: "resampled", attempts: 2 }]);
  });

  it("looks at a completion without the half statement at the token limit", async () => {
    const { results } = await guard([{ text: "    a = x\n    return g(", finishReason: "length" }]);
    expect(results).toMatchObject([{ action: "accepted", completion: { text: `${PROMPT}    a = x\n` } }]);
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
