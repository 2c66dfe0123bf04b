// How the oracle judges the C programs that models/tiny/recipe generates, by weakness: prints a table, and with
// `--list` the programs on which label and verdict differ.
// npx tsx bench/c-corpus.ts build/corpus/generated-c-6000000.jsonl [--list]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { cweIdSchema } from "../src/core/cwe.ts";
import { judgeCorpus } from "./support/c-corpus.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean", default: false } },
});
const [file] = positionals;
if (file === undefined) throw new Error("Name a file that build_corpus.py --c-share wrote.");

const rowSchema = z.object({ text: z.string(), cwe: cweIdSchema, weak: z.boolean() });
const lines = readFileSync(file, "utf8").split("\n");
const counts = await judgeCorpus(
  lines.filter((line) => line !== "").map((line) => rowSchema.parse(JSON.parse(line))),
);

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
const rows = [...counts].map(([cwe, one]) =>
  [
    cwe,
    one.n,
    share(one.parse, one.n),
    one.unscanned,
    share(one.weak, one.n),
    share(one.flagged, one.n),
  ].concat([`${one.missed.length}`, `${one.wrong.length}`]),
);
const head = [
  "CWE",
  "n",
  "parse",
  "unscanned",
  "made weak",
  "flagged",
  "weak, not flagged",
  "careful, flagged",
];
process.stdout.write(
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join(""),
);
if (options.list) {
  for (const [cwe, { missed, wrong }] of counts) {
    for (const { text } of missed) process.stdout.write(`\n==== ${cwe} weak, not flagged\n${text}`);
    for (const { text } of wrong) process.stdout.write(`\n==== ${cwe} careful, flagged\n${text}`);
  }
}
