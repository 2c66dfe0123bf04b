import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../../../test/support/run-cli.ts";

it("quickstart writes nothing into a folder of somebody else's", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hexacoder-quickstart-"));
  try {
    await writeFile(join(folder, "pairs.jsonl"), "mine\n");
    const { code, talk } = await runCli(["quickstart", "--out", "."], { cwd: folder });
    expect(code).toBe(2);
    expect(talk).toMatch(/is not empty and was not made by hexacoder/);
    expect(await readdir(folder)).toEqual(["pairs.jsonl"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
