// Every arm against the first of its benchmark and judge: the difference, and how far it may be chance.
import type { ArmSummary, Comparison, EvaluationSummary, Interval } from "../../core/evaluation.ts";
import { type Html, html } from "../html.ts";
import { armTitle, shortOracle } from "../words.ts";

const FIGURES = {
  flagged: "are flagged",
  functional: "pass the functional tests",
  "functional-and-secure": "pass functional and security tests",
} as const satisfies Record<Comparison["figure"], string>;

/** A table of differences; nothing where there is nothing to compare. */
export function comparisonsSection({ arms, comparisons = [] }: EvaluationSummary): Html | undefined {
  const rows = comparisons.flatMap((one) => {
    const before = arms.find(({ name }) => name === one.before);
    const after = arms.find(({ name }) => name === one.after);
    return before === undefined || after === undefined ? [] : [rowView(one, { before, after, arms })];
  });
  if (rows.length === 0) return undefined;
  return html`<section><h2>Differences, and chance</h2><p>Every arm against the first of its benchmark and judge, prompt group by prompt group. A small p says that so large a difference would be rare if the two arms were alike. “p, all compared” is corrected for all the comparisons in this table (Holm): below 0.05 is usually taken for a difference.</p><div class="wide" role="region" tabindex="0" aria-label="Differences between arms"><table class="figures"><thead><tr><th scope="col">Arms</th><th scope="col">Share that</th><th scope="col">Difference<br>95 % interval</th><th scope="col">p</th><th scope="col">p, all compared</th><th scope="col">Groups</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

interface Sides {
  readonly before: ArmSummary;
  readonly after: ArmSummary;
  readonly arms: readonly ArmSummary[];
}

function rowView(
  { figure, difference, ci95, p, pHolm, families }: Comparison,
  { before, after, arms }: Sides,
): Html {
  const several = new Set(arms.map(({ benchmark, oracle }) => `${benchmark} ${oracle}`)).size > 1;
  const where = several
    ? html`<br><span class="quiet">${before.benchmark}, ${shortOracle(before.oracle)}</span>`
    : undefined;
  return html`<tr><th scope="row">${armTitle(before)} → ${armTitle(after)}${where}</th><td>${FIGURES[figure]}</td><td>${pointsOf(difference)}<br><span class="quiet nb">${intervalOf(ci95)}</span></td><td>${chance(p)}</td><td>${chance(pHolm)}</td><td>${families}</td></tr>`;
}

function pointsOf(difference: number | null): string {
  return difference === null ? "–" : `${signed(difference)}\u00a0points`;
}

function intervalOf(interval: Interval | null): string {
  return interval === null ? "no interval" : `${signed(interval[0])} to ${signed(interval[1])}`;
}

function signed(share: number): string {
  const points = (share * 100).toFixed(1).replace(/^-(0\.0)$/, "$1");
  return points.startsWith("-") ? points.replace("-", "−") : `+${points}`;
}

/** A chance is not written as 0: so many draws cannot say that. */
function chance(p: number | null): string {
  if (p === null) return "–";
  return p < 0.001 ? "< 0.001" : String(Number(p.toPrecision(2)));
}
