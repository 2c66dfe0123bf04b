// Draws verified pairs for a check by hand, evenly over weaknesses and prompts, and shows them as diffs.
// npx tsx bench/hand-check.ts --source FILE.jsonl [--count 60] [--seed 7] [--verdicts FILE.json]
// With --verdicts it shows which drawn pairs are judged, and counts: the file holds ids, verdicts and
// reasons, never programs. A pair's id is its row's and its weakness.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createTwoFilesPatch } from "diff";
import { z } from "zod";
import type { CweId } from "../src/core/cwe.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { createCodemodRepairer } from "../src/repair/codemod-repairer.ts";
import { verifyRepair } from "../src/repair/verify.ts";
import { seededRandom, shuffled } from "../src/util/random.ts";
import { type BenchProgram, readPrograms } from "./support/programs.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    count: { type: "string", default: "60" },
    seed: { type: "string", default: "7" },
    verdicts: { type: "string" },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

/** A pair that is to be looked at. */
interface Drawn {
  readonly id: string;
  readonly before: string;
  readonly after: string;
}

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
const repairer = await createCodemodRepairer({ oracle });
const programs: BenchProgram[] = [];
for await (const program of readPrograms(values.source)) programs.push(program);
const drawn = await draw(shuffled(programs, seededRandom(Number(values.seed))), Number(values.count));
if (values.verdicts === undefined) for (const pair of drawn) show(pair);
else judge(drawn, values.verdicts);

/** One pair after the other of each weakness in turn, of another prompt each time while there are any. */
async function draw(order: readonly BenchProgram[], count: number): Promise<Drawn[]> {
  const queues = new Map<CweId, BenchProgram[]>();
  for (const program of order) {
    for (const cwe of await weaknessesOf(program)) queues.set(cwe, [...(queues.get(cwe) ?? []), program]);
  }
  const out: Drawn[] = [];
  const prompts = new Map<string, number>();
  for (let open = true; open && out.length < count; ) {
    open = false;
    for (const [cwe, queue] of [...queues].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (out.length >= count) break;
      for (let pair: Drawn | undefined; pair === undefined && queue.length > 0; ) {
        const rank = ({ prompt }: BenchProgram): number => prompts.get(`${cwe} ${prompt}`) ?? 0;
        const least = Math.min(...queue.map(rank));
        const [next] = queue.splice(
          queue.findIndex((program) => rank(program) === least),
          1,
        );
        if (next === undefined) break;
        pair = await pairOf(next, cwe);
        if (pair === undefined) continue;
        open = true;
        out.push(pair);
        prompts.set(`${cwe} ${next.prompt}`, least + 1);
      }
    }
  }
  return out;
}

async function reportOf({ id, language, code }: BenchProgram): Promise<ReturnType<typeof verdictsOf>> {
  const [result] = await oracle.scan([{ path: id, language, text: code }]);
  return verdictsOf(result);
}

function verdictsOf(result: Awaited<ReturnType<typeof oracle.scan>>[number] | undefined) {
  return result?.status === "scanned" ? result.findings.filter(({ level }) => level !== "note") : [];
}

async function weaknessesOf(program: BenchProgram): Promise<CweId[]> {
  return [...new Set((await reportOf(program)).flatMap(({ cwes }) => cwes.slice(0, 1)))];
}

async function pairOf(program: BenchProgram, cwe: CweId): Promise<Drawn | undefined> {
  const file = { path: program.id, language: program.language, text: program.code };
  const report = (await reportOf(program)).filter(({ cwes }) => cwes[0] === cwe);
  const answer = await repairer.repair({ file, cwe, report });
  const candidate = answer.kind === "candidates" ? answer.candidates[0]?.text : undefined;
  if (candidate === undefined) return undefined;
  const verdict = await verifyRepair({ file, cwe, report, candidate, detect: oracle, verify: [] });
  return verdict.accepted ? { id: `${program.id} ${cwe}`, before: file.text, after: candidate } : undefined;
}

function show({ id, before, after }: Drawn): void {
  console.log(`#### ${id}`);
  console.log(
    createTwoFilesPatch("a", "b", before, after, undefined, undefined, { context: 9 })
      .split("\n")
      .slice(4)
      .join("\n"),
  );
}

/** Counts the verdicts on the pairs that are drawn now. */
function judge(pairs: readonly Drawn[], path: string): void {
  const schema = z.looseObject({
    pairs: z.array(z.object({ id: z.string(), right: z.boolean(), reason: z.string() })),
  });
  const known = new Map(
    schema.parse(JSON.parse(readFileSync(path, "utf8"))).pairs.map((pair) => [pair.id, pair]),
  );
  const judged = pairs.flatMap(({ id }) => known.get(id) ?? []);
  for (const { id, reason } of judged.filter(({ right }) => !right)) console.log(`wrong\t${id}\t${reason}`);
  const unknown = pairs.filter(({ id }) => !known.has(id));
  for (const { id } of unknown) console.log(`not judged\t${id}`);
  const right = judged.filter((pair) => pair.right).length;
  console.log(
    `${right} of ${judged.length} judged pairs are right; ${unknown.length} of ${pairs.length} drawn are not judged`,
  );
}
