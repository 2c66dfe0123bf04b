// Each gate by itself: what must pass, and the bad repairs that must not.
import { beforeAll, describe, expect, it } from "vitest";
import { parseCweId } from "../../core/cwe.ts";
import type { Finding, ScanResult } from "../../core/finding.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadPython } from "../../lang/python.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { verifyRepair } from "../verify.ts";
import { changed } from "./changed.ts";
import { flagged } from "./flagged.ts";
import { type RepairSides, type StaticGate, sidesOf } from "./gate.ts";
import { imports } from "./imports.ts";
import { intact } from "./intact.ts";
import { kind } from "./kind.ts";
import { names } from "./names.ts";
import { oracleGate } from "./oracle.ts";
import { parses } from "./parses.ts";

let python: LanguageSupport;
beforeAll(async () => {
  python = await loadPython();
});

function finding(cwe: string, line: number, level: Finding["level"] = "error", width = 5): Finding {
  const region = { startLine: line, startColumn: 1, endLine: line, endColumn: width + 1 };
  return { ruleId: `test/${cwe}`, cwes: [parseCweId(cwe)], level, message: "Weak.", region };
}

/** Both sides; the finding is on the first line of the vulnerable side that the fixed one lacks. */
function sides(before: string, after: string, cwe = "22"): RepairSides {
  const kept = new Set(after.split("\n"));
  const lines = before.split("\n");
  const line = Math.max(1, lines.findIndex((text) => !kept.has(text)) + 1);
  const report = [finding(cwe, line, "error", lines[line - 1]?.length ?? 1)];
  const file = { path: "p.py", language: "python" as const, text: before };
  const request = { cwe: parseCweId(cwe), report, file, candidate: after };
  return sidesOf(request, python);
}

function status(gate: StaticGate, ...given: Parameters<typeof sides>): string {
  return gate(sides(...given)).status;
}

describe("flagged", () => {
  it("passes a program that is flagged for the weakness", () => {
    expect(status(flagged, "a = 1\n", "a = 2\n")).toBe("passed");
  });

  it("refuses when only another weakness, or advice, is reported", () => {
    const other = { ...sides("a = 1\n", "a = 2\n"), report: [finding("79", 1), finding("22", 1, "note")] };
    expect(flagged(other).status).toBe("failed");
  });
});

describe("parses", () => {
  it.each([
    { after: "print(1)\n", expected: "passed" },
    { after: "print(1\n", expected: "failed" },
    { after: 'print(f"{a["b"]}")\n', expected: "failed" }, // needs Python 3.12
    { after: "print(f\"{a.strip('\\n')}\")\n", expected: "failed" }, // the same
    { after: "print(f\"{a['b']:>10}\")\n", expected: "passed" },
  ])("$expected: $after", ({ after, expected }) => {
    expect(status(parses, "print(0)\n", after)).toBe(expected);
  });
});

describe("changed", () => {
  const before = 'def f(x):\n    """Shows x."""\n    return open(x)\n';
  it.each([
    { what: "a comment", after: before.replace("open(x)", "open(x)  # checked"), expected: "failed" },
    { what: "a docstring", after: before.replace("Shows", "Safely shows"), expected: "failed" },
    { what: "layout", after: before.replace("open(x)", "open( x )"), expected: "failed" },
    { what: "code", after: before.replace("open(x)", "open(x, 'rb')"), expected: "passed" },
  ])("$expected when $what changed", ({ after, expected }) => {
    expect(status(changed, before, after)).toBe(expected);
  });
});

describe("imports", () => {
  it.each([
    { after: "import subprocess\n", expected: "passed" },
    { after: "from defusedxml.ElementTree import parse\n", expected: "passed" },
    { after: "import in_house\n", expected: "passed" }, // was there before
    { after: "from . import paths\n", expected: "passed" },
    { after: "import tomllib\n", expected: "passed" }, // 3.11 and later
    { after: "import safe_eval_secure\n", expected: "failed" },
    { after: "def f():\n    from flask_sanitizer_pro import clean\n", expected: "failed" },
  ])("$expected: $after", ({ after, expected }) => {
    expect(status(imports, "import in_house\n", after)).toBe(expected);
  });
});

describe("names", () => {
  const before = "import os\n\ndef f(x):\n    return os.system(x)\n";
  it.each([
    {
      what: "a forgotten import",
      after: before.replace("os.system(x)", "subprocess.run([x])"),
      expected: "failed",
    },
    { what: "a removed import that is used", after: before.replace("import os\n", ""), expected: "failed" },
    {
      what: "a local of another function",
      after: `${before}\ndef g():\n    y = 1\n\ndef h():\n    return y\n`,
      expected: "failed",
    },
    {
      what: "what comprehensions, lambdas and handlers bind",
      after: `${before}\ndef g(a):\n    try:\n        return [b for b in a], (lambda c: c)\n    except ValueError as e:\n        raise e\n`,
      expected: "passed",
    },
    { what: "a builtin", after: before.replace("x)", "str(x))"), expected: "passed" },
  ])("$expected with $what", ({ after, expected }) => {
    expect(status(names, before, after)).toBe(expected);
  });

  it("has no say where a wildcard import binds anything", () => {
    expect(status(names, before, "from x import *\nfoo()\n")).toBe("not-applicable");
  });
});

