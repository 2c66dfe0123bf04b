// What a worker, and a run that wants workers, say when there is no queue; work itself is tested in test/e2e.
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../../../test/support/run-cli.ts";

const SYNTH = ["synth", "--count", "1", "--out", "run"];

// Opening the oracle takes seconds on a busy machine.
it.each([
  { args: ["worker"], code: 2, says: "worker needs the address of the Redis server" },
  { args: ["worker", "--queue", "host:1"], code: 2, says: "--queue is not the address of a Redis server" },
  { args: ["worker", "--queue", "redis://127.0.0.1:1"], code: 3, says: "No Redis server lets us in" },
  { args: ["worker", "--queue", "redis://h", "--lease", "0"], code: 2, says: "--lease" },
  { args: [...SYNTH, "--queue", "redis://:4711-secret@127.0.0.1:1"], code: 3, says: "(ECONNREFUSED)" },
  { args: [...SYNTH, "--queue", "http://u:4711-secret@h"], code: 2, says: "Write it as redis://host:6379" },
])("hexacoder $args ends with $code and says: $says", { timeout: 120_000 }, async ({ args, code, says }) => {
  const cwd = await mkdtemp(join(tmpdir(), "hexacoder-worker-"));
  const result = await runCli(args, { cwd });
  expect(result.talk).toContain(says);
  expect(result.talk).not.toContain("4711");
  expect(result.talk).not.toContain("bug in hexacoder");
  expect(result.code).toBe(code);
  expect(await readdir(cwd)).toEqual([]);
});
