// Oracle-guided synthesis (HexaCoder, section 3.1): propose programs, keep those that the oracle
// flags, repair them, keep the repairs that pass every gate. A run folder holds all of it; killed at
// any moment, the same command with `--resume` ends with the same pairs.
import { join } from "node:path";
import { type CweId, tryParseCweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import { extensionOf, languageSchema } from "../core/language.ts";
import type { CodePair, GateOutcome } from "../core/pair.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { Spending } from "../llm/budget.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { RepairCandidate, Repairer, RepairOutcome } from "../repair/repairer.ts";
import { writeFileAtomic } from "../util/files.ts";
import { shortHashOf } from "../util/hash.ts";
import type { Candidate, CandidateSource, Proposal } from "./candidate.ts";
import { gathered, mapAhead } from "./flow.ts";
import type { LedgerLine, Rejection, SynthSummary } from "./ledger.ts";
import { openRunLog, type RunLog } from "./run-log.ts";

/** Decides whether a repair may become a pair. */
export type Verifier = (request: {
  file: SourceFile;
  cwe: CweId;
  report: readonly Finding[];
  candidate: RepairCandidate;
}) => Promise<{ accepted: boolean; checks: Record<string, GateOutcome> }>;

/** What a run needs. */
export interface SynthesisOptions {
  /** The run folder; its manifest is there already. */
  readonly folder: string;
  /** Where programs come from. */
  readonly source: CandidateSource;
  /** Finds the vulnerable programs. */
  readonly detect: SecurityOracle;
  /** Repairs them. */
  readonly repairer: Repairer;
  /** Judges the repairs. */
  readonly verify: Verifier;
  /** Only these weaknesses; all that the oracle covers when absent. */
  readonly cwes?: readonly CweId[];
  /** Repairs under way at once. */
  readonly concurrency: number;
  /** What models cost so far; nothing when absent. */
  readonly spent?: () => Spending;
  /** Ends the run early, with everything finished so far kept. */
  readonly signal: AbortSignal;
  /** Called once, with the number of proposals that earlier runs finished. */
  readonly onStart?: (finished: number) => void;
  /** Called whenever something was written. */
  readonly onProgress?: (summary: SynthSummary, size: number | undefined) => void;
}

/** Most programs that are scanned in one call, and written in one. */
const BATCH = 64;

interface Outcome {
  readonly line: LedgerLine;
  readonly pairs: readonly CodePair[];
  readonly rejections: readonly Rejection[];
}

/** Runs synthesis to its end, or from where the folder's last run stopped; returns the summary. */
export async function synthesise(options: SynthesisOptions): Promise<SynthSummary> {
  const log = await openRunLog(options.folder);
  options.onStart?.(log.finished);
  try {
    await runStages(log, options);
  } catch (error) {
    if (!(error instanceof HexacoderError) || error.code !== "budget-reached") throw error;
    await writeSummary({ ...summaryOf(log, options), stopped: error.code }, options);
    throw error;
  } finally {
    await log.close();
  }
  throwIfAborted(options.signal);
  return await writeSummary(summaryOf(log, options), options);
}

async function runStages(log: RunLog, options: SynthesisOptions): Promise<void> {
  const proposals = skip(options.source.propose(options.signal), log.finished);
  const batches = gathered(proposals, { most: BATCH, ahead: 4 * BATCH });
  const scanned = mapAhead(batches, { atOnce: 2, window: 2 }, (batch) => scanBatch(batch, log, options));
  const window = Math.max(4 * options.concurrency, BATCH);
  const judged = mapAhead(flat(scanned), { atOnce: options.concurrency, window }, (item) =>
    judge(item, options),
  );
  // Whatever fails on the way is thrown after everything before it was written: nothing paid for is lost.
  for await (const outcomes of gathered(judged, { most: BATCH, ahead: 4 * BATCH })) {
    throwIfAborted(options.signal);
    await log.append(outcomes);
    options.onProgress?.(summaryOf(log, options), options.source.size);
  }
}

async function* flat<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

function summaryOf(log: RunLog, { spent }: SynthesisOptions): SynthSummary {
  const summary = log.summary();
  if (spent === undefined) return summary;
  const spending = spent();
  return { ...summary, spent: spending, costUsd: spending.unpriced ? null : spending.usd };
}

async function writeSummary(summary: SynthSummary, { folder }: SynthesisOptions): Promise<SynthSummary> {
  await writeFileAtomic(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

interface Scanned {
  readonly proposal: Proposal;
  readonly duplicate: boolean;
  readonly scan: ScanResult | undefined;
}

async function scanBatch(
  batch: readonly Proposal[],
  log: RunLog,
  { detect, signal }: SynthesisOptions,
): Promise<Scanned[]> {
  // Before anything is waited for, so that of two equal programs the first one counts.
  const fresh = batch.map((proposal) => ({ proposal, duplicate: isDuplicate(proposal, log) }));
  const files = fresh.flatMap(({ proposal, duplicate }) =>
    proposal.kind === "candidate" && !duplicate ? [fileOf(proposal.candidate)] : [],
  );
  const scans = (await detect.scan(files, { signal })).values();
  return fresh.map((entry) => ({
    ...entry,
    scan: entry.proposal.kind === "candidate" && !entry.duplicate ? scans.next().value : undefined,
  }));
}

async function judge(item: Scanned, options: SynthesisOptions): Promise<Outcome> {
  const { proposal, scan } = item;
  if (proposal.kind === "unusable") {
    return settled(proposal.ref, "unusable", { reason: proposal.reason });
  }
  const { candidate } = proposal;
  const key = keyOf(candidate);
  const cwe = meantFor(candidate);
  if (item.duplicate || scan === undefined) return settled(key, "duplicate", { cwe });
  if (scan.status === "unscanned") return settled(key, "unscanned", { cwe, reason: scan.reason });
  const weaknesses = wantedWeaknesses(candidate, scan.findings, options.cwes);
  if (weaknesses.size === 0) return settled(key, "clean", { cwe });
  const attempts = [];
  for (const [weakness, report] of weaknesses)
    attempts.push(await attempt(candidate, weakness, report, options));
  return {
    line: { ...settled(key, "flagged", { cwe }).line, attempts: attempts.map((one) => one.entry) },
    pairs: attempts.flatMap((one) => one.pair ?? []),
    rejections: attempts.flatMap((one) => one.rejections),
  };
}

/** The weakness that a program was made, or a model asked, to have. */
function meantFor({ cwe, source }: Candidate): CweId | undefined {
  return cwe ?? (typeof source.asked === "string" ? tryParseCweId(source.asked) : undefined);
}

function settled(
  key: string,
  outcome: LedgerLine["outcome"],
  { reason, cwe }: { reason?: string; cwe?: CweId | undefined },
): Outcome {
  const line: LedgerLine = {
    key,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(cwe === undefined ? {} : { cwe }),
    attempts: [],
  };
  return { line, pairs: [], rejections: [] };
}

interface Attempt {
  readonly entry: LedgerLine["attempts"][number];
  readonly pair?: CodePair;
  readonly rejections: readonly Rejection[];
}

async function attempt(
  candidate: Candidate,
  cwe: CweId,
  report: readonly Finding[],
  options: SynthesisOptions,
): Promise<Attempt> {
  const file = fileOf(candidate);
  const base = { cwe, candidate, report: [...report] };
  const rejections: Rejection[] = [];
  const { original } = candidate;
  let outcome =
    original === undefined
      ? await options.repairer.repair({ file, cwe, report }, { signal: options.signal })
      : repairedBefore(original);
  for (;;) {
    if (outcome.kind === "none") {
      rejections.push(rejectionOf({ ...base, reason: outcome.reason, detail: outcome.detail }));
      break;
    }
    for (const repaired of outcome.candidates) {
      const { accepted, checks } = await options.verify({ file, cwe, report, candidate: repaired });
      if (accepted) return { ...(await kept({ candidate, cwe, report, repaired, checks })), rejections };
      const failed = firstFailure(checks);
      rejections.push(
        rejectionOf({ ...base, ...failed, fixed: repaired.text, repair: repaired.repair, checks }),
      );
    }
    if (outcome.next === undefined) break;
    outcome = await outcome.next();
  }
  return { entry: { cwe, rejected: rejections[0]?.reason ?? "no-candidate" }, rejections };
}

/** What was weakened is repaired by what it was. */
function repairedBefore({ text, by }: NonNullable<Candidate["original"]>): RepairOutcome {
  return { kind: "candidates", candidates: [{ text, repair: { by, rounds: 1 } }] };
}

async function kept(accepted: {
  candidate: Candidate;
  cwe: CweId;
  report: readonly Finding[];
  repaired: RepairCandidate;
  checks: Record<string, GateOutcome>;
}): Promise<Pick<Attempt, "entry" | "pair">> {
  const { candidate, cwe, report, repaired, checks } = accepted;
  const language = await loadLanguage(candidate.language);
  const pair: CodePair = {
    id: shortHashOf([cwe, candidate.language, candidate.code, repaired.text]),
    cwe,
    language: candidate.language,
    vulnerable: candidate.code,
    fixed: repaired.text,
    changes: language.changedSpans(candidate.code, repaired.text),
    report: [...report],
    repair: repaired.repair,
    checks,
    source: candidate.source,
  };
  return { entry: { cwe, pair: pair.id, by: repaired.repair.by }, pair };
}

function rejectionOf(rejection: Omit<Rejection, "id">): Rejection {
  const { cwe, candidate, reason, fixed } = rejection;
  return { id: shortHashOf([cwe, candidate.code, reason, fixed]), ...rejection };
}

function firstFailure(checks: Record<string, GateOutcome>): { reason: string; detail: string } {
  const failed = Object.entries(checks).find(([, outcome]) => outcome.status === "failed");
  if (failed === undefined) return { reason: "gate:unknown", detail: "refused without a failed gate" };
  return { reason: `gate:${failed[0]}`, detail: failed[1].detail ?? "" };
}

/** Findings by weakness; only the one that the program is meant to have, where it says which. */
function wantedWeaknesses(
  candidate: Candidate,
  findings: readonly Finding[],
  cwes: readonly CweId[] | undefined,
): Map<CweId, Finding[]> {
  const weaknesses = new Map<CweId, Finding[]>();
  for (const finding of findings) {
    const cwe = finding.cwes[0];
    if (cwe === undefined || finding.level === "note") continue;
    if (cwes !== undefined && !cwes.includes(cwe)) continue;
    if (candidate.cwe !== undefined && candidate.cwe !== cwe) continue;
    weaknesses.set(cwe, [...(weaknesses.get(cwe) ?? []), finding]);
  }
  return weaknesses;
}

function isDuplicate(proposal: Proposal, log: RunLog): boolean {
  return proposal.kind === "candidate" && !log.firstSight(keyOf(proposal.candidate));
}

function keyOf(candidate: Candidate): string {
  return shortHashOf([candidate.language, candidate.code]);
}

function fileOf(candidate: Candidate): SourceFile {
  const language = languageSchema.parse(candidate.language);
  return { path: `${candidate.id}${extensionOf(language)}`, language, text: candidate.code };
}

async function* skip<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count;
  for await (const item of items) {
    if (left > 0) left--;
    else yield item;
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new HexacoderError("interrupted", {
    message: "Synthesis was interrupted.",
    remedy: "What was finished is kept; run the same command with --resume to go on.",
  });
}
