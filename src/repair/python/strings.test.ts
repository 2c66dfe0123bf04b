import { beforeAll, describe, expect, it } from "vitest";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadPython } from "../../lang/python.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { Program } from "./program.ts";
import { builtTemplate, decodeEscapes, quoted } from "./strings.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

/** The template of the last statement's expression: text, and values in angle brackets. */
function template(source: string): string[] | undefined {
  const program = new Program(python.parse(source));
  const last: SyntaxNode | undefined = program.tree.root.namedChildren.at(-1)?.namedChildren[0];
  const pieces = last === undefined ? undefined : builtTemplate(last, program.literalOf);
  return pieces?.map((piece) =>
    piece.kind === "text" ? piece.value : `<${piece.node.text}${piece.format}>`,
  );
}

describe("builtTemplate", () => {
  it.each([
    { source: '"a" + b + "c" + d', expected: ["a", "<b>", "c", "<d>"] },
    { source: 'BASE + name + ".txt"', expected: ["<BASE>", "<name>", ".txt"] },
    { source: 'f"a{b}{c!r:>4}"', expected: ["a", "<b>", "<c!r:>4>"] },
    { source: 'f"{{a}} {b}"', expected: ["{a} ", "<b>"] },
    { source: '"a %s b %d%%" % (c, d)', expected: ["a ", "<c>", " b ", "<d%d>", "%"] },
    { source: '"a %(x)s" % {"x": y}', expected: ["a ", "<y>"] },
    { source: '"{} {1} {k}".format(a, b, k=c)', expected: ["<a>", " ", "<b>", " ", "<c>"] },
    { source: '"-".join([a, "b"])', expected: ["<a>", "-", "b"] },
    { source: 'T = "<{}>"\nT.format(x)', expected: ["<", "<x>", ">"] },
    { source: '"a\\tb" "c" + d', expected: ["a\tb", "c", "<d>"] },
    { source: "a + b", expected: undefined },
    { source: "f(a)", expected: undefined },
    { source: '"%s %s" % pair', expected: undefined },
  ])("reads $source", ({ source, expected }) => {
    expect(template(source)).toEqual(expected);
  });
});

describe("string literals", () => {
  it.each([
    "plain",
    'with "double"',
    "with 'single'",
    "both \" and '",
    "line\nbreak",
    "back\\slash",
    "emoji 🛰",
  ])("come back from their spelling: %s", (text) => {
    const spelled = quoted(text);
    expect(decodeEscapes(spelled.slice(1, -1))).toBe(text);
  });
});
