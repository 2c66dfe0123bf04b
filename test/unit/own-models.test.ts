// A framework of the user's own, as docs/oracle.md shows it, from the command line to the finding:
// the example is read out of the document, so that it cannot rot.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resource } from "../../src/util/resources.ts";
import { type CommandResult, runCli } from "../support/run-cli.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "own-models-"));
  await mkdir(join(cwd, "models"));
  await mkdir(join(cwd, "src"));
  const document = await readFile(resource("docs", "oracle.md"), "utf8");
  const example = /```yaml\n(# models\/ours\.yml\n[\s\S]*?)```/.exec(document)?.[1] ?? "";
  await writeFile(join(cwd, "models", "ours.yml"), example);
  await writeFile(join(cwd, "src", "app.py"), PROGRAM);
});
afterAll(() => rm(cwd, { recursive: true }));

const PROGRAM = `import ourweb
from ourweb import request

app = ourweb.App()


@app.page("/run/<name>")
def run(name):
    ourweb.shell("ls " + name)
    ourweb.shell(line=request.params["x"])
    return "<p>" + ourweb.quote_html(name) + ourweb.trim(name)


def send(kind):
    ourweb.send(request.body, type=kind)
    ourweb.send(request.body, type="text/html")
    ourweb.send(request.body, type="text/plain")
    ourweb.send(ourweb.quote_html(request.body))
`;

const run = (...args: string[]): Promise<CommandResult> => runCli([...args], { cwd });

describe("models of the user's own", () => {
  it("are what scan goes by", async () => {
    const { code, out } = await run("scan", "src", "--models", "models", "--format", "json");
    const [file] = JSON.parse(out).files;
    const found = file.findings.map((one: { cwes: string[]; region: { startLine: number } }) => [
      one.region.startLine,
      one.cwes[0],
    ]);
    expect({ code, found }).toEqual({
      code: 1,
      found: [
        [9, "CWE-78"],
        [10, "CWE-78"],
        [11, "CWE-79"],
        [16, "CWE-79"],
      ],
    });
    expect((await run("scan", "src")).code).toBe(0);
  });

  it("are what fix goes by", async () => {
    const { code, out, talk } = await run("fix", "src", "--models", "models");
    expect(code).toBe(1);
    expect(out + talk).toContain("CWE-78");
    expect((await run("fix", "src")).code).toBe(0);
  });

  it("are what synth goes by", async () => {
    const out = join(cwd, "run");
    const from = `files:${join(cwd, "src")}`;
    await run("synth", "--out", out, "--from", from, "--models", join(cwd, "models"));
    expect(JSON.parse(await readFile(join(out, "summary.json"), "utf8"))).toMatchObject({ flagged: 1 });
  });

  it.each([
    [
      "an unknown key",
      "sinks:\n  - { path: a.b, arg: 0, kind: command, clear: html }\n",
      /bad\.yml is not a valid model file: sinks\.0.*"clear"/,
    ],
    [
      "a wrong value",
      "sinks:\n  - { path: 7, arg: 0, kind: command }\n",
      /bad\.yml is not a valid model file: sinks\.0\.path/,
    ],
    ["no YAML", "sinks: [\n", /bad\.yml is not a valid model file/],
  ])("with %s are explained in one paragraph", async (_name, text, says) => {
    await mkdir(join(cwd, "bad"), { recursive: true });
    await writeFile(join(cwd, "bad", "bad.yml"), text);
    for (const command of ["scan", "fix"]) {
      const { code, talk } = await run(command, "src", "--models", "bad");
      expect(code).toBe(2);
      expect(talk).toMatch(says);
      expect(talk.trim().split("\n")).toHaveLength(1);
    }
  });
});
