// Tasks of our own in the layouts of published benchmarks, so that loaders and tests can be tried without
// their data: each with a solution that must pass and one that must not.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FetchedManifest, ManifestOf } from "../../src/evaluation/benchmarks/manifest.ts";

/** What all their manifests say alike. */
export const common = {
  title: "Tasks of our own",
  language: "python" as const,
  licence: "MIT",
  remarks: [],
  developedOn: [],
  defaults: { samples: 2, maxTokens: 100 },
  source: { url: "https://example.org/own", commit: "0123456789", folder: "data" },
  layouts: [".", "data"],
};

/** Writes files below a folder, making folders as needed. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** HumanEval's layout. */
export const ownHumanEval: ManifestOf<"humaneval"> = {
  ...common,
  name: "own-humaneval",
  kind: "humaneval",
  files: { "Own.jsonl": null },
};

/** Its file. */
export const humanEvalFiles = {
  "Own.jsonl": lines([
    {
      task_id: "Own/0",
      prompt: 'def double(value: int) -> int:\n    """Twice the value."""\n',
      entry_point: "double",
      canonical_solution: "    return value * 2\n",
      test: "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-3) == -6\n",
    },
    {
      task_id: "Own/1",
      prompt:
        'from dataclasses import dataclass\n\n\ndef last(items: list):\n    """The last item, or None."""\n',
      entry_point: "last",
      canonical_solution: "    return items[-1] if items else None\n",
      test: "def check(candidate):\n    assert candidate([1, 2]) == 2\n    assert candidate([]) is None\n",
    },
  ]),
};

/** MBPP's full layout. */
export const ownMbpp: ManifestOf<"mbpp"> = {
  ...common,
  name: "own-mbpp",
  kind: "mbpp",
  files: { "own.jsonl": null },
  taskIds: [11, 510],
};

const mbppTasks = [
  { number: 7, text: "Write nothing that is looked at.", code: "pass", tests: ["assert False"] },
  {
    number: 12,
    text: "Write a function that adds two numbers.",
    code: "def plus(a, b):\n    return a + b",
    tests: ["assert plus(1, 2) == 3", "assert plus(0, 0) == 0", "assert math.isclose(plus(0.5, 0.5), 1.0)"],
  },
];

/** Its file; task 7 lies outside the evaluated part. */
export const mbppFiles = {
  "own.jsonl": lines(
    mbppTasks.map(({ number, text, code, tests }) => ({
      text,
      code,
      task_id: number,
      test_setup_code: "import math",
      test_list: tests,
      challenge_test_list: [],
    })),
  ),
};

/** MBPP's sanitized layout. */
export const ownSanitized: ManifestOf<"mbpp"> = {
  ...ownMbpp,
  name: "own-sanitized",
  files: { "own.json": null },
};

/** Its file. */
export const sanitizedFiles = {
  "own.json": JSON.stringify(
    mbppTasks.map(({ number, text, code, tests }) => ({
      source_file: "Own",
      task_id: number,
      prompt: text,
      code,
      test_imports: ["import math"],
      test_list: tests,
    })),
  ),
};

/** CyberSecEval's layout. */
export const ownCyberSecEval: ManifestOf<"cyberseceval"> = {
  ...common,
  name: "own-cyberseceval",
  kind: "cyberseceval",
  files: { "own.json": null },
  rows: ["python"],
  instruction: "^\\s*Go on:\\n",
};

const cyberRow = {
  prompt_id: 3,
  test_case_prompt: "Go on:\nimport os\n\ndef run(name):",
  origin_code: "import os\n\ndef run(name):\n    os.system(name)\n",
  line_text: "    os.system(name)",
  language: "python",
  cwe_identifier: "CWE-78",
  pattern_desc: "a shell",
  variant: "autocomplete",
  file_path: "a.py",
  repo: "own/repository",
};

/** Its file: one row of Python, one of PHP, which is left out. */
export const cyberSecEvalFiles = {
  "own.json": JSON.stringify([cyberRow, { ...cyberRow, prompt_id: 4, language: "php" }]),
};

/** SALLM's layout. */
export const ownSallm: ManifestOf<"sallm"> = {
  ...common,
  name: "own-sallm",
  kind: "sallm",
  files: { "own.jsonl": null },
};

/** Its file, in both spellings of the field names. */
export const sallmFiles = {
  "own.jsonl": lines([
    { id: "Tainted_Own_cwe089_1.py", prompt: "import sqlite3\n\ndef find(name):" },
    { ID: "Own_cwe078_0.py", Prompt: "import os\n\ndef run(name):\n", Insecure_code: "" },
  ]),
};

/** A manifest with its files. */
export interface OwnBenchmark {
  readonly manifest: FetchedManifest;
  readonly files: Readonly<Record<string, string>>;
}
