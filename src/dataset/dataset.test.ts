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
import { type BuildOptions, buildDataset } from "./build.ts";
import { codePointOffsets } from "./code-points.ts";
import { promptContainment, sharedCombination } from "./decontaminate.ts";
import { exportDataset } from "./export.ts";
import { importDataset } from "./import.ts";
import { importRow } from "./import-formats.ts";
import { jaccard, NearDuplicateIndex, shinglesOf } from "./similarity.ts";
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
  more: Partial<BuildOptions> = {},
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
  } as const;
  const c = await loadLanguage("c");
  const languages = { python, c };
  return { out, facts: await buildDataset({ ...options, ...more, runs: [run], out, languages }) };
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
});

describe("balance", () => {
  const many = names.map((name) => pair(name));
  const few = ["x", "y"].map((name) => pair(name, { cwe: parseCweId("CWE-22") }));

  it("keeps at most so many rows of a weakness, the same for the same seed", async () => {
    const first = await build([...many, ...few], { mostPerCwe: 5 });
    expect(first.facts.rows.train + first.facts.rows.eval).toBe(7);
    expect(first.facts.leftOut).toEqual({ "more than wanted of a weakness": 15 });
    const read = ({ out }: { out: string }): Promise<string> => readFile(join(out, "train.jsonl"), "utf8");
    expect(await read(await build([...many, ...few], { mostPerCwe: 5 }))).toBe(await read(first));
  });
});

describe("dataset export", () => {
  const lines = async (path: string): Promise<Record<string, unknown>[]> =>
    (await readFile(path, "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));

  it("writes conversations whose answer is the fixed program", async () => {
    const { out } = await build(names.map((name) => pair(name)));
    const to = await folder();
    const facts = await exportDataset(out, to, "chat");
    expect(facts.rows).toEqual({ train: 16, eval: 4 });
    const rows = await lines(join(out, "train.jsonl"));
    const chats = await lines(join(to, "train.jsonl"));
    expect(chats.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(chats[0]).toMatchObject({ messages: [{ role: "user" }, { role: "assistant" }] });
    expect(JSON.stringify(chats[0])).toContain(JSON.stringify(String(rows[0]?.text).trimEnd()).slice(1, -1));
  });

  it("writes preferences that begin alike: prompt and chosen are the fixed program, prompt and rejected the other", async () => {
    const { out } = await build(
      names.map((name) =>
        pair(name, {
          vulnerable: `import os\nx = 1\n${name} = 2\nos.system(x)\n`,
          fixed: `import os\nx = 1\n${name} = 2\nos.listdir(x)\n`,
        }),
      ),
      { vulnerableSide: true, nearDuplicate: 1 },
    );
    const to = await folder();
    await exportDataset(out, to, "preference");
    const rows = new Map((await lines(join(out, "train.jsonl"))).map((row) => [row.id, row]));
    for (const { id, prompt, chosen, rejected } of await lines(join(to, "train.jsonl"))) {
      const row = trainingRowSchema.parse(rows.get(id));
      expect(`${prompt}${chosen}`).toBe(row.text);
      expect(`${prompt}${rejected}`).toBe(row.vulnerable?.text);
      expect(String(prompt).endsWith("\n")).toBe(true);
      expect(chosen).not.toBe(rejected);
    }
  });

  it("says how to build a dataset that preferences can be made of", async () => {
    const { out } = await build(names.map((name) => pair(name)));
    await expect(exportDataset(out, await folder(), "preference")).rejects.toMatchObject({
      remedy: expect.stringContaining("--vulnerable-side"),
    });
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
    expect(shinglesOf("x").size).toBe(1);
  });

  const word = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
  const program = fc.array(word, { minLength: 30, maxLength: 80 });

  it("finds every planted near-duplicate, whatever came in between", () => {
    fc.assert(
      fc.property(
        program,
        fc.array(program, { maxLength: 20 }),
        fc.nat(),
        word,
        (words, others, at, other) => {
          const changed = words.with(at % words.length, other).join(" ");
          // One word of so many is in five shingles of them: the threshold is set where they still count as near.
          const threshold = 0.65;
          const near = jaccard(shinglesOf(words.join(" ")), shinglesOf(changed)) >= threshold;
          const index = new NearDuplicateIndex(threshold);
          const number = index.add(words.join(" "));
          for (const one of others) index.add(one.join(" "));
          expect(index.near(changed).includes(number)).toBe(near);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("always finds an exact copy, layout aside", () => {
    fc.assert(
      fc.property(program, (words) => {
        const index = new NearDuplicateIndex(1);
        index.add(words.join(" "));
        expect(index.near(words.join("\n  "))).toEqual([0]);
      }),
      { numRuns: 30 },
    );
  });

  it("finds the same pairs in whatever order programs come", () => {
    fc.assert(
      fc.property(fc.array(program, { maxLength: 12 }), fc.nat(), (programs, turn) => {
        const texts = [...programs, ...programs.map((words) => words.slice(1))].map((words) =>
          words.join(" "),
        );
        const pairs = (order: readonly string[]): string[] => {
          const index = new NearDuplicateIndex(0.8);
          return order
            .flatMap((text) => {
              const found = index.near(text).map((number) => [order[number] ?? "", text].sort().join(" | "));
              index.add(text);
              return found;
            })
            .sort();
        };
        const from = turn % (texts.length + 1);
        expect(pairs([...texts.slice(from), ...texts.slice(0, from)].reverse())).toEqual(pairs(texts));
      }),
      { numRuns: 25 },
    );
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
