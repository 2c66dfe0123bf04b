// The page of `compare-oracles`: how far judges agree, what each looked at, and programs on which they
// differ, with the lines that each flags.
import type { CweId } from "../core/cwe.ts";
import type { Finding } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { Comparison, Disagreement, JudgeFigures } from "../oracle/compare/compare.ts";
import { packageVersion } from "../util/versions.ts";
import { diffView } from "./diff-view.ts";
import { flowView } from "./flow.ts";
import { count, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { agreementTables, KAPPA_WORDS } from "./sections/agreement.ts";

/** A disagreement with its program. */
export interface ShownDisagreement extends Disagreement {
  readonly language: Language;
  readonly text: string;
}

/** What the page shows. */
export interface AgreementPage {
  readonly comparison: Comparison;
  /** Disagreements to look at; there may be more. */
  readonly shown: readonly ShownDisagreement[];
  /** What else must be known to read the figures, a sentence each. */
  readonly remarks: readonly string[];
}

/** Draws the page; `names` are short names of weaknesses. */
export function renderAgreement(
  { comparison, shown, remarks }: AgreementPage,
  names: ReadonlyMap<CweId, string>,
): string {
  const { judges, pairs, programs, disagreements } = comparison;
  const title = `${judges.map(({ name }) => name).join(", ")}: how far they agree`;
  const body = html`<section class="top"><h1>${title}</h1><p class="lede">${plural(programs, "program")}, and ${plural(disagreements, "verdict")} on which judges differ.</p>${remarks.map((remark) => html`<p class="note">${remark}</p>`)}${agreementTables({ pairs, judges }, { noun: "programs", names })}<p class="quiet">${KAPPA_WORDS} Intervals are for large samples, and take programs for independent. A program counts once for each weakness on which both judges have a verdict; findings count for their first weakness, advice does not count.</p></section>${disagreementsSection(comparison, { shown, names })}${judgesSection(judges)}`;
  return page({ title, body, version: packageVersion() });
}

const OPEN = 2;

function disagreementsSection(
  { disagreements }: Comparison,
  { shown, names }: { shown: readonly ShownDisagreement[]; names: ReadonlyMap<CweId, string> },
): Html | undefined {
  if (shown.length === 0) return undefined;
  const all = shown.length === disagreements;
  return html`<section><h2>Where they differ</h2><p>${
    all
      ? undefined
      : html`${count(shown.length)} of ${count(disagreements)}: the first ones of each weakness and of each way to differ; the others are in <code>disagreements.jsonl</code>. `
  }Marked lines are those that a judge flags.</p>${shown.map((one, place) => disagreementView(one, names, place < OPEN))}</section>`;
}

function disagreementView(one: ShownDisagreement, names: ReadonlyMap<CweId, string>, open: boolean): Html {
  const { cwe, path, text, language, flaggedBy, cleanFor, noVerdict, findings } = one;
  const marked = new Set(findings.map(({ finding }) => finding.region.startLine));
  const label = `${path}, ${cwe}`;
  return html`<details class="example"${open ? html` open` : undefined}><summary><b>${cwe}</b> ${names.get(cwe)} <span class="quiet">${path}</span><br><span class="tag before">${flaggedBy.join(", ")}: flagged</span> <span class="tag after">${cleanFor.join(", ")}: not flagged</span>${noVerdict.length === 0 ? undefined : html` <span class="quiet">no verdict: ${noVerdict.join(", ")}</span>`}</summary>${foundView(findings)}${diffView(text, text, { language, marked, label })}</details>`;
}

const MOST_FINDINGS = 4;

function foundView(findings: readonly { judge: string; finding: Finding }[]): Html {
  return html`<div class="findings">${findings
    .slice(0, MOST_FINDINGS)
    .map(
      ({ judge, finding: { message, region, ruleId, codeFlow } }) =>
        html`<p><b>${judge}</b>, line ${region.startLine}: ${message} <code>${ruleId}</code></p>${flowView(codeFlow)}`,
    )}</div>`;
}

function judgesSection(judges: readonly JudgeFigures[]): Html {
  return html`<section><h2>Judges</h2><div class="wide" role="region" tabindex="0" aria-label="Judges"><table class="plain"><tbody>${judges.map(
    ({ name, identity, unscanned }) =>
      html`<tr><th scope="row">${name}</th><td>${identity}<br><span class="quiet">${unscannedText(unscanned)}</span></td></tr>`,
  )}</tbody></table></div></section>`;
}

function unscannedText(unscanned: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(unscanned);
  if (reasons.length === 0) return "looked at every program";
  return `could not look at ${reasons.map(([reason, n]) => `${count(n)} (${reason})`).join(", ")}`;
}
