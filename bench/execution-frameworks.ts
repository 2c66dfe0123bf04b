// How much of what each web framework serves the execution oracle can run: the shipped seeds, which are weak by
// construction, through each framework's own door.
// npx tsx bench/execution-frameworks.ts [--jobs 1] [--framework fastapi,aiohttp] [--list VERDICT]
import { parseArgs } from "node:util";
import { createExecutionOracle } from "../src/oracle/execution/oracle.ts";
import type { Verdict } from "../src/oracle/execution/verdicts.ts";
import { readSeeds } from "../src/synthesis/sources/seeds.ts";
import { mapOrdered } from "../src/util/ordered.ts";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "1" },
    framework: { type: "string" },
    list: { type: "string" },
  },
});
const wanted = values.framework?.split(",");
const jobs = Number(values.jobs);
const oracle = await createExecutionOracle({ threatModels: ["remote"], jobs });
const seeds = (await readSeeds()).filter(
  ({ framework, cwe }) =>
    (wanted === undefined || wanted.includes(framework)) &&
    oracle.families.some(({ cwes }) => cwes.includes(cwe)),
);

const rows = new Map<string, Record<string, number>>();
const work = async (seed: (typeof seeds)[number]) => ({ seed, verdict: await verdictOf(seed) });
for await (const { seed, verdict } of mapOrdered(seeds, jobs, work)) {
  const row = rows.get(seed.framework) ?? { programs: 0 };
  rows.set(seed.framework, row);
  row.programs = (row.programs ?? 0) + 1;
  row[verdict.kind] = (row[verdict.kind] ?? 0) + 1;
  if (verdict.kind === values.list) console.log(`${seed.id}: ${JSON.stringify(verdict)}`);
}
await oracle.close();
console.log(`${oracle.identity}, ${seeds.length} seeds of weaknesses that have probes`);
console.table(Object.fromEntries(rows));

/** The strongest verdict on the seed's own weakness. */
async function verdictOf({
  code,
  cwe,
}: {
  code: string;
  cwe: (typeof seeds)[number]["cwe"];
}): Promise<Verdict> {
  const { families, overall } = await oracle.examine(code);
  const own = oracle.families
    .filter(({ cwes }) => cwes.includes(cwe))
    .flatMap(({ id }) => families.get(id) ?? []);
  const order = ["exploited", "broken", "not-runnable", "resisted", "absent"];
  return own.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0] ?? overall;
}
