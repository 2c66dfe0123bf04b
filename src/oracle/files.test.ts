// Folders as the file system gives them; that one may not be read is made up, because the superuser may read all.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findPrograms, readProgram } from "./files.ts";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const readdir = (path: string, options: { withFileTypes: true }): Promise<unknown> =>
    path.endsWith("locked")
      ? Promise.reject(Object.assign(new Error("no entry"), { code: "EACCES" }))
      : real.readdir(path, options);
  return { ...real, readdir };
});

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "hexacoder-files-"));
  await mkdir(join(cwd, "app/locked"), { recursive: true });
  await writeFile(join(cwd, "app/a.py"), "x = 1\n");
  await writeFile(join(cwd, "app/z.py"), "x = 1\n");
});
afterEach(() => rm(cwd, { recursive: true }));

async function found(path: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const one of findPrograms([path], { cwd, languages: ["python"] })) paths.push(one);
  return paths;
}

it("a folder that may not be read comes back unscanned, and those beside it are looked at", async () => {
  expect(await found("app")).toEqual(["app/a.py", "app/locked", "app/z.py"]);
  expect(await readProgram("app/locked", cwd)).toMatchObject({
    kind: "unscanned",
    result: { reason: "tool-failed", detail: "The folder could not be read." },
  });
});

it("a folder that was named and may not be read is an error", async () => {
  await expect(found("app/locked")).rejects.toMatchObject({ code: "read-failed" });
});
