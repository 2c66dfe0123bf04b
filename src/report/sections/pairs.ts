// Where the training data came from: how many pairs, of which weakness, repaired by whom, what was
// turned down and why, and a few pairs to look at.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { CodePair } from "../../core/pair.ts";
import type { PairsData, PairsFunnel } from "../data.ts";
import { diffView } from "../diff-view.ts";
import { stopsByLine } from "../flow.ts";
import { count } from "../format.ts";
import { type Html, html } from "../html.ts";
import { findingsView } from "./examples.ts";

/** The pairs of one synthesis run. */
export function pairsSection(data: PairsData, names: ReadonlyMap<CweId, string>): Html {
  const byCwe = [...data.byCwe]
    .sort(([a], [b]) => compareCwe(a, b))
    .map(([cwe, pairs]) => ({ name: `${cwe} ${names.get(cwe) ?? ""}`, value: pairs }));
  return html`<section><h2>The training pairs</h2><p>${count(data.pairs)} pairs of a vulnerable program and its verified repair.${data.funnel === undefined ? undefined : funnelSentence(data.funnel)}</p><div class="columns">${countsTable("Pairs by weakness", byCwe)}${countsTable("Repaired by", entries(data.repairedBy))}${countsTable("Programs from", entries(data.sources))}${data.funnel === undefined ? undefined : countsTable("Turned down, by reason", entries(data.funnel.rejected))}</div>${data.examples.map((pair) => pairView(pair, names))}</section>`;
}

function funnelSentence({ proposed, unscanned, clean, flagged }: PairsFunnel): string {
  return ` Of ${count(proposed)} programs looked at, ${count(flagged)} were flagged, ${count(clean)} had no finding and ${count(unscanned)} could not be analysed.`;
}

interface Counted {
  readonly name: string;
  readonly value: number;
}

function entries(counts: ReadonlyMap<string, number>): Counted[] {
  return [...counts].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value);
}

const MOST_ROWS = 14;

function countsTable(caption: string, rows: readonly Counted[]): Html | undefined {
  if (rows.length === 0) return undefined;
  const most = Math.max(...rows.map(({ value }) => value));
  const rest = rows.slice(MOST_ROWS).reduce((sum, { value }) => sum + value, 0);
  const shown = rest > 0 ? [...rows.slice(0, MOST_ROWS), { name: "others", value: rest }] : rows;
  return html`<table class="counts"><caption>${caption}</caption><tbody>${shown.map(
    ({ name, value }) =>
      html`<tr><th scope="row">${name}</th><td class="track"><span class="fill-box" style="width:${((value / most) * 100).toFixed(1)}%"></span></td><td>${count(value)}</td></tr>`,
  )}</tbody></table>`;
}

function pairView(pair: CodePair, names: ReadonlyMap<CweId, string>): Html {
  const marked = new Set(pair.report.map(({ region }) => region.startLine));
  const label = `Pair ${pair.id}, vulnerable and fixed`;
  return html`<details class="example"><summary><b>${pair.cwe}</b> ${names.get(pair.cwe)} <span class="quiet">pair ${pair.id.slice(0, 12)}, repaired by ${pair.repair.by}</span></summary>${findingsView(pair.report, "Found")}${diffView(pair.vulnerable, pair.fixed, { language: pair.language, marked, stops: stopsByLine(pair.report), label })}</details>`;
}
