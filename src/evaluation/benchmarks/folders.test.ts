import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFiles } from "../../../test/support/own-benchmarks.ts";
import { manifest, prompts } from "../../../test/support/own-folders.ts";
import { HexacoderError } from "../../core/errors.ts";
import { benchmarkConformance } from "./benchmark.conformance.ts";
import { loadFolders } from "./folders.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-folders-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a benchmark in folders", () => {
  describe("conforms", () => {
    benchmarkConformance(async () => {
      await writeFiles(folder, prompts);
      return loadFolders(manifest(), folder);
    });
  });

  it.each([".", "python", "mini/python"])("is found when it lies at %s", async (layout) => {
    await writeFiles(join(folder, layout), prompts);
    expect((await loadFolders(manifest(), folder)).tasks).toHaveLength(3);
  });

  it("takes families from file names, and operations by weakness or by file", async () => {
    await writeFiles(folder, prompts);
    const { tasks } = await loadFolders(manifest(), folder);
    expect(tasks.map(({ id, family, operation }) => ({ id, family, operation }))).toEqual([
      {
        id: "mini/CWE-022/gpt4_CWE-022_0_3",
        family: "mini/CWE-022/gpt4_CWE-022_0",
        operation: "extract-archive",
      },
      { id: "mini/CWE-022/gpt4_CWE-022_0_5", family: "mini/CWE-022/gpt4_CWE-022_0", operation: "open-file" },
      { id: "mini/CWE-089/own_CWE-089_1_0", family: "mini/CWE-089/own_CWE-089_1", operation: undefined },
    ]);
  });

  it("keeps every byte of a prompt", async () => {
    await writeFiles(folder, prompts);
    const { tasks } = await loadFolders(manifest(), folder);
    expect(tasks.map((task) => task.prompt)).toEqual(Object.values(prompts));
  });

  it.each([
    { what: "a folder that is not there", files: undefined, code: "data-missing" },
    { what: "a folder of something else", files: { "readme.txt": "x" }, code: "data-missing" },
    {
      what: "a missing file",
      files: { "CWE-089/own_CWE-089_1_0.py": "def find(name):\n    # grüße 😀\n" },
      code: "bad-input",
    },
    {
      what: "a changed file",
      files: { ...prompts, "CWE-089/own_CWE-089_1_0.py": "changed" },
      code: "bad-input",
    },
  ])("refuses $what, and says where to get it", async ({ files, code }) => {
    const source = join(folder, "given");
    if (files !== undefined) await writeFiles(source, files);
    const error = await loadFolders(manifest(), source).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HexacoderError);
    expect(error).toMatchObject({
      code,
      remedy: expect.stringMatching(/https:\/\/example\.org\/x\/y at commit 0123456789/),
    });
  });

  it("refuses bytes that are not UTF-8", async () => {
    await writeFiles(folder, prompts);
    const path = "CWE-089/own_CWE-089_1_0.py";
    await writeFile(join(folder, path), Buffer.from([0xff, 0xfe, 0x41]));
    const files = { ...manifest().files, [path]: null };
    await expect(loadFolders(manifest({ files }), folder)).rejects.toThrow(/not UTF-8/);
  });
});
