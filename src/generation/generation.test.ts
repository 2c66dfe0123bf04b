import { describe, expect, it } from "vitest";
import { completionSchema, type Strategy, type Task } from "../core/completion.ts";
import type { CompletionModel, RawCompletion } from "../llm/llm.ts";
import { type MockModel, mockModel } from "../llm/providers/mock.ts";
import { paperSampling, type Sampling, seedOf } from "./generation.ts";
import { createGenerator } from "./strategies.ts";
import { cutAsAuthors, splitLinesAsAuthors } from "./two-step-authors.ts";

const PROMPT =
  'from flask import Flask, request\n\n\n@app.route("/x")\ndef x():\n    name = request.args["n"]\n';

function taskOf(prompt: string, language: Task["language"] = "python"): Task {
  return { id: "test/x", benchmark: "test", language, prompt, family: "x" };
}

/** Answers the first step with one script and the second with another. */
function twoAnswers(
  imports: (seed: number) => string | RawCompletion,
  code = "    return name\n",
): MockModel {
  return mockModel((request, seed) => (request.prompt.endsWith("request\n") ? imports(seed) : code));
}

async function complete(
  strategy: Strategy,
  model: CompletionModel,
  options: { prompt?: string; samples?: readonly number[]; sampling?: Partial<Sampling> } = {},
) {
  const generate = createGenerator({ strategy, model, sampling: { ...paperSampling, ...options.sampling } });
  return await generate(taskOf(options.prompt ?? PROMPT), options.samples ?? [0]);
}

