import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffOf } from "./diff-lines.ts";
import { diffView } from "./diff-view.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 })
  .map((lines) => lines.map((line) => `${line}\n`).join(""));

describe("a diff", () => {
  it("names what went, what came, and line numbers on both sides", () => {
    expect(diffOf("a\nb\nc\n", "a\nx\nc")).toEqual([
      { kind: "same", text: "a", before: 1, after: 1 },
      { kind: "removed", text: "b", before: 2, after: undefined },
      { kind: "added", text: "x", before: undefined, after: 2 },
      { kind: "same", text: "c", before: 3, after: 3 },
    ]);
  });

  it("gives back both programs", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffOf(before, after);
        const side = (other: "added" | "removed"): string =>
          lines
            .filter(({ kind }) => kind !== other)
            .map((line) => `${line.text}\n`)
            .join("");
        if (before !== "") expect(side("added")).toBe(before);
        if (after !== "") expect(side("removed")).toBe(after);
      }),
    );
  });

  it("folds long stretches and says how much", () => {
    const long = Array.from({ length: 50 }, (_, i) => `line_${i}\n`).join("");
    const view = String(diffView(`${long}old\n`, `${long}new\n`, { language: "python", label: "x" }));
    expect(view).toContain("46 more lines");
    expect(view).toContain("line_49");
    expect(view).not.toContain("line_20");
  });

  it("never grows with the program", () => {
    const lines = (word: string): string => Array.from({ length: 5000 }, (_, i) => `${word} ${i}\n`).join("");
    const view = String(diffView(lines("a"), lines("b"), { language: "python", label: "x" }));
    expect(view.length).toBeLessThan(40_000);
    expect(view).toMatch(/more lines/);
  });

  it("marks the lines of a finding", () => {
    const view = String(
      diffView("a\nb\n", "a\nb\n", { language: "python", label: "x", marked: new Set([2]) }),
    );
    expect(view.match(/class="same risk"/g)).toHaveLength(1);
  });
});
