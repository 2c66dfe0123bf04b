import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { LanguageSupport, SpanKind } from "./lang.ts";
import { loadPython } from "./python.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

/** The new text with «marks» around what changed. */
function marked(before: string, after: string, kind?: SpanKind): string {
  let text = "";
  let at = 0;
  for (const { start, end } of python.changedSpans(before, after, kind)) {
    text += `${after.slice(at, start)}«${after.slice(start, end)}»`;
    at = end;
  }
  return text + after.slice(at);
}

describe("changed spans of tokens", () => {
  it.each([
    ["a renamed function", "yaml.load(x)\n", "yaml.safe_load(x)\n", "yaml.«safe_load»(x)\n"],
    ["a new argument", "run(cmd)\n", "run(cmd, shell=False)\n", "run(cmd«, shell=False»)\n"],
    ["a new line", "a\nc\n", "a\nb\nc\n", "a\n«b\n»c\n"],
    [
      "a word inside a string",
      '"SELECT a WHERE b = %s" % c\n',
      '"SELECT a WHERE b = ?", (c,)\n',
      '"SELECT a WHERE b = «?", (c,)»\n',
    ],
    ["a wrapped value", "return name\n", "return escape(name)\n", "return «escape(»name«)»\n"],
    ["everything new", "", "a\n", "«a\n»"],
    ["nothing", "a\nb\n", "a\nb\n", "a\nb\n"],
    ["a deleted line, by what follows it", "a\nb\nc = 1\n", "a\nc = 1\n", "a\n«c» = 1\n"],
    ["a deleted word, by what follows it", "f(a, b)\n", "f(a)\n", "f(a«)»\n"],
    ["a deleted end, by what stands before it", "a\nb\n", "a\n", "«a»\n"],
    ["a block moved to the right", "a\nb\n", "with x:\n    a\n    b\n", "«with x:\n    »a\n«    »b\n"],
    ["emoji as whole characters", 'x = "🔐"\n', 'x = "🔓"\n', 'x = "«🔓»"\n'],
  ])("mark %s", (_name, before, after, expected) => {
    expect(marked(before, after)).toBe(expected);
  });

  it("do not cut through words", () => {
    const words = fc.array(
      fc.constantFrom("safe_load", "load", "(", ")", " ", "\n", "x1", "'a b'", "# c d", "é"),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [before, after] = [a.join(""), b.join("")];
        for (const { start, end } of python.changedSpans(before, after)) {
          expect(insideWord(after, start)).toBe(false);
          expect(insideWord(after, end)).toBe(false);
        }
      }),
    );
  });
});

function insideWord(text: string, at: number): boolean {
  return /[\p{ID_Continue}]/u.test(text[at - 1] ?? " ") && /[\p{ID_Continue}]/u.test(text[at] ?? " ");
}

describe("other kinds of spans", () => {
  it("characters are the raw difference, without deletions", () => {
    expect(marked("yaml.load(x)\n", "yaml.safe_load(x)\n", "characters")).toBe("yaml.«safe_»load(x)\n");
    expect(python.changedSpans("abc\n", "ac\n", "characters")).toEqual([]);
  });

  it("lines are whole lines", () => {
    expect(marked("a\nf(x)\nc\n", "a\nf(y)\nc\n", "lines")).toBe("a\n«f(y)\n»c\n");
    expect(marked("a\nb\nc\n", "a\nc\n", "lines")).toBe("a\n«c\n»");
  });
});

describe("changed spans of any two texts", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "foo",
    "_bar",
    " ",
    "    ",
    "\n",
    "(",
    ")",
    '"',
    "'''",
    "🔐",
    "é",
    "#",
    "\r\n",
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  const kinds = ["tokens", "characters", "lines"] as const;

  it.each(kinds)("%s: ascend, do not touch, are never empty, stay inside", (kind) => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        let at = -1;
        for (const { start, end } of python.changedSpans(before, after, kind)) {
          expect(start).toBeGreaterThan(at);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(after.length);
          at = end;
        }
      }),
    );
  });

  it.each(kinds)("%s: what is outside them was there before, in that order", (kind) => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const spans = python.changedSpans(before, after, kind);
        const same = [...after].length === 0 ? "" : outside(after, spans);
        expect(isSubsequence(same, before)).toBe(true);
      }),
    );
  });

  it.each(["tokens", "lines"] as const)(
    "%s: there are some whenever something differs and is not blank",
    (kind) => {
      fc.assert(
        fc.property(text, text, (before, after) => {
          const same = before === after || after.trim() === "";
          fc.pre(!same || before === after);
          expect(python.changedSpans(before, after, kind).length > 0).toBe(!same);
        }),
      );
    },
  );

  it("characters: there are none when characters were only taken away", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (before, a, b) => {
        const line = [...before.replaceAll(/[\r\n]/g, "")];
        const [from, to] = [a % (line.length + 1), b % (line.length + 1)].sort((x, y) => x - y);
        const after = [...line.slice(0, from), ...line.slice(to)].join("");
        expect(python.changedSpans(line.join(""), after, "characters")).toEqual([]);
      }),
    );
  });

  it("stay fast on programs that have nothing in common", () => {
    const lines = (word: string): string =>
      Array.from({ length: 3000 }, (_, i) => `${word}${i} = f(${i}, ${word})\n`).join("");
    const after = lines("b");
    expect(python.changedSpans(lines("a"), after)[0]).toMatchObject({ start: 0 });
  });
});

function outside(text: string, spans: readonly { start: number; end: number }[]): string {
  let rest = "";
  let at = 0;
  for (const { start, end } of spans) {
    rest += text.slice(at, start);
    at = end;
  }
  return rest + text.slice(at);
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const unit of part) {
    at = whole.indexOf(unit, at);
    if (at < 0) return false;
    at += unit.length;
  }
  return true;
}
