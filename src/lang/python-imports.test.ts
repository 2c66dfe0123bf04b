import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { LanguageSupport } from "./lang.ts";
import { loadPython } from "./python.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

describe("split", () => {
  it("takes a program apart", () => {
    const text =
      '#!/usr/bin/env python\n"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\napp = 1\n';
    expect(python.split(text)).toMatchObject({
      head: '#!/usr/bin/env python\n"""Doc."""\nfrom __future__ import annotations\n\n',
      imports: ["import os"],
      body: "\napp = 1\n",
    });
  });

  it.each([
    [
      "imports in brackets",
      "from a import (\n    b,  # why\n    c,\n)\nx\n",
      ["from a import (\n    b,  # why\n    c,\n)"],
    ],
    ["imports over a backslash", "from a import b, \\\n    c\nx\n", ["from a import b, \\\n    c"]],
    ["two on a line", "import a; import b  # both\nx\n", ["import a", "import b  # both"]],
    ["a trailing comment", "import a  # noqa\nx\n", ["import a  # noqa"]],
    [
      "relative ones",
      "from . import a\nfrom ..b.c import d as e\nfrom ...f import *\nx\n",
      ["from . import a", "from ..b.c import d as e", "from ...f import *"],
    ],
    ["ones behind other code", "import a\nx = 1\nimport b.c as d\ny\n", ["import a", "import b.c as d"]],
    ["names that begin as imports do", "imports = 1\nimporter.run()\nfrom_here = 2\n", []],
    ["ones in a docstring", '"""Use it so:\nimport os\nfrom a import b\n"""\nx\n', []],
    [
      "ones in an unfinished docstring",
      'import a\ndef f():\n    """\nimport os\nfrom the start\n',
      ["import a"],
    ],
    [
      "ones inside try, if and def",
      "try:\n    import a\nexcept ImportError:\n    a = None\nif x:\n    import b\n",
      [],
    ],
    ["a line of imports and more", "import pdb; pdb.set_trace()\n", []],
    ["broken ones", "import a.\nfrom b import\nfrom c import (d\nimport e\n", ["import e"]],
    ["a last line without newline", "import a\nimport b", ["import a"]],
    ["a half statement", "import a\nfrom flask import req", ["import a"]],
    ["keywords as names", "import class\nfrom if import x\nfrom a import None\n", []],
  ])("finds %s", (_name, text, expected) => {
    expect(python.split(text).imports).toEqual(expected);
  });

  it.each([
    ["an encoding line", "# -*- coding: utf-8 -*-\nx = 1\n", "# -*- coding: utf-8 -*-\n"],
    ["a byte order mark", "\ufeffx = 1\n", "\ufeff"],
    ["comments above the first import", "# Licence.\n\nimport os\n", "# Licence.\n\n"],
    ["no comment that belongs to the code", "# Greets.\ndef f():\n    pass\n", ""],
    ["no string that is used", "'a'.join(b)\n", ""],
    ["no docstring that is not closed", '"""Doc\nx\n', ""],
  ])("keeps in the head %s", (_name, text, head) => {
    expect(python.split(text).head).toBe(head);
  });
});

describe("join", () => {
  const merge = (text: string, ...extra: string[]): string => python.join(python.split(text), extra);

  it.each([
    ["nothing that is there", "import os\nx\n", ["import os"], "import os\nx\n"],
    ["a new import behind its own", "import os\n\nx\n", ["import sys"], "import os\nimport sys\n\nx\n"],
    [
      "names of a module that is there",
      "from a import b\nx\n",
      ["from a import c, b"],
      "from a import b, c\nx\n",
    ],
    [
      "names into brackets",
      "from a import (\n    b,\n)\nx\n",
      ["from a import c"],
      "from a import (\n    b,\n    c,\n)\nx\n",
    ],
    [
      "names before a comment",
      "from a import b  # why\nx\n",
      ["from a import c as d"],
      "from a import b, c as d  # why\nx\n",
    ],
    [
      "names over a backslash",
      "from a import b, \\\n    c\nx\n",
      ["from a import d"],
      "from a import b, \\\n    c, d\nx\n",
    ],
    ["an alias beside the plain name", "import a\nx\n", ["import a as b"], "import a\nimport a as b\nx\n"],
    ["the new half of an import", "import a\nx\n", ["import a, b"], "import a\nimport b\nx\n"],
    [
      "several of one module as one",
      "x\n",
      ["from a import b", "from a import c", "from a import b"],
      "from a import b, c\n\nx\n",
    ],
    [
      "a star beside names",
      "from a import b\nx\n",
      ["from a import *", "from a import *"],
      "from a import b\nfrom a import *\nx\n",
    ],
    [
      "the future into the head",
      '"""Doc."""\nimport os\n',
      ["from __future__ import annotations"],
      '"""Doc."""\nfrom __future__ import annotations\nimport os\n',
    ],
    ["imports under a docstring", '"""Doc."""\nx\n', ["import os"], '"""Doc."""\nimport os\n\nx\n'],
    [
      "imports with the file's line ends",
      "import os\r\nx\r\n",
      ["import sys"],
      "import os\r\nimport sys\r\nx\r\n",
    ],
    ["imports behind a byte order mark", "\ufeffx\n", ["import os"], "\ufeffimport os\n\nx\n"],
    ["imports into nothing", "", ["import os"], "import os\n"],
    [
      "imports above the next comment",
      "import os\n# Then\nx\n",
      ["import sys"],
      "import os\nimport sys\n# Then\nx\n",
    ],
  ])("merges in %s", (_name, text, extra, expected) => {
    expect(merge(text, ...extra)).toBe(expected);
  });

  it("moves imports that stood lower up to the others, and nothing else", () => {
    expect(merge("import a\nx = 1\nimport b\ny = 2\n")).toBe("import a\nimport b\nx = 1\ny = 2\n");
  });

  it("drops the gaps of a program whose imports were changed by hand", () => {
    const program = python.split("import a\n\n# Then:\nimport b\nx\n");
    expect(python.join({ ...program, imports: ["import b"] })).toBe("import b\n\nx\n");
  });

  it("writes one import a line where a program was put together by hand", () => {
    expect(python.join({ head: "", imports: ["import a", "import b"], body: "x\n" })).toBe(
      "import a\nimport b\n\nx\n",
    );
  });
});

