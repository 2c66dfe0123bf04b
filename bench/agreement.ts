// How far the builtin oracle agrees with CodeQL's verdicts on labelled programs, weakness by weakness.
// npx tsx bench/agreement.ts --source FILE.jsonl [--threat-model remote] [--leave-out] [--differences CWE[:N]] [--json]
import { parseArgs } from "node:util";
import { type CweId, parseCweId } from "../src/core/cwe.ts";
import { extensionOf } from "../src/core/language.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import type { ThreatModel } from "../src/oracle/oracle.ts";
import { threatModels } from "../src/oracle/oracle.ts";
import { measureAgreement, measureByPrompt, type Opinion } from "./support/agreement.ts";
import { type LabelledProgram, readLabelled } from "./support/labelled.ts";
import { weaknessGroup } from "./support/weakness-groups.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    "threat-model": { type: "string", default: "remote" },
    "leave-out": { type: "boolean", default: false },
    differences: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

const oracle = await createBuiltinOracle({ threatModels: threatModelsIn(values["threat-model"]) });
// A rule of CodeQL that we have too is filed where its query folder says, which our rules repeat.
const filed = new Map(oracle.rules.map(({ id, cwes }) => [id, cwes[0]]));
const opinions: (Opinion & { id: string })[] = [];
const unscanned = new Map<string, number>();
for await (const program of readLabelled(values.source)) {
  opinions.push({
    id: program.id,
    prompt: program.prompt,
    truth: truthOf(program),
    said: await said(program),
  });
}
const agreement = measureAgreement(opinions);
if (values.json) {
  console.log(
    JSON.stringify(
      { oracle: oracle.identity, unscanned: Object.fromEntries(unscanned), ...agreement },
      null,
      2,
    ),
  );
} else {
  console.log(
    `${oracle.identity}, ${opinions.length} programs, ${[...unscanned.values()].reduce((a, b) => a + b, 0)} unscanned`,
  );
  console.table(agreement.rows.map(shown));
  const { rows: _rows, ...summary } = agreement;
  console.log(JSON.stringify(shown(summary)));
}
if (values["leave-out"]) console.table(measureByPrompt(opinions).map(shown));
if (values.differences !== undefined) showDifferences(values.differences);

function truthOf(program: LabelledProgram): Set<CweId> {
  return groups(program.verdicts.map(({ rule, cwe }) => filed.get(rule) ?? cwe));
}

async function said({ id, language, code }: LabelledProgram): Promise<Set<CweId>> {
  const path = id.endsWith(extensionOf(language)) ? id : `${id}${extensionOf(language)}`;
  const [result] = await oracle.scan([{ path, language, text: code }]);
  if (result?.status === "scanned") {
    const verdicts = result.findings.filter(({ level }) => level !== "note");
    return groups(verdicts.map(({ cwes }) => cwes[0]));
  }
  const reason = result?.reason ?? "no answer";
  unscanned.set(reason, (unscanned.get(reason) ?? 0) + 1);
  return new Set();
}

function groups(cwes: readonly (CweId | undefined)[]): Set<CweId> {
  return new Set(cwes.flatMap((cwe) => (cwe === undefined ? [] : (weaknessGroup(cwe) ?? []))));
}

/** Programs about which the tools differ, by weakness. */
function showDifferences(wanted: string): void {
  const [name = "", most = "20"] = wanted.split(":");
  const weakness = parseCweId(name);
  const differ = opinions.filter(({ truth, said: own }) => truth.has(weakness) !== own.has(weakness));
  for (const { id, truth } of differ.slice(0, Number(most))) {
    console.log(`${truth.has(weakness) ? "missed" : "more  "} ${weakness} ${id}`);
  }
}

function shown<T extends object>(row: T): Record<string, unknown> {
  const entries = Object.entries(row).map(([key, value]) => [
    key,
    typeof value === "number" ? Number(value.toFixed(4)) : value,
  ]);
  return Object.fromEntries(entries);
}

function threatModelsIn(text: string): ThreatModel[] {
  return text.split(",").map((name) => {
    const model = threatModels.find((known) => known === name);
    if (model === undefined) throw new Error(`${name} is none of ${threatModels.join(", ")}`);
    return model;
  });
}