describe("intact", () => {
  const before = `
@app.route("/run")
def run(name, mode="fast"):
    folder = choose(name)
    total = 0
    for part in folder:
        total += len(part)
    log(total)
    os.system("convert " + name)
    return {"total": total}
`;
  it.each([
    {
      what: "a repaired call",
      after: before.replace('os.system("convert " + name)', 'subprocess.run(["convert", "--", name])'),
      expected: "passed",
    },
    {
      what: "a check in front",
      after: before.replace("    log(total)", "    if bad(name):\n        abort(400)\n    log(total)"),
      expected: "passed",
    },
    { what: "a lost route", after: before.replace('@app.route("/run")\n', ""), expected: "failed" },
    { what: "another signature", after: before.replace(', mode="fast"', ""), expected: "failed" },
    {
      what: "the operation taken out",
      after: before.replace('    os.system("convert " + name)\n', ""),
      expected: "failed",
    },
    {
      what: "a refusal of everything",
      after: before.replace("    folder =", "    abort(403)\n    folder ="),
      expected: "failed",
    },
    {
      what: "an early return",
      after: before.replace("    folder =", '    return "disabled"\n    folder ='),
      expected: "failed",
    },
    {
      what: "an emptied body",
      after: '@app.route("/run")\ndef run(name, mode="fast"):\n    return {"total": 0}\n',
      expected: "failed",
    },
  ])("$expected with $what", ({ after, expected }) => {
    expect(status(intact, before, after, "78")).toBe(expected);
  });
});

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

/** An oracle that says of each text what a table says. */
function oracleOf(
  answers: Record<string, readonly Finding[] | "unscanned">,
  covers = ["22", "79"],
): SecurityOracle {
  const ids = covers.map(parseCweId);
  return {
    identity: "table@1",
    covers: () => ids,
    scan: async (files) =>
      files.map(({ path, text }): ScanResult => {
        const answer = answers[text] ?? [];
        if (answer === "unscanned") return { status: "unscanned", path, reason: "timeout" };
        return { status: "scanned", path, findings: [...answer], covers: ids };
      }),
  };
}

describe("oracle gate", () => {
  const file = { path: "p.py", language: "python" as const, text: "before" };
  const request = { file, candidate: "after", cwe: parseCweId("22") };
  const weak = [finding("22", 1)];
  it.each([
    { what: "a clean repair", answers: { before: weak, after: [] }, expected: "passed" },
    { what: "the weakness still there", answers: { before: weak, after: weak }, expected: "failed" },
    { what: "a new weakness", answers: { before: weak, after: [finding("79", 2)] }, expected: "failed" },
    {
      what: "another weakness that was there before",
      answers: { before: [...weak, finding("79", 1)], after: [finding("79", 2)] },
      expected: "passed",
    },
    { what: "new advice", answers: { before: weak, after: [finding("79", 2, "note")] }, expected: "passed" },
    {
      what: "a repair that it could not look at",
      answers: { before: weak, after: "unscanned" as const },
      expected: "failed",
    },
  ])("$expected with $what", async ({ answers, expected }) => {
    expect((await oracleGate(oracleOf(answers), request, {})).status).toBe(expected);
  });

  it("has no verdict on a weakness that the oracle does not look for", async () => {
    expect((await oracleGate(oracleOf({}, ["79"]), request, {})).status).toBe("not-applicable");
  });
});

describe("verifyRepair", () => {
  const text = "def f(x):\n    return open(x)\n";
  const request = {
    file: { path: "p.py", language: "python" as const, text },
    cwe: parseCweId("22"),
    report: [finding("22", 2)],
    candidate: text.replace("open(x)", "open(os.path.basename(x))"),
    detect: oracleOf({}),
    verify: [],
  };

  it("records every gate by name, and refuses when one of them does", async () => {
    const { accepted, checks } = await verifyRepair(request);
    expect(accepted).toBe(false);
    expect(checks.names).toMatchObject({ status: "failed", detail: "Uses names that nothing binds: os." });
    const gates = [
      "flagged",
      "parses",
      "changed",
      "names",
      "imports",
      "kind",
      "intact",
      "oracle:table@1",
      "execution",
    ];
    expect(Object.keys(checks)).toEqual(gates);
  });

  it("accepts what no gate refuses", async () => {
    const candidate = `import os\n${request.candidate}`;
    expect((await verifyRepair({ ...request, candidate })).accepted).toBe(true);
  });

  it("asks the detecting oracle even when it is not in the verify set, and each oracle once", async () => {
    const candidate = `import os\n${request.candidate}`;
    const detect = oracleOf({ [candidate]: [finding("22", 3)] });
    const { accepted, checks } = await verifyRepair({ ...request, candidate, detect, verify: [detect] });
    expect(accepted).toBe(false);
    expect(Object.keys(checks).filter((name) => name.startsWith("oracle:"))).toHaveLength(1);
  });

  it("goes no further with a text that does not parse", async () => {
    const { checks } = await verifyRepair({ ...request, candidate: "def f(:\n" });
    expect(Object.keys(checks)).toEqual(["flagged", "parses"]);
  });
});
