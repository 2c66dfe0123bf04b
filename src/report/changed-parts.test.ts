import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedParts } from "./changed-parts.ts";
import { diffOf } from "./diff-lines.ts";

/** The changed parts of both programs, as text: `-` before, `+` after. */
function changes(before: string, after: string): string[] {
  const lines = diffOf(before, after);
  const parts = changedParts(lines);
  return lines.flatMap((line) =>
    (parts.get(line) ?? []).map(
      ({ start, end }) => (line.kind === "removed" ? "-" : "+") + line.text.slice(start, end),
    ),
  );
}

describe("the changed parts of a line", () => {
  it.each([
    {
      what: "a word",
      before: "data = yaml.load(text)",
      after: "data = yaml.safe_load(text)",
      expected: ["-load", "+safe_load"],
    },
    {
      what: "what was added",
      before: "run(command)",
      after: "run(command, check=True)",
      expected: ["+, check=True"],
    },
    { what: "none of another line", before: "return page", after: "raise ValueError(name)", expected: [] },
    {
      what: "of the line that it became, not of the one above",
      before: "path = join(folder, name)",
      after: "checked = True\npath = join(folder, basename(name))",
      expected: ["+basename(", "+)"],
    },
  ])("are $what", ({ before, after, expected }) => {
    expect(changes(before, after)).toEqual(expected);
  });

  it("lie in their line, in order, and what is left of both lines is the same", () => {
    const line = fc
      .array(fc.constantFrom("a", "bc", " ", "(", "é😀"), { maxLength: 9 })
      .map((w) => w.join(""));
    fc.assert(
      fc.property(line, line, (before, after) => {
        const lines = diffOf(before, after);
        const parts = changedParts(lines);
        const left = [...parts].map(([{ text }, some]) => {
          let [kept, place] = ["", 0];
          for (const { start, end } of some) {
            expect(start).toBeGreaterThanOrEqual(place);
            expect(end).toBeLessThanOrEqual(text.length);
            kept += text.slice(place, start);
            place = end;
          }
          return kept + text.slice(place);
        });
        expect(new Set(left).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});
