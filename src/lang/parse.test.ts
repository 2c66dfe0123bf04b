import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadC } from "./c.ts";
import type { LanguageSupport } from "./lang.ts";
import { loadPython } from "./python.ts";
import { loadLanguage } from "./registry.ts";
import type { SyntaxNode } from "./syntax.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

describe("loading", () => {
  it("gives the same Python every time", async () => {
    expect(await loadLanguage("python")).toBe(await loadPython());
  });

  it("gives the same C every time", async () => {
    expect(await loadLanguage("c")).toBe(await loadC());
  });
});

describe("parse", () => {
  it("names nodes, fields and parents", () => {
    const { root, firstError } = python.parse("def f(a):\n    return g(a)\n");
    const call = [...root.descendants()].find(({ type }) => type === "call");
    expect(firstError).toBeUndefined();
    expect(call?.child("function")?.text).toBe("g");
    expect(call?.ancestor("function_definition")?.child("name")?.text).toBe("f");
  });

  it("counts positions in UTF-16 code units, after emoji and other scripts too", () => {
    const source = 'x = "🔐é漢"\ny = x\n';
    const { root } = python.parse(source);
    const names = [...root.descendants()].filter(({ type }) => type === "identifier");
    expect(names.map(({ start, end }) => source.slice(start, end))).toEqual(["x", "y", "x"]);
  });

  it("reads a byte order mark, CRLF and tabs", () => {
    expect(python.parses("\ufeffimport os\r\nif os:\r\n\tpass\r\n")).toBe(true);
  });

  it("points at the first place that does not parse", () => {
    const source = "x = 1\ny = = 2\nz = (\n";
    expect(python.parse(source).firstError?.start).toBe(source.indexOf("= 2"));
  });

  it("marks nodes that recovery made up", () => {
    const { root, firstError } = python.parse("f(a, b\n");
    const missing = [...root.descendants()].filter((node) => node.missing);
    expect(firstError).toBeDefined();
    expect(missing.every((node) => node.start === node.end)).toBe(true);
  });

  it.each(["(", "[", "f(", "not ", "x = [", "if x:\n "])("survives %j nested 20,000 deep", (opening) => {
    const { root } = python.parse(opening.repeat(20_000));
    expect(root.end).toBe(opening.length * 20_000);
  });

  it("gives children that lie in order inside their parents, for any text", () => {
    fc.assert(
      fc.property(programText(), (source) => {
        for (const node of python.parse(source).root.descendants()) expectNested(node);
      }),
    );
  });
});

function expectNested(node: SyntaxNode): void {
  let at = node.start;
  for (const child of node.children) {
    expect(child.parent).toBe(node);
    expect(child.start).toBeGreaterThanOrEqual(at);
    at = child.end;
  }
  expect(at).toBeLessThanOrEqual(Math.max(node.end, at));
}

/** Lines that Python programs are made of, whole and broken, in any order. */
function programText(): fc.Arbitrary<string> {
  const line = fc.constantFrom(
    "x = 1",
    "def f():",
    "    return x",
    "(",
    ")",
    '"""',
    "🔐",
    "if x:",
    "\t",
    "import os",
  );
  return fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }).map((lines) => lines.join("\n"));
}

describe("parses", () => {
  it.each([
    "",
    "# only a comment",
    "x = 1",
    "if x: y\n",
    "async def f():\n    await g()\n",
    "def f():\n    # why\n  # odd comment\n    pass\n",
    "try:\n    a\nfinally:\n    b\n",
    "match x:\n    case 1:\n        y\n    case _:\n        z\n",
    "for a in b:\n    c\nelse:\n    d\n",
    "@a\n@b\nclass C:\n    x: int = 1\n",
    "if x:\n\ta\n\tb\n",
    "import os; import sys\n",
    'x = f"{a!r:>{width}}"\n',
  ])("takes %j", (source) => {
    expect(python.parses(source)).toBe(true);
  });

  it.each([
    ["an unclosed bracket", "x = (1,\n"],
    ["an unclosed string", 'x = "abc\n'],
    ["a header at the end", "def f():\n"],
    ["a block of comments alone", "if x:\n    # nothing\ny = 1\n"],
    ["try without a handler", "try:\n    a\nb\n"],
    ["an indented first line", "  x = 1\n"],
    ["a line indented too far", "def f():\n    a\n      b\n"],
    ["a line indented too little", "def f():\n        a\n    b\n"],
    ["else under no if", "if x:\n        a\n    else:\n        b\n"],
    ["tabs against spaces", "if x:\n        a\n\tb\n"],
    ["a decorator out of line", "@a\n def f():\n    pass\n"],
    ["Python 2's print", 'print "hello"\n'],
    ["a comma that leads nowhere", "from os import path,\n"],
    ["prose", "Here is the code you asked for:\n"],
  ])("refuses %s", (_name, source) => {
    expect(python.parses(source)).toBe(false);
  });

  it("lets Python 2's print be analysed, though it is no valid program", () => {
    expect(python.parse('print "hello"\n').firstError).toBeUndefined();
  });
});
