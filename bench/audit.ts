// The audit: programs that CodeQL passed as fixed, run against exploits and a benign use. How many are still
// exploited, how many broken, how many cannot be run, by weakness.
// npx tsx bench/audit.ts --source train.jsonl --out verdicts.jsonl [--jobs 2] [--limit N] [--stored] [--list FAMILY[:N]]
import { parseArgs } from "node:util";
import { z } from "zod";
import { createExecutionOracle } from "../src/oracle/execution/oracle.ts";
import { readJsonLines } from "../src/util/jsonl.ts";
import {
  countWords,
  inAWord,
  inDrawnOrder,
  type NamedProgram,
  runAll,
  type StoredVerdicts,
} from "./support/execution.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    out: { type: "string", default: "audit-verdicts.jsonl" },
    jobs: { type: "string", default: "2" },
    limit: { type: "string" },
    list: { type: "string" },
    stored: { type: "boolean", default: false },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

// In a drawn order: the first N are a random draw of all.
const programs = await readPrograms(values.source);
const wanted = inDrawnOrder(programs).slice(0, values.limit === undefined ? undefined : Number(values.limit));
const jobs = Number(values.jobs);
const oracle = await createExecutionOracle({ threatModels: ["remote"], jobs });
const known = await runAll(wanted, { oracle, out: values.out, jobs, stored: values.stored });
await oracle.close();
const lines = wanted.flatMap(({ id }) => known.get(id) ?? []);
console.log(`${oracle.identity}, ${lines.length} Python programs`);
console.table(Object.fromEntries(countWords(lines.map(({ overall }) => overall.kind))));
console.table(Object.fromEntries(countWords(lines.map(({ overall }) => inAWord(overall)))));
console.table(oracle.families.map(({ id, cwes }) => ({ family: id, cwe: cwes[0], ...byKind(id, lines) })));
console.log("exploited programs, by the way in");
console.table(oracle.families.flatMap(({ id, cwes }) => byEntry(id, cwes[0], lines)));
if (values.list !== undefined) list(values.list);

async function readPrograms(path: string): Promise<NamedProgram[]> {
  const rowSchema = z.looseObject({ text: z.string() });
  const out: NamedProgram[] = [];
  for await (const line of readJsonLines(path)) {
    if (line.kind === "broken") throw new Error(`${path}:${line.line} is no JSON`);
    const { text } = rowSchema.parse(line.value);
    // The set has no column for the language; every C program includes a header.
    if (!/^\s*#\s*include\b/m.test(text)) out.push({ id: `row-${line.line}`, code: text });
  }
  return out;
}

function byKind(family: string, all: readonly StoredVerdicts[]): Record<string, number> {
  const kinds = all.flatMap(({ families }) => families[family]?.kind ?? []);
  const counts = countWords(kinds);
  const names = ["exploited", "resisted", "broken", "not-runnable"] as const;
  return Object.fromEntries(names.map((name) => [name, counts.get(name) ?? 0]));
}

/** Through which entry point the first exploit of each program went. */
function byEntry(family: string, cwe: string | undefined, all: readonly StoredVerdicts[]): object[] {
  const first = all.flatMap(({ families }) => families[family]?.exploits?.slice(0, 1) ?? []);
  const ways = countWords(first.map(({ entry }) => /^(function|script)\b/.exec(entry)?.[1] ?? "request"));
  return first.length === 0 ? [] : [{ family, cwe, programs: first.length, ...Object.fromEntries(ways) }];
}

/** The exploits of a family, with their evidence, to look at by hand. */
function list(asked: string): void {
  const [family = "", most = "30"] = asked.split(":");
  const found = lines.filter(({ families }) => families[family]?.kind === "exploited");
  for (const { id, families } of found.slice(0, Number(most))) {
    const [first] = families[family]?.exploits ?? [];
    console.log(
      `${id} ${first?.entry} ${first?.input} = ${JSON.stringify(first?.payload)}: ${first?.evidence}`,
    );
  }
}
