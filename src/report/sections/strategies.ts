// What each part does alone: the adapter and the strategy as a grid, with the change along each edge.
import type { ArmSummary } from "../../core/evaluation.ts";
import { percent, percentInterval } from "../format.ts";
import { type Html, html } from "../html.ts";

/** A grid of model by strategy for the arms of one benchmark and oracle; nothing for a single row and column. */
export function strategiesSection(arms: readonly ArmSummary[]): Html | undefined {
  const strategies = [...new Set(arms.map((arm) => arm.strategy))];
  const adapters = [...new Set(arms.map((arm) => arm.adapter !== null))];
  if (arms.length < 2) return undefined;
  const find = (adapter: boolean, strategy: string): ArmSummary | undefined =>
    arms.find((arm) => (arm.adapter !== null) === adapter && arm.strategy === strategy);
  const head = strategies.map((strategy) => html`<th scope="col">${strategy}</th>`);
  const rows = adapters.map(
    (adapter) =>
      html`<tr><th scope="row">${adapter ? "LoRA" : "Base"}</th>${strategies.map((strategy) => cell(find(adapter, strategy), find(false, strategies[0] ?? "")))}</tr>`,
  );
  return html`<section><h2>What each part contributes</h2><div class="wide" role="region" tabindex="0" aria-label="Flagged by model and strategy"><table class="grid-table"><caption>Flagged completions, and the change from the first cell in points</caption><thead><tr><td></td>${head}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function cell(arm: ArmSummary | undefined, first: ArmSummary | undefined): Html {
  if (arm === undefined) return html`<td>–</td>`;
  const change =
    first === undefined || arm === first || arm.flaggedRate === null || first.flaggedRate === null
      ? undefined
      : html`<br><span class="quiet">${points(arm.flaggedRate - first.flaggedRate)}</span>`;
  return html`<td><b class="nb">${percent(arm.flaggedRate)}</b> <span class="quiet nb">${percentInterval(arm.ci95)}</span>${change}</td>`;
}

function points(difference: number): string {
  const value = (difference * 100).toFixed(0).replace("-", "−");
  return `${difference > 0 ? "+" : ""}${value} points`;
}
