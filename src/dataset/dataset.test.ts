import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import { type CodePair, trainingRowSchema } from "../core/pair.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadLanguage } from "../lang/registry.ts";
import { shortHashOf } from "../util/hash.ts";
import { buildDataset } from "./build.ts";
import { codePointOffsets } from "./code-points.ts";
import { sharedCombination } from "./decontaminate.ts";
import { importDataset } from "./import.ts";
import { importRow } from "./import-formats.ts";
import { containment, jaccard, NearDuplicateIndex, shinglesOf } from "./similarity.ts";
import { splitByFamily } from "./split.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadLanguage("python");
});

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "hexacoder-dataset-"));

function pair(name: string, options: Partial<CodePair> = {}): CodePair {
  const words = Array.from({ length: 12 }, (_, i) => `${name}_${i}`).join(", ");
  const vulnerable = `import os\n\ndef ${name}(value):\n    ${words} = range(12)\n    os.system("run " + value)\n`;
  const fixed = `import subprocess\n\ndef ${name}(value):\n    ${words} = range(12)\n    subprocess.run(["run", value])\n`;
  const base = {
    cwe: parseCweId("CWE-78"),
    language: "python" as const,
    vulnerable,
    fixed,
    changes: [],
    report: [],
    repair: { by: "codemod:test", rounds: 1 },
    checks: {},
    source: { kind: "seed", ref: name, family: name },
    ...options,
  };
  return { id: shortHashOf(base), ...base };
}

