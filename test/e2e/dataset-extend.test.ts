// `dataset extend` on the bundled model: pairs, an adapter, and what the model with it writes securely.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TrainingRow } from "../../src/core/pair.ts";
import { readRows } from "../../src/dataset/read-rows.ts";
import { loadLanguage } from "../../src/lang/registry.ts";
import { createExecutionOracle } from "../../src/oracle/execution/oracle.ts";
import { openOracle } from "../../src/oracle/registry.ts";
import { runCli } from "../support/run-cli.ts";

let folder: string;

async function hexacoder(...args: string[]): Promise<string> {
  const { code, talk, out } = await runCli(args, { cwd: folder, env: process.env });
  expect(code, talk).toBe(0);
  return out + talk;
}

const extend = (...more: string[]): Promise<string> =>
  hexacoder(
    ...["dataset", "extend", "data", "--model", "tiny", "--adapter", "adapter", "--samples", "1"],
    ...["--out", "more", ...more],
  );

async function sampled(dataset = "more"): Promise<TrainingRow[]> {
  const rows: TrainingRow[] = [];
  for await (const row of readRows(join(folder, dataset), "train")) {
    if (row.source.kind === "sampled") rows.push(row);
  }
  return rows;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-extend-"));
  await hexacoder("synth", "--from", "seeds", "--cwe", "611", "--out", "pairs");
  await hexacoder("dataset", "build", "pairs", "--out", "data");
  await hexacoder("train", "--data", "data", "--base", "tiny", "--max-steps", "6", "--out", "adapter");
  await extend();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("dataset extend, with a real model", () => {
  it("adds programs that parse, in which the oracle finds nothing, of families without a held-out row", async () => {
    const rows = await sampled();
    expect(rows.length).toBeGreaterThan(3);
    const python = await loadLanguage("python");
    const oracle = await openOracle("builtin", { threatModels: ["remote"] });
    const held = new Set<unknown>();
    for await (const { source } of readRows(join(folder, "data"), "eval")) held.add(source.family);
    expect(held.size).toBeGreaterThan(0);
    for (const { text, changes, source, id } of rows) {
      expect(python.parses(text), text).toBe(true);
      const [result] = await oracle.scan([{ path: id, language: "python", text }]);
      expect(result).toMatchObject({ status: "scanned", findings: [] });
      expect(changes.at(-1)?.end).toBe(text.length);
      expect(held).not.toContain(source.family);
    }
  });

  it("that was cut short and resumed draws only what is missing, and comes to the same rows", async () => {
    const before = await readFile(join(folder, "more", "train.jsonl"), "utf8");
    const path = join(folder, "more", "completions.jsonl");
    const drawn = (await readFile(path, "utf8")).trimEnd().split("\n");
    const kept = drawn.slice(0, Math.floor(drawn.length / 2));
    await writeFile(path, `${kept.join("\n")}\n${drawn.at(-1)?.slice(0, 40)}`);
    await rm(join(folder, "more", "train.jsonl"));
    await extend("--resume");
    const after = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(after.slice(0, kept.length)).toEqual(kept);
    expect([...after].sort()).toEqual([...drawn].sort());
    expect(await readFile(join(folder, "more", "train.jsonl"), "utf8")).toBe(before);
  });

  it.skipIf(process.platform !== "linux")(
    "with --works learns only from programs that a benign use leaves whole",
    async () => {
      await hexacoder(
        ...["dataset", "extend", "data", "--model", "tiny", "--adapter", "adapter", "--samples", "1"],
        ...["--works", "--out", "working"],
      );
      const oracle = await createExecutionOracle({ threatModels: ["remote"] });
      const rows = await sampled("working");
      expect(rows.length).toBeGreaterThan(0);
      const failures: (string | undefined)[] = [];
      for (const { text } of rows) {
        expect(await oracle.whyItFails(text), text).toBeUndefined();
        // The same program with a name that is nowhere, before the first line of a handler that reads the request.
        const broken = text.replace(/^( +)(?!["'@#])(.*\brequest\b.*)$/m, "$1undefined_name()\n$1$2");
        failures.push(await oracle.whyItFails(broken));
      }
      expect(failures).toContain("NameError");
      await oracle.close();
      const manifest = JSON.parse(await readFile(join(folder, "working", "manifest.json"), "utf8"));
      expect(manifest).toMatchObject({
        options: { works: true },
        identities: { works: expect.stringMatching(/^execution@/) },
      });
    },
  );
});
