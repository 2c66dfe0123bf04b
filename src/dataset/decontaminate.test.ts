import { describe, expect, it } from "vitest";
import { build, pair } from "../../test/support/dataset-pairs.ts";
import { parseCweId } from "../core/cwe.ts";
import { promptContainment, sharedCombination } from "./decontaminate.ts";

describe("staying apart from benchmarks", () => {
  const prompt = Array.from({ length: 40 }, (_, i) => `step_${i}(value)`).join("\n");
  const known = [
    { id: "b/1", text: prompt },
    { id: "b/2", text: "import os\n" },
  ];

  it.each([
    { what: "the whole prompt, continued", text: `${prompt}\nreturn value\n`, found: "b/1" },
    {
      what: "the prompt in the middle of a program",
      text: `def f(value):\n${prompt}\n    g()\n`,
      found: "b/1",
    },
    { what: "most of it", text: prompt.split("\n").slice(0, 30).join("\n"), found: "b/1" },
    { what: "a fifth of it", text: prompt.split("\n").slice(0, 8).join("\n"), found: undefined },
    { what: "nothing of it", text: "print(1)\n", found: undefined },
  ])("finds $what: $found", ({ text, found }) => {
    expect(promptContainment(known)(text)).toBe(found);
  });

  it("leaves rows out that contain a text of a further benchmark, and says from what rows were kept apart", async () => {
    const copied = pair("copied");
    const { facts } = await build([copied, pair("other"), pair("third")], {
      benchmarks: [{ id: "theirs/1", text: copied.fixed }],
    });
    expect(facts.leftOut).toEqual({ "contains a benchmark prompt": 1 });
    expect(facts.apartFrom).toMatchObject({ theirs: 1 });
  });

  it("keeps a pair away that shares a benchmark's source, sink and framework", () => {
    const vulnerable = "from flask import request\nimport os\n\ndef f():\n    os.system(request.form['x'])\n";
    const region = (startColumn: number, endColumn: number) => ({
      startLine: 5,
      startColumn,
      endLine: 5,
      endColumn,
    });
    const finding = {
      ruleId: "r",
      cwes: [parseCweId("78")],
      level: "error" as const,
      message: "",
      region: region(5, 33),
    };
    const flow = [{ region: region(15, 27), message: "source" }];
    const form = pair("form", { vulnerable, report: [{ ...finding, codeFlow: flow }] });
    const prompt = {
      id: "p",
      file: "",
      cwe: parseCweId("78"),
      language: "python" as const,
      framework: "flask",
      sinks: ["os.system"],
      text: "",
    };
    expect(sharedCombination(form, [{ ...prompt, source: "flask.request.form" }])).toBe("p");
    expect(sharedCombination(form, [{ ...prompt, source: "flask.request.args" }])).toBeUndefined();
    expect(
      sharedCombination(form, [{ ...prompt, source: "flask.request.form", sinks: ["os.popen"] }]),
    ).toBeUndefined();
    expect(
      sharedCombination(form, [{ ...prompt, source: "flask.request.form", framework: "django" }]),
    ).toBeUndefined();
  });

  it.each([
    { sink: "fopen", shared: "p" },
    { sink: "open", shared: undefined },
    { sink: "*", shared: "p" },
  ])("keeps a C pair from $sink away that shares a prompt's source and sink, without a framework", (one) => {
    const finding = {
      ruleId: "r",
      cwes: [parseCweId("22")],
      level: "error" as const,
      message: "",
      region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 },
    };
    const source = { kind: "seed", ref: "s", source: "argv", sink: one.sink };
    const own = pair("c", { language: "c", cwe: parseCweId("22"), report: [finding], source });
    const prompt = { id: "p", file: "", cwe: parseCweId("22"), framework: "none", source: "argv", text: "" };
    const prompts = [{ ...prompt, language: "c" as const, sinks: ["fopen", "*"] }];
    expect(sharedCombination(own, prompts)).toBe(one.shared);
    expect(sharedCombination({ ...own, language: "python" }, prompts)).toBeUndefined();
  });
});
