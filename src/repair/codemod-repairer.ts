// The repairer that needs no model: for every finding of the weakness the first codemod that
// knows its shape, all edits of a round applied together. Given an oracle it looks at the result
// and goes on with what is still found, since a repair can bring the next flow to light.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadPython } from "../lang/python.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { codemods } from "./codemods/registry.ts";
import { addEdits, applyEdits, type Edit } from "./edits.ts";
import { type ImportNeed, importEdits, unusedImportEdits } from "./python/imports.ts";
import { Program } from "./python/program.ts";
import { TaintView } from "./python/taint.ts";
import type { RepairCandidate, Repairer, RepairOutcome, RepairRequest } from "./repairer.ts";
import type { Codemod, Rewrite, Site } from "./rewrite.ts";

/** Version of the rewrites; goes up when a program may be repaired differently. */
const VERSION = "1";
const MOST_ROUNDS = 6;

/** How the repairer works. */
export interface CodemodOptions {
  /** Looks at each round's result; without it there is one round. */
  readonly oracle?: SecurityOracle;
}

/** Makes the repairer; loads the parsers. */
export async function createCodemodRepairer(options: CodemodOptions = {}): Promise<Repairer> {
  const python = await loadPython();
  return {
    identity: `codemod@${VERSION}`,
    repair: (request, { signal } = {}) => repairInRounds(request, python, options.oracle, signal),
  };
}

interface Round {
  readonly text: string;
  readonly names: readonly string[];
  /** Why a finding was left, when one was. */
  readonly left: readonly Extract<RepairOutcome, { kind: "none" }>[];
}

async function repairInRounds(
  { file, cwe, report }: RepairRequest,
  language: LanguageSupport,
  oracle: SecurityOracle | undefined,
  signal: AbortSignal | undefined,
): Promise<RepairOutcome> {
  if (file.language !== "python")
    return none("no-rewrite", `There are no rewrites for ${file.language} yet.`);
  if (!language.parses(file.text)) return none("unparsable", "The program does not parse.");
  const look = oracle === undefined ? undefined : await lookout(oracle, file, cwe, signal);
  const names = new Set<string>();
  let left: Round["left"] = [];
  let task: Task = { cwe, report };
  let current = file;
  let rounds = 0;
  while (task.report.length > 0 && rounds < MOST_ROUNDS) {
    signal?.throwIfAborted();
    const round = repairOnce(current, task.cwe, task.report, language);
    if (task.cwe === cwe) left = round.left;
    if (round.text === current.text) break;
    rounds++;
    current = { ...file, text: round.text };
    for (const name of round.names) names.add(name);
    if (look === undefined) break;
    task = await look(current);
  }
  const refused = left.find(({ reason }) => reason === "needs-design") ?? left[0];
  if (rounds === 0 || (refused?.reason === "needs-design" && task.report.length > 0)) {
    return refused ?? none("no-rewrite", "No rewrite knows the shape of this program.");
  }
  const candidate: RepairCandidate = {
    text: current.text,
    repair: { by: `codemod:${[...names].join("+")}`, rounds },
  };
  return { kind: "candidates", candidates: [candidate] };
}

/** What is to be repaired in a round. */
interface Task {
  readonly cwe: CweId;
  readonly report: readonly Finding[];
}

/**
 * Says what is left after a round: the weakness itself first, then whatever the repair has brought
 * to light (data that is no longer evaluated goes back to the browser as it came).
 */
async function lookout(
  oracle: SecurityOracle,
  file: SourceFile,
  cwe: CweId,
  signal: AbortSignal | undefined,
): Promise<(current: SourceFile) => Promise<Task>> {
  const scan = async (program: SourceFile): Promise<readonly Finding[]> => {
    const [result] = await oracle.scan([program], signal === undefined ? {} : { signal });
    // Something that the oracle cannot look at is for the gates to refuse.
    return result?.status === "scanned" ? result.findings.filter(({ level }) => level !== "note") : [];
  };
  const known = new Set((await scan(file)).map(({ ruleId }) => ruleId));
  return async (current) => {
    const findings = await scan(current);
    const same = findings.filter((finding) => finding.cwes.includes(cwe));
    if (same.length > 0) return { cwe, report: same };
    const fresh = findings.filter(({ ruleId }) => !known.has(ruleId));
    const other = fresh
      .flatMap(({ cwes }) => cwes)
      .find((id) => codemods.some(({ cwes }) => cwes.includes(id)));
    if (other === undefined) return { cwe, report: [] };
    return { cwe: other, report: fresh.filter(({ cwes }) => cwes.includes(other)) };
  };
}

function none(
  reason: "no-rewrite" | "needs-design" | "unparsable",
  detail: string,
): Extract<RepairOutcome, { kind: "none" }> {
  return { kind: "none", reason, detail };
}

/** Repairs what can be repaired in one go: edits of different findings must not overlap. */
export function repairOnce(
  file: SourceFile,
  cwe: CweId,
  report: readonly Finding[],
  language: LanguageSupport,
): Round {
  const program = new Program(language.parse(file.text));
  const list: Edit[] = [];
  const imports: ImportNeed[] = [];
  const drops: string[] = [];
  const names: string[] = [];
  const left: Extract<RepairOutcome, { kind: "none" }>[] = [];
  for (const finding of report) {
    const { rewrite, name } = rewriteFor(program, cwe, finding, report);
    if (rewrite?.kind !== "edits") {
      left.push(
        none(
          rewrite?.kind ?? "no-rewrite",
          rewrite?.detail ?? `No rewrite knows the shape at ${place(finding)}.`,
        ),
      );
    } else if (addEdits(list, rewrite.edits)) {
      imports.push(...rewrite.imports);
      drops.push(...rewrite.drops);
      names.push(name);
    }
  }
  if (list.length === 0) return { text: file.text, names, left };
  const all = [...list, ...importEdits(program.tree, program.imports, imports)];
  const text = applyEdits(file.text, withLineEnds(all, file.text));
  const unused = unusedImportEdits(language.parse(text), drops);
  return { text: applyEdits(text, unused), names: [...new Set(names)], left };
}

/** New lines end as the program's lines end. */
function withLineEnds(edits: readonly Edit[], program: string): readonly Edit[] {
  if (!/\r\n/.test(program)) return edits;
  return edits.map((edit) => ({ ...edit, text: edit.text.replace(/\r?\n/g, "\r\n") }));
}

function rewriteFor(
  program: Program,
  cwe: CweId,
  finding: Finding,
  report: readonly Finding[],
): { rewrite: Rewrite | undefined; name: string } {
  let design: Rewrite | undefined;
  for (const codemod of codemods) {
    if (!codemod.cwes.includes(cwe)) continue;
    const site = siteOf(program, finding, report, codemod);
    const rewrite = codemod.rewrite(site);
    if (rewrite?.kind === "edits" && rewrite.edits.length > 0) return { rewrite, name: codemod.name };
    if (rewrite?.kind === "needs-design") design = rewrite;
  }
  return { rewrite: design, name: "" };
}

/** The finding in its program; values are followed only when a codemod asks. */
function siteOf(program: Program, finding: Finding, report: readonly Finding[], codemod: Codemod): Site {
  let taint: TaintView | undefined;
  return {
    program,
    finding,
    report,
    node: program.nodeAt(finding.region),
    get taint() {
      taint ??= new TaintView(program, [finding], codemod.sanitizers);
      return taint;
    },
  };
}

function place({ region }: Finding): string {
  return `line ${region.startLine}`;
}
