import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createExecutionOracle } from "./oracle.ts";
import { checkPrograms } from "./programs-python.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "programs-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The environment with an interpreter that is this script. */
async function named(script: string): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, "python");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { ...process.env, HEXACODER_PROGRAMS_PYTHON: path };
}

const BARE = 'exec python3 -S "$@"';
const open = (env: NodeJS.ProcessEnv) => createExecutionOracle({ threatModels: ["remote"], env });

describe.skipIf(process.platform !== "linux")("the execution oracle", () => {
  it.each([
    ["without what programs use", BARE, /lacks what .* with \(flask, .*bottle.*hexaprobe\)/],
    ["that is none", "exit 0", /is no Python that runs/],
    ["that says something else", "echo Python", /is no Python that runs/],
  ])(
    "refuses an interpreter %s when it is opened, not with every program",
    async (_name, script, message) => {
      await expect(open(await named(script))).rejects.toMatchObject({
        code: "tool-missing",
        exitCode: 3,
        message: expect.stringMatching(message),
        remedy: expect.stringContaining("HEXACODER_PROGRAMS_PYTHON"),
      });
    },
  );

  it("refuses one that is not there", async () => {
    await expect(open({ HEXACODER_PROGRAMS_PYTHON: join(folder, "none") })).rejects.toMatchObject({
      code: "tool-missing",
      message: expect.stringContaining("none"),
    });
  });

  it("fails for the program, and ends, where the interpreter has gone since", async () => {
    const env = await named("echo '[]'");
    const oracle = await open(env);
    await rm(join(folder, "python"));
    await expect(oracle.examine("x = 1\n")).rejects.toMatchObject({ code: "tool-missing" });
    await expect(oracle.close()).resolves.toBeUndefined();
  });

  it("refuses another version's probes", async () => {
    const site = `import sys; sys.path.insert(0, sys.argv.pop(1)); exec(sys.argv.pop(1))`;
    await writeFile(join(folder, "hexaprobe.py"), "");
    const env = await named(`shift 2; code=$1; shift; exec python3 -S -c '${site}' "${folder}" "$code" "$@"`);
    await expect(checkPrograms(env, ["json", "hexaprobe.main"])).rejects.toThrow(/with \(hexaprobe\)/);
  });

  it("needs a sandbox beside it", async () => {
    const env = { ...(await named('PATH=/usr/local/bin:/usr/bin:/bin exec python3 "$@"')), PATH: "" };
    await expect(checkPrograms(env, ["json"])).rejects.toMatchObject({
      code: "sandbox-missing",
      exitCode: 3,
    });
    await expect(checkPrograms({ ...env, PATH: process.env.PATH }, ["json"])).resolves.toBeUndefined();
  });
});
