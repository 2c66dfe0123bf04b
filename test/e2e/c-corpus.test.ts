// The C programs that the bundled model's recipe generates are what their labels say: every one parses, and the
// builtin oracle flags those that were made weak, and no other.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type CorpusCounts, judgeCorpus } from "../../bench/support/c-corpus.ts";
import { cweIdSchema } from "../../src/core/cwe.ts";
import { runProcess } from "../../src/util/process.ts";
import { trainerInterpreter } from "../../src/util/python.ts";
import { resource } from "../../src/util/resources.ts";

const rowSchema = z.object({ text: z.string(), cwe: cweIdSchema, weak: z.boolean() });

let folder: string;
let counts: ReadonlyMap<string, CorpusCounts>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-c-corpus-"));
  const python = trainerInterpreter(process.env) ?? "python3";
  const script = resource("models", "tiny", "recipe", "build_corpus.py");
  const options = [
    "--out",
    folder,
    "--programs",
    "400",
    "--c-share",
    "1",
    "--seed",
    "70000",
    "--workers",
    "1",
  ];
  const { ok, stderr } = await runProcess({ command: [python, script, ...options] });
  expect(stderr).toBe("");
  expect(ok).toBe(true);
  const text = await readFile(join(folder, "generated-c-70000.jsonl"), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  counts = await judgeCorpus(lines.map((line) => rowSchema.parse(JSON.parse(line))));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(["CWE-22", "CWE-190", "CWE-476", "CWE-787"])("generated C programs for %s", (cwe) => {
  it("parse, and can all be scanned", () => {
    const own = counts.get(cwe);
    expect(own?.n).toBeGreaterThan(50);
    expect(own).toMatchObject({ parse: own?.n, unscanned: 0 });
  });

  it("are flagged where they were made weak, and nowhere else", () => {
    const own = counts.get(cwe);
    expect(own?.missed).toEqual([]);
    expect(own?.wrong).toEqual([]);
  });
});
