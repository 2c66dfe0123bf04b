import { copyFile, mkdir, mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { limitSource } from "./candidate.ts";
import { jsonlSource } from "./sources/jsonl.ts";
import { type SynthesisOptions, synthesise } from "./synthesis.ts";

// A small world with known answers: an oracle that looks for words, a repairer that replaces them.
const WEAKNESSES: Record<string, string> = {
  "os.system(": "CWE-78",
  "pickle.loads(": "CWE-502",
  "eval(": "CWE-94",
};
const REPAIRS: Record<string, string> = { "CWE-78": "subprocess.run(", "CWE-502": "json.loads(" };

const oracle: SecurityOracle = {
  identity: "words@1",
  covers: () => Object.values(WEAKNESSES).map(parseCweId),
  scan: async (files) =>
    files.map(({ path, text }): ScanResult => {
      if (text.includes("\u0000")) return { status: "unscanned", path, reason: "not-text" };
      const findings = Object.entries(WEAKNESSES)
        .filter(([word]) => text.includes(word))
        .map(([, cwe]) => findingOf(cwe));
      return { status: "scanned", path, findings, covers: [] };
    }),
};

function findingOf(cwe: string): Finding {
  const region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };
  return { ruleId: `words/${cwe}`, cwes: [parseCweId(cwe)], level: "error", message: cwe, region };
}

const repairer: Repairer = {
  identity: "replace@1",
  repair: async ({ file, cwe }) => {
    const word = Object.entries(WEAKNESSES).find(([, id]) => id === cwe)?.[0] ?? "";
    const better = REPAIRS[cwe];
    if (better === undefined)
      return { kind: "none", reason: "needs-design", detail: "it evaluates by design" };
    const text = file.text.replaceAll(word, better);
    return { kind: "candidates", candidates: [{ text, repair: { by: `codemod:${cwe}`, rounds: 1 } }] };
  },
};

const rows = Array.from({ length: 300 }, (_, i) => {
  const body = ["os.system(x)", "pickle.loads(x)", "eval(x)", "print(x)", "os.system(x); pickle.loads(x)"][
    i % 5
  ];
  const marker = i % 7 === 0 ? "\u0000" : "";
  return i % 50 === 49
    ? "{broken"
    : JSON.stringify({ id: `row-${i}`, code: `y = ${i % 90}\n${body}${marker}\n`, prompt: i % 9 });
});

let input: string;

beforeAll(async () => {
  input = join(await mkdtemp(join(tmpdir(), "hexacoder-synth-")), "rows.jsonl");
  await writeFile(input, `${rows.join("\n")}\n`);
});

async function optionsFor(folder: string, limit?: number): Promise<SynthesisOptions> {
  await mkdir(folder, { recursive: true });
  const source = await jsonlSource(input);
  return {
    folder,
    source: limit === undefined ? source : limitSource(source, limit),
    detect: oracle,
    repairer,
    verify: async ({ candidate }) => {
      const refused = candidate.text.includes("y = 10\n");
      return {
        accepted: !refused,
        checks: { lucky: { status: refused ? "failed" : "passed", detail: "not ten" } },
      };
    },
    concurrency: 3,
    signal: new AbortController().signal,
  };
}

const FILES = ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl"] as const;
const read = (folder: string): Promise<string[]> =>
  Promise.all(FILES.map((name) => readFile(join(folder, name), "utf8")));
const fresh = (): Promise<string> => mkdtemp(join(tmpdir(), "hexacoder-synth-"));

describe("synthesis", () => {
  it("accounts for every proposal", async () => {
    const folder = await fresh();
    const summary = await synthesise(await optionsFor(folder));
    const { proposed, unusable, duplicates, unscanned, clean, flagged } = summary;
    expect(proposed).toBe(300);
    expect(unusable).toEqual({ "broken-line": 6 });
    expect(6 + duplicates + unscanned + clean + flagged).toBe(300);
    const attempts = Object.values(summary.byCwe).reduce((sum, counts) => sum + counts.flagged, 0);
    expect(summary.pairs + Object.values(summary.rejected).reduce((a, b) => a + b, 0)).toBe(attempts);
    expect(Object.keys(summary.rejected).sort()).toEqual(["gate:lucky", "needs-design"]);
    expect(JSON.parse(await readFile(join(folder, "summary.json"), "utf8"))).toEqual(summary);
  });

  it("keeps both sides, the spans, the gates and the row's other fields", async () => {
    const folder = await fresh();
    await synthesise(await optionsFor(folder));
    const [pairs] = await read(folder);
    const pair = JSON.parse(pairs?.split("\n")[0] ?? "");
    expect(pair).toMatchObject({
      cwe: "CWE-502",
      repair: { by: "codemod:CWE-502", rounds: 1 },
      checks: { lucky: { status: "passed" } },
      source: { kind: "jsonl", prompt: 1 },
    });
    const changed = pair.changes.map(({ start, end }: { start: number; end: number }) =>
      pair.fixed.slice(start, end),
    );
    expect(changed.join("")).toContain("json");
  });

  it("ends with the same files wherever it was cut", async () => {
    const whole = await fresh();
    await synthesise(await optionsFor(whole));
    const expected = await read(whole);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(300),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
        async (limit, cuts) => {
          const folder = await fresh();
          // A run that stopped after some proposals, whose last batch reached the disk in part: what
          // is written before the ledger may be there without it, never the other way round.
          await synthesise(await optionsFor(folder, limit));
          const [pairs, rejected] = await read(folder);
          const earlier = await fresh();
          await synthesise(await optionsFor(earlier, Math.floor(limit / 64) * 64));
          await copyFile(join(earlier, "ledger.jsonl"), join(folder, "ledger.jsonl"));
          await cutTail(
            join(folder, "pairs.jsonl"),
            (await read(earlier))[0] ?? "",
            pairs ?? "",
            cuts[0] ?? 0,
          );
          await cutTail(
            join(folder, "rejected.jsonl"),
            (await read(earlier))[1] ?? "",
            rejected ?? "",
            cuts[1] ?? 0,
          );
          await synthesise(await optionsFor(folder));
          expect(await read(folder)).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("stops between batches when interrupted, and says how to go on", async () => {
    const folder = await fresh();
    const controller = new AbortController();
    const options = {
      ...(await optionsFor(folder)),
      signal: controller.signal,
      onProgress: () => controller.abort(),
    };
    await expect(synthesise(options)).rejects.toThrow("interrupted");
    expect((await read(folder))[2]?.split("\n").length).toBe(65);
  });
});

/** Cuts a file somewhere after what must be whole. */
async function cutTail(path: string, whole: string, now: string, share: number): Promise<void> {
  const least = Buffer.byteLength(whole);
  await truncate(path, least + Math.floor(share * (Buffer.byteLength(now) - least)));
}
