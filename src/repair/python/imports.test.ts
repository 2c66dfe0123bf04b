import { beforeAll, describe, expect, it } from "vitest";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadPython } from "../../lang/python.ts";
import { applyEdits } from "../edits.ts";
import { type ImportNeed, ImportTable, importEdits, unusedImportEdits } from "./imports.ts";
import { Names } from "./names.ts";
import { Program } from "./program.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

function withImports(source: string, ...needs: ImportNeed[]): string {
  const tree = python.parse(source);
  return applyEdits(source, importEdits(tree, new ImportTable(tree), needs));
}

describe("importEdits", () => {
  it.each([
    {
      what: "in alphabetical order",
      source: "import json\nimport re\n",
      need: { module: "os" },
      expected: "import json\nimport os\nimport re\n",
    },
    { what: "only once", source: "import os\n", need: { module: "os" }, expected: "import os\n" },
    {
      what: "even under another import of the package",
      source: "import xml\n",
      need: { module: "xml.sax" },
      expected: "import xml\nimport xml.sax\n",
    },
    {
      what: "into a from import that is there",
      source: "from flask import Flask, request\n",
      need: { from: "flask", name: "abort" },
      expected: "from flask import Flask, abort, request\n",
    },
    {
      what: "into brackets",
      source: "from flask import (\n    Flask,\n    request,\n)\n",
      need: { from: "flask", name: "session" },
      expected: "from flask import (\n    Flask,\n    request, session,\n)\n",
    },
    {
      what: "above packages, apart",
      source: "from flask import Flask\n",
      need: { module: "os" },
      expected: "import os\n\nfrom flask import Flask\n",
    },
    {
      what: "below packages",
      source: "import os\n\nimport flask\n\nx = 1\n",
      need: { module: "defusedxml.minidom" },
      expected: "import os\n\nimport flask\nimport defusedxml.minidom\n\nx = 1\n",
    },
    {
      what: "behind a docstring and __future__",
      source: '"""Doc."""\nfrom __future__ import annotations\nx = 1\n',
      need: { module: "os" },
      expected: '"""Doc."""\nfrom __future__ import annotations\nimport os\nx = 1\n',
    },
    {
      what: "at the top of a program without imports",
      source: "#!/usr/bin/env python3\ndef f():\n    pass\n",
      need: { module: "os" },
      expected: "#!/usr/bin/env python3\nimport os\n\n\ndef f():\n    pass\n",
    },
    {
      what: "not into a function's import",
      source: "import re\n\ndef f():\n    import os\n",
      need: { module: "os" },
      expected: "import os\nimport re\n\ndef f():\n    import os\n",
    },
  ])("adds an import $what", ({ source, need, expected }) => {
    expect(withImports(source, need)).toBe(expected);
  });

  it("unites names of one module", () => {
    const needs = ["a", "b"].map((name) => ({ from: "pkg", name }));
    expect(withImports("import flask\n", ...needs)).toBe("import flask\nfrom pkg import a, b\n");
  });
});

describe("unusedImportEdits", () => {
  it.each([
    {
      what: "an import that nothing uses",
      source: "import os\nimport re\n\nre.compile('a')\n",
      expected: "import re\n\nre.compile('a')\n",
    },
    {
      what: "a name out of several",
      source: "from os import path, system\n\npath.join('a')\n",
      drop: "os.system",
      expected: "from os import path\n\npath.join('a')\n",
    },
    {
      what: "nothing that is used",
      source: "import os\n\nos.getcwd()\n",
      expected: "import os\n\nos.getcwd()\n",
    },
    {
      what: "an import that only an attribute is named like",
      source: "import os\nx.os()\n",
      expected: "x.os()\n",
    },
    { what: "nothing that was not asked for", source: "import sys\n", expected: "import sys\n" },
  ])("removes $what", ({ source, expected, drop = "os" }) => {
    expect(applyEdits(source, unusedImportEdits(python.parse(source), [drop]))).toBe(expected);
  });
});

describe("Names", () => {
  it.each([
    { source: "x = 1\n", expected: "html.escape" },
    { source: "import html as h\n", expected: "h.escape" },
    { source: "from html import escape as e\n", expected: "e" },
    { source: "def f():\n    html = '<p>'\n", expected: "escape" },
    { source: "html = 1\ndef escape(x): ...\n", expected: "html_escape" },
    { source: "from re import escape\nhtml = 1\n", expected: "html_escape" },
  ])("spell html.escape as $expected in: $source", ({ source, expected }) => {
    expect(new Names(new Program(python.parse(source))).byModule("html.escape")).toBe(expected);
  });

  it("know what from imports bring along", () => {
    const program = new Program(python.parse("from aiohttp import web\n"));
    expect(new Names(program).byName("aiohttp.web.HTTPNotFound")).toBe("web.HTTPNotFound");
  });
});
