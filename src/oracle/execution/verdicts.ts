// What the harness saw, as verdicts: a family of probes at a time, and the program as a whole. The order of
// precedence is the whole of it: an exploit that worked outweighs all, and what was not seen to hold is not
// said to hold.
import type { EntryReport, Exploit, HarnessReport, Outcome, ProbeFamily } from "./harness.ts";
import type { RunAnswer } from "./runner.ts";

/** Why a program, or a family's operation in it, could not be judged. */
export const notRunnableReasons = [
  "parse-error",
  "missing-module",
  "no-entry",
  "refused",
  "not-reached",
  "timeout",
  "limit",
  "sandbox-failed",
] as const;
/** See {@link notRunnableReasons}. */
export type NotRunnableReason = (typeof notRunnableReasons)[number];

/** An exploit, and the entry point through which it worked. */
export interface EntryExploit extends Exploit {
  /** The entry point. */
  readonly entry: string;
}

/**
 * A verdict. `exploited`: a probe did what it should not have been able to. `resisted`: a benign use performs the
 * operation and no probe gets through. `absent`: nothing of the kind is done. `broken`: the benign use fails.
 */
export type Verdict =
  | { readonly kind: "exploited"; readonly exploits: readonly [EntryExploit, ...EntryExploit[]] }
  | { readonly kind: "resisted" }
  | { readonly kind: "absent" }
  | { readonly kind: "broken"; readonly detail: string }
  | { readonly kind: "not-runnable"; readonly reason: NotRunnableReason; readonly detail: string };

/** All verdicts about a program. */
export interface ProgramVerdict {
  /** The program as a whole. */
  readonly overall: Verdict;
  /** By family; empty where the program could not be driven at all. */
  readonly families: ReadonlyMap<string, Verdict>;
}

/** Judges a program by what came of its run. */
export function judgeRun(answer: RunAnswer, families: readonly ProbeFamily[]): ProgramVerdict {
  const whole = wholeProgram(answer);
  if (whole !== undefined) return { overall: whole, families: new Map() };
  const entries = answer.kind === "report" && answer.report.status === "ran" ? answer.report.entries : [];
  const verdicts = new Map(families.map((family) => [family.id, familyVerdict(family, entries)]));
  return { overall: overallOf([...verdicts.values()], entries), families: verdicts };
}

/** A verdict on the whole program, where it did not come to entry points. */
function wholeProgram(answer: RunAnswer): Verdict | undefined {
  if (answer.kind === "none") return sandboxEnd(answer.status, answer.detail);
  const { report } = answer;
  if (report.status === "parse-error") return notRunnable("parse-error", report.detail);
  if (report.status === "load-failed") return notRunnable("timeout", `loading: ${report.detail}`);
  return loadFailure(report) ?? (report.entries.length === 0 ? notRunnable("no-entry", "") : undefined);
}

function loadFailure({ load, entries }: Extract<HarnessReport, { status: "ran" }>): Verdict | undefined {
  if (load.state !== "failed") return undefined;
  if (load.error_type === "ModuleNotFoundError") return notRunnable("missing-module", load.error);
  // What the top level does may be exploited before it fails; otherwise the failure is the answer.
  // and run as a script, with arguments and input, it may do well.
  const exploited = entries.some(({ families }) => families.some(({ exploit }) => exploit != null));
  return exploited || entries.some(works) ? undefined : { kind: "broken", detail: errorOf(load) };
}

function sandboxEnd(status: string, detail: string): Verdict {
  if (status === "timeout" || status === "cpu-limit") return notRunnable("timeout", status);
  if (status === "lost" || status === "cancelled") return notRunnable("sandbox-failed", detail || status);
  return notRunnable("limit", detail === "" ? status : `${status}: ${detail}`);
}

function familyVerdict(family: ProbeFamily, entries: readonly EntryReport[]): Verdict {
  // A view is asked with every usual method; one that it does not take is no way in, if it takes another.
  const taken = entries.filter((entry) => !isMethodRefused(family, entry));
  const ways = entries.filter(
    (entry) => taken.includes(entry) || !taken.some(({ line }) => line === entry.line),
  );
  const here = ways.map((entry) => entryVerdict(family, entry));
  const exploits = here.flatMap((verdict) => (verdict.kind === "exploited" ? verdict.exploits : []));
  const [first, ...rest] = exploits;
  if (first !== undefined) return { kind: "exploited", exploits: [first, ...rest] };
  const unsettled = here.find(({ kind }) => kind === "broken") ?? here.find(isNotRunnable);
  const resisted = here.find(({ kind }) => kind === "resisted");
  // A branch that one entry never took matters only where no other took it.
  if (resisted !== undefined && (unsettled === undefined || isNotReached(unsettled))) return resisted;
  return unsettled ?? resisted ?? { kind: "absent" };
}

