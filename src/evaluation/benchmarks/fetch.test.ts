import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manifest, prompts } from "../../../test/support/own-folders.ts";
import { fetchBenchmark } from "./fetch.ts";
import { loadFolders } from "./folders.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-fetch-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("fetching", () => {
  const serve =
    (asked: string[], texts = prompts) =>
    (url: string) => {
      asked.push(url);
      const path = url.split("/b/mini/")[1] ?? "";
      const text = texts[path];
      return Promise.resolve(text === undefined ? new Response("", { status: 404 }) : new Response(text));
    };

  it("gets each file from the commit, once", async () => {
    const asked: string[] = [];
    const options = { cache: folder, fetch: serve(asked) };
    const base = await fetchBenchmark(manifest(), options);
    expect((await loadFolders(manifest(), base)).tasks).toHaveLength(3);
    expect(asked.sort()[0]).toBe("https://raw.example.org/0123456789/b/mini/CWE-022/gpt4_CWE-022_0_3.py");
    await fetchBenchmark(manifest(), options);
    expect(asked).toHaveLength(3);
  });

  it("gets a file of the cache again when it was damaged", async () => {
    const asked: string[] = [];
    const base = await fetchBenchmark(manifest(), { cache: folder, fetch: serve(asked) });
    await writeFile(join(base, "CWE-022/gpt4_CWE-022_0_3.py"), "half");
    await fetchBenchmark(manifest(), { cache: folder, fetch: serve(asked) });
    expect(asked).toHaveLength(4);
  });

  it.each([
    { what: "a missing file", fetch: serve([], {}) },
    { what: "another file", fetch: serve([], { ...prompts, "CWE-089/own_CWE-089_1_0.py": "<html>" }) },
    { what: "no network", fetch: () => Promise.reject(new TypeError("fetch failed")) },
  ])("says where to get it by hand after $what", async ({ fetch }) => {
    await expect(fetchBenchmark(manifest(), { cache: folder, fetch })).rejects.toMatchObject({
      code: "data-missing",
      exitCode: 3,
      remedy: expect.stringContaining("--source"),
    });
  });

  it("stops when it is cancelled", async () => {
    const signal = AbortSignal.abort();
    const fetch = () => Promise.reject(signal.reason);
    await expect(fetchBenchmark(manifest(), { cache: folder, fetch, signal })).rejects.toHaveProperty(
      "name",
      "AbortError",
    );
  });
});
