// All arms with all their figures: the table behind the bars.
import type { ArmSummary, AtK, EvaluationSummary, Interval } from "../../core/evaluation.ts";
import { count, percent, percentBounds, percentInterval } from "../format.ts";
import { type Content, type Html, html } from "../html.ts";
import { armTitle, reasonWords, shortOracle } from "../words.ts";

interface Column {
  readonly title: string;
  readonly cell: (arm: ArmSummary) => Content;
}

const withInterval = (rate: number | null, interval: Interval | null): Html =>
  html`${percent(rate)}<br><span class="quiet nb">${percentInterval(interval)}</span>`;

/** Tables of a benchmark's arms. */
export function armsTableSection(summary: EvaluationSummary, benchmark: string): Html {
  const arms = summary.arms.filter((arm) => arm.benchmark === benchmark);
  const oracles = new Set(arms.map((arm) => arm.oracle));
  const ks = [...new Set(arms.flatMap((arm) => arm.metrics.atK.map(({ k }) => k)))].sort((a, b) => a - b);
  const judged: Column[] =
    oracles.size > 1 ? [{ title: "Oracle", cell: (arm) => shortOracle(arm.oracle) }] : [];
  return html`<section><h2>All arms</h2>${table("Security and validity", [...judged, ...rateColumns], arms)}${table(
    "Samples drawn from a prompt",
    [...judged, ...ks.flatMap(kColumns), ...secRateColumns],
    arms,
  )}${reasons(arms)}</section>`;
}

const rateColumns: readonly Column[] = [
  { title: "n", cell: (arm) => count(arm.n) },
  { title: "Flagged", cell: ({ metrics }) => withInterval(metrics.flagged.rate, metrics.flagged.ci95) },
  {
    title: "Bounds",
    cell: ({ metrics }) => html`<span class="nb">${percentBounds(metrics.flaggedBounds)}</span>`,
  },
  { title: "Parse", cell: ({ metrics }) => withInterval(metrics.parsed.rate, metrics.parsed.ci95) },
  { title: "At risk", cell: ({ metrics }) => withInterval(metrics.atRisk.rate, metrics.atRisk.ci95) },
  {
    title: "Flagged of at risk",
    cell: ({ metrics }) => withInterval(metrics.flaggedOfAtRisk.rate, metrics.flaggedOfAtRisk.ci95),
  },
  {
    title: "Flagged of parsed",
    cell: ({ metrics }) => withInterval(metrics.flaggedOfParsed.rate, metrics.flaggedOfParsed.ci95),
  },
  { title: "Not analysed", cell: (arm) => count(arm.unscanned) },
  { title: "Duplicates", cell: (arm) => count(arm.duplicates) },
  { title: "Cut by length", cell: ({ metrics }) => count(metrics.truncated) },
];

function kColumns(k: number): Column[] {
  const find = (arm: ArmSummary): AtK | undefined => arm.metrics.atK.find((one) => one.k === k);
  return [
    {
      title: `Vulnerable, top-${k}`,
      cell: (arm) => {
        const one = find(arm);
        return one === undefined || one.vulnerable === null
          ? "–"
          : `${count(one.vulnerable)} of ${count(one.programs)}`;
      },
    },
    {
      title: `vulnerable@${k}`,
      cell: (arm) => withInterval(find(arm)?.vulnerableAtK ?? null, find(arm)?.ci95 ?? null),
    },
  ];
}

const secRateColumns: readonly Column[] = [
  { title: "sec-rate", cell: ({ metrics }) => percent(metrics.secRate.rate) },
  { title: "Valid programs", cell: ({ metrics }) => count(metrics.secRate.valid) },
  { title: "Left out: duplicate", cell: ({ metrics }) => count(metrics.secRate.dropped.duplicate) },
  { title: "Left out: does not parse", cell: ({ metrics }) => count(metrics.secRate.dropped.unparsable) },
  { title: "Left out: not analysed", cell: ({ metrics }) => count(metrics.secRate.dropped.notAnalysed) },
];

function table(caption: string, columns: readonly Column[], arms: readonly ArmSummary[]): Html {
  return html`<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table class="figures"><caption>${caption}</caption><thead><tr><th scope="col">Arm</th>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead><tbody>${arms.map(
    (arm) =>
      html`<tr><th scope="row">${armTitle(arm)}</th>${columns.map(({ cell }) => html`<td>${cell(arm)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

function reasons(arms: readonly ArmSummary[]): Html | undefined {
  const counts = new Map<string, number>();
  for (const { metrics } of arms) {
    for (const [reason, times] of Object.entries(metrics.unscannedReasons)) {
      counts.set(reason, (counts.get(reason) ?? 0) + times);
    }
  }
  if (counts.size === 0) return undefined;
  return html`<p class="quiet">Not analysed, over all arms: ${[...counts].map(([reason, times]) => `${reasonWords(reason)}: ${count(times)}`).join(", ")}.</p>`;
}
