import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lexPython } from "./python-lexer.ts";
import { logicalLines } from "./python-lines.ts";

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "'",
        '"',
        '"""',
        "'''",
        "(",
        ")",
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "#",
        "import x",
        "f'{",
        "\ud83d",
      ),
    ),
  )
  .map((parts) => parts.join(""));

describe("lexPython", () => {
  it("puts every character of any text into exactly one token", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = lexPython(text);
        expect(tokens.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
        expect(tokens.every(({ start, end }) => start < end)).toBe(true);
      }),
    );
  });

  it.each([
    ["rb'\\x00'", ["rb'\\x00'"]],
    ["f\"{a}\" 'b'", ['f"{a}"', " ", "'b'"]],
    ["'it\\'s'", ["'it\\'s'"]],
    ['"""a "quoted" word"""', ['"""a "quoted" word"""']],
    ["a**=b//c", ["a", "**=", "b", "//", "c"]],
    ["x:=1_000.5e-3j", ["x", ":=", "1_000.5e-3j"]],
    ["größe = 1", ["größe", " ", "=", " ", "1"]],
    ["a # 'not a string", ["a", " ", "# 'not a string"]],
  ])("parts %j", (text, expected) => {
    expect(lexPython(text).map(({ start, end }) => text.slice(start, end))).toEqual(expected);
  });

  it.each(["'abc\n", '"abc', '"""abc\n\n', "'a\\"])("says of %j that the string is not closed", (text) => {
    expect(lexPython(text)[0]).toMatchObject({ kind: "string", closed: false });
  });
});

describe("logicalLines", () => {
  const codeOf = (text: string): string[] =>
    logicalLines(text)
      .filter(({ kind }) => kind === "code")
      .map(({ start, end }) => text.slice(start, end));

  it("covers any text without gaps", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(
          logicalLines(text)
            .map(({ start, end }) => text.slice(start, end))
            .join(""),
        ).toBe(text);
      }),
    );
  });

  it.each([
    ["a bracket", "f(\n  1,\n)\nx\n", ["f(\n  1,\n)\n", "x\n"]],
    ["a backslash", "a = \\\n  1\nx\n", ["a = \\\n  1\n", "x\n"]],
    ["a docstring", '"""a\nimport b\n"""\nx\n', ['"""a\nimport b\n"""\n', "x\n"]],
    ["an open bracket before a def", "f(1,\ndef g():\n  x\n", ["f(1,\n", "def g():\n", "  x\n"]],
    ["an open bracket before an indented return", "  f(1,\n  return\n", ["  f(1,\n", "  return\n"]],
    ["an open bracket before an import", "x = [\nfrom a import b\n", ["x = [\n", "from a import b\n"]],
    ["yield from over two lines", "x = (yield\n  from y)\nz\n", ["x = (yield\n  from y)\n", "z\n"]],
  ])("joins or parts lines at %s", (_name, text, expected) => {
    expect(codeOf(text)).toEqual(expected);
  });

  it.each([
    ["x\n", 0],
    ["    x\n", 4],
    ["\tx\n", 8],
    ["  \tx\n", 8],
    ["\ufeffx\n", 0],
  ])("measures the indentation of %j as Python does", (text, column) => {
    expect(logicalLines(text)[0]?.column).toBe(column);
  });
});
