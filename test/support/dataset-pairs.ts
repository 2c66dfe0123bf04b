// Pairs for tests of datasets, and a dataset built of them.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCweId } from "../../src/core/cwe.ts";
import type { CodePair } from "../../src/core/pair.ts";
import { type BuildOptions, buildDataset } from "../../src/dataset/build.ts";
import { loadLanguage } from "../../src/lang/registry.ts";
import { shortHashOf } from "../../src/util/hash.ts";

/** A new empty folder. */
export const datasetFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "hexacoder-dataset-"));

/** Names of functions that no two pairs share. */
export const pairNames = Array.from({ length: 20 }, (_, i) => `handler_${i}`);

/** A pair about a function of this name, different from that of any other name. */
export function pair(name: string, options: Partial<CodePair> = {}): CodePair {
  const words = Array.from({ length: 12 }, (_, i) => `${name}_${i}`).join(", ");
  const vulnerable = `import os\n\ndef ${name}(value):\n    ${words} = range(12)\n    os.system("run " + value)\n`;
  const fixed = `import subprocess\n\ndef ${name}(value):\n    ${words} = range(12)\n    subprocess.run(["run", value])\n`;
  const base = {
    cwe: parseCweId("CWE-78"),
    language: "python" as const,
    vulnerable,
    fixed,
    changes: [],
    report: [],
    repair: { by: "codemod:test", rounds: 1 },
    checks: {},
    source: { kind: "seed", ref: name, family: name },
    ...options,
  };
  return { id: shortHashOf(base), ...base };
}

/** Writes the pairs as a run and builds a dataset of it. */
export async function build(
  pairs: readonly CodePair[],
  more: Partial<BuildOptions> = {},
): Promise<{ out: string; facts: Awaited<ReturnType<typeof buildDataset>> }> {
  const run = await datasetFolder();
  await writeFile(join(run, "pairs.jsonl"), pairs.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const out = await datasetFolder();
  const options = {
    spans: "tokens",
    evalShare: 0.2,
    seed: 42,
    nearDuplicate: 0.9,
    familyField: "family",
  } as const;
  const languages = { python: await loadLanguage("python"), c: await loadLanguage("c") };
  return { out, facts: await buildDataset({ ...options, ...more, runs: [run], out, languages }) };
}
