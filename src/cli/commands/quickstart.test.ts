import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCli } from "../../../test/support/run-cli.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-quickstart-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("quickstart writes nothing into a folder of somebody else's", async () => {
  await writeFile(join(folder, "pairs.jsonl"), "mine\n");
  const { code, talk } = await runCli(["quickstart", "--out", "."], { cwd: folder });
  expect(code).toBe(2);
  expect(talk).toMatch(/is not empty and was not made by hexacoder/);
  expect(await readdir(folder)).toEqual(["pairs.jsonl"]);
});

it("quickstart --resume alone goes on with the last run", async () => {
  for (const name of ["quickstart", "quickstart-2"]) {
    await mkdir(join(folder, "runs", name), { recursive: true });
    await writeFile(join(folder, "runs", name, "somebody's.txt"), "");
  }
  const { code, talk } = await runCli(["quickstart", "--resume"], { cwd: folder });
  expect({ code, talk }).toEqual({ code: 2, talk: expect.stringMatching(/runs\/quickstart-2 is not empty/) });
});
