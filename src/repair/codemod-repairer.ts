// The repairer that needs no model: the language's rewriter takes one round of findings after the
// other. Given an oracle it looks at the result and goes on with what is still found, since a
// repair can bring the next flow to light.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { createCRewriter } from "./c/rewriter.ts";
import { createPythonRewriter } from "./python/rewriter.ts";
import type { RepairCandidate, Repairer, RepairOutcome, RepairRequest } from "./repairer.ts";
import type { Rewriter } from "./rewriter.ts";

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
  const rewriters: Record<Language, Rewriter> = {
    python: await createPythonRewriter(),
    c: await createCRewriter(),
  };
  return {
    identity: `codemod@${VERSION}`,
    repair: (request, { signal } = {}) => {
      return repairInRounds(request, rewriters[request.file.language], options.oracle, signal);
    },
  };
}

async function repairInRounds(
  { file, cwe, report }: RepairRequest,
  rewriter: Rewriter,
  oracle: SecurityOracle | undefined,
  signal: AbortSignal | undefined,
): Promise<RepairOutcome> {
  if (!rewriter.language.parses(file.text)) return none("unparsable", "The program does not parse.");
  const look = oracle === undefined ? undefined : await lookout({ oracle, rewriter, signal }, file, cwe);
  const names = new Set<string>();
  let left: ReturnType<Rewriter["rewrite"]>["left"] = [];
  let task: Task = { cwe, report };
  let current = file;
  let rounds = 0;
  while (task.report.length > 0 && rounds < MOST_ROUNDS) {
    signal?.throwIfAborted();
    const round = rewriter.rewrite({ file: current, cwe: task.cwe, report: task.report });
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
  {
    oracle,
    rewriter,
    signal,
  }: { oracle: SecurityOracle; rewriter: Rewriter; signal: AbortSignal | undefined },
  file: SourceFile,
  cwe: CweId,
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
    const other = fresh.flatMap(({ cwes }) => cwes).find((id) => rewriter.knows(id));
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