/** Whether an entry point does not take its method (405). */
function isMethodRefused(family: ProbeFamily, { families }: EntryReport): boolean {
  const found = families.find(({ id }) => id === family.id);
  return found?.exploit == null && found?.benign.status === 405;
}

function entryVerdict(family: ProbeFamily, entry: EntryReport): Verdict {
  const found = entry.families.find(({ id }) => id === family.id);
  if (found?.exploit != null) {
    return { kind: "exploited", exploits: [{ ...found.exploit, entry: entry.name }] };
  }
  if (entry.ended !== "" && found?.finished !== true) return notRunnable("timeout", entry.ended);
  if (found === undefined) return { kind: "absent" };
  // What works without a page has none that could be attacked.
  if (showsInAnswers(family) && found.benign.state !== "ok" && works(entry)) return { kind: "absent" };
  if (found.benign.state === "failed") return benignFailure(found.benign);
  if (found.benign.state === "refused") return notRunnable("refused", `status ${found.benign.status ?? "?"}`);
  if (found.reached) return { kind: "resisted" };
  // A response without a page cannot hold a script; other operations may hide behind a branch not taken.
  return showsInAnswers(family) ? { kind: "absent" } : notRunnable("not-reached", entry.name);
}

/** Whether what a family is about shows in every answer that has it. */
function showsInAnswers({ reaches }: ProbeFamily): boolean {
  return reaches.some((kind) => kind === "page" || kind === "treated" || kind === "header");
}

/** Whether any benign use of an entry point ends well. */
function works({ benign, families }: EntryReport): boolean {
  return benign?.state === "ok" || families.some((family) => family.benign.state === "ok");
}

function benignFailure(outcome: Outcome): Verdict {
  if (outcome.error_type === "ModuleNotFoundError") return notRunnable("missing-module", outcome.error);
  if (outcome.error_type === "Timeout") return notRunnable("timeout", outcome.error);
  return { kind: "broken", detail: errorOf(outcome) };
}

function overallOf(verdicts: readonly Verdict[], entries: readonly EntryReport[]): Verdict {
  const exploits = verdicts.flatMap((verdict) => (verdict.kind === "exploited" ? verdict.exploits : []));
  const [first, ...rest] = exploits;
  if (first !== undefined) return { kind: "exploited", exploits: [first, ...rest] };
  const broken = verdicts.find(({ kind }) => kind === "broken");
  if (broken !== undefined) return broken;
  const resisted = verdicts.find(({ kind }) => kind === "resisted");
  const unsettled = verdicts.find((verdict) => isNotRunnable(verdict) && !isNotReached(verdict));
  if (unsettled !== undefined) return unsettled;
  if (resisted !== undefined) return resisted;
  const idle = verdicts.find(isNotReached);
  if (idle !== undefined) return idle;
  return entries.some(({ benign }) => benign?.state === "ok") ? { kind: "absent" } : restOf(entries);
}

/** A program that concerns no family: whether it works at all. */
function restOf(entries: readonly EntryReport[]): Verdict {
  const [first] = entries.flatMap(({ benign }) => (benign == null ? [] : [benign]));
  if (first === undefined) return notRunnable("timeout", "no benign use ended");
  return first.state === "failed"
    ? benignFailure(first)
    : notRunnable("refused", `status ${first.status ?? "?"}`);
}

function isNotRunnable(verdict: Verdict): boolean {
  return verdict.kind === "not-runnable";
}

function isNotReached(verdict: Verdict): boolean {
  return verdict.kind === "not-runnable" && verdict.reason === "not-reached";
}

function notRunnable(reason: NotRunnableReason, detail: string): Verdict {
  return { kind: "not-runnable", reason, detail };
}

function errorOf({ error_type, error, error_line, status }: Outcome): string {
  if (error_type === "") return `status ${status ?? "?"}`;
  return `${error_type}: ${error}${error_line > 0 ? ` (line ${error_line})` : ""}`;
}
