import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HexacoderError } from "../../core/errors.ts";
import { sha256 } from "../../util/hash.ts";
import { benchmarkConformance } from "./benchmark.conformance.ts";
import { fetchBenchmark } from "./fetch.ts";
import { loadFolders } from "./folders.ts";
import { limitTasks, loadBenchmark } from "./load.ts";
import { benchmarkNames, type FoldersManifest, readBenchmarkManifest } from "./manifest.ts";
import { loadShipped } from "./shipped.ts";

const prompts: Record<string, string> = {
  "CWE-022/gpt4_CWE-022_0_3.py": "import tarfile\n\ndef unpack(path):\n",
  "CWE-022/gpt4_CWE-022_0_5.py": "import tarfile\n\ndef unpack_all(path):\n    '''no newline at the end'''",
  "CWE-089/own_CWE-089_1_0.py": "def find(name):\n    # grüße 😀\n",
};

function manifest(change: Partial<FoldersManifest> = {}): FoldersManifest {
  return {
    name: "mini",
    kind: "folders",
    title: "Three prompts",
    language: "python",
    licence: "MIT",
    remarks: [],
    developedOn: [],
    defaults: { samples: 5, maxTokens: 200 },
    source: {
      url: "https://example.org/x/y",
      commit: "0123456789",
      folder: "b/mini",
      raw: "https://raw.example.org",
    },
    layouts: [".", "python", "mini/python"],
    family: "^(.+)_\\d+$",
    operations: { "CWE-22": "extract-archive", "gpt4_CWE-022_0_5": "open-file" },
    files: Object.fromEntries(Object.entries(prompts).map(([path, text]) => [path, sha256(text)])),
    ...change,
  };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-benchmarks-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(base: string, files: Record<string, string> = prompts): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), text);
  }
}

describe("a benchmark in folders", () => {
  describe("conforms", () => {
    benchmarkConformance(async () => {
      await write(folder);
      return loadFolders(manifest(), folder);
    });
  });

  it.each([".", "python", "mini/python"])("is found when it lies at %s", async (layout) => {
    await write(join(folder, layout));
    expect((await loadFolders(manifest(), folder)).tasks).toHaveLength(3);
  });

  it("takes families from file names, and operations by weakness or by file", async () => {
    await write(folder);
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
    await write(folder);
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
    if (files !== undefined) await write(source, files);
    const error = await loadFolders(manifest(), source).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HexacoderError);
    expect(error).toMatchObject({
      code,
      remedy: expect.stringMatching(/https:\/\/example\.org\/x\/y at commit 0123456789/),
    });
  });

  it("refuses bytes that are not UTF-8", async () => {
    await write(folder);
    const path = "CWE-089/own_CWE-089_1_0.py";
    await writeFile(join(folder, path), Buffer.from([0xff, 0xfe, 0x41]));
    const files = { ...manifest().files, [path]: null };
    await expect(loadFolders(manifest({ files }), folder)).rejects.toThrow(/not UTF-8/);
  });
});

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
    write(join(folder, "own"), { ...files, "prompts.json": JSON.stringify(list(frozen)) });

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

describe("the benchmarks of the package", () => {
  it("have manifests that name themselves", async () => {
    const names = await benchmarkNames();
    expect(names).toEqual([
      "codelmsec",
      "codelmsec-c",
      "cweval",
      "cweval-c",
      "cweval-cpp",
      "cweval-go",
      "cweval-js",
      "cyberseceval-autocomplete",
      "cyberseceval-autocomplete-c",
      "cyberseceval-instruct",
      "cyberseceval-instruct-c",
      "hexabench",
      "hexabench-c",
      "hexabench-c-dev",
      "hexabench-dev",
      "humaneval",
      "mbpp",
      "mbpp-sanitized",
      "pearce",
      "pearce-c",
      "sallm",
      "unseen",
    ]);
    for (const name of names) expect((await readBenchmarkManifest(name)).name).toBe(name);
  });

  it.each([
    { name: "codelmsec", files: 200 },
    { name: "codelmsec-c", files: 80 },
    { name: "pearce", files: 15 },
    { name: "pearce-c", files: 10 },
    { name: "unseen", files: 18 },
  ])("list $files files for $name", async ({ name, files }) => {
    const read = await readBenchmarkManifest(name);
    expect(read.kind === "folders" ? Object.keys(read.files).length : 0).toBe(files);
  });

  it.each([
    { name: "hexabench", tasks: 64 },
    { name: "hexabench-dev", tasks: 24 },
    { name: "hexabench-c", tasks: 32 },
    { name: "hexabench-c-dev", tasks: 12 },
  ])("load $name with its $tasks prompts, unchanged since it was frozen", async ({ name, tasks }) => {
    expect((await loadBenchmark(name)).tasks).toHaveLength(tasks);
  });

  it("are listed when a name is not known", async () => {
    await expect(loadBenchmark("codelm")).rejects.toMatchObject({
      code: "unknown-benchmark",
      remedy: expect.stringContaining("codelmsec, codelmsec-c, cweval"),
    });
  });
});

describe("a limit", () => {
  const tasks = ["a", "a", "a", "b", "c"].map((cwe, place) => ({ cwe, place }));

  it.each([
    { limit: 3, expected: [0, 3, 4] },
    { limit: 4, expected: [0, 1, 3, 4] },
    { limit: 9, expected: [0, 1, 2, 3, 4] },
    { limit: undefined, expected: [0, 1, 2, 3, 4] },
  ])("of $limit takes the weaknesses in turn", ({ limit, expected }) => {
    expect(limitTasks(tasks, limit).map(({ place }) => place)).toEqual(expected);
  });
});
