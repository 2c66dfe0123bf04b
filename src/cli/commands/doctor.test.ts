import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandResult, runCli } from "../../../test/support/run-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-doctor-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (args: string[], env: NodeJS.ProcessEnv): Promise<CommandResult> =>
  runCli(["doctor", ...args], { cwd: folder, env });

it("a missing trainer environment is exit 3 with the command that gets it", async () => {
  const { out, code } = await run([], { HEXACODER_VENV: folder });
  expect(code).toBe(3);
  expect(out).toContain("✗ trainer environment: ");
  expect(out).toContain("npm run setup");
});

it("keys are named as set, and never shown", async () => {
  const { out } = await run([], { HEXACODER_VENV: folder, OPENAI_API_KEY: "sk-very-secret" });
  expect(out).toContain("✓ OPENAI_API_KEY: set");
  expect(out).not.toContain("secret");
});

it("--json is one object with a verdict", async () => {
  const { out } = await run(["--json"], { HEXACODER_VENV: folder });
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    checks: expect.arrayContaining([expect.objectContaining({ name: "Node", status: "ok", licence: "MIT" })]),
  });
});

it("without the environment of programs under test, running programs is absent, not missing", async () => {
  const { out } = await run([], { HEXACODER_VENV: join(folder, "none") });
  expect(out).toContain("· oracle execution: The environment in which programs are run is not there");
});

it("an environment that lacks what running programs needs is said with what it lacks", async () => {
  const python = join(folder, "python");
  await writeFile(python, `#!/bin/sh\nexec python3 -S "$@"\n`, { mode: 0o755 });
  const { out } = await run([], {
    ...process.env,
    HEXACODER_VENV: folder,
    HEXACODER_PROGRAMS_PYTHON: python,
  });
  expect(out).toMatch(/· oracle execution: .* lacks what .*\(flask, /);
  expect(out).toContain("HEXACODER_PROGRAMS_PYTHON");
});

it("names the optional package for models in GGUF files, and how to get it", async () => {
  const { out } = await run([], { HEXACODER_VENV: folder, HEXACODER_GGUF: join(folder, "none") });
  expect(out).toContain("· models gguf:FILE: node-llama-cpp not found");
  expect(out).toContain("hexacoder setup --gguf");
});
