// Do repairs hold when they are run, and do the programs still answer? Programs are drawn, and the pairs that the
// codemods make of them are run in the sandbox: both sides against the exploit probes of their weakness, and the fixed
// one beside the vulnerable one on benign input. None of these verdicts had a say in what became a pair.
// npx tsx bench/pair-probes.ts --source FILE.jsonl --out verdicts.jsonl [--count 150] [--jobs 2] [--seed 1] [--stored] [--list differs:10]
import { appendFileSync, existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type CweId, compareCwe, cweIdSchema } from "../src/core/cwe.ts";
import type { SourceFile } from "../src/core/finding.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import type { BehaviourVerdict } from "../src/oracle/execution/behaviour.ts";
import { createExecutionOracle } from "../src/oracle/execution/oracle.ts";
import type { ProgramVerdict } from "../src/oracle/execution/verdicts.ts";
import { createCodemodRepairer } from "../src/repair/codemod-repairer.ts";
import { verifyRepair } from "../src/repair/verify.ts";
import { shortHashOf } from "../src/util/hash.ts";
import { readJsonLines } from "../src/util/jsonl.ts";
import { mapOrdered } from "../src/util/ordered.ts";
import { seededRandom, shuffled } from "../src/util/random.ts";
import { countWords } from "./support/execution.ts";
import { type BenchProgram, readPrograms } from "./support/programs.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    out: { type: "string", default: "pair-verdicts.jsonl" },
    count: { type: "string", default: "150" },
    jobs: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    list: { type: "string" },
    stored: { type: "boolean", default: false },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

interface Pair {
  /** Program, weakness and what was made of it: another rewrite is another pair. */
  readonly key: string;
  readonly cwe: CweId;
  readonly by: string;
  readonly vulnerable: string;
  readonly fixed: string;
}

const verdictSchema = z.object({
  key: z.string(),
  cwe: cweIdSchema,
  by: z.string(),
  oracle: z.string(),
  /** What the probes of the weakness say of each side; empty where there are none for it. */
  before: z.array(z.string()),
  after: z.array(z.string()),
  /** Probes of other weaknesses that get through now and did not before. */
  fresh: z.array(z.string()),
  /** What the probes that get through the fixed side showed. */
  evidence: z.array(z.string()),
  behaviour: z.enum(["alike", "translated", "differs", "not-run"]),
  detail: z.string(),
});
type PairVerdict = z.infer<typeof verdictSchema>;

const notAttacked = { before: [], after: [], fresh: [], evidence: [] };
const recent = new Map<string, Promise<ProgramVerdict>>();
const jobs = Number(values.jobs);
const wanted = Number(values.count);
const oracle = await createExecutionOracle({ threatModels: ["remote"], jobs });
const known = await readKnown(values.out);
const drawn: PairVerdict[] = [];
try {
  const verdicts = mapOrdered(
    pairsOf(values.source),
    jobs,
    async (pair) => known.get(pair.key) ?? (await judged(pair)),
  );
  for await (const verdict of verdicts) {
    if (verdict === undefined) break;
    drawn.push(verdict);
    if (drawn.filter(ran).length >= wanted) break;
  }
} finally {
  await oracle.close();
}
report(drawn);

/** Verified pairs of the codemods, in a drawn order; the static gates decide, as in a run without `--verify`. */
async function* pairsOf(source: string): AsyncGenerator<Pair> {
  const builtin = await createBuiltinOracle({ threatModels: ["remote"] });
  const repairer = await createCodemodRepairer({ oracle: builtin });
  const programs: BenchProgram[] = [];
  for await (const program of readPrograms(source)) programs.push(program);
  for (const { id, language, code } of shuffled(programs, seededRandom(Number(values.seed)))) {
    const file: SourceFile = { path: id, language, text: code };
    const [scan] = await builtin.scan([file]);
    if (scan?.status !== "scanned") continue;
    const findings = scan.findings.filter(({ level }) => level !== "note");
    for (const cwe of new Set(findings.flatMap(({ cwes }) => cwes.slice(0, 1)))) {
      const request = { file, cwe, report: findings.filter(({ cwes }) => cwes[0] === cwe) };
      const answer = await repairer.repair(request);
      const candidate = answer.kind === "none" ? undefined : answer.candidates[0];
      if (candidate === undefined) continue;
      const judges = { candidate: candidate.text, detect: builtin, verify: [builtin] };
      if (!(await verifyRepair({ ...request, ...judges })).accepted) continue;
      const key = `${id} ${cwe} ${shortHashOf(candidate.text)}`;
      yield { key, cwe, by: candidate.repair.by, vulnerable: code, fixed: candidate.text };
    }
  }
}

async function judged({ key, cwe, by, vulnerable, fixed }: Pair): Promise<PairVerdict | undefined> {
  if (values.stored) return undefined;
  const compared = await oracle.compareBehaviour({ original: vulnerable, candidate: fixed });
  const verdict = {
    ...{ key, cwe, by, oracle: oracle.identity, behaviour: compared.kind, detail: inWords(compared) },
    // What has no benign use that ends well is not counted as run, so that it need not be attacked.
    ...(compared.kind === "not-run" ? notAttacked : await attacked({ cwe, vulnerable, fixed })),
  };
  appendFileSync(values.out, `${JSON.stringify(verdict)}\n`);
  return verdict;
}

