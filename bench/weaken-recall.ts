// Inverse codemods on folders of clean code: of the weakened programs, which share the oracle flags, and
// how many become verified pairs, by weakness and by rewrite; and of those to whose place a parameter may get.
// npx tsx bench/weaken-recall.ts DIR… [--threat-model remote,local,parameters] [--cwe 22,78] [--count N]
//   [--out DIR] [--missed NAME:5] [--refused all:5]       # missed: of those within reach
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTwoFilesPatch } from "diff";
import { compareCwe, parseCweId } from "../src/core/cwe.ts";
import { loadLanguage } from "../src/lang/registry.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { type ThreatModel, threatModels } from "../src/oracle/oracle.ts";
import { verifyRepair } from "../src/repair/verify.ts";
import {
  type Candidate,
  type CandidateSource,
  chainSources,
  limitSource,
} from "../src/synthesis/candidate.ts";
import { ledgerLineSchema } from "../src/synthesis/ledger.ts";
import { filesSource } from "../src/synthesis/sources/files.ts";
import { weakenSource } from "../src/synthesis/sources/weaken.ts";
import { synthesise } from "../src/synthesis/synthesis.ts";
import { changedLines, isWithinReach } from "./support/reach.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "threat-model": { type: "string", default: "remote,local,parameters" },
    cwe: { type: "string" },
    count: { type: "string" },
    out: { type: "string" },
    missed: { type: "string", default: "" },
    refused: { type: "string", default: "" },
  },
});
if (positionals.length === 0) throw new Error("Name folders with clean Python code.");

const models = values["threat-model"].split(",").map((name): ThreatModel => {
  const known = threatModels.find((model) => model === name);
  if (known === undefined) throw new Error(`${name} is no threat model`);
  return known;
});
const cwes = values.cwe?.split(",").map(parseCweId);
const detect = await createBuiltinOracle({ threatModels: models });
const language = await loadLanguage("python");
const folder = values.out ?? (await mkdtemp(join(tmpdir(), "hexacoder-weaken-")));

const proposed: (Candidate | undefined)[] = [];
const all = chainSources(
  await Promise.all(
    positionals.map(async (dir) => weakenSource({ files: await filesSource(dir), detect, language, cwes })),
  ),
);
const source: CandidateSource = {
  ...all,
  async *propose(signal) {
    for await (const proposal of all.propose(signal)) {
      proposed.push(proposal.kind === "candidate" ? proposal.candidate : undefined);
      yield proposal;
    }
  },
};

const started = performance.now();
const summary = await synthesise({
  folder,
  source: values.count === undefined ? source : limitSource(source, Number(values.count)),
  detect,
  repairer: { identity: "none", repair: async () => ({ kind: "none", reason: "no-rewrite", detail: "" }) },
  verify: ({ candidate, ...request }) =>
    verifyRepair({ ...request, candidate: candidate.text, detect, verify: [detect] }),
  concurrency: 1,
  signal: new AbortController().signal,
});
const seconds = (performance.now() - started) / 1000;

const lines = (await readFile(join(folder, "ledger.jsonl"), "utf8"))
  .trimEnd()
  .split("\n")
  .map((line) => ledgerLineSchema.parse(JSON.parse(line)));
const [missedName, missedCount = "3"] = values.missed.split(":");
const [refusedName, refusedCount = "3"] = values.refused.split(":");
const shown = new Map<string, number>();
interface Counts {
  made: number;
  flagged: number;
  /** Of those to whose place a parameter of a top-level function may get. */
  reached: number;
  reachedFlagged: number;
  pairs: number;
  refused: Map<string, number>;
}
const byCwe = new Map<string, Counts>();
const byName = new Map<string, Counts>();
for (const [index, line] of lines.entries()) {
  const candidate = proposed[index];
  if (candidate?.cwe === undefined || candidate.original === undefined) continue;
  if (line.outcome === "duplicate" || line.outcome === "unscanned") continue;
  const name = candidate.original.by.replace("weaken:", "");
  const pair = line.attempts.some((attempt) => attempt.pair !== undefined);
  const { text } = candidate.original;
  const reached = isWithinReach(language.parse(text), changedLines(text, candidate.code));
  for (const counts of [countsOf(byCwe, candidate.cwe), countsOf(byName, `${candidate.cwe} ${name}`)]) {
    counts.made++;
    if (line.outcome === "flagged") counts.flagged++;
    if (reached) counts.reached++;
    if (reached && line.outcome === "flagged") counts.reachedFlagged++;
    if (pair) counts.pairs++;
    for (const { rejected } of line.attempts) {
      if (rejected !== undefined) counts.refused.set(rejected, (counts.refused.get(rejected) ?? 0) + 1);
    }
  }
  if (line.outcome === "clean" && reached && isWanted(name, missedName, missedCount)) show(candidate);
  if (line.outcome === "flagged" && !pair && isWanted(name, refusedName, refusedCount)) show(candidate);
}

/** Whether there is still room for one of a rewrite; `all` stands for each. */
function isWanted(name: string, wanted: string | undefined, most: string): boolean {
  if (wanted !== "all" && name !== wanted) return false;
  const count = (shown.get(name) ?? 0) + 1;
  shown.set(name, count);
  return count <= Number(most);
}

function countsOf(table: Map<string, Counts>, key: string): Counts {
  const counts = table.get(key) ?? {
    made: 0,
    flagged: 0,
    reached: 0,
    reachedFlagged: 0,
    pairs: 0,
    refused: new Map(),
  };
  table.set(key, counts);
  return counts;
}

function show({ id, code, original }: Candidate): void {
  const patch = createTwoFilesPatch("a", "b", original?.text ?? "", code, undefined, undefined, {
    context: 6,
  });
  console.log(`#### ${id}\n${patch.split("\n").slice(4).join("\n")}`);
}

function print(title: string, table: Map<string, Counts>, order: (a: string, b: string) => number): void {
  console.log(
    `\n| ${title} | rewrites | flagged | share | within reach | of these flagged | pairs | refused |\n|---|---|---|---|---|---|---|---|`,
  );
  for (const key of [...table.keys()].sort(order)) {
    const { made, flagged, reached, reachedFlagged, pairs, refused } = countsOf(table, key);
    const why = [...refused].map(([reason, n]) => `${n} ${reason.split("@")[0]}`).join(", ");
    const cells = [key, made, flagged, share(flagged, made), reached];
    console.log(
      `| ${[...cells, `${reachedFlagged} (${share(reachedFlagged, reached)})`, pairs, why].join(" | ")} |`,
    );
  }
}

function share(some: number, all: number): string {
  return all === 0 ? "–" : `${((100 * some) / all).toFixed(0)} %`;
}

print("weakness", byCwe, (a, b) => compareCwe(parseCweId(a), parseCweId(b)));
print("rewrite", byName, (a, b) => (a < b ? -1 : 1));
const weaknesses = [...byCwe.values()].filter(({ pairs }) => pairs > 0).length;
console.log(
  `\n${summary.pairs} pairs over ${weaknesses} weaknesses from ${summary.proposed} proposals (${summary.duplicates} duplicates, ${JSON.stringify(summary.unusable)}), ${seconds.toFixed(0)} s`,
);
