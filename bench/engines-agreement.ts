// How far engines agree with CodeQL's verdicts on labelled programs, on the weaknesses that each covers, and how many
// programs each looks at in a second, with an empty cache. The first N programs are a random draw of all.
// npx tsx bench/engines-agreement.ts --source FILE.jsonl [--oracle bandit,semgrep,builtin] [--limit N]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CweId } from "../src/core/cwe.ts";
import type { ScanResult, SourceFile } from "../src/core/finding.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { openOracle } from "../src/oracle/registry.ts";
import { measureAgreement, type Opinion } from "./support/agreement.ts";
import { countWords, inDrawnOrder } from "./support/execution.ts";
import { type LabelledProgram, readLabelled } from "./support/labelled.ts";
import { weaknessGroup } from "./support/weakness-groups.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    oracle: { type: "string", default: "bandit,semgrep,builtin" },
    limit: { type: "string" },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

const all: LabelledProgram[] = [];
for await (const program of readLabelled(values.source)) all.push(program);
const programs = inDrawnOrder(all).slice(0, values.limit === undefined ? undefined : Number(values.limit));
// A rule of CodeQL that we have too is filed where its query folder says, which our rules repeat.
const { rules } = await createBuiltinOracle({ threatModels: ["remote"] });
const filed = new Map(rules.map(({ id, cwes }) => [id, cwes[0]]));
const cache = mkdtempSync(join(tmpdir(), "hexacoder-bench-"));
process.env.HEXACODER_CACHE = cache;
for (const name of values.oracle.split(",")) await measure(name);
rmSync(cache, { recursive: true, force: true });

async function measure(name: string): Promise<void> {
  const oracle = await openOracle(name, { threatModels: ["remote"] });
  const started = performance.now();
  const results = await oracle.scan(programs.map(toFile));
  const seconds = (performance.now() - started) / 1000;
  const covered = groupsOf(oracle.covers("python"));
  const opinions = programs.map((program, index) => opinionOf(program, results[index], covered));
  const { rows, ...summary } = measureAgreement(opinions);
  const why = results.flatMap((result) => (result.status === "unscanned" ? result.reason : []));
  const speed = `${(programs.length / seconds).toFixed(1)} programs a second`;
  console.log(`${oracle.identity}: ${programs.length} programs, ${why.length} unscanned, ${speed}`);
  if (why.length > 0) console.table(Object.fromEntries(countWords(why)));
  console.table(rows.map(rounded));
  console.log(JSON.stringify(rounded(summary)));
}

function toFile({ code }: LabelledProgram, index: number): SourceFile {
  return { path: `program-${index}.py`, language: "python", text: code };
}

/** What both say, of the weaknesses that the engine covers. */
function opinionOf(
  { prompt, verdicts }: LabelledProgram,
  result: ScanResult | undefined,
  covered: ReadonlySet<CweId>,
): Opinion {
  const findings = result?.status === "scanned" ? result.findings : [];
  const own = findings.filter(({ level }) => level !== "note").map(({ cwes }) => cwes[0]);
  const truth = groupsOf(verdicts.map(({ rule, cwe }) => filed.get(rule) ?? cwe));
  return { prompt, truth: new Set([...truth].filter((one) => covered.has(one))), said: groupsOf(own) };
}

function groupsOf(cwes: readonly (CweId | undefined)[]): Set<CweId> {
  return new Set(cwes.flatMap((cwe) => (cwe === undefined ? [] : (weaknessGroup(cwe) ?? []))));
}

function rounded(row: object): object {
  const short = (value: unknown) => (typeof value === "number" ? Number(value.toFixed(4)) : value);
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, short(value)]));
}
