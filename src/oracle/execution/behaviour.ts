// Whether two programs answer alike: benign uses of the first are found, repeated on it to see which answers are
// its own and which chance's, and repeated on the second. Only uses in which the first does well count.
import type { SecurityOracle } from "../oracle.ts";
import type { HarnessReport, Outcome, Use } from "./harness.ts";
import type { ProgramRunner, RunAnswer } from "./runner.ts";

/**
 * What came of a comparison. `translated`: the second takes the same data in another form only (JSON in place of a
 * pickle, which no repair can go on reading), and so answers alike.
 */
export type BehaviourVerdict =
  | {
      readonly kind: "alike";
      /** Uses answered alike, of how many. */
      readonly alike: number;
      readonly uses: number;
    }
  | {
      readonly kind: "translated";
      /** Uses answered alike once their data came in another form, of how many. */
      readonly alike: number;
      readonly uses: number;
    }
  | { readonly kind: "differs"; readonly detail: string }
  | { readonly kind: "not-run"; readonly reason: string };

/** Two programs. */
export interface BehaviourQuestion {
  /** The program as it was. */
  readonly original: string;
  /** What was made of it. */
  readonly candidate: string;
  /** Cancels. */
  readonly signal?: AbortSignal;
}

/** An oracle that can also compare behaviour. */
export interface BehaviourJudge {
  /** Compares two Python programs on benign input. */
  compareBehaviour(question: BehaviourQuestion): Promise<BehaviourVerdict>;
}

/** The oracle as a judge of behaviour, where it is one. */
export function asBehaviourJudge(oracle: SecurityOracle): BehaviourJudge | undefined {
  return isJudge(oracle) ? oracle : undefined;
}

function isJudge(oracle: SecurityOracle): oracle is SecurityOracle & BehaviourJudge {
  return "compareBehaviour" in oracle;
}

/** See the file's head. */
export async function compareBehaviour(
  runner: ProgramRunner,
  { original, candidate, signal }: BehaviourQuestion,
): Promise<BehaviourVerdict> {
  const cancel = signal === undefined ? {} : { signal };
  const first = ranReport(await runner.run({ text: original, benignOnly: true, ...cancel }));
  if (typeof first === "string") return notRun(`the original: ${first}`);
  const uses = usesThatEndWell(first);
  const replay = Object.fromEntries(uses);
  if (uses.size === 0) return notRun("no benign use of the original ends well");
  const again = ranReport(await runner.run({ text: original, replay, ...cancel }));
  if (typeof again === "string") return notRun(`the original, run again: ${again}`);
  const second = ranReport(await runner.run({ text: candidate, replay, ...cancel }));
  if (typeof second === "string") return { kind: "differs", detail: `The repaired program: ${second}.` };
  const verdict = compareUses(uses, again, second);
  const translated = translatedUses(uses);
  if (verdict.kind !== "differs" || translated === undefined) return verdict;
  const third = ranReport(await runner.run({ text: candidate, replay: translated, ...cancel }));
  const other = typeof third === "string" ? verdict : compareUses(uses, again, third);
  return other.kind === "alike" ? { ...other, kind: "translated" } : verdict;
}

function notRun(reason: string): BehaviourVerdict {
  return { kind: "not-run", reason };
}

/** The report of a program that loaded; otherwise why there is none. */
function ranReport(answer: RunAnswer): Extract<HarnessReport, { status: "ran" }> | string {
  if (answer.kind === "none")
    return answer.detail === "" ? answer.status : `${answer.status}: ${answer.detail}`;
  const { report } = answer;
  if (report.status !== "ran") return `${report.status}: ${report.detail}`;
  if (report.load.state !== "failed" || report.entries.length > 0) return report;
  return `${report.load.error_type}: ${report.load.error}`;
}

/** Uses that end well, by entry point; an answer about an error counts only where there is no other. */
function usesThatEndWell(
  report: Extract<HarnessReport, { status: "ran" }>,
): ReadonlyMap<string, readonly Use[]> {
  const entries = report.entries.map(({ name, uses }) => {
    const good = uses.filter(({ outcome }) => outcome.state === "ok");
    const smooth = good.filter((use) => use.smooth);
    return [name, smooth.length > 0 ? smooth : good] as const;
  });
  return new Map(entries.filter(([, uses]) => uses.length > 0));
}

/** The same uses with their data in another form, where one of them has another. */
function translatedUses(uses: ReadonlyMap<string, readonly Use[]>): Record<string, Use[]> | undefined {
  const all = [...uses].map(([name, own]) => [name, own.map((use) => ({ ...use, ...use.instead }))] as const);
  const has = [...uses.values()].some((own) => own.some(({ instead }) => instead !== undefined));
  return has ? Object.fromEntries(all) : undefined;
}

function compareUses(
  uses: ReadonlyMap<string, readonly Use[]>,
  again: Extract<HarnessReport, { status: "ran" }>,
  second: Extract<HarnessReport, { status: "ran" }>,
): BehaviourVerdict {
  let alike = 0;
  let total = 0;
  for (const [name, own] of uses) {
    const now = second.entries.find((entry) => entry.name === name);
    if (now === undefined) return { kind: "differs", detail: `There is no ${name} any more.` };
    const repeated = again.entries.find((entry) => entry.name === name)?.uses ?? [];
    const pairs = own.map((use, index) => ({
      before: use.outcome,
      again: repeated[index]?.outcome,
      after: now.uses[index]?.outcome,
    }));
    const crash = pairs.find(({ after }) => after !== undefined && isMistake(after));
    if (crash?.after !== undefined) {
      const { error_type, error } = crash.after;
      return { kind: "differs", detail: `${name} now fails: ${error_type}: ${error}.` };
    }
    const same = pairs.filter(isAlike);
    if (same.length === 0) return { kind: "differs", detail: `${name}: ${describe(pairs[0])}.` };
    alike += same.length;
    total += pairs.length;
  }
  return { kind: "alike", alike, uses: total };
}

interface Triple {
  readonly before: Outcome;
  readonly again: Outcome | undefined;
  readonly after: Outcome | undefined;
}

/** The same state and status, and the same answer where the original itself gives the same one twice. */
function isAlike({ before, again, after }: Triple): boolean {
  if (after === undefined || after.state !== before.state) return false;
  if ((after.status ?? 0) !== (before.status ?? 0)) return false;
  const steady = again !== undefined && again.body === before.body && again.location === before.location;
  return !steady || (sameText(after.body, before.body) && (after.location ?? "") === (before.location ?? ""));
}

/** Escaping, and white space around, are how a page is written and not what it says. */
function sameText(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(text: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#34": '"' };
  return text.replace(/&(amp|lt|gt|quot|#39|#34);/g, (all, name: string) => named[name] ?? all).trim();
}

/** Errors that no input excuses: the repair itself is wrong. */
function isMistake({ error_type }: Outcome): boolean {
  return ["NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError"].includes(error_type);
}

function describe(pair: Triple | undefined): string {
  if (pair?.after === undefined) return "no benign use ended";
  const say = ({ state, status, body, error_type }: Outcome): string =>
    [state, status ?? "", error_type, JSON.stringify(body.slice(0, 60))]
      .filter((part) => part !== "")
      .join(" ");
  return `answered ${say(pair.before)}, now ${say(pair.after)}`;
}
