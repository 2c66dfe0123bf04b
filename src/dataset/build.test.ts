import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { build, pair, pairNames } from "../../test/support/dataset-pairs.ts";
import { parseCweId } from "../core/cwe.ts";
import { trainingRowSchema } from "../core/pair.ts";

describe("dataset build", () => {
  it("brings the program before the fix where it is asked to, marked where the fix took something out", async () => {
    const { out } = await build(
      pairNames.map((name) => pair(name)),
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
    const { out } = await build(pairNames.map((name) => pair(name)));
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
      id: "00000000000000a0",
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

  it("leaves the blank lines between a program's imports as they are, so that nothing is learned there", async () => {
    const lines = (imports: string, use: string): string =>
      `${imports}\n\n\ndef f(v):\n    return ${use}(v)\n`;
    const groups = "import os\nimport pickle\n\n# ours\nimport flask\n\nfrom shop import db";
    const swap = pair("groups", {
      vulnerable: lines(groups, "pickle.loads"),
      fixed: lines("import json\nimport os\n\nimport flask\nfrom shop import db", "json.loads"),
    });
    const textOf = async (id: string): Promise<string> => {
      const { out } = await build([{ ...swap, id }, pair("other")]);
      const rows =
        (await readFile(join(out, "train.jsonl"), "utf8")) +
        (await readFile(join(out, "eval.jsonl"), "utf8"));
      const { text, changes } = trainingRowSchema.parse(
        JSON.parse(rows.split("\n").find((line) => line.includes("json.loads")) ?? "{}"),
      );
      expect(changes.map(({ start, end }) => text.slice(start, end))).toEqual(
        expect.arrayContaining(["import json\n", "json"]),
      );
      return text;
    };
    expect(await textOf("00000000000000a1")).toBe(lines(`${groups}\nimport json`, "json.loads"));
    const without = groups.replace("import pickle\n", "");
    expect(await textOf("00000000000000a0")).toBe(lines(`${without}\nimport json`, "json.loads"));
  });

  it("keeps imports that a repair takes out in every other row, unlearned, since a prompt keeps them too", async () => {
    const lines = (imports: string, use: string): string => `${imports}\n\ndef f(v):\n    return ${use}(v)\n`;
    const swap = pair("swap", {
      id: "00000000000000a1",
      vulnerable: lines("import pickle\nfrom os import path, popen", "pickle.loads"),
      fixed: lines("import json\nfrom os import path", "json.loads"),
    });
    const { out } = await build([swap, pair("other")]);
    const rows =
      (await readFile(join(out, "train.jsonl"), "utf8")) + (await readFile(join(out, "eval.jsonl"), "utf8"));
    const row = JSON.parse(rows.split("\n").find((line) => line.includes("json.loads")) ?? "{}");
    expect(row.text).toBe(lines("import pickle\nfrom os import path, popen\nimport json", "json.loads"));
    expect(
      row.changes.map(({ start, end }: { start: number; end: number }) => row.text.slice(start, end)),
    ).toEqual(["import json\n", "json"]);
  });

  it("writes added imports where they are used in every other row, on demand, and learns them there", async () => {
    const lines = (imports: string, body: string): string => `${imports}\n\ndef f(v):\n${body}`;
    const swap = pair("swap", {
      vulnerable: lines("import flask", "    v = v.strip()\n    return eval(v)\n"),
      fixed: lines("import flask\nimport json", "    v = v.strip()\n    return json.loads(v)\n"),
    });
    const rowOf = async (id: string, localImports: boolean): Promise<string> => {
      const { out } = await build([{ ...swap, id }, pair("other")], { localImports });
      const rows =
        (await readFile(join(out, "train.jsonl"), "utf8")) +
        (await readFile(join(out, "eval.jsonl"), "utf8"));
      const { text, changes } = trainingRowSchema.parse(
        JSON.parse(rows.split("\n").find((line) => line.includes("json.loads")) ?? "{}"),
      );
      return changes.map(({ start, end }) => text.slice(start, end)).join("|");
    };
    expect(await rowOf("0000000000000000", true)).toBe("import json\n|json.loads");
    expect(await rowOf("0000000000000010", false)).toBe("import json\n|json.loads");
    expect(await rowOf("0000000000000010", true)).toBe("import json\n    return json.loads");
  });

  it("leaves near-duplicates out and counts them", async () => {
    const twin = pair("handler_0", { source: { kind: "llm", ref: "x", family: "y" } });
    const { facts } = await build([pair("handler_0"), twin, pair("handler_1")]);
    expect(facts.leftOut).toEqual({ "near-duplicate": 1 });
    expect(facts.rows.train + facts.rows.eval).toBe(2);
  });

  it("refuses to make a dataset of nothing", async () => {
    await expect(build([])).rejects.toThrow(/No training row could be made from .*: there are no pairs\.$/);
  });

  it("says in words why no pair became a row", async () => {
    const same = pair("same", { vulnerable: "x = 1\n", fixed: "x = 1\n" });
    await expect(build([same])).rejects.toThrow(/: left out are 1 nothing to learn\.$/);
  });
});

describe("balance", () => {
  const many = pairNames.map((name) => pair(name));
  const few = ["x", "y"].map((name) => pair(name, { cwe: parseCweId("CWE-22") }));

  it("keeps at most so many rows of a weakness, the same for the same seed", async () => {
    const first = await build([...many, ...few], { mostPerCwe: 5 });
    expect(first.facts.rows.train + first.facts.rows.eval).toBe(7);
    expect(first.facts.leftOut).toEqual({ "more than wanted of a weakness": 15 });
    const read = ({ out }: { out: string }): Promise<string> => readFile(join(out, "train.jsonl"), "utf8");
    expect(await read(await build([...many, ...few], { mostPerCwe: 5 }))).toBe(await read(first));
  });
});