const statement = fc.constantFrom(
  "x = 1",
  "def f(a):\n    return a",
  "class C:\n    import os\n    y = 2",
  "s = '''\nimport os\n'''",
  "# a comment",
  "",
  "call(\n    1,\n)",
  "🔐 = 'emoji 🔐'",
);
const importStatement = fc.constantFrom(
  "import os",
  "import os.path as p",
  "import a, b as c",
  "from x import y",
  "from x import (\n    y,\n    z as w,\n)",
  "from . import q  # here",
  "from x import *",
  "import m; import n",
);
const eol = fc.constantFrom("\n", "\r\n");
const head = fc.constantFrom(
  "",
  '"""Doc."""\n',
  "#!/bin/sh\n# coding: utf-8\n",
  "\ufeff",
  "from __future__ import annotations\n",
);

function programOf(top: fc.Arbitrary<string>, rest: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .record({ head, top: fc.array(top), rest: fc.array(rest), eol })
    .map((parts) => (parts.head + [...parts.top, ...parts.rest, ""].join("\n")).replaceAll("\n", parts.eol));
}

describe("split and join together", () => {
  it("give the same bytes back when the imports are at the top", () => {
    const top = fc.oneof(importStatement, fc.constantFrom("", "# section"));
    fc.assert(
      fc.property(programOf(top, statement), (text) => {
        expect(python.join(python.split(text))).toBe(text);
      }),
    );
  });

  it("lose no statement and make none up, wherever the imports are", () => {
    fc.assert(
      fc.property(programOf(importStatement, fc.oneof(statement, importStatement)), (text) => {
        expect(statementsOf(python.join(python.split(text)))).toEqual(statementsOf(text));
      }),
    );
  });

  it("add imports once, however often they are merged", () => {
    fc.assert(
      fc.property(
        programOf(importStatement, fc.oneof(statement, importStatement)),
        fc.array(importStatement.filter((text) => !text.includes(";"))),
        (text, extra) => {
          const once = python.join(python.split(text), extra);
          expect(python.join(python.split(once), extra)).toBe(once);
          expect(python.parses(once)).toBe(python.parses(text));
        },
      ),
    );
  });

  it("work on any text at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(importStatement), (text, extra) => {
        const program = python.split(text);
        const once = python.join(program, extra);
        expect(once.length).toBeGreaterThanOrEqual(text.length);
      }),
    );
  });
});

/** Top-level statements in an order of their own: moving an import is no change. */
function statementsOf(text: string): string[] {
  const { root } = python.parse(text);
  return root.children
    .filter(({ type }) => type !== "comment" && type !== ";")
    .map((node) => node.text.replaceAll("\r\n", "\n"))
    .sort();
}

describe("importsIn", () => {
  it.each([
    ["a continuation", "import os\nfrom a import b\n\napp = 1\n", ["import os", "from a import b"]],
    ["code fences", "Sure!\n```python\nimport os\n```\nimport this is prose\n", ["import os"]],
    ["prose", "import the data from disk\nfrom here we import things\nimport it.\n", []],
    ["indented imports", "def f():\n    import os\n", []],
    ["imports behind an open bracket", "x = foo(\nimport os\n", ["import os"]],
    ["comments", "import os  # for paths\n", ["import os"]],
    ["several on a line", "import a; from b import c\n", ["import a", "from b import c"]],
    ["strings", 'x = """\nimport os\n"""\nimport sys\n', ["import sys"]],
  ])("reads %s", (_name, text, expected) => {
    expect(python.importsIn(text)).toEqual(expected);
  });

  it("keeps a last line without newline when the model had ended there", () => {
    expect(python.importsIn("import os\nimport sys")).toEqual(["import os", "import sys"]);
  });

  it("drops a last line without newline when the answer was cut off", () => {
    expect(python.importsIn("import os\nimport sys", { complete: false })).toEqual(["import os"]);
    expect(python.importsIn("from a import (b,\n c", { complete: true })).toEqual([]);
  });
});
