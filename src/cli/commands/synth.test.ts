import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSeeds } from "../../synthesis/sources/seeds.ts";
import { cli } from "../main.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-synth-cli-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; talk: string }> {
  let out = "";
  let talk = "";
  const code = await cli(["synth", ...args], {
    out: (text) => {
      out += text;
    },
    talk: (line) => {
      talk += `${line}\n`;
    },
    signal: new AbortController().signal,
    env: {},
    cwd: folder,
    interactive: false,
  });
  return { code, out, talk };
}

describe("hexacoder synth --language c", () => {
  it("looks at every C seed, and what comes of each is an outcome, never an error", async () => {
    const { code, out } = await run("--language", "c", "--out", "run", "--json");
    expect(code).toBe(0);
    const { proposed, unscanned, clean, flagged, unscannedReasons } = JSON.parse(out);
    expect(proposed).toBe((await readSeeds({ language: "c" })).length);
    expect(unscanned + clean + flagged).toBe(proposed);
    // What cannot be looked at says why.
    expect(Object.values<number>(unscannedReasons).reduce((sum, n) => sum + n, 0)).toBe(unscanned);
  });

  it("takes rows that name no language for C", async () => {
    await writeFile(join(folder, "rows.jsonl"), '{"code":"int main(void) { return 0; }\\n"}\n');
    await run("--language", "c", "--from", "jsonl:rows.jsonl", "--out", "run");
    expect(await readFile(join(folder, "run", "manifest.json"), "utf8")).toContain('"language": "c"');
  });
});
