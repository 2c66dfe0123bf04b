// How the oracle does on C where no CodeQL verdicts are at hand: of the authors' fixed programs, how
// many it flags (`--authors FILE`, their train.jsonl); of SVEN's functions before and after their
// fixes, how many for their weakness (`--sven DIR`). Prints two tables.
// npm run bench -- bench/c-agreement.ts --authors train.jsonl --sven sven [--list]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseCweId } from "../src/core/cwe.ts";
import type { ScanResult } from "../src/core/finding.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";

const { values: options } = parseArgs({
  options: {
    authors: { type: "string" },
    sven: { type: "string" },
    list: { type: "boolean", default: false },
  },
});

/** Weaknesses that the authors trained on in C. */
const TRAINED = ["CWE-22", "CWE-190", "CWE-476", "CWE-787"];
/** A write or read outside of a buffer is one weakness under several numbers. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  "CWE-787": ["CWE-787", "CWE-125"],
  "CWE-125": ["CWE-125", "CWE-787"],
  "CWE-416": ["CWE-416", "CWE-415"],
};

function rows(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

function weaknesses(result: ScanResult | undefined): Set<string> | undefined {
  if (result?.status !== "scanned") return undefined;
  return new Set(result.findings.filter(({ level }) => level !== "note").map(({ cwes }) => String(cwes[0])));
}

async function authors(file: string): Promise<void> {
  const oracle = await createBuiltinOracle({ threatModels: ["remote", "local"] });
  const texts = rows(file)
    .map(({ text }) => String(text))
    .filter((text) => /^\s*#\s*include\b/m.test(text));
  const counts = new Map<string, number>();
  let flagged = 0;
  let unscanned = 0;
  const began = performance.now();
  for (const [index, text] of texts.entries()) {
    const [result] = await oracle.scan([{ path: `${index}.c`, language: "c", text }]);
    const found = weaknesses(result);
    if (found === undefined) unscanned++;
    const trained = TRAINED.filter((cwe) => found?.has(cwe));
    if (trained.length > 0) flagged++;
    for (const cwe of trained) counts.set(cwe, (counts.get(cwe) ?? 0) + 1);
    if (options.list && result?.status === "scanned") {
      for (const { cwes, region } of result.findings) {
        console.log(
          `${index}:${region.startLine} ${cwes[0]} ${text.split("\n")[region.startLine - 1]?.trim()}`,
        );
      }
    }
  }
  const each = ((performance.now() - began) / texts.length).toFixed(1);
  console.log(
    `fixed programs ${texts.length}, flagged ${flagged} (${percent(flagged, texts.length)}), unscanned ${unscanned}, ${each} ms each`,
  );
  for (const [cwe, count] of counts) console.log(`  ${cwe} ${count}`);
}

async function sven(folder: string): Promise<void> {
  const oracle = await createBuiltinOracle({ threatModels: ["remote", "local", "parameters"] });
  console.log("weakness functions before after unscanned");
  const files = ["train", "val"].flatMap((part) =>
    readdirSync(join(folder, part)).map((name) => join(folder, part, name)),
  );
  for (const name of [...new Set(files.map((file) => file.split("/").at(-1) ?? ""))].sort()) {
    const number = /cwe-(\d+)/.exec(name)?.[1];
    const functions = files
      .filter((file) => file.endsWith(name))
      .flatMap(rows)
      .filter(({ file_name }) => !String(file_name).endsWith(".py"));
    if (number === undefined || functions.length === 0) continue;
    const cwe = String(parseCweId(number));
    const sides = { before: 0, after: 0, unscanned: 0 };
    for (const [index, row] of functions.entries()) {
      for (const side of ["before", "after"] as const) {
        const text = String(row[`func_src_${side}`]);
        const [result] = await oracle.scan([{ path: "a.c", language: "c", text }]);
        const found = weaknesses(result);
        if (found === undefined) sides.unscanned++;
        if ((SAME[cwe] ?? [cwe]).some((same) => found?.has(same))) {
          sides[side]++;
          if (options.list && result?.status === "scanned") {
            for (const { cwes, region } of result.findings) {
              if ((SAME[cwe] ?? [cwe]).includes(String(cwes[0])))
                console.log(`${cwe} ${index} ${side} ${text.split("\n")[region.startLine - 1]?.trim()}`);
            }
          }
        }
      }
    }
    console.log(
      `${cwe} ${functions.length} ${sides.before} (${percent(sides.before, functions.length)}) ${sides.after} (${percent(sides.after, functions.length)}) ${sides.unscanned}`,
    );
  }
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

if (options.authors !== undefined) await authors(options.authors);
if (options.sven !== undefined) await sven(options.sven);
