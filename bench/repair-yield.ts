// How many programs that the builtin oracle flags the codemods turn into verified pairs, by CWE.
// npx tsx bench/repair-yield.ts --source FILE.jsonl|FOLDER [--cwe 22,79|all] [--language python] \
//   [--threat-model remote] [--show needs-design:5] [--limit N]
// A source is a file of samples, of SVEN's functions (with --threat-model parameters), or a folder.
import { parseArgs } from "node:util";
import { createTwoFilesPatch } from "diff";
import { z } from "zod";
import { type CweId, compareCwe, parseCweId } from "../src/core/cwe.ts";
import type { Finding, SourceFile } from "../src/core/finding.ts";
import { languageSchema } from "../src/core/language.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { createCodemodRepairer } from "../src/repair/codemod-repairer.ts";
import { verifyRepair } from "../src/repair/verify.ts";
import { seededRandom, shuffled } from "../src/util/random.ts";
import { type BenchProgram, readPrograms } from "./support/programs.ts";

const EIGHT = "20,22,78,79,94,117,502,611";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    cwe: { type: "string", default: EIGHT },
    language: { type: "string" },
    "threat-model": { type: "string", default: "remote" },
    show: { type: "string" },
    limit: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");

const cwes = values.cwe === "all" ? undefined : values.cwe.split(",").map(parseCweId);
const language = values.language === undefined ? undefined : languageSchema.parse(values.language);
const threatModels = z
  .array(z.enum(["remote", "local", "parameters"]))
  .parse(values["threat-model"].split(","));
const [showOutcome = "", showCount = "3"] = (values.show ?? "").split(":");

const programs: BenchProgram[] = [];
for await (const program of readPrograms(values.source)) {
  if (language === undefined || program.language === language) programs.push(program);
}

const oracle = await createBuiltinOracle({ threatModels });
const repairer = await createCodemodRepairer({ oracle });
const table = new Map<CweId, Map<string, number>>();
const reasons = new Map<string, number>();
const perProgram = { flagged: 0, design: 0, paired: 0 };
let shown = 0;
const order = shuffled(programs, seededRandom(Number(values.seed))).slice(
  0,
  Number(values.limit ?? programs.length),
);
for (const program of order) {
  const file: SourceFile = { path: program.id, language: program.language, text: program.code };
  const [result] = await oracle.scan([file]);
  if (result?.status !== "scanned") continue;
  const outcomes: string[] = [];
  // A finding counts for its primary weakness, as in synthesis.
  const verdicts = result.findings.filter(({ level }) => level !== "note");
  const found = new Set(verdicts.flatMap((finding) => finding.cwes.slice(0, 1)));
  for (const cwe of cwes?.filter((id) => found.has(id)) ?? found) {
    const report = verdicts.filter((finding) => finding.cwes[0] === cwe);
    if (report.length > 0) outcomes.push(await attempt(program, file, cwe, report));
  }
  if (outcomes.length > 0) perProgram.flagged++;
  if (outcomes.includes("pair")) perProgram.paired++;
  else if (outcomes.includes("needs-design")) perProgram.design++;
}

async function attempt(
  program: BenchProgram,
  file: SourceFile,
  cwe: CweId,
  report: Finding[],
): Promise<string> {
  const row = table.get(cwe) ?? new Map<string, number>();
  table.set(cwe, row);
  const { outcome, detail, fixed } = await repaired(file, cwe, report);
  for (const key of ["flagged", outcome]) row.set(key, (row.get(key) ?? 0) + 1);
  if (outcome !== "pair") count(reasons, `${cwe} ${outcome}: ${detail.replace(/line \d+|: .*/g, "")}`);
  if (outcome === showOutcome && shown < Number(showCount)) {
    shown++;
    console.log(`#### ${program.id} ${cwe} ${detail}`);
    for (const finding of report) console.log(`  ${finding.region.startLine}: ${finding.message}`);
    console.log(fixed === undefined ? file.text : patch(file.text, fixed));
  }
  return outcome;
}

async function repaired(
  file: SourceFile,
  cwe: CweId,
  report: Finding[],
): Promise<{ outcome: string; detail: string; fixed?: string }> {
  const answer = await repairer.repair({ file, cwe, report });
  if (answer.kind === "none") return { outcome: answer.reason, detail: answer.detail };
  const [candidate] = answer.candidates;
  if (candidate === undefined) return { outcome: "no-rewrite", detail: "" };
  const verdict = await verifyRepair({
    file,
    cwe,
    report,
    candidate: candidate.text,
    detect: oracle,
    verify: [oracle],
  });
  if (verdict.accepted) return { outcome: "pair", detail: candidate.repair.by, fixed: candidate.text };
  const failures = Object.entries(verdict.checks).filter(([, { status }]) => status === "failed");
  const detail = failures.map(([name, { detail: why }]) => `${name.split("@")[0]} ${why ?? ""}`).join(" | ");
  return { outcome: "refused", detail, fixed: candidate.text };
}

function count(into: Map<string, number>, key: string): void {
  into.set(key, (into.get(key) ?? 0) + 1);
}

function patch(before: string, after: string): string {
  const text = createTwoFilesPatch("a", "b", before, after, undefined, undefined, { context: 3 });
  return text.split("\n").slice(4).join("\n");
}

const columns = ["flagged", "pair", "needs-design", "no-rewrite", "refused"];
console.log(["CWE", ...columns, "pairs %", "of repairable %"].join("\t"));
for (const [cwe, row] of [...table].sort(([a], [b]) => compareCwe(a, b))) {
  const of = (key: string): number => row.get(key) ?? 0;
  const share = (whole: number): string => (whole === 0 ? "-" : `${Math.round((100 * of("pair")) / whole)}`);
  console.log(
    [cwe, ...columns.map(of), share(of("flagged")), share(of("flagged") - of("needs-design"))].join("\t"),
  );
}
const { flagged, design, paired } = perProgram;
const percent = (part: number, whole: number): string =>
  whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
console.log(
  `programs flagged ${flagged}, with a pair ${paired} (${percent(paired, flagged)}), needs design ${design}, pairs of the rest ${percent(paired, flagged - design)}`,
);
for (const [reason, number] of [...reasons].sort(([, a], [, b]) => b - a).slice(0, 25))
  console.log(`${number}\t${reason}`);
