// The measure of agreement, on counts made by hand: bench/support/agreement.ts.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measureAgreement, measureByPrompt, type Opinion } from "../../bench/support/agreement.ts";
import { type LabelledProgram, readLabelled } from "../../bench/support/labelled.ts";
import { weaknessGroup } from "../../bench/support/weakness-groups.ts";
import { parseCweId } from "../../src/core/cwe.ts";

/** `22,79` and the like as a set. */
function cwes(text: string): Set<ReturnType<typeof parseCweId>> {
  return new Set(text.split(",").filter(Boolean).map(parseCweId));
}

function opinion(prompt: string, truth: string, said: string): Opinion {
  return { prompt, truth: cwes(truth), said: cwes(said) };
}

// 22: tp 5 (a ×4, b), fp 1 (b), fn 1 (a). 79: tp 1, fp 0, fn 1, too few for the mean. 502 is never true.
const opinions = [
  ...Array.from({ length: 4 }, () => opinion("a", "22", "22")),
  opinion("a", "22", ""),
  opinion("b", "22", "22,502"),
  opinion("b", "", "22"),
  opinion("c", "79", "79"),
  opinion("c", "79", ""),
];

describe("agreement", () => {
  it("counts each weakness that the other tool names, and no other", () => {
    expect(measureAgreement(opinions).rows).toMatchObject([
      {
        weakness: "CWE-22",
        positives: 6,
        prompts: 2,
        tp: 5,
        fp: 1,
        fn: 1,
        precision: 5 / 6,
        recall: 5 / 6,
        f1: 10 / 12,
      },
      {
        weakness: "CWE-79",
        positives: 2,
        prompts: 1,
        tp: 1,
        fp: 0,
        fn: 1,
        precision: 1,
        recall: 0.5,
        f1: 2 / 3,
      },
    ]);
  });

  it("takes the mean over weaknesses with five positives, the sum over all", () => {
    const { macroF1, microF1, weaknesses, lowest } = measureAgreement(opinions);
    expect({ macroF1, weaknesses, lowest }).toEqual({ macroF1: 10 / 12, weaknesses: 1, lowest: 10 / 12 });
    expect(microF1).toBeCloseTo(12 / 15, 12);
  });

  it("lets every prompt weigh 1, over weaknesses that two prompts show", () => {
    const { rows, macroF1ByPrompt, weaknessesWithTwoPrompts } = measureAgreement(opinions);
    // a: 4/5 right, 1/5 missed; b: 1/2 right, 1/2 too many.
    expect(rows[0]?.f1ByPrompt).toBeCloseTo((2 * 1.3) / (2 * 1.3 + 0.5 + 0.2), 12);
    expect(weaknessesWithTwoPrompts).toBe(1);
    expect(macroF1ByPrompt).toBe(rows[0]?.f1ByPrompt);
  });

  it("has no figure where there is nothing to count", () => {
    expect(measureAgreement([opinion("a", "", "22")])).toMatchObject({
      rows: [],
      microF1: undefined,
      macroF1: undefined,
    });
  });

  it("lists prompts with the figures without them, the worst first", () => {
    const rows = measureByPrompt(opinions);
    expect(rows.map(({ prompt, tp, fp, fn }) => [prompt, tp, fp, fn])).toEqual([
      ["a", 4, 0, 1],
      ["b", 1, 1, 0],
      ["c", 1, 0, 1],
    ]);
    // Without c, 22 is all there is; without a, one prompt is left to show it.
    expect(rows.map(({ othersMacroF1ByPrompt }) => othersMacroF1ByPrompt === undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    ["CWE-36", "CWE-22"],
    ["CWE-1333", "CWE-730"],
    ["CWE-89", "CWE-89"],
    ["CWE-787", "CWE-119"],
    ["CWE-9999", undefined],
  ])("files %s under %s", (cwe, expected) => {
    expect(weaknessGroup(parseCweId(cwe))).toBe(expected);
  });
});

describe("labelled programs", () => {
  async function read(text: string): Promise<LabelledProgram[]> {
    const folder = await mkdtemp(join(tmpdir(), "labelled-"));
    try {
      await writeFile(join(folder, "a.jsonl"), text);
      const programs: LabelledProgram[] = [];
      for await (const program of readLabelled(join(folder, "a.jsonl"))) programs.push(program);
      return programs;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("are read with any spelling of a CWE, and with a prompt from the folder where none is named", async () => {
    const rows = [
      { id: "x/y/1.py", code: "a", codeql: [{ rule: "R", cwe: "CWE-022", startLine: 1 }] },
      { id: "2", prompt_id: "p", language: "c", code: "b", codeql: [{ rule: "R", cwes: ["79", "80"] }] },
    ];
    expect(await read(rows.map((row) => JSON.stringify(row)).join("\n"))).toEqual([
      {
        id: "x/y/1.py",
        prompt: "x/y",
        language: "python",
        code: "a",
        verdicts: [{ rule: "R", cwe: "CWE-22" }],
      },
      { id: "2", prompt: "p", language: "c", code: "b", verdicts: [{ rule: "R", cwe: "CWE-79" }] },
    ]);
  });

  it.each([
    ["no JSON", "{", /:1 is no JSON/],
    ["no code", '{"id":"1"}', /:1 is no labelled program/],
  ])("stop at a line with %s", async (_name, text, says) => {
    await expect(read(text)).rejects.toThrow(says);
  });
});
