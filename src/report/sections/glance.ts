// Many evaluations on one page: what came of all of them in a sentence, every arm of every one as a bar, and
// the tables that a plan of experiments leaves.
import type { EvaluationSummary, Headline } from "../../core/evaluation.ts";
import { falseDiscovery } from "../../util/false-discovery.ts";
import { axisView, barView } from "../bars.ts";
import type { EvaluationData, TableData } from "../data.ts";
import { count, percent, percentInterval, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { armTitle, hasNoVerdict, shortOracle, toneOf } from "../words.ts";

/** One sentence on all headlines: how many changes are sure, and in which direction. */
export function manySentence(evaluations: readonly EvaluationData[]): string {
  const changes = changesOf(evaluations);
  const { fewer, more } = sureOf(changes);
  if (changes.length === 0) return `${count(evaluations.length)} evaluations.`;
  const worse = more === 0 ? "" : `, ${count(more)} show more`;
  return `${count(fewer)} of ${count(changes.length)} comparisons show fewer vulnerable completions${worse}.`;
}

interface Change {
  readonly difference: number;
  /** Sure by itself: its interval leaves out 0. */
  readonly alone: boolean;
  /** Sure among all the changes of the page; as by itself where an evaluation left no p. */
  readonly amongAll: boolean;
}

const LEVEL = 0.05;

function changesOf(evaluations: readonly EvaluationData[]): Change[] {
  const headlines = evaluations.flatMap(({ summary }) =>
    summary.headlines.map((headline) => ({ headline, p: chanceOf(summary, headline) })),
  );
  const qs = falseDiscovery(headlines.map(({ p }) => p));
  return headlines.map(({ headline: { difference, differenceCi95: interval } }, place) => {
    const alone = interval !== null && (interval[0] > 0 || interval[1] < 0);
    const q = qs[place];
    return { difference: difference ?? 0, alone, amongAll: q === undefined ? alone : q < LEVEL };
  });
}

/** The chance of a headline's difference, where the evaluation has it among its comparisons. */
function chanceOf({ comparisons = [] }: EvaluationSummary, { before, after }: Headline): number | undefined {
  const found = comparisons.find(
    (one) => one.figure === "flagged" && one.before === before && one.after === after,
  );
  return found?.p ?? undefined;
}

function sureOf(changes: readonly Change[]): { fewer: number; more: number } {
  const sure = changes.filter(({ amongAll }) => amongAll);
  return {
    fewer: sure.filter(({ difference }) => difference < 0).length,
    more: sure.filter(({ difference }) => difference > 0).length,
  };
}

function lede(evaluations: readonly EvaluationData[]): Html {
  const changes = changesOf(evaluations);
  const all = changes.length;
  const { fewer, more } = sureOf(changes);
  const lost = changes.filter(({ alone, amongAll }) => alone && !amongAll).length;
  const compared =
    all === 0
      ? undefined
      : html` In each, the first arm is compared with the last, on the same prompts. A change counts when it is sure among ${count(all)} looks (Benjamini and Hochberg, 5 %): ${count(all - fewer - more)} are not${lost === 0 ? "" : `, ${count(lost)} of them with a 95 % interval that leaves out 0 by itself`}.`;
  return html`<p class="lede">${plural(evaluations.length, "evaluation")}.${compared}</p><p>Bars are the share of completions that the oracle flags for the prompt's weakness, of all that were asked for; whiskers are 95 % intervals, dashed boxes completions without a verdict. Every evaluation stands further below with all its figures.</p>`;
}

/** The top of a page of many evaluations. */
export function glanceSection(evaluations: readonly EvaluationData[], modelRemarks: readonly string[]): Html {
  const groups = [...groupsOf(evaluations)];
  return html`<section class="top"><h1>${manySentence(evaluations)}</h1>${lede(evaluations)}${modelRemarks.map((remark) => html`<p class="note">${remark}</p>`)}${groups.map(
    ([title, rows], place) =>
      html`<details class="example"${place === 0 ? html` open` : undefined}><summary><b>${title}</b> <span class="quiet">${plural(rows.length, "arm")}</span></summary><div class="glance">${rows.map((row, i) => rowView(row, rows[i - 1]?.place))}<div class="glance-row" aria-hidden="true"><span></span>${axisView()}<span></span></div></div></details>`,
  )}</section>`;
}

interface Row {
  readonly label: string;
  readonly place: number;
  readonly arm: EvaluationSummary["arms"][number];
  readonly headline: Headline | undefined;
}

/** Arms with a security verdict by benchmark and judge. */
function groupsOf(evaluations: readonly EvaluationData[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const [place, { label, summary }] of evaluations.entries()) {
    for (const arm of summary.arms.filter(({ metrics }) => metrics.byCwe.length > 0)) {
      const key = `${arm.benchmark}, judged by ${shortOracle(arm.oracle)}`;
      const headline = summary.headlines.find(
        ({ before, after }) => before === arm.name || after === arm.name,
      );
      groups.set(key, [...(groups.get(key) ?? []), { label, place, arm, headline }]);
    }
  }
  return groups;
}

/** An arm; the first one of an evaluation stands under the evaluation's name. */
function rowView({ label, place, arm, headline }: Row, above: number | undefined): Html {
  const blind = hasNoVerdict({ of: arm.n, unscanned: arm.unscanned });
  const [value, ci95] = blind ? [null, null] : [arm.flaggedRate, arm.ci95];
  const unseen = arm.n === 0 ? 0 : arm.unscanned / arm.n;
  const bar = { value, ci95, unseen, tone: toneOf(arm, headline) };
  const head =
    place === above
      ? undefined
      : html`<p class="glance-head"><a href="#${evaluationId(place)}">${label}</a></p>`;
  return html`${head}<div class="glance-row"><span>${armTitle(arm)}</span>${barView(bar, `${label}, ${armTitle(arm)}`, 16)}<span class="value">${blind ? html`<span class="quiet">no verdict</span>` : html`${percent(value)} <span class="quiet nb">${percentInterval(ci95)}</span>`}</span></div>`;
}

/** The anchor of an evaluation, by its place from 0. */
export function evaluationId(place: number): string {
  return `evaluation-${place}`;
}

/** Tables as a plan of experiments leaves them; nothing for none. */
export function tablesSection(tables: readonly TableData[]): Html | undefined {
  if (tables.length === 0) return undefined;
  return html`<section><h2>Tables</h2><p>A dash (–) stands for what was not run or is not defined, never for 0.</p>${tables.map(tableView)}</section>`;
}

function tableView({ title, notes, columns, rows }: TableData): Html {
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, place) => (place === 0 ? html`<th scope="row">${cell ?? "–"}</th>` : html`<td>${cell ?? "–"}</td>`))}</tr>`,
  );
  return html`<details class="manifest"><summary>${title}</summary><div class="wide plain-edge" role="region" tabindex="0" aria-label="${title}"><table class="figures"><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>${notes.map((note) => html`<p class="quiet noted">${note}</p>`)}</details>`;
}
