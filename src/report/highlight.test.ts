import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highlightLine, piecesOf } from "./highlight.ts";

const kinds = (line: string): string[] =>
  piecesOf(line, "python").flatMap(({ text, kind }) => (kind === undefined ? [] : [`${kind}:${text}`]));

describe("highlighting", () => {
  it.each([
    { line: "import os  # why", expected: ["keyword:import", "comment:# why"] },
    { line: 'x = f"a # b" + run(1)', expected: ['string:f"a # b"', "call:run", "number:1"] },
    { line: "@app.route('/x')", expected: ["decorator:@app.route", "string:'/x'"] },
    { line: 'say("never closed', expected: ["call:say", 'string:"never closed'] },
    { line: '"""doc"""', expected: ['string:"""doc"""'] },
    { line: "a @ b", expected: [] },
    { line: "iffy = classes", expected: [] },
  ])("of $line finds $expected", ({ line, expected }) => {
    expect(kinds(line)).toEqual(expected);
  });

  it("shows every character of any line, once", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("python" as const, "c" as const),
        (line, language) => {
          expect(
            piecesOf(line, language)
              .map(({ text }) => text)
              .join(""),
          ).toBe(line);
        },
      ),
    );
  });

  it("escapes what it colours", () => {
    expect(String(highlightLine("x = '<script>'", "python"))).toContain("&#39;&lt;script&gt;&#39;");
  });

  it("takes a line of 100,000 quotes in its stride", () => {
    expect(piecesOf("'\"".repeat(50_000), "python").length).toBeGreaterThan(0);
  });
});