async function build(
  pairs: readonly CodePair[],
  more: { vulnerableSide?: boolean } = {},
): Promise<{ out: string; facts: Awaited<ReturnType<typeof buildDataset>> }> {
  const run = await folder();
  await writeFile(join(run, "pairs.jsonl"), pairs.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const out = await folder();
  const options = {
    spans: "tokens",
    evalShare: 0.2,
    seed: 42,
    nearDuplicate: 0.9,
    familyField: "family",
    ...more,
  } as const;
  return { out, facts: await buildDataset({ ...options, runs: [run], out, language: python }) };
}

const names = Array.from({ length: 20 }, (_, i) => `handler_${i}`);

describe("dataset build", () => {
  it("brings the program before the fix where it is asked to, marked where the fix took something out", async () => {
    const { out } = await build(
      names.map((name) => pair(name)),
      { vulnerableSide: true },
    );
    const [line = ""] = (await readFile(join(out, "train.jsonl"), "utf8")).split("\n");
    const { vulnerable } = trainingRowSchema.parse(JSON.parse(line));
    const marked = vulnerable?.changes.map(({ start, end }) => vulnerable.text.slice(start, end)).join("|");
    expect(vulnerable?.text).toContain("os.system(");
    expect(marked).toContain("os");
    expect(marked).toContain("system");
    expect(marked).not.toContain("def handler");
  });

  it("writes the same rows as JSON lines and as Parquet", async () => {
    const { out } = await build(names.map((name) => pair(name)));
    const lines = (await readFile(join(out, "train.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => trainingRowSchema.parse(JSON.parse(line)));
    const bytes = await readFile(join(out, "train.parquet"));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const stored = await parquetReadObjects({ file: file as ArrayBuffer });
    expect(
      stored.map((row) => ({
        ...row,
        changes: JSON.parse(String(row.changes)),
        source: JSON.parse(String(row.source)),
      })),
    ).toEqual(lines);
    expect(lines).toHaveLength(16);
  });

  it("marks what the repair changed, imports at the top", async () => {
    const late = pair("late", {
      fixed: "def f(v):\n    return json.loads(v)\nimport json\n",
      vulnerable: "def f(v):\n    return pickle.loads(v)\nimport pickle\n",
    });
    const { out } = await build([late, pair("other")]);
    const row = JSON.parse(
      (await readFile(join(out, "train.jsonl"), "utf8"))
        .split("\n")
        .find((line) => line.includes("json.loads")) ?? "{}",
    );
    expect(row.text.startsWith("import json\n")).toBe(true);
    expect(
      row.changes.map(({ start, end }: { start: number; end: number }) => row.text.slice(start, end)),
    ).toEqual(["json", "json"]);
  });

  it("puts the imports that a repair adds behind those that were there, where two-step generation writes them", async () => {
    const vulnerable =
      "import yaml\nfrom flask import Flask, request\n\ndef f():\n    return yaml.load(request.data)\n";
    const fixed =
      "import json\nimport yaml\nfrom flask import Flask, abort, request\n\ndef f():\n    return json.loads(request.data) or abort(400)\n";
    const { out } = await build([pair("layout", { vulnerable, fixed }), pair("other")]);
    const rows =
      (await readFile(join(out, "train.jsonl"), "utf8")) + (await readFile(join(out, "eval.jsonl"), "utf8"));
    const row = JSON.parse(rows.split("\n").find((line) => line.includes("json.loads")) ?? "{}");
    expect(row.text.split("\n").slice(0, 4)).toEqual([
      "import yaml",
      "from flask import Flask, request",
      "import json",
      "from flask import abort",
    ]);
  });

  it("leaves near-duplicates out and counts them", async () => {
    const twin = pair("handler_0", { source: { kind: "llm", ref: "x", family: "y" } });
    const { facts } = await build([pair("handler_0"), twin, pair("handler_1")]);
    expect(facts.leftOut).toEqual({ "near-duplicate": 1 });
    expect(facts.rows.train + facts.rows.eval).toBe(2);
  });

  it("refuses to make a dataset of nothing", async () => {
    await expect(build([])).rejects.toThrow("No training row could be made");
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
});

describe("splitting", () => {
  it("never parts a family and gives every weakness its share", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 40, maxLength: 200 }), fc.nat(), (families, seed) => {
        const rows = families.map((family, i) => ({
          family: `f${family}`,
          row: {
            id: `${i}`,
            text: `${family}`,
            changes: [],
            language: "python" as const,
            source: { kind: "t", ref: "" },
          },
        }));
        const split = splitByFamily(rows, { evalShare: 0.2, seed });
        expect(split.train.length + split.eval.length).toBe(rows.length);
        const inEval = new Set(split.eval.map((row) => row.text));
        expect(split.train.every((row) => !inEval.has(row.text))).toBe(true);
      }),
    );
  });
});

describe("similarity", () => {
  it("finds a program that differs in one word and not another program", () => {
    const index = new NearDuplicateIndex(0.7);
    const text = Array.from({ length: 80 }, (_, i) => `word${i % 37} = f${i}()`).join("\n");
    index.add(text);
    index.add("def other():\n    return 1\n");
    expect(index.near(text.replace("word5 ", "word_five "))).toEqual([0]);
    expect(index.near("class A:\n    pass\n")).toEqual([]);
  });
  it("measures sets as defined", () => {
    const [a, b] = [new Set([1, 2, 3]), new Set([2, 3, 4, 5])];
    expect(jaccard(a, b)).toBe(2 / 5);
    expect(containment(a, b)).toBe(2 / 3);
    expect(shinglesOf("x").size).toBe(1);
  });
});

describe("dataset import", () => {
  const isPython = (text: string): boolean => python.parses(text);

  it("turns code points into UTF-16 code units", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "😀", "漢", "\n", "\u0301")),
        fc.nat(),
        fc.nat(),
        (characters, a, b) => {
          const text = characters.join("");
          const [start, end] = [a % (characters.length + 1), b % (characters.length + 1)].sort(
            (x, y) => x - y,
          );
          const offset = codePointOffsets(text);
          const slice = text.slice(offset(start ?? 0), offset(end ?? 0));
          expect(slice).toBe(characters.slice(start, end).join(""));
        },
      ),
    );
  });

  it("reads the authors' rows and SVEN's", () => {
    const authors = importRow(
      { text: "x = '😀'\ny = 1\n", changes: [{ char_start: 8, char_end: 9, chars: "y" }] },
      "a:1",
      isPython,
    );
    expect(authors).toMatchObject({
      kind: "row",
      row: { language: "python", changes: [{ start: 9, end: 10 }] },
    });
    const sven = importRow(
      {
        func_src_before: "int f() {}",
        func_src_after: "int g() {}",
        char_changes: { deleted: [], added: [{ char_start: 4, char_end: 5, chars: "g" }] },
        vul_type: "cwe-079",
        file_name: "a.c",
      },
      "s:1",
      isPython,
    );
    expect(sven).toMatchObject({
      kind: "row",
      row: { language: "c", cwe: "CWE-79", changes: [{ start: 4, end: 5 }] },
    });
  });

  it.each([
    ["changes do not fit the text", { text: "abc", changes: [{ char_start: 0, char_end: 1, chars: "b" }] }],
    ["changes do not fit the text", { text: "abc", changes: [{ char_start: 2, char_end: 9, chars: "c" }] }],
    ["nothing to learn", { text: "abc", changes: [] }],
    ["not a row of a known format", { code: "abc" }],
  ])("leaves out a row: %s", (reason, row) => {
    expect(importRow(row, "r", isPython)).toEqual({ kind: "left-out", reason });
  });

  it("counts broken lines and goes on", async () => {
    const file = join(await folder(), "rows.jsonl");
    const row = (text: string): string =>
      JSON.stringify({ text, changes: [{ char_start: 0, char_end: 1, chars: text[0] }] });
    await writeFile(file, `${row("a = 1\n")}\n{"text":\n${row("b = 22\n")}\n`);
    const out = await folder();
    const facts = await importDataset({
      files: [file],
      out,
      evalShare: 0.2,
      seed: 1,
      nearDuplicate: 0.9,
      python,
    });
    expect(facts.leftOut).toEqual({ "broken line": 1 });
    expect(facts.rows.train + facts.rows.eval).toBe(2);
  });
});
