// The paper's ablation of repair by itself: the weak seeds, repaired by a model that is told nothing, the oracle's
// report, or the report and a hint. One model serves all three, so that one command gives the table.
// npx tsx bench/repair-ablation.ts --model tiny [--count 40] [--max-tokens 1024] [--rounds 1] [--cwe 22,78] [--seed 42]
import { parseArgs } from "node:util";
import { parseCweId } from "../src/core/cwe.ts";
import type { SourceFile } from "../src/core/finding.ts";
import { openModel } from "../src/llm/registry.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { createLlmRepairer, feedbackLevels } from "../src/repair/llm.ts";
import type { Repairer, RepairRequest } from "../src/repair/repairer.ts";
import { verifyRepair } from "../src/repair/verify.ts";
import { readSeeds } from "../src/synthesis/sources/seeds.ts";
import { mapOrdered } from "../src/util/ordered.ts";
import { seededRandom, shuffled } from "../src/util/random.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    count: { type: "string", default: "40" },
    "max-tokens": { type: "string", default: "1024" },
    rounds: { type: "string", default: "1" },
    cwe: { type: "string", default: "20,22,78,79,94,117,502,611" },
    seed: { type: "string", default: "42" },
  },
});
if (values.model === undefined) throw new Error("--model is missing");

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
const questions = await flaggedSeeds();
const model = await openModel(values.model, { env: process.env });
const table: Record<string, Record<string, number>> = {};
try {
  for (const feedback of feedbackLevels) {
    const settings = { feedback, rounds: Number(values.rounds), seed: Number(values.seed), oracle };
    const repairer = createLlmRepairer(model, { ...settings, maxTokens: Number(values["max-tokens"]) });
    const counts: Record<string, number> = { asked: questions.length, pairs: 0 };
    for await (const outcome of mapOrdered(questions, model.concurrency, (one) => attempt(repairer, one))) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    table[feedback] = counts;
  }
} finally {
  await model.close();
}
console.log(`${model.identity}, ${questions.length} seeds, ${values.rounds} round(s)`);
console.table(table);

/** A draw of the seeds that the oracle flags for what they are about. */
async function flaggedSeeds(): Promise<RepairRequest[]> {
  const seeds = await readSeeds({ cwes: values.cwe.split(",").map(parseCweId) });
  const requests: RepairRequest[] = [];
  for (const { id, language, code, cwe } of shuffled(seeds, seededRandom(Number(values.seed)))) {
    const file: SourceFile = { path: id, language, text: code };
    const [scan] = await oracle.scan([file]);
    const findings = scan?.status === "scanned" ? scan.findings : [];
    const report = findings.filter(({ cwes, level }) => cwes.includes(cwe) && level !== "note");
    if (report.length > 0) requests.push({ file, cwe, report });
  }
  return requests.slice(0, Number(values.count));
}

/** `pairs`, or what kept it from being one: no program in the answer, or the first gate that refused it. */
async function attempt(repairer: Repairer, request: RepairRequest): Promise<string> {
  const answer = await repairer.repair(request);
  if (answer.kind === "none") return answer.reason;
  let refused = "model-failed";
  for (const { text } of answer.candidates) {
    const judged = await verifyRepair({ ...request, candidate: text, detect: oracle, verify: [oracle] });
    if (judged.accepted) return "pairs";
    const failed = Object.entries(judged.checks).find(([, { status }]) => status === "failed");
    refused = `gate:${failed?.[0].split("@")[0] ?? ""}`;
  }
  return refused;
}
