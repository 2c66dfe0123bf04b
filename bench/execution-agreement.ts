// CodeQL, the builtin oracle and the execution oracle on programs with CodeQL's published verdicts: how many of
// those that CodeQL flags can be run, and where the three differ.
// npx tsx bench/execution-agreement.ts --source FILE.jsonl --out verdicts.jsonl [--jobs 2] [--limit N] [--stored] [--list CWE:BITS[:N]]
// BITS say who flags, in the order CodeQL, builtin, execution: 110 is flagged by the first two and not exploited.
import { parseArgs } from "node:util";
import { type CweId, compareCwe, parseCweId } from "../src/core/cwe.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { createExecutionOracle } from "../src/oracle/execution/oracle.ts";
import { countWords, inAWord, inDrawnOrder, runAll, type StoredVerdict } from "./support/execution.ts";
import { type LabelledProgram, readLabelled } from "./support/labelled.ts";
import { weaknessGroup } from "./support/weakness-groups.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    out: { type: "string", default: "agreement-verdicts.jsonl" },
    jobs: { type: "string", default: "2" },
    limit: { type: "string" },
    list: { type: "string" },
    stored: { type: "boolean", default: false },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

const jobs = Number(values.jobs);
const execution = await createExecutionOracle({ threatModels: ["remote"], jobs });
const builtin = await createBuiltinOracle({ threatModels: ["remote"] });
const filed = new Map(builtin.rules.map(({ id, cwes }) => [id, cwes[0]]));
const ownGroups = new Map(execution.families.map(({ id, cwes }) => [id, groupOf(cwes[0])]));
const judged = [...new Set([...ownGroups.values()].flatMap((group) => group ?? []))].sort(compareCwe);

const all: LabelledProgram[] = [];
for await (const program of readLabelled(values.source)) {
  if (judged.some((group) => codeqlFlags(program).has(group))) all.push(program);
}
// In a drawn order: the first N are a random draw of all.
const programs = inDrawnOrder(all).slice(0, values.limit === undefined ? undefined : Number(values.limit));
const known = await runAll(programs, { oracle: execution, out: values.out, jobs, stored: values.stored });
await execution.close();

interface Opinion {
  readonly program: LabelledProgram;
  readonly codeql: boolean;
  readonly builtin: boolean;
  readonly verdict: StoredVerdict;
}

const byGroup = new Map<CweId, Opinion[]>(judged.map((group) => [group, []]));
for (const program of programs) await addOpinions(program);
const judgedOn = programs.filter(({ id }) => known.has(id)).length;
console.log(
  `${execution.identity}, ${judgedOn} of ${all.length} programs that CodeQL flags for its weaknesses`,
);
console.table(judged.flatMap((group) => rowOf(group, byGroup.get(group) ?? [])));
const flagged = [...byGroup.values()].flat().filter(({ codeql }) => codeql);
const ran = flagged.filter(({ verdict }) => isRunnable(verdict));
console.log(`runnable: ${ran.length} of ${flagged.length} (${percent(ran.length, flagged.length)})`);
console.table(Object.fromEntries(countWords(flagged.map(({ verdict }) => inAWord(verdict)))));
if (values.list !== undefined) list(values.list);

async function addOpinions(program: LabelledProgram): Promise<void> {
  const stored = known.get(program.id);
  if (stored === undefined) return;
  const [scan] = await builtin.scan([{ path: "program.py", language: "python", text: program.code }]);
  const found = scan?.status === "scanned" ? scan.findings.filter(({ level }) => level !== "note") : [];
  const builtinGroups = new Set(found.flatMap(({ cwes }) => groupOf(cwes[0]) ?? []));
  for (const [group, opinions] of byGroup) {
    const families = [...ownGroups].filter(([, own]) => own === group).map(([id]) => id);
    const verdict = strongest(families.flatMap((id) => stored.families[id] ?? [])) ?? stored.overall;
    const codeql = codeqlFlags(program).has(group);
    opinions.push({ program, codeql, builtin: builtinGroups.has(group), verdict });
  }
}

/** Several families may show one weakness: an exploit by any of them counts, then what was seen to hold. */
function strongest(verdicts: readonly StoredVerdict[]): StoredVerdict | undefined {
  const order = ["exploited", "broken", "not-runnable", "resisted", "absent"];
  return [...verdicts].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0];
}

function rowOf(group: CweId, opinions: readonly Opinion[]): Record<string, unknown>[] {
  const own = opinions.filter(({ codeql }) => codeql);
  const row: Record<string, unknown> = { cwe: group, codeql: own.length };
  row.runnable = percent(own.filter(({ verdict }) => isRunnable(verdict)).length, own.length);
  for (const bits of ["111", "110", "101", "100", "011", "010", "001"]) {
    row[bits] = opinions.filter((opinion) => isRunnable(opinion.verdict) && bitsOf(opinion) === bits).length;
  }
  return own.length === 0 ? [] : [row];
}

function bitsOf({ codeql, builtin: own, verdict }: Opinion): string {
  return [codeql, own, verdict.kind === "exploited"].map((yes) => (yes ? "1" : "0")).join("");
}

/** Whether it came to a verdict on the weakness. */
function isRunnable({ kind }: StoredVerdict): boolean {
  return kind === "exploited" || kind === "resisted" || kind === "absent";
}

function codeqlFlags({ verdicts }: LabelledProgram): Set<CweId> {
  return new Set(verdicts.flatMap(({ rule, cwe }) => groupOf(filed.get(rule) ?? cwe) ?? []));
}

function groupOf(cwe: CweId | undefined): CweId | undefined {
  if (cwe === undefined) return undefined;
  // A template that runs code is code injection to CodeQL's users; the tools' numbers differ.
  return weaknessGroup(
    cwe === parseCweId("1336") ? parseCweId("94") : cwe === parseCweId("88") ? parseCweId("78") : cwe,
  );
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Programs about which the three differ in this way, or whose verdict is this word. */
function list(asked: string): void {
  const [cwe = "", wanted = "", most = "20"] = asked.split(":");
  const opinions = byGroup.get(parseCweId(cwe)) ?? [];
  const found = opinions.filter(
    (opinion) => opinion.codeql && (bitsOf(opinion) === wanted || opinion.verdict.kind === wanted),
  );
  for (const { program, verdict } of found.slice(0, Number(most))) {
    console.log(`${program.id}: ${inAWord(verdict)} ${verdict.detail ?? ""}`);
  }
}
