import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFiles } from "../../../test/support/own-benchmarks.ts";
import { sha256 } from "../../util/hash.ts";
import { benchmarkConformance } from "./benchmark.conformance.ts";
import { loadShipped } from "./shipped.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-shipped-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a shipped benchmark", () => {
  const files = { "python/a.py": "def a():\n", "python/b.py": "def b():\n", "python/c.py": "def c():\n" };
  const list = (hash: string) => ({
    prompts: [
      { id: "own/CWE-022/b", file: "python/b.py", cwe: "CWE-22", split: "test", operation: "open-file" },
      { id: "own/CWE-020/a", file: "python/a.py", cwe: "CWE-20", split: "test", operation: "check-url" },
      { id: "own/CWE-020/c", file: "python/c.py", cwe: "CWE-20", split: "dev", operation: "check-url" },
    ],
    frozen: { sha256: hash },
  });
  const shipped = {
    name: "own",
    kind: "shipped" as const,
    title: "Two prompts",
    language: "python" as const,
    licence: "MIT",
    remarks: [],
    developedOn: [],
    defaults: { samples: 5, maxTokens: 200 },
    folder: "own",
    split: "test",
  };
  const hash = sha256("own/CWE-020/a\ndef a():\n\nown/CWE-022/b\ndef b():\n\n");
  const prepare = (frozen: string) =>
    writeFiles(join(folder, "own"), { ...files, "prompts.json": JSON.stringify(list(frozen)) });

  describe("conforms", () => {
    benchmarkConformance(async () => {
      await prepare(hash);
      return loadShipped(shipped, folder);
    });
  });

  it("refuses test prompts that were changed", async () => {
    await prepare(hash);
    await writeFile(join(folder, "own/python/a.py"), "def a(): \n");
    await expect(loadShipped(shipped, folder)).rejects.toMatchObject({ code: "bad-input", exitCode: 2 });
  });

  it("lets the prompts for development change", async () => {
    await prepare("0".repeat(64));
    expect((await loadShipped({ ...shipped, split: "dev" }, folder)).tasks).toHaveLength(1);
  });
});
