// The dataset commands as a user types them.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-dataset-cli-"));
  await mkdir(join(folder, "run"));
  const pairs = ["alpha", "beta", "gamma", "delta", "epsilon"].map((name) => ({
    ...{ id: name, cwe: "CWE-78", language: "python", changes: [], report: [], checks: {} },
    vulnerable: `import os\nimport subprocess\n\ndef ${name}(${name}_value):\n    ${name}_other = "${name}"\n    os.system(${name}_value)\n`,
    fixed: `import os\nimport subprocess\n\ndef ${name}(${name}_value):\n    ${name}_other = "${name}"\n    subprocess.run([${name}_value])\n`,
    repair: { by: "codemod:test", rounds: 1 },
    source: { kind: "seed", ref: name, family: name },
  }));
  await writeFile(
    join(folder, "run", "pairs.jsonl"),
    pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(""),
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<CommandResult> =>
  runCli(["dataset", ...args], { cwd: folder, env: {} });

describe("hexacoder dataset", { timeout: 120_000 }, () => {
  it("builds, and exports conversations and preferences in the parts that it split", async () => {
    const built = await run("build", "run", "--vulnerable-side", "--most-per-cwe", "4", "--out", "data");
    expect(built.code, built.talk).toBe(0);
    expect(built.talk).toContain("1 more than wanted of a weakness");
    for (const format of ["chat", "preference"]) {
      const { code, out, talk } = await run("export", "data", "--format", format, "--out", format, "--json");
      expect(code, talk).toBe(0);
      const { rows } = JSON.parse(out);
      expect(rows.train + rows.eval).toBe(4);
      expect((await readFile(join(folder, format, "train.jsonl"), "utf8")).split("\n")).toHaveLength(
        rows.train + 1,
      );
    }
  });

  it("says that there is nothing to draw where no seed has a weakness of the rows, before a model is started", async () => {
    await run("build", "run", "--out", "data");
    const path = join(folder, "data", "train.jsonl");
    await writeFile(path, (await readFile(path, "utf8")).replaceAll('"CWE-78"', '"CWE-15"'));
    const more = ["--model", "hf:nobody/none", "--adapter", "none", "--out", "more"];
    const { code, talk } = await run("extend", "data", ...more);
    expect(code, talk).toBe(2);
    expect(talk).toMatch(/nothing to draw from.*seeds/s);
  });

  it("names the benchmarks that a folder does not hold", async () => {
    const { code, talk } = await run("build", "run", "--benchmarks", ".", "--out", "data");
    expect(code).toBe(0);
    expect(talk).toContain("not in .:");
    expect(talk).toContain("humaneval");
  });

  it("pushes what is to be published of a dataset, with the Hub's client, and nothing that names this machine", async () => {
    await run("build", "run", "--out", "data");
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "bin/python"), "");
    await writeFile(join(folder, "bin/hf"), '#!/bin/sh\nprintf "%s\\n" "$@" > asked\n', { mode: 0o755 });
    const env = { HEXACODER_PYTHON: join(folder, "bin/python"), HF_TOKEN: "hf_secret" };
    const push = (...args: string[]): Promise<CommandResult> =>
      runCli(["dataset", "push", ...args], { cwd: folder, env: { ...process.env, ...env } });
    const { code, out, talk } = await push("data", "--to", "us/fixes");
    expect({ code, out }, talk).toEqual({ code: 0, out: "https://huggingface.co/datasets/us/fixes\n" });
    const asked = (await readFile(join(folder, "asked"), "utf8")).trim().split("\n");
    expect(asked.slice(0, 7)).toEqual([
      ...["upload", "us/fixes", join(folder, "data"), ".", "--repo-type", "dataset", "--private"],
    ]);
    expect(asked.filter((_word, i) => asked[i - 1] === "--include")).not.toContain("manifest.json");
    await writeFile(join(folder, "bin/hf"), "#!/bin/sh\necho 403 Forbidden >&2\nexit 1\n", { mode: 0o755 });
    expect(await push("data", "--to", "us/fixes")).toMatchObject({
      code: 4,
      talk: expect.stringContaining("could not be put to us/fixes: 403 Forbidden."),
    });
  });

  it.each([
    { what: "a folder of pairs", args: ["run", "--to", "us/fixes"], code: 2, says: /is no dataset/ },
    { what: "a name without its owner", args: ["run", "--to", "fixes"], code: 2, says: /ORG\/NAME/ },
  ])("does not push with $what", async ({ args, code, says }) => {
    const result = await run("push", ...args);
    expect(result.code).toBe(code);
    expect(result.talk).toMatch(says);
  });

  it("does not push without a token", async () => {
    await run("build", "run", "--out", "data");
    const { code, talk } = await runCli(["dataset", "push", "data", "--to", "us/fixes"], {
      cwd: folder,
      env: { HF_HOME: folder },
    });
    expect({ code, talk }).toEqual({ code: 3, talk: expect.stringContaining("HF_TOKEN is not set") });
  });

  it.each([
    { what: "a format that there is not", args: ["export", "data", "--format", "arrow", "--out", "x"] },
    { what: "a dataset that is not there", args: ["export", "nowhere", "--format", "chat", "--out", "x"] },
  ])("says in a paragraph what is wrong with $what", async ({ args }) => {
    const { code, talk } = await run(...args);
    expect(code).toBe(2);
    expect(talk).not.toContain("bug in hexacoder");
  });
});
