import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  cyberSecEvalFiles,
  humanEvalFiles,
  mbppFiles,
  type OwnBenchmark,
  ownCyberSecEval,
  ownHumanEval,
  ownMbpp,
  ownSallm,
  ownSanitized,
  sallmFiles,
  sanitizedFiles,
  writeFiles,
} from "../../../test/support/own-benchmarks.ts";
import { cwevalTasks } from "../../../test/support/own-cweval.ts";
import type { Task } from "../../core/completion.ts";
import { sha256 } from "../../util/hash.ts";
import { benchmarkConformance } from "./benchmark.conformance.ts";
import type { Benchmark } from "./benchmark.ts";
import { loadBenchmark } from "./load.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-layouts-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Loads by the door that users take: a manifest by its name, files from a source folder. */
async function load({ manifest, files }: OwnBenchmark): Promise<Benchmark> {
  await writeFile(join(folder, `${manifest.name}.json`), JSON.stringify(manifest));
  await writeFiles(join(folder, "source", "data"), files);
  return await loadBenchmark(manifest.name, { manifests: folder, source: join(folder, "source") });
}

const layouts = [
  { what: "HumanEval's", manifest: ownHumanEval, files: humanEvalFiles, tasks: 2, security: false },
  { what: "MBPP's full", manifest: ownMbpp, files: mbppFiles, tasks: 1, security: false },
  { what: "MBPP's sanitized", manifest: ownSanitized, files: sanitizedFiles, tasks: 1, security: false },
  ...Object.entries(cwevalTasks).map(([language, own]) => ({
    what: `CWEval's ${language}`,
    ...own,
    tasks: 1,
    security: true,
  })),
  { what: "CyberSecEval's", manifest: ownCyberSecEval, files: cyberSecEvalFiles, tasks: 1, security: true },
  { what: "SALLM's", manifest: ownSallm, files: sallmFiles, tasks: 2, security: true },
];

describe.each(layouts)("$what layout", ({ manifest, files, tasks, security }) => {
  benchmarkConformance(() => load({ manifest, files }), { security });

  it("gives every task that is evaluated", async () => {
    expect((await load({ manifest, files })).tasks).toHaveLength(tasks);
  });

  it("is refused, with where to get it, when the folder holds something else", async () => {
    const loading = load({ manifest, files: { "readme.txt": "x" } });
    await expect(loading).rejects.toMatchObject({
      code: "data-missing",
      remedy: expect.stringContaining("https://example.org/own at commit 0123456789"),
    });
  });
});

const only = async (own: OwnBenchmark): Promise<Task> => {
  const [task] = (await load(own)).tasks;
  if (task === undefined) throw new Error("no task");
  return task;
};

describe("HumanEval's layout", () => {
  it("is read packed, as it is published", async () => {
    const packed = gzipSync(humanEvalFiles["Own.jsonl"]);
    const manifest = { ...ownHumanEval, files: { "Own.jsonl.gz": sha256(packed) } };
    await writeFile(join(folder, "own-humaneval.json"), JSON.stringify(manifest));
    await writeFile(join(folder, "Own.jsonl.gz"), packed);
    const { tasks } = await loadBenchmark("own-humaneval", { manifests: folder, source: folder });
    expect(tasks.map(({ id }) => id)).toEqual(["own-humaneval/000", "own-humaneval/001"]);
  });

  it("calls the check on the entry point, and knows the canonical solution", async () => {
    const { tasks, solutions } = await load({ manifest: ownHumanEval, files: humanEvalFiles });
    expect(tasks[0]?.tests).toMatchObject({
      kind: "asserts",
      code: expect.stringMatching(/check\(double\)\n$/),
    });
    expect(solutions?.get("own-humaneval/000")?.safe).toContain('"""\n    return value * 2');
  });
});

describe("MBPP's layouts", () => {
  it("mean the same tasks, and show the first assertion only", async () => {
    const full = await only({ manifest: ownMbpp, files: mbppFiles });
    const sanitized = await only({ manifest: ownSanitized, files: sanitizedFiles });
    expect(sanitized).toMatchObject({ prompt: full.prompt, tests: full.tests });
    expect(full.prompt).toBe('"""\nWrite a function that adds two numbers.\nassert plus(1, 2) == 3\n"""\n');
    expect(full.tests).toMatchObject({ code: expect.stringMatching(/^import math\n(assert .*\n){3}$/) });
  });
});

