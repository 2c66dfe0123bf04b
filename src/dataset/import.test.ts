import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { datasetFolder } from "../../test/support/dataset-pairs.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadLanguage } from "../lang/registry.ts";
import { codePointOffsets } from "./code-points.ts";
import { importDataset } from "./import.ts";
import { importRow } from "./import-formats.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadLanguage("python");
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

  it.each([
    ["says why, in words", '{"text":\n{"code":"x"}\n', /: 1 broken line, 1 not a row of a known format\.$/],
    ["says that there is none", "", /^There is no row in .*rows\.jsonl\.$/],
  ])("that reads no row at all %s", async (_name, text, message) => {
    const file = join(await datasetFolder(), "rows.jsonl");
    await writeFile(file, text);
    const options = { out: await datasetFolder(), evalShare: 0.2, seed: 1, nearDuplicate: 0.9, python };
    await expect(importDataset({ files: [file], ...options })).rejects.toThrow(message);
  });

  it("counts broken lines and goes on", async () => {
    const file = join(await datasetFolder(), "rows.jsonl");
    const row = (text: string): string =>
      JSON.stringify({ text, changes: [{ char_start: 0, char_end: 1, chars: text[0] }] });
    await writeFile(file, `${row("a = 1\n")}\n{"text":\n${row("b = 22\n")}\n`);
    const out = await datasetFolder();
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
