import { describe, expect, it } from "vitest";
import { loadLanguage } from "../lang/registry.ts";
import { carelessness, withoutIdleImports } from "./careless.ts";

const python = await loadLanguage("python");
const c = await loadLanguage("c");
const OPENING = "import os\n\n\ndef f(v, w):\n    name = v.strip()\n";

describe("carelessness", () => {
  it.each([
    { body: "    return os.path.join(name, v)\n", why: undefined },
    { body: "    return html.escape(v)\n", why: "uses names that nothing binds" },
    {
      body: "    safe = os.path.basename(v)\n    safe = os.path.basename(v)\n    return safe\n",
      why: "says the same twice in a row",
    },
    {
      body: "    if v:\n        v = v.replace('a', '')\n        v = v.replace('a', '')\n    return v\n",
      why: "says the same twice in a row",
    },
    { body: "    w += 1\n    w += 1\n    return w\n", why: undefined },
    { body: "    if v:\n        pass\n    for x in v:\n        pass\n    return v\n", why: undefined },
    { body: "    import json\n    return v\n", why: "imports in a function what it does not use" },
    { body: "    import json\n    return json.loads(v)\n", why: undefined },
    { body: "    import os.path as p, json\n    return json.loads(p.basename(v))\n", why: undefined },
    { body: "    clean = v.strip()\n    return v\n", why: "gives a name a value that nothing reads" },
    { body: "    clean = v.strip()\n    return {**locals()}, clean\n", why: undefined },
    { body: "    name = v.lower()\n    return v\n", why: undefined },
    { body: "    total = 0\n    for x in v:\n        total += x\n    return total\n", why: undefined },
    { body: "    first, rest = v.split(',')\n    return first\n", why: undefined },
    { body: "    from os.path import *\n    return basename(v)\n", why: undefined },
    {
      body: "    from os.path import *\n    import json\n    return basename(v)\n",
      why: "imports in a function what it does not use",
    },
  ])("$why: $body", ({ body, why }) => {
    expect(carelessness(OPENING + body, OPENING, python)).toBe(why);
  });

  it("looks at repetition alone in C", () => {
    const program = (body: string): string =>
      `int f(int n)\n{\n    int unused = 1;\n${body}    return n;\n}\n`;
    expect(carelessness(program("    check(n);\n"), "", c)).toBe(undefined);
    expect(carelessness(program("    n = clamped(n);\n    n = clamped(n);\n"), "", c)).toBe(
      "says the same twice in a row",
    );
  });
});

describe("idle imports", () => {
  const tidy = (imports: string, body: string, opening = "import os\nfrom flask import Flask\n\n"): string =>
    withoutIdleImports(`${imports}\n\n${body}`, opening, python);

  it("are taken out where the opening did not have them, and only they", () => {
    expect(tidy("import os\nfrom flask import Flask\nimport ast\nimport html", "x = html.escape(v)\n")).toBe(
      "import os\nfrom flask import Flask\nimport html\n\nx = html.escape(v)\n",
    );
  });

  it("are taken out name by name, also from a statement of the opening that was prolonged", () => {
    expect(tidy("import os\nfrom flask import Flask, abort, request", "abort(404)\n")).toBe(
      "import os\nfrom flask import Flask, abort\n\nabort(404)\n",
    );
    expect(tidy("import os\nfrom flask import Flask, abort, request", "x = 1\n")).toBe(
      "import os\nfrom flask import Flask\n\nx = 1\n",
    );
  });

  it("stay where what they bring cannot be known", () => {
    const program = "from __future__ import annotations\n\nfrom os.path import *\n\nx = basename(v)\n";
    expect(withoutIdleImports(program, "", python)).toBe(program);
    expect(withoutIdleImports("import ast\n\nx = (\n", "", python)).toBe("import ast\n\nx = (\n");
    expect(withoutIdleImports("#include <a.h>\n\nint x;\n", "", c)).toBe("#include <a.h>\n\nint x;\n");
  });

  it("know a module by its first name and an import by its alias", () => {
    const used = "import xml.etree.ElementTree as ET\nimport defusedxml.lxml";
    expect(tidy(`import os\nfrom flask import Flask\n${used}`, "ET.parse(defusedxml.lxml)\n")).toContain(
      used,
    );
    expect(tidy(`import os\nfrom flask import Flask\n${used}`, "xml.x = v.defusedxml\n")).not.toContain(
      "xml as",
    );
    expect(tidy(`import os\nfrom flask import Flask\n${used}`, "xml.x = v.defusedxml\n")).not.toContain(
      "lxml",
    );
  });
});