async function attacked({ cwe, vulnerable, fixed }: Pick<Pair, "cwe" | "vulnerable" | "fixed">) {
  const before = await examined(vulnerable);
  const after = await oracle.examine(fixed);
  const evidence = [...after.families].flatMap(([family, verdict]) =>
    verdict.kind === "exploited"
      ? verdict.exploits.map(({ entry, input, payload, evidence: seen }) =>
          [family, entry, input, JSON.stringify(payload), seen].join(" | "),
        )
      : [],
  );
  const fresh = through(after).filter((family) => !through(before).includes(family));
  return { before: said(before, cwe), after: said(after, cwe), fresh, evidence };
}

/** Pairs of one program follow each other, and its own verdict is the same for all of them. */
function examined(program: string): Promise<ProgramVerdict> {
  const known = recent.get(program) ?? oracle.examine(program);
  recent.clear();
  recent.set(program, known);
  return known;
}

function inWords(compared: BehaviourVerdict): string {
  switch (compared.kind) {
    case "alike":
    case "translated":
      return `${compared.alike}/${compared.uses}`;
    case "differs":
      return compared.detail;
    case "not-run":
      return compared.reason;
    default:
      return compared satisfies never;
  }
}

function said({ overall, families }: ProgramVerdict, cwe: CweId): string[] {
  const own = oracle.families.filter(({ cwes }) => cwes.includes(cwe));
  return own.map(({ id }) => (families.get(id) ?? overall).kind);
}

function through({ families }: ProgramVerdict): string[] {
  return [...families].filter(([, { kind }]) => kind === "exploited").map(([family]) => family);
}

async function readKnown(path: string): Promise<Map<string, PairVerdict>> {
  const verdicts = new Map<string, PairVerdict>();
  if (!existsSync(path)) return verdicts;
  for await (const line of readJsonLines(path)) {
    const parsed = line.kind === "broken" ? undefined : verdictSchema.safeParse(line.value);
    // Verdicts of other probes are no verdicts of these.
    if (parsed?.success === true && parsed.data.oracle === oracle.identity)
      verdicts.set(parsed.data.key, parsed.data);
  }
  return verdicts;
}

function ran({ behaviour }: PairVerdict): boolean {
  return behaviour !== "not-run";
}

function report(all: readonly PairVerdict[]): void {
  const runnable = all.filter(ran);
  const settled = runnable.filter(({ before }) => before.includes("exploited"));
  const exploited = runnable.filter(({ after }) => after.includes("exploited"));
  const translated = runnable.filter(({ behaviour }) => behaviour === "translated");
  const comparable = runnable.filter((verdict) => !translated.includes(verdict));
  const alike = comparable.filter(({ behaviour }) => behaviour === "alike");
  console.log(`${oracle.identity}, seed ${values.seed}: ${all.length} pairs drawn`);
  console.log(`${runnable.length} run (the vulnerable side has benign uses that end well)`);
  console.log(`vulnerable side exploited for the weakness: ${settled.length}`);
  console.log(`fixed side exploited for the weakness: ${exploited.length}`);
  console.log(
    `fixed side newly exploited otherwise: ${runnable.filter(({ fresh }) => fresh.length > 0).length}`,
  );
  console.log(`answer alike once the data comes in another form (counted apart): ${translated.length}`);
  console.log(
    `answer alike: ${alike.length} of the other ${comparable.length} (${share(alike, comparable)})`,
  );
  console.log(["CWE", "drawn", "run", "exploited before", "after", "alike", "in another form"].join("\t"));
  for (const cwe of [...new Set(all.map((verdict) => verdict.cwe))].sort(compareCwe)) {
    const own = all.filter((verdict) => verdict.cwe === cwe);
    const of = (these: readonly PairVerdict[]): number =>
      these.filter((verdict) => verdict.cwe === cwe).length;
    console.log([cwe, own.length, ...[runnable, settled, exploited, alike, translated].map(of)].join("\t"));
  }
  const unrun = all.filter((verdict) => !ran(verdict)).map(({ detail }) => detail.replace(/: .*/s, ""));
  for (const [reason, number] of countWords(unrun)) console.log(`not run: ${number}\t${reason}`);
  const [what = "", most = "10"] = (values.list ?? "").split(":");
  const listed = all.filter(
    ({ behaviour, after, fresh }) =>
      behaviour === what || (what === "exploited" && (after.includes(what) || fresh.length > 0)),
  );
  for (const verdict of listed.slice(0, Number(most)))
    console.log([verdict.key, `by ${verdict.by}`, verdict.detail, ...verdict.evidence].join("\n  "));
}

function share(some: readonly PairVerdict[], all: readonly PairVerdict[]): string {
  return all.length === 0 ? "none" : `${((100 * some.length) / all.length).toFixed(1)} %`;
}
