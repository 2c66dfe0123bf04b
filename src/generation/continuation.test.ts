import { describe, expect, it } from "vitest";
import { loadLanguage } from "../lang/registry.ts";
import { continuationOf } from "./continuation.ts";

const language = await loadLanguage("python");
const HEAD = "from flask import Flask, request\n\n\n";
const BODY = '@app.route("/x")\ndef x():\n    name = request.args["n"]\n';

describe("what is appended to a prompt", () => {
  it.each([
    {
      name: "is the rest of a program that begins with it",
      prompt: HEAD + BODY,
      text: `${HEAD + BODY}    return name\n`,
      expected: "    return name\n",
    },
    {
      name: "brings an added import along, where the code begins",
      prompt: HEAD + BODY,
      text: `from flask import Flask, request, escape\n\n\n${BODY}    return escape(name)\n`,
      expected: "    from flask import escape\n    return escape(name)\n",
    },
    {
      name: "brings several along, with names of their own",
      prompt: HEAD + BODY,
      text: `from flask import Flask, request\nimport os.path\nimport html as h\n\n\n${BODY}    return h.escape(name)\n`,
      expected: "    import os.path\n    import html as h\n    return h.escape(name)\n",
    },
    {
      name: "goes on behind the indentation that the prompt ends with",
      prompt: `${HEAD}${BODY}    `,
      text: `import html\n${HEAD}${BODY}    return html.escape(name)\n`,
      expected: "import html\n    return html.escape(name)\n",
    },
    {
      name: "has imports at the top level where the code is there",
      prompt: `${HEAD}app = Flask(__name__)\n`,
      text: `import html\n${HEAD}app = Flask(__name__)\nprint(html.escape("x"))\n`,
      expected: 'import html\nprint(html.escape("x"))\n',
    },
    {
      name: "has them behind a line that the prompt has begun",
      prompt: `${HEAD}def f(a):\n    b =`,
      text: `import html\n${HEAD}def f(a):\n    b = a\n    return html.escape(b)\n`,
      expected: " a\n    import html\n    return html.escape(b)\n",
    },
    {
      name: "has them behind a docstring, not in it",
      prompt: `${HEAD}def f(a):\n    """Shows\n`,
      text: `import html\n${HEAD}def f(a):\n    """Shows\n    a.\n    """\n    return html.escape(a)\n`,
      expected: '    a.\n    """\n    import html\n    return html.escape(a)\n',
    },
    {
      name: "keeps the line ends of the prompt",
      prompt: "import os\r\n\r\ndef f(a):\r\n",
      text: "import os\r\nimport html\r\n\r\ndef f(a):\r\n    return html.escape(a)\r\n",
      expected: "    import html\r\n    return html.escape(a)\r\n",
    },
    {
      name: "is not to be had where the prompt itself was rewritten",
      prompt: HEAD + BODY,
      text: `${HEAD}${BODY.replace("name", "clean_name")}    return clean_name\n`,
      expected: undefined,
    },
    {
      name: "is not to be had where the prompt's function uses the name already",
      prompt: `import xml.etree.ElementTree as ET\n\n\ndef f(a):\n    ET.register_namespace("a", a)\n`,
      text: `import defusedxml.ElementTree as ET\n\n\ndef f(a):\n    ET.register_namespace("a", a)\n    return ET.fromstring(a)\n`,
      expected: undefined,
    },
    {
      name: "is not to be had for what may only stand at the top",
      prompt: `${HEAD}def f(a):\n`,
      text: `from html import *\n${HEAD}def f(a):\n    return escape(a)\n`,
      expected: undefined,
    },
  ])("$name", ({ prompt, text, expected }) => {
    expect(continuationOf({ prompt, text }, language)).toBe(expected);
    if (expected !== undefined) expect(language.parses(prompt + expected)).toBe(true);
  });

  it("is not to be had for includes of C, which stand at the top alone", async () => {
    const c = await loadLanguage("c");
    const prompt = "#include <stdio.h>\n\nint f(void) {\n";
    const text = "#include <stdio.h>\n#include <string.h>\n\nint f(void) {\n  return 0;\n}\n";
    expect(continuationOf({ prompt, text }, c)).toBeUndefined();
  });
});