describe.each(["one-step", "two-step", "two-step:authors"] as const)("%s", (strategy) => {
  it("gives records with the program cut, the program uncut, and why the model stopped", async () => {
    const model = mockModel(({ maxTokens }) => ({
      text: maxTokens === 20 ? "" : "    return name\n\n\nprint(1)\n",
      finishReason: "length",
    }));
    const [completion] = await complete(strategy, model);
    expect(completionSchema.parse(completion)).toEqual(completion);
    expect(completion).toMatchObject({
      taskId: "test/x",
      sample: 0,
      strategy,
      prompt: PROMPT,
      finishReason: "length",
    });
    expect(completion?.text.trimEnd()).toBe(`${PROMPT}    return name`);
    expect(completion?.uncut.endsWith("return name\n\n\nprint(1)\n")).toBe(true);
  });

  it("repeats any subset of the samples exactly but for the share of tokens, ids included", async () => {
    const all = await complete(strategy, mockModel(), { samples: [0, 1, 2, 3, 4] });
    const some = await complete(strategy, mockModel(), { samples: [4, 1] });
    const [, one, , , four] = all.map(({ usage: _share, ...rest }) => rest);
    expect(some.map(({ usage: _share, ...rest }) => rest)).toEqual([four, one]);
  });

  it("gives each sample an id and a seed of its own", async () => {
    const all = await complete(strategy, mockModel(), { samples: [0, 1, 2] });
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
    expect(new Set(all.map(({ seed }) => seed)).size).toBe(3);
  });

  it.each([
    ["the seed", { seed: 43 }],
    ["the temperature", { temperature: 0.5 }],
    ["the nucleus", { topP: 1 }],
    ["the budget", { maxTokens: 100 }],
    ["the stop texts", { stop: ["\n\n"] }],
  ])("changes its ids with %s", async (_name, sampling) => {
    const [before] = await complete(strategy, mockModel());
    const [after] = await complete(strategy, mockModel(), { sampling });
    expect(after?.id).not.toBe(before?.id);
  });

  it("changes its ids with model, adapter and prompt", async () => {
    const ids = await Promise.all([
      complete(strategy, mockModel()),
      complete(strategy, mockModel(undefined, { identity: "other" })),
      complete(strategy, mockModel(undefined, { adapter: "lora" })),
      complete(strategy, mockModel(), { prompt: `${PROMPT}    # more\n` }),
    ]);
    expect(new Set(ids.map(([completion]) => completion?.id)).size).toBe(4);
  });

  it("counts every token that the model reported", async () => {
    const model = mockModel();
    const reported: number[] = [];
    const counting: CompletionModel = {
      ...model,
      complete: async (request, options) => {
        const response = await model.complete(request, options);
        reported.push(response.usage.promptTokens + response.usage.completionTokens);
        return response;
      },
    };
    const all = await complete(strategy, counting, { samples: [0, 1, 2] });
    const counted = all.reduce((sum, { usage }) => sum + usage.promptTokens + usage.completionTokens, 0);
    expect(counted).toBe(reported.reduce((sum, tokens) => sum + tokens, 0));
  });

  it("stops when it is cancelled", async () => {
    const generate = createGenerator({ strategy, model: mockModel(), sampling: paperSampling });
    await expect(generate(taskOf(PROMPT), [0], { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("one-step", () => {
  it("gives the model the prompt as it is, and the whole budget", async () => {
    const model = mockModel();
    await complete("one-step", model, { samples: [0, 1] });
    expect(model.requests).toMatchObject([
      { prompt: PROMPT, n: 2, maxTokens: 200, temperature: 0.4, topP: 0.95 },
    ]);
  });
});

describe("two-step", () => {
  it("asks for imports with the prompt's imports alone, then for code under all of them", async () => {
    const model = twoAnswers(() => "import os\nfrom flask import escape\nimport os\n\napp = 1\n");
    const [completion] = await complete("two-step", model);
    expect(model.requests).toMatchObject([
      { prompt: "from flask import Flask, request\n", maxTokens: 20 },
      { maxTokens: 180, prompt: PROMPT.replace("request\n", "request, escape\nimport os\n") },
    ]);
    expect(completion?.imports).toEqual(["import os", "from flask import escape"]);
    expect(completion?.text).toBe(
      `${PROMPT.replace("request\n", "request, escape\nimport os\n")}    return name\n`,
    );
  });

  it("is the same as one step when the first step adds nothing", async () => {
    const model = twoAnswers(() => "from flask import Flask\n\napp = 1\n");
    const [completion] = await complete("two-step", model);
    expect(model.requests[1]?.prompt).toBe(PROMPT);
    expect(completion?.imports).toEqual([]);
  });

  it("samples imports for each completion, and asks once for those that agree", async () => {
    const first = seedOf(paperSampling.seed, taskOf(PROMPT), { step: "imports", sample: 0 });
    const model = twoAnswers((seed) => (seed < first + 3 ? "import os\n" : "import re\n"));
    const all = await complete("two-step", model, { samples: [0, 1, 2, 3] });
    expect(all.map(({ imports }) => imports)).toEqual([
      ["import os"],
      ["import os"],
      ["import os"],
      ["import re"],
    ]);
    expect(model.requests.map(({ n }) => n)).toEqual([4, 3, 1]);
  });

  it("gives a sample the same code whatever its neighbours import", async () => {
    const first = seedOf(paperSampling.seed, taskOf(PROMPT), { step: "imports", sample: 0 });
    const bySeed = (odd: string) =>
      mockModel((request, seed) => {
        if (request.maxTokens > 20) return `    return ${seed}\n`;
        return (seed - first) % 2 === 0 ? "import os\n" : odd;
      });
    const apart = await complete("two-step", bySeed("import re\n"), { samples: [0, 1, 2] });
    const together = await complete("two-step", bySeed("import os\n"), { samples: [0, 1, 2] });
    expect(together[2]).toEqual({ ...apart[2], usage: together[2]?.usage });
  });

  it("drops a line of imports that the token limit cut off", async () => {
    const model = twoAnswers(() => ({ text: "import os\nimport sub", finishReason: "length" }));
    const [completion] = await complete("two-step", model);
    expect(completion?.imports).toEqual(["import os"]);
  });

  it("continues a prompt without imports in one step with the whole budget", async () => {
    const model = mockModel();
    const [completion] = await complete("two-step", model, { prompt: "def f():\n" });
    expect(model.requests).toMatchObject([{ prompt: "def f():\n", maxTokens: 200 }]);
    expect(completion?.imports).toEqual([]);
  });

  it("keeps a docstring above the imports in both steps", async () => {
    const model = mockModel(() => "");
    await complete("two-step", model, { prompt: '"""A page."""\nimport os\n\ndef f():\n' });
    expect(model.requests[0]?.prompt).toBe('"""A page."""\nimport os\n');
  });

  it("holds the code to stop texts, and not the imports", async () => {
    const model = twoAnswers(() => "import os\nimport re\n", "    a = 1\n    return a\n");
    const [completion] = await complete("two-step", model, { sampling: { stop: ["\n"] } });
    expect(completion).toMatchObject({ imports: ["import os", "import re"], finishReason: "stop" });
    expect(completion?.text.endsWith("    a = 1")).toBe(true);
  });

  it("refuses a budget that leaves no code, before anything is asked", () => {
    const sampling = { ...paperSampling, maxTokens: 20 };
    expect(() => createGenerator({ strategy: "two-step", model: mockModel(), sampling })).toThrow(
      /20 tokens/,
    );
  });
});

describe("two-step:authors", () => {
  it("samples one import block for all samples and puts it above the other lines", async () => {
    const model = mockModel(({ maxTokens }, seed) =>
      maxTokens === 20 ? "\nimport os\nimport su" : `    return ${seed}\n`,
    );
    const all = await complete("two-step:authors", model, { samples: [0, 1] });
    expect(model.requests.map(({ n, prompt }) => ({ n, prompt }))).toEqual([
      { n: 1, prompt: "from flask import Flask, request" },
      { n: 2, prompt: PROMPT.replace("request\n", "request\nimport os\nimport su\n") },
    ]);
    expect(all.map(({ imports }) => imports)).toEqual([
      ["import os", "import su"],
      ["import os", "import su"],
    ]);
  });

  it("refuses C", async () => {
    const generate = createGenerator({
      strategy: "two-step:authors",
      model: mockModel(),
      sampling: paperSampling,
    });
    await expect(generate(taskOf("int x;", "c"), [0])).rejects.toMatchObject({
      code: "unsupported-language",
    });
  });

  it("tells lines apart by pattern, in docstrings and functions too", () => {
    expect(splitLinesAsAuthors('"""\nimport it\n"""\ndef f():\n    import os\n    x')).toEqual({
      imports: ["import it", "    import os"],
      code: '"""\n"""\ndef f():\n    x',
    });
  });

  it.each([
    ["the first unindented line", "    a\n\n    b\ndef g():\n", "    a\n\n    b"],
    [
      "the last comment where no line is unindented",
      "    a\n    # b\n    c\n    # d\n    e",
      "    a\n    # b\n    c",
    ],
    ["nothing", "    a\n", "    a\n"],
  ])("cuts at %s", (_name, completion, expected) => {
    expect(cutAsAuthors(completion)).toBe(expected);
  });
});

describe("infill", () => {
  it("says that no model can serve it yet", () => {
    expect(() =>
      createGenerator({ strategy: "infill", model: mockModel(), sampling: paperSampling }),
    ).toThrow(/fills in the middle/);
  });
});
