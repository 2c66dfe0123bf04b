// Pairs out of clean code: the fixed side is what the user wrote, the vulnerable side what was made of it.
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type CodePair, codePairSchema } from "../../core/pair.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadPython } from "../../lang/python.ts";
import { createBuiltinOracle } from "../../oracle/engines/builtin.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { verifyRepair } from "../../repair/verify.ts";
import { limitSource } from "../candidate.ts";
import type { SynthSummary } from "../ledger.ts";
import { synthesise } from "../synthesis.ts";
import { filesSource } from "./files.ts";
import { weakenSource } from "./weaken.ts";

const CLEAN = {
  "a/loads.py":
    "import json\nimport yaml\n\n\ndef read(text):\n    return yaml.safe_load(text)\n\n\ndef parse(text):\n    return json.loads(text)\n",
  "b/runs.py":
    'import subprocess\n\n\ndef show(name):\n    subprocess.run(["cat", "--", name], check=True)\n',
  "c/weak.py": "def run(text):\n    return eval(text), int(text)\n",
  "d/broken.py": "def f(:\n",
  "e/nothing.py": "print(1)\n",
};

let python: LanguageSupport;
let detect: SecurityOracle;
let clean: string;
beforeAll(async () => {
  python = await loadPython();
  detect = await createBuiltinOracle({ threatModels: ["remote", "parameters"] });
  clean = await mkdtemp(join(tmpdir(), "hexacoder-clean-"));
  for (const [path, text] of Object.entries(CLEAN)) {
    await mkdir(join(clean, path, ".."), { recursive: true });
    await writeFile(join(clean, path), text);
  }
});

async function run(
  folder: string,
  count?: number,
): Promise<{ summary: SynthSummary; pairs: CodePair[]; bytes: string }> {
  const source = weakenSource({ files: await filesSource(clean), detect, language: python });
  const summary = await synthesise({
    folder,
    source: count === undefined ? source : limitSource(source, count),
    detect,
    repairer: {
      identity: "none",
      repair: () => Promise.reject(new Error("nobody is asked to repair what was weakened")),
    },
    verify: ({ candidate, ...request }) =>
      verifyRepair({ ...request, candidate: candidate.text, detect, verify: [detect] }),
    concurrency: 2,
    signal: new AbortController().signal,
  });
  const bytes = await readFile(join(folder, "pairs.jsonl"), "utf8");
  const pairs = bytes
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => codePairSchema.parse(JSON.parse(line)));
  return { summary, pairs, bytes };
}

const fresh = (): Promise<string> => mkdtemp(join(tmpdir(), "hexacoder-weaken-"));

describe("synthesis from weakened programs", () => {
  it("keeps the user's code as the fixed side, and says which rewrite made the other", async () => {
    const { pairs, summary } = await run(await fresh());
    expect(pairs.map(({ repair, source, cwe }) => [repair.by, source.family, cwe])).toEqual([
      ["weaken:object-loader", "a/loads.py", "CWE-502"],
      ["weaken:object-format", "a/loads.py", "CWE-502"],
      ["weaken:shell-string", "b/runs.py", "CWE-78"],
    ]);
    expect(pairs.map(({ fixed }) => fixed)).toEqual([
      CLEAN["a/loads.py"],
      CLEAN["a/loads.py"],
      CLEAN["b/runs.py"],
    ]);
    for (const pair of pairs) {
      expect(pair.source).toMatchObject({ kind: "weaken" });
      expect(pair.changes.length).toBeGreaterThan(0);
      expect(Object.values(pair.checks).filter(({ status }) => status === "failed")).toEqual([]);
    }
    expect(summary.byCwe["CWE-502"]).toMatchObject({ proposed: 2, flagged: 2, pairs: 2 });
  });

  it("uses no program for a weakness that it has already, and says what it could not read", async () => {
    const { summary } = await run(await fresh());
    expect(summary.unusable).toEqual({ "flagged-as-it-is": 1, "parse-error": 1 });
  });

  it("ends with the same bytes when it was cut short and resumed", async () => {
    const { bytes } = await run(await fresh());
    for (const cut of [1, 2, 4]) {
      const folder = await fresh();
      await run(folder, cut);
      expect((await run(folder)).bytes).toBe(bytes);
    }
  });
});
