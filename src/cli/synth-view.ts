// How a synthesis run looks: the view that is redrawn while it goes on, the line for logs, and the
// table at its end. Pure functions from counts to text.
import type { SynthSummary } from "../synthesis/ledger.ts";
import { duration } from "./progress.ts";

/** A run at a moment. */
export interface SynthMoment {
  readonly summary: SynthSummary;
  /** Proposals that there will be, where that is known. */
  readonly expected: number | undefined;
  /** Seconds since this process began. */
  readonly seconds: number;
  /** Proposals that earlier processes had finished. */
  readonly before: number;
}

/** The view on a terminal. */
export function viewLines(moment: SynthMoment): string[] {
  const { summary } = moment;
  const { pairs, flagged, clean, unscanned, duplicates } = summary;
  const lost = [
    duplicates > 0 ? `${count(duplicates)} duplicates` : "",
    ...topOf(summary.unusable, 3),
    unscanned > 0 ? `${count(unscanned)} not analysed` : "",
  ].filter((part) => part !== "");
  const lines = [
    `programs  ${headOf(moment)}`,
    `proposed  ${count(summary.proposed)}${inBrackets(lost)}`,
    `flagged   ${count(flagged)}, clean ${count(clean)}`,
    `accepted  ${count(pairs)}${inBrackets(topOf(byKind(summary.repairedBy), 3))}`,
    `rejected  ${count(sum(summary.rejected))}${inBrackets(topOf(summary.rejected, 4))}`,
  ];
  const cost = costLine(moment);
  return cost === undefined ? lines : [...lines, `cost      ${cost}`];
}

/** The line off a terminal. */
export function viewLine(moment: SynthMoment): string {
  const { summary } = moment;
  const cost = costLine(moment);
  const parts = [
    headOf(moment),
    `${count(summary.flagged)} flagged`,
    `${count(summary.pairs)} pairs`,
    `${count(sum(summary.rejected))} rejected`,
    ...(cost === undefined ? [] : [cost]),
  ];
  return parts.join(", ");
}

/** The table at the end of a run, and a sentence on the whole. */
export function summaryTable(summary: SynthSummary): string {
  const head = ["weakness", "proposed", "flagged", "pairs", "repaired by", "rejected"];
  const rows = Object.entries(summary.byCwe).map(([cwe, counts]) => [
    cwe,
    counts.proposed === 0 ? "-" : count(counts.proposed),
    count(counts.flagged),
    count(counts.pairs),
    topOf(byKind(counts.repairedBy), 3).join(", "),
    topOf(counts.rejected, 5).join(", "),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const numbers = new Set([1, 2, 3]);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (numbers.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n\n${sentenceOf(summary)}\n`;
}

function sentenceOf(summary: SynthSummary): string {
  const rest = [
    `${count(summary.clean)} clean`,
    `${count(summary.duplicates)} duplicates`,
    `${count(summary.unscanned)} not analysed${inBrackets(Object.keys(summary.unscannedReasons))}`,
    ...Object.entries(summary.unusable).map(([reason, n]) => `${count(n)} unusable (${reason})`),
  ];
  const cost = costText(summary);
  const each = summary.costUsd !== null && summary.costUsd > 0 && summary.pairs > 0;
  const price = each ? `, ${dollars((summary.costUsd ?? 0) / summary.pairs)} a pair` : "";
  return `${count(summary.pairs)} pairs from ${count(summary.flagged)} flagged programs of ${count(summary.proposed)} proposed; ${rest.join(", ")}${cost === undefined ? "" : `; ${cost}${price}`}.`;
}

/** How far, how fast, how long still. */
function headOf({ summary, expected, seconds, before }: SynthMoment): string {
  const done = summary.proposed - before;
  const rate = seconds > 0 ? done / seconds : 0;
  const of = expected === undefined ? "" : ` of ${count(expected)}`;
  const left = expected === undefined || rate === 0 ? undefined : (expected - summary.proposed) / rate;
  const parts = [
    `${count(summary.proposed)}${of}`,
    rate === 0 ? "" : `${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))} a second`,
    duration(seconds),
    left === undefined || left <= 0 ? "" : `about ${duration(left)} left`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function costLine({ summary, expected }: SynthMoment): string | undefined {
  const cost = costText(summary);
  const { costUsd, proposed } = summary;
  if (cost === undefined || costUsd === null || costUsd === 0 || expected === undefined || proposed === 0)
    return cost;
  return `${cost}, about ${dollars((costUsd * Math.max(expected, proposed)) / proposed)} in the end`;
}

/** What models cost so far, where one was asked. */
function costText({ spent, costUsd }: SynthSummary): string | undefined {
  if (spent === undefined || spent.requests === 0) return undefined;
  const tokens = count(spent.promptTokens + spent.completionTokens);
  return `${tokens} tokens, ${costUsd === null ? "cost unknown" : dollars(costUsd)}`;
}

/** Counts by what stands before the colon: `codemod:…`, `llm`, `weaken:…`. */
function byKind(counts: Readonly<Record<string, number>>): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const [name, n] of Object.entries(counts)) {
    const kind = name.split(":")[0] ?? name;
    kinds[kind] = (kinds[kind] ?? 0) + n;
  }
  return kinds;
}

/** The largest counts first; what is left over together. Versions of oracles are for the record, not the eye. */
function topOf(counts: Readonly<Record<string, number>>, most: number): string[] {
  const short: Record<string, number> = {};
  for (const [name, n] of Object.entries(counts)) {
    const plain = name.replace(/@.*$/, "");
    short[plain] = (short[plain] ?? 0) + n;
  }
  const sorted = Object.entries(short).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const rest = sorted.slice(most).reduce((total, [, n]) => total + n, 0);
  const shown = sorted.slice(0, most).map(([name, n]) => `${count(n)} ${name}`);
  return rest === 0 ? shown : [...shown, `${count(rest)} for other reasons`];
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}

function dollars(value: number): string {
  return `$${value.toFixed(value >= 1 ? 2 : 4)}`;
}

function inBrackets(words: readonly string[]): string {
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
