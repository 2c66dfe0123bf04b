// How far judges agree: each two of them with Cohen's kappa, over all weaknesses and by weakness, and what
// each had a verdict on. A figure without programs, or without a choice, is a dash.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { JudgeCoverage, PairAgreement } from "../../oracle/compare/agreement.ts";
import type { AgreementFigures } from "../../oracle/compare/kappa.ts";
import { count, percent } from "../format.ts";
import { type Html, html } from "../html.ts";

/** Judges and how far they agree. */
export interface AgreementData {
  readonly pairs: readonly PairAgreement[];
  readonly judges: readonly JudgeCoverage[];
}

/** What the counts are of: "completions", "programs". */
export type Noun = string;

/** Agreement of every two judges: a table for all weaknesses together, and one by weakness. */
export function agreementTables(
  { pairs, judges }: AgreementData,
  { noun, names }: { readonly noun: Noun; readonly names: ReadonlyMap<CweId, string> },
): Html {
  const cwes = [...new Set(pairs.flatMap(({ byCwe }) => byCwe.map(({ cwe }) => cwe)))].sort(compareCwe);
  return html`${scroller(
    "Agreement of each two judges",
    html`<table class="figures"><caption>Each two judges</caption><thead><tr><th scope="col">Judges</th><th scope="col">Cohen's kappa<br>95 %</th><th scope="col">agree</th><th scope="col">both flag</th><th scope="col">only the first</th><th scope="col">only the second</th><th scope="col">neither</th></tr></thead><tbody>${pairs.map(pairRow)}</tbody></table>`,
  )}${
    cwes.length === 0
      ? undefined
      : scroller(
          "Agreement by weakness",
          html`<table class="figures"><caption>By weakness: kappa, and ${noun} on which both have a verdict</caption><thead><tr><th scope="col">Weakness</th>${pairs.map(({ judges: [a, b] }) => html`<th scope="col">${a}<br>${b}</th>`)}</tr></thead><tbody>${cwes.map((cwe) => cweRow(cwe, pairs, names))}</tbody></table>`,
        )
  }${coverageTable(judges, { noun, names })}`;
}

/** The section of a report on an evaluation's judges. */
export function agreementSection(data: AgreementData, names: ReadonlyMap<CweId, string>): Html {
  return html`<section><h2>How far the judges agree</h2><p>Each judge's verdict on the prompt's own weakness, over all completions of all arms. ${KAPPA_WORDS} Samples of one prompt are alike: take the intervals for narrow.</p>${agreementTables(data, { noun: "completions", names })}</section>`;
}

/** How kappa is to be read. */
export const KAPPA_WORDS =
  "Kappa is agreement beyond chance: 1 always, 0 as by chance, below 0 less than that. It is not defined (–) where both say the same of everything, or where no program has a verdict of both.";

function pairRow({ judges: [a, b], pooled }: PairAgreement): Html {
  const { both, onlyFirst, onlySecond, neither } = pooled;
  return html`<tr><th scope="row">${a} – ${b}</th><td><b>${kappaText(pooled)}</b><br><span class="quiet nb">${intervalText(pooled)}</span></td><td>${percent(pooled.observed)}</td><td>${count(both)}</td><td>${count(onlyFirst)}</td><td>${count(onlySecond)}</td><td>${count(neither)}</td></tr>`;
}

function cweRow(cwe: CweId, pairs: readonly PairAgreement[], names: ReadonlyMap<CweId, string>): Html {
  const cells = pairs.map(({ byCwe }) => {
    const figures = byCwe.find((one) => one.cwe === cwe)?.figures;
    return figures === undefined
      ? html`<td><span class="quiet">no common verdict</span></td>`
      : html`<td>${kappaText(figures)} <span class="quiet nb">of ${count(figures.n)}</span></td>`;
  });
  return html`<tr><th scope="row">${cwe}<br><span class="quiet wrap">${names.get(cwe)}</span></th>${cells}</tr>`;
}

function coverageTable(
  judges: readonly JudgeCoverage[],
  { noun, names }: { readonly noun: Noun; readonly names: ReadonlyMap<CweId, string> },
): Html | undefined {
  const cwes = judges[0]?.byCwe.map(({ cwe }) => cwe) ?? [];
  // Weaknesses that nobody found anything of make a long table that says nothing.
  const found = cwes.filter((cwe) => judges.some((judge) => figuresOf(judge, cwe).flagged > 0));
  if (found.length === 0) return undefined;
  const rows = found.map(
    (cwe) =>
      html`<tr><th scope="row">${cwe}<br><span class="quiet wrap">${names.get(cwe)}</span></th>${judges.map((judge) => coverageCell(figuresOf(judge, cwe)))}</tr>`,
  );
  return scroller(
    "Verdicts of each judge",
    html`<table class="figures"><caption>Verdicts: ${noun} flagged, of those with a verdict</caption><thead><tr><th scope="col">Weakness</th>${judges.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

interface Verdicts {
  readonly flagged: number;
  readonly clean: number;
  readonly none: number;
}

function figuresOf({ byCwe }: JudgeCoverage, cwe: CweId): Verdicts {
  return byCwe.find((one) => one.cwe === cwe) ?? { flagged: 0, clean: 0, none: 0 };
}

function coverageCell({ flagged, clean, none }: Verdicts): Html {
  const of = flagged + clean;
  if (of === 0) return html`<td><span class="quiet">no verdict</span></td>`;
  return html`<td>${count(flagged)} of ${count(of)}${none === 0 ? undefined : html`<br><span class="quiet">${count(none)} without</span>`}</td>`;
}

function scroller(label: string, table: Html): Html {
  return html`<div class="wide" role="region" tabindex="0" aria-label="${label}">${table}</div>`;
}

function kappaText({ kappa }: AgreementFigures): string {
  return kappa === null ? "–" : signed(kappa);
}

function intervalText({ ci95 }: AgreementFigures): string {
  return ci95 === null ? "no interval" : `${signed(ci95[0])} to ${signed(ci95[1])}`;
}

function signed(value: number): string {
  return value
    .toFixed(2)
    .replace(/^-(?=0\.00$)/, "")
    .replace("-", "−");
}
