import { describe, expect, it } from "vitest";
import { limitTasks, loadBenchmark } from "./load.ts";
import { benchmarkNames, readBenchmarkManifest } from "./manifest.ts";

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

  it("say which of them the builtin oracle was developed on", async () => {
    const names = await benchmarkNames();
    const read = await Promise.all(names.map((name) => readBenchmarkManifest(name)));
    const marked = read.filter(({ developedOn }) => developedOn.includes("builtin")).map(({ name }) => name);
    expect(marked).toEqual(["codelmsec", "codelmsec-c", "hexabench-c-dev", "hexabench-dev", "sallm"]);
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
