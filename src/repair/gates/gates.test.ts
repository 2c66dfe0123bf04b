// Each gate that needs nothing but the two sides: what must pass, and the bad repairs that must not.
import { describe, expect, it } from "vitest";
import { changed } from "./changed.ts";
import { flagged } from "./flagged.ts";
import { finding, sides, status } from "./gates.testing.ts";
import { imports } from "./imports.ts";
import { intact } from "./intact.ts";
import { names } from "./names.ts";
import { parses } from "./parses.ts";

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
