import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadC } from "./c.ts";
import type { LanguageSupport } from "./lang.ts";
import { loadPython } from "./python.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

const moved = (text: string, ...statements: string[]): string =>
  python.join(python.withLocalImports(python.split(text), statements));

describe("local imports", () => {
  it("stand before the first statement that uses them, at its indentation", () => {
    expect(
      moved(
        "import json\nimport os\n\n\ndef f(v):\n    v = v.strip()\n    return json.loads(v)\n",
        "import json",
      ),
    ).toBe("import os\n\n\ndef f(v):\n    v = v.strip()\n    import json\n    return json.loads(v)\n");
  });

  it("stand before the statement that holds all uses", () => {
    const body = "def f(v):\n    if v:\n        return escape(v)\n    elif escape(v):\n        return 1\n";
    expect(moved(`from html import escape\n\n${body}`, "from html import escape")).toBe(
      `def f(v):\n    from html import escape\n${body.slice(body.indexOf("    if"))}`,
    );
  });

  it("stand in front of the branch where that is all: what a branch imports is missing behind it", () => {
    expect(
      moved(
        "import html as h\n\ndef f(v):\n    if v:\n        x = h.escape(v)\n        return h.escape(x)\n",
        "import html as h",
      ),
    ).toBe(
      "def f(v):\n    import html as h\n    if v:\n        x = h.escape(v)\n        return h.escape(x)\n",
    );
  });

  it("bring a package by its first name", () => {
    const program = "import os.path\n\ndef f(v):\n    return os.path.join('a', v)\n";
    expect(moved(program, "import os.path")).toBe(
      "def f(v):\n    import os.path\n    return os.path.join('a', v)\n",
    );
  });

  it("keep line endings and tabs", () => {
    expect(moved("import ast\r\n\r\ndef f(v):\r\n\treturn ast.literal_eval(v)\r\n", "import ast")).toBe(
      "def f(v):\r\n\timport ast\r\n\treturn ast.literal_eval(v)\r\n",
    );
  });

  it.each([
    [
      "two functions use it",
      "import json\n\ndef f(v):\n    return json.loads(v)\n\ndef g(v):\n    return json.dumps(v)\n",
    ],
    ["the module uses it", "import json\n\nX = json.loads('1')\n"],
    ["a decorator uses it", "import json\n\n@json.x\ndef f(v):\n    return json.loads(v)\n"],
    ["a default uses it", "import json\n\ndef f(v=json):\n    return json.loads(v)\n"],
    ["a class body uses it", "import json\n\nclass A:\n    b = json.loads('1')\n"],
    ["nothing uses it", "import json\n\ndef f(v):\n    return v.json(json=1)\n"],
    ["the name has another value, too", "import json\n\ndef f(v):\n    json = v or json\n    return json\n"],
    ["a parameter has its name", "import json\n\ndef f(json):\n    return json\n"],
    ["there is no line of its own", "import json\n\ndef f(v): return json.loads(v)\n"],
    ["it binds what nobody knows", "from json import *\n\ndef f(v):\n    return loads(v)\n"],
    ["the body does not parse", "import json\n\ndef f(v):\n    return json.loads(v\n"],
    ["it is not there", "import os\n\ndef f(v):\n    return json.loads(v)\n"],
  ])("stay where %s", (_why, program) => {
    const [statement = ""] = program.includes("import json\n")
      ? ["import json"]
      : python.split(program).imports;
    expect(moved(program, statement)).toBe(program);
    expect(moved(program, "import json")).toBe(program);
  });

  it("leave a program that parses, with every statement that it had", () => {
    const line = fc.constantFrom(
      "x = json.loads(v)",
      "y = os.sep",
      "if v:\n        z = json",
      "pass",
      "return json, os",
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const body = `def f(v):\n${lines.map((one) => `    ${one}\n`).join("")}`;
        const after = moved(`import json\nimport os\n\n${body}`, "import json", "import os");
        expect(python.parses(after)).toBe(true);
        const sorted = (text: string): string[] =>
          text
            .split("\n")
            .map((one) => one.trim())
            .filter(Boolean)
            .sort();
        expect(sorted(after)).toEqual(sorted(`import json\nimport os\n${body}`));
      }),
    );
  });

  it("are none in C, which includes at the top", async () => {
    const c = await loadC();
    const program = c.split('#include <stdio.h>\n\nint main(void) { return puts("a"); }\n');
    expect(c.withLocalImports(program, program.imports)).toEqual(program);
  });
});
