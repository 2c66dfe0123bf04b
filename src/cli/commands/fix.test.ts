// The command through the command line's own door, on files in a folder of its own.
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

const WEAK = `import yaml
from flask import Flask, request

app = Flask(__name__)


@app.route("/keys", methods=["POST"])
def keys():
    return {"keys": sorted(yaml.load(request.data, Loader=yaml.Loader))}
`;
const DESIGN = `import os
from flask import Flask, request

app = Flask(__name__)


@app.route("/run")
def run():
    return {"status": os.system(request.args["command"])}
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder fix "));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fix = (...args: string[]): Promise<CommandResult> => runCli(["fix", ...args], { cwd: folder });

const place = (name: string): string => join(folder, name);

describe("hexacoder fix", () => {
  it("prints a diff that patch understands, and leaves the file alone", async () => {
    await writeFile(place("weak.py"), WEAK);
    const { code, out, talk } = await fix("weak.py");
    expect(code).toBe(0);
    expect(out).toMatch(/^--- a\/weak\.py\n\+\+\+ b\/weak\.py\n@@ /);
    expect(out).toContain('+    return {"keys": sorted(yaml.safe_load(request.data))}');
    expect(talk).toContain("weak.py: CWE-502 repaired (1 finding, codemod:deserialization)");
    expect(await readFile(place("weak.py"), "utf8")).toBe(WEAK);
  });

  it("--write rewrites the file, keeps its permissions, and prints no diff", async () => {
    await writeFile(place("weak.py"), WEAK);
    await chmod(place("weak.py"), 0o750);
    const { code, out } = await fix("weak.py", "--write");
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(await readFile(place("weak.py"), "utf8")).toContain("yaml.safe_load(request.data)");
    expect((await stat(place("weak.py"))).mode & 0o777).toBe(0o750);
  });

  it("finds nothing to do in what it has repaired", async () => {
    await writeFile(place("weak.py"), WEAK);
    await fix("weak.py", "--write");
    const { code, out, talk } = await fix("weak.py");
    expect({ code, out, talk }).toEqual({
      code: 0,
      out: "",
      talk: "0 of 0 weaknesses repaired, 0 files of 1 to change.\n",
    });
  });

  it("keeps a byte order mark, in the diff and in the file", async () => {
    const shown = "import yaml\nfrom flask import request\nx = yaml.load(request.data, Loader=yaml.Loader)\n";
    await writeFile(place("mark.py"), `\ufeff${shown}`);
    expect((await fix("mark.py")).out).toMatch(/^ \ufeffimport yaml$/m);
    await fix("mark.py", "--write");
    const written = await readFile(place("mark.py"), "utf8");
    expect(written.slice(0, 12)).toBe("\ufeffimport yaml");
    expect(written).toContain("safe_load");
  });

  it.each([
    { says: "from the folder that one is in", path: () => place("weak.py"), name: "weak.py" },
    { says: "without detours", path: () => "./sub/../weak.py", name: "weak.py" },
    {
      says: "with a tab behind a name with blanks",
      path: () => "a b/weak one.py",
      name: "a b/weak one.py\t",
    },
  ])("names files in diffs as patch wants them: $says", async ({ path, name }) => {
    await mkdir(place("a b"));
    await mkdir(place("sub"));
    await writeFile(place("weak.py"), WEAK);
    await writeFile(place("a b/weak one.py"), WEAK);
    const [before, after] = (await fix(path())).out.split("\n");
    expect([before, after]).toEqual([`--- a/${name}`, `+++ b/${name}`]);
  });

  it("says with --json what was done with every file, and why not", async () => {
    await writeFile(place("weak.py"), WEAK);
    await writeFile(place("design.py"), DESIGN);
    await writeFile(place("broken.py"), "def f(:\n");
    const { code, out } = await fix(".", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      files: [
        { path: "broken.py", status: "unscanned", reason: "parse-error", repaired: [], left: [], diff: "" },
        {
          path: "design.py",
          status: "scanned",
          left: [{ cwe: "CWE-78", findings: [{ region: { startLine: 9 } }] }],
        },
        { path: "weak.py", status: "scanned", repaired: [{ cwe: "CWE-502", by: "codemod:deserialization" }] },
      ],
    });
    expect(out).toContain("+++ b/weak.py");
  });

  it("exits with 1 and says why where a weakness is left", async () => {
    await writeFile(place("design.py"), DESIGN);
    const { code, out, talk } = await fix(".");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(talk).toMatch(/design\.py: CWE-78 left at line 9: .*design decision/);
  });

  it("repairs only the weaknesses asked for", async () => {
    await writeFile(place("weak.py"), WEAK);
    const { code, out } = await fix("weak.py", "--cwe", "22");
    expect({ code, out }).toEqual({ code: 0, out: "" });
  });

  it("exits with 4 where it could not look at a file, but repairs the others", async () => {
    await writeFile(place("weak.py"), WEAK);
    await writeFile(place("broken.py"), "def f(:\n");
    const { code, out, talk } = await fix(".");
    expect(code).toBe(4);
    expect(out).toContain("b/weak.py");
    expect(talk).toContain("broken.py: not looked at (parse-error)");
  });

  it.each([
    { what: "a path that does not exist", args: ["missing.py"] },
    { what: "a folder without programs", args: ["."] },
    { what: "an oracle that there is not", args: [".", "--oracle", "crystal-ball"] },
    { what: "a weakness that there is not", args: [".", "--cwe", "lots"] },
    { what: "no path", args: [] },
  ])("exits with 2 for $what", async ({ args }) => {
    expect((await fix(...args)).code).toBe(2);
  });
});
