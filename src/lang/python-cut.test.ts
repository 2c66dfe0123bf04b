import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { LanguageSupport } from "./lang.ts";
import { loadPython } from "./python.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

describe("cut keeps", () => {
  it.each([
    {
      what: "a function up to its end",
      prompt: "def f():\n    a = 1\n",
      completion: "    return a\n\n\ndef g():\n    pass\n",
      kept: "    return a\n",
    },
    {
      what: "a line that the prompt left half written",
      prompt: "def f():\n    a = os.",
      completion: "getcwd()\n    return a\nprint(f())\n",
      kept: "getcwd()\n    return a\n",
    },
    {
      what: "a method, not the next one",
      prompt: "class C:\n    def f(self):\n        # first\n",
      completion: "        return 1\n\n    def g(self):\n        return 2\n",
      kept: "        return 1\n",
    },
    {
      what: "what follows an inner function",
      prompt: "def outer(f):\n    def inner():\n        # call it\n",
      completion: "        return f()\n    return inner\n\nx = 1\n",
      kept: "        return f()\n    return inner\n",
    },
    {
      what: "strings and brackets that reach the margin",
      prompt: "def f():\n",
      completion: '    q = """\nSELECT 1\n"""\n    g(\n1,\n)\n    return q\nx = 2\n',
      kept: '    q = """\nSELECT 1\n"""\n    g(\n1,\n)\n    return q\n',
    },
    {
      what: "a comment at the margin when the function goes on",
      prompt: "def f():\n    a\n",
      completion: "# odd\n    b\nc\n",
      kept: "# odd\n    b\n",
    },
    {
      what: "no comment about what comes next",
      prompt: "def f():\n    a\n",
      completion: "    b\n\n# Example:\nf()\n",
      kept: "    b\n",
    },
    {
      what: "a docstring that the prompt left open, and the body",
      prompt: "def f():\n    '''\n    Say",
      completion: " hello\n    '''\n    return 1\n\ndef g():\n",
      kept: " hello\n    '''\n    return 1\n",
    },
    {
      what: "the function under a decorator",
      prompt: '@app.route("/")\n',
      completion: "def f():\n    return 1\n\n@app.route('/b')\ndef g():\n",
      kept: "def f():\n    return 1\n",
    },
    {
      what: "the function under half a decorator",
      prompt: "@app.route",
      completion: '("/x")\ndef f():\n    return 1\nf()\n',
      kept: '("/x")\ndef f():\n    return 1\n',
    },
    {
      what: "statements of a module through the first function",
      prompt: "import os\n\n# a page\n",
      completion: "app = 1\n@app\ndef f():\n    pass\n\n\n@app\ndef g():\n    pass\n",
      kept: "app = 1\n@app\ndef f():\n    pass\n",
    },
    {
      what: "a script as a whole",
      prompt: "import os\n",
      completion: "x = 1\nif x:\n    print(x)\nprint(2)\n",
      kept: "x = 1\nif x:\n    print(x)\nprint(2)\n",
    },
    {
      what: "a class that the completion writes",
      prompt: "",
      completion: "class C:\n    def f(self):\n        pass\n\n    def g(self):\n        pass\nC()\n",
      kept: "class C:\n    def f(self):\n        pass\n\n    def g(self):\n        pass\n",
    },
    {
      what: "one method of a class whose header is all there is",
      prompt: "class C:\n    x = 1\n",
      completion: "    def f(self):\n        pass\n    def g(self):\n        pass\n",
      kept: "    def f(self):\n        pass\n",
    },
    {
      what: "the next function after one that had ended",
      prompt: "def f():\n    return 1\n\n",
      completion: "\ndef g():\n    return 2\n\ndef h():\n    return 3\n",
      kept: "\ndef g():\n    return 2\n",
    },
    {
      what: "the function that a comment at the margin announces",
      prompt: "def f():\n    a()\n\n# Then g.\n",
      completion: "def g():\n    b()\nc()\n",
      kept: "def g():\n    b()\n",
    },
    {
      what: "nothing when the function ends without having been gone on with",
      prompt: "def f():\n    a = request.args\n",
      completion: "\ndef g():\n    pass\n",
      kept: "",
    },
    {
      what: "a body under commented-out code at the margin",
      prompt: "def f():\n#    xml = request",
      completion: ".get_json()\n    return 1\nx\n",
      kept: ".get_json()\n    return 1\n",
    },
    {
      what: "an async method with tabs and CRLF",
      prompt: "class C:\r\n\tasync def f(self):\r\n",
      completion: "\t\treturn '🔐'\r\n\r\n\tdef g(self):\r\n",
      kept: "\t\treturn '🔐'\r\n",
    },
    {
      what: "a last line that the model did not finish",
      prompt: "def f():\n",
      completion: "    a = 1\n    return g(a,",
      kept: "    a = 1\n    return g(a,",
    },
  ])("$what", ({ prompt, completion, kept }) => {
    expect(python.cut(prompt, completion)).toBe(prompt + kept);
  });

  it("always a prefix of prompt and completion that holds the prompt, and cutting again changes nothing", () => {
    const line = fc.constantFrom(
      "def f():",
      "    x = 1",
      "class C:",
      "        y(",
      ")",
      "# c",
      "",
      "@d",
      '"""',
      "return 1",
      "\t🔐",
    );
    const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (prompt, completion) => {
        const cut = python.cut(prompt, completion);
        expect((prompt + completion).startsWith(cut)).toBe(true);
        expect(cut.startsWith(prompt)).toBe(true);
        expect(python.cut(prompt, cut.slice(prompt.length))).toBe(cut);
      }),
    );
  });
});

describe("dropIncompleteTail", () => {
  it.each([
    ["half a call", "def f():\n    a()\n    return g(1,", "def f():\n    a()\n"],
    [
      "headers that lost their block",
      "def f():\n    a()\n    if b:\n        for c in",
      "def f():\n    a()\n",
    ],
    ["an open string", "x = 1\ny = 'abc", "x = 1\n"],
    ["nothing of a whole program", "x = 1\nif x:\n    y", "x = 1\nif x:\n    y"],
    ["a whole open docstring", 'def f():\n    a\ndef g():\n    """half', "def f():\n    a\n"],
  ])("drops %s", (_name, text, expected) => {
    expect(python.dropIncompleteTail(text)).toBe(expected);
  });

  it("never drops what must be kept", () => {
    const text = "def f():\n    a = (\n";
    expect(python.dropIncompleteTail(text, text.length)).toBe(text);
    expect(python.dropIncompleteTail(`${text}    b`, text.length)).toBe(`${text}    b`);
  });
});