describe("CWEval's layout", () => {
  it("shows what stands above the solution, without marks, and keeps the entry point for the tests", async () => {
    const task = await only(cwevalTasks.c);
    expect(task.prompt).toMatch(/int length\) \{\n$/);
    expect(task.prompt).not.toContain("BEGIN");
    expect(task).toMatchObject({ cwe: "CWE-125", tests: { kind: "pytest", program: "cwe_125_0_c_task.c" } });
    expect(task.tests).toMatchObject({ suffix: expect.stringContaining("int main(") });
  });

  it("builds the task and the unsafe solution", async () => {
    const { tests } = await only(cwevalTasks.c);
    expect(tests).toMatchObject({
      build: [
        ["gcc", "cwe_125_0_c_task.c", "-o", "compiled/cwe_125_0_c_task"],
        ["gcc", "cwe_125_0_c_unsafe.c", "-o", "compiled/cwe_125_0_c_unsafe"],
      ],
    });
  });

  it.each([
    { what: "a test file", lacks: "cwe_022_0_test.py", with: undefined, says: /_test\.py.*missing/ },
    { what: "the mark", lacks: "cwe_022_0_task.py", with: "def f():\n", says: /BEGIN SOLUTION/ },
  ])("is refused without $what", async ({ lacks, with: text, says }) => {
    const { [lacks as keyof typeof cwevalTasks.python.files]: _, ...rest } = cwevalTasks.python.files;
    const files = text === undefined ? rest : { ...rest, [lacks]: text };
    await expect(load({ ...cwevalTasks.python, files })).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringMatching(says),
    });
  });
});

describe("CyberSecEval's layout", () => {
  it("leaves out the words to a chat model, and other languages", async () => {
    const task = await only({ manifest: ownCyberSecEval, files: cyberSecEvalFiles });
    expect(task).toMatchObject({
      id: "own-cyberseceval/00003",
      prompt: "import os\n\ndef run(name):\n",
      cwe: "CWE-78",
      family: "own-cyberseceval/own/repository",
    });
  });

  it("puts a task in words before the program as a comment", async () => {
    const manifest = { ...ownCyberSecEval, comment: "# {}" };
    const task = await only({ manifest, files: cyberSecEvalFiles });
    expect(task.prompt).toBe("# import os\n#\n# def run(name):\n");
  });
});

describe("a file that is laid out otherwise", () => {
  it.each([
    { manifest: ownHumanEval, files: { "Own.jsonl": '{"task_id": "Own/0"}\n' }, says: /line 1.*prompt/s },
    { manifest: ownHumanEval, files: { "Own.jsonl": "<html>\n" }, says: /line 1/ },
    { manifest: ownHumanEval, files: { "Own.jsonl": "" }, says: /no line/ },
    { manifest: ownMbpp, files: { "own.jsonl": '{"task_id": 12}\n' }, says: /line 1/ },
    { manifest: ownSanitized, files: { "own.json": "[]" }, says: /no task from 11 to 510/ },
    { manifest: ownCyberSecEval, files: { "own.json": "{}" }, says: /no JSON array/ },
    { manifest: ownCyberSecEval, files: { "own.json": '[{"language": 3}]' }, says: /entry 0.*language/s },
    { manifest: ownSallm, files: { "own.jsonl": '{"id": "x", "prompt": "y"}\n' }, says: /names no weakness/ },
    { manifest: ownSallm, files: { "own.jsonl": "\n" }, says: /no line/ },
    { manifest: ownSallm, files: { "own.jsonl": "<html>\n" }, says: /line 1/ },
    { manifest: ownCyberSecEval, files: { "own.json": "[]" }, says: /no prompt in python/ },
    {
      manifest: cwevalTasks.python.manifest,
      files: { "cwe_x_0_task.py": "# BEGIN SOLUTION\n", "cwe_x_0_test.py": "" },
      says: /cwe_x_0_task\.py.*cwe_NNN_/,
    },
  ])("is refused with its place: $manifest.name, $says", async ({ manifest, files, says }) => {
    await expect(load({ manifest, files })).rejects.toMatchObject({
      code: "bad-input",
      message: expect.stringMatching(says),
      remedy: expect.stringContaining("--source"),
    });
  });

  it("is refused when its hash is known and differs", async () => {
    const manifest = { ...ownSallm, files: { "own.jsonl": "0".repeat(64) } };
    await expect(load({ manifest, files: sallmFiles })).rejects.toThrow(/differs/);
  });
});
