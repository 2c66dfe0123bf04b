import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Manifest } from "../core/manifest.ts";
import { openRunFolder } from "./run-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-run-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const manifest = (options: Record<string, unknown>): Manifest => ({
  ...{ version: 1, kind: "test", options, inputs: {}, seeds: {}, identities: {}, versions: {} },
  startedAt: "2026-01-01T00:00:00.000Z",
});
const open = (options: Record<string, unknown>, resume = false): Promise<{ resumed: boolean }> =>
  openRunFolder(folder, manifest(options), { resume });

describe("a run folder", () => {
  it("whose run came no further than its manifest is taken again, with other options, too", async () => {
    await open({ loss: "dpo" });
    expect(await open({ loss: "masked" })).toEqual({ resumed: false });
    expect(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"))).toMatchObject({
      options: { loss: "masked" },
    });
  });

  it("that holds work is gone on with by the same run only, and only when asked to", async () => {
    await open({ n: 1 });
    await writeFile(join(folder, "rows.jsonl"), "{}\n");
    await expect(open({ n: 1 })).rejects.toMatchObject({ code: "run-exists" });
    await expect(open({ n: 2 }, true)).rejects.toMatchObject({ code: "run-mismatch" });
    expect(await open({ n: 1 }, true)).toEqual({ resumed: true });
  });

  it("of somebody else is left alone", async () => {
    await writeFile(join(folder, "precious.txt"), "mine");
    await expect(open({}, true)).rejects.toMatchObject({ code: "run-exists" });
  });
});
