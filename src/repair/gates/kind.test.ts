// Repairs that hold, and published ones that satisfy a checker and not an attacker.
import { describe, expect, it } from "vitest";
import { sides, status } from "./gates.testing.ts";
import { kind } from "./kind.ts";

describe("kind", () => {
  const path = "import os\n\ndef read(name):\n    return open(os.path.join(BASE, name))\n";
  const guarded = (check: string): string =>
    `import os\n\ndef read(name):\n    path = os.path.realpath(os.path.join(BASE, name))\n    if ${check}:\n        raise ValueError("outside")\n    return open(path)\n`;
  const command = 'import os\n\ndef show(host):\n    os.system("lookup " + host)\n';
  const run = (list: string, before = ""): string =>
    `import subprocess\n\ndef show(host):\n${before}    subprocess.run(${list})\n`;
  const page = 'from html import escape\n\ndef show(name):\n    return "<p>" + name + "</p>"\n';
  const shown = (value: string): string => page.replace('"<p>" + name + "</p>"', value);
  const log = 'import logging\n\ndef note(name):\n    logging.info("hello " + name)\n';
  const noted = (value: string): string => log.replace('"hello " + name', value);
  const host = 'import re\n\ndef ok(url):\n    return "example.com" in url\n';
  const checked = (value: string): string => host.replace('"example.com" in url', value);
  const load = "import pickle\n\ndef read(data):\n    return pickle.loads(data)\n";
  const xml = "from lxml import etree\n\ndef read(data):\n    return etree.fromstring(data)\n";
  const code = "def run(text):\n    return eval(text)\n";

  it.each([
    // The authors' way: 213 of the 215 path checks in their data let a neighbour in.
    { cwe: "22", before: path, after: guarded("not path.startswith(BASE)"), expected: "failed" },
    {
      cwe: "22",
      before: path,
      after: guarded("not path.startswith(os.path.realpath(BASE))"),
      expected: "failed",
    },
    {
      cwe: "22",
      before: path,
      after: guarded("not path.startswith(os.path.realpath(BASE) + os.sep)"),
      expected: "passed",
    },
    {
      cwe: "22",
      before: path,
      after: guarded("os.path.commonpath([os.path.realpath(BASE), path]) != os.path.realpath(BASE)"),
      expected: "passed",
    },
    {
      cwe: "22",
      before: path,
      after: guarded("os.path.commonprefix([BASE, path]) != BASE"),
      expected: "failed",
    },
    {
      cwe: "22",
      before: path,
      after: guarded("os.path.commonpath([os.path.realpath(BASE), path]) != os.path.realpath(BASE)").replace(
        "os.path.realpath(os.path.join(BASE, name))",
        "os.path.join(BASE, name)",
      ),
      expected: "failed",
    },
    {
      cwe: "22",
      before: path,
      after: path.replace("return", 'if ".." in name:\n        raise ValueError()\n    return'),
      expected: "failed",
    },
    {
      cwe: "22",
      before: path,
      after: path.replace("BASE, name", "BASE, os.path.basename(name)"),
      expected: "passed",
    },
    { cwe: "78", before: command, after: run('["lookup", host]'), expected: "failed" },
    { cwe: "78", before: command, after: run('["lookup", "--", host]'), expected: "passed" },
    { cwe: "78", before: command, after: run('["lookup", f"name={host}"]'), expected: "passed" },
    { cwe: "78", before: command, after: run('["lookup", f"-{host}"]'), expected: "failed" },
    {
      cwe: "78",
      before: command,
      after: run('["lookup", host]', '    if host.startswith("-"):\n        raise ValueError()\n'),
      expected: "passed",
    },
    {
      cwe: "78",
      before: command,
      after: command.replace("+ host", '+ host.replace(";", "")'),
      expected: "failed",
    },
    { cwe: "79", before: page, after: shown('"<p>" + escape(name) + "</p>"'), expected: "passed" },
    { cwe: "79", before: page, after: shown('"<p>" + escape(escape(name)) + "</p>"'), expected: "failed" },
    {
      cwe: "79",
      before: page,
      after: shown('"<script>show(" + escape(name) + ")</script>"'),
      expected: "failed",
    },
    { cwe: "79", before: page, after: shown('"<p class=" + escape(name) + ">x</p>"'), expected: "failed" },
    { cwe: "79", before: page, after: shown('"<a href=\'" + escape(name) + "\'>x</a>"'), expected: "failed" },
    {
      cwe: "79",
      before: page,
      after: shown('"<a href=\'/u/" + escape(name) + "\'>x</a>"'),
      expected: "passed",
    },
    {
      cwe: "79",
      before: page,
      after: shown('"<p>" + name.replace("<script>", "") + "</p>"'),
      expected: "failed",
    },
    {
      cwe: "79",
      before: page,
      after: shown('"<p>" + escape(name) + "</p>"').replace("html", "markupsafe"),
      expected: "failed",
    },
    {
      cwe: "117",
      before: log,
      after: `import html\n${noted('"hello " + html.escape(name)')}`,
      expected: "failed",
    },
    { cwe: "117", before: log, after: noted('"hello " + name.replace("\\n", "")'), expected: "failed" },
    {
      cwe: "117",
      before: log,
      after: noted('"hello " + name.replace("\\r", "").replace("\\n", "")'),
      expected: "passed",
    },
    { cwe: "117", before: log, after: noted('"hello " + repr(name)'), expected: "passed" },
    { cwe: "20", before: host, after: checked('url.endswith("example.com")'), expected: "failed" },
    {
      cwe: "20",
      before: host,
      after: checked('urlparse(url).hostname.endswith(".example.com")'),
      expected: "passed",
    },
    { cwe: "20", before: host, after: checked('url.startswith("https://example.com")'), expected: "failed" },
    {
      cwe: "20",
      before: host,
      after: checked('re.match(r"https://www.example.com/", url)'),
      expected: "failed",
    },
    {
      cwe: "20",
      before: host,
      after: checked('re.match(r"https://www\\.example\\.com", url)'),
      expected: "failed",
    },
    {
      cwe: "20",
      before: host,
      after: checked('re.match(r"https://www\\.example\\.com/", url)'),
      expected: "passed",
    },
    {
      cwe: "502",
      before: load,
      after: load
        .replace("import pickle", "from pickle import loads as safe_loads")
        .replace("pickle.loads", "safe_loads"),
      expected: "failed",
    },
    { cwe: "502", before: load, after: load.replaceAll("pickle", "json"), expected: "passed" },
    {
      cwe: "502",
      before: load,
      after: "import yaml\n\ndef read(data):\n    return yaml.load(data, Loader=yaml.Loader)\n",
      expected: "failed",
    },
    {
      cwe: "502",
      before: load,
      after: "import yaml\n\ndef read(data):\n    return yaml.load(data, Loader=yaml.SafeLoader)\n",
      expected: "passed",
    },
    {
      cwe: "611",
      before: xml,
      after: xml
        .replace("(data)", "(data, etree.XMLParser(resolve_entities=False))")
        .replace("read(data, etree.XMLParser(resolve_entities=False))", "read(data)"),
      expected: "passed",
    },
    {
      cwe: "611",
      before: xml,
      after: xml.replace("fromstring(data)", "fromstring(data, etree.XMLParser(load_dtd=True))"),
      expected: "failed",
    },
    {
      cwe: "94",
      before: code,
      after: code.replace("eval(text)", 'eval(text, {"__builtins__": {}})'),
      expected: "failed",
    },
    {
      cwe: "94",
      before: code,
      after: `from builtins import eval as literal_eval\n${code.replace("eval(text)", "literal_eval(text)")}`,
      expected: "failed",
    },
    {
      cwe: "94",
      before: code,
      after: `import ast\n${code.replace("eval(text)", "ast.literal_eval(text)")}`,
      expected: "passed",
    },
  ])("$expected for CWE-$cwe: $after", ({ cwe, before, after, expected }) => {
    expect(kind(sides(before, after, cwe))).toMatchObject({ status: expected });
  });

  it("has no say on weaknesses without known objections", () => {
    expect(status(kind, "a = 1\n", "a = 2\n", "1004")).toBe("not-applicable");
  });
});
