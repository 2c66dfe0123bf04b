// Small multiples: a card a weakness, with the same bars in the same order as above.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { ArmSummary, EvaluationSummary, Headline } from "../../core/evaluation.ts";
import { barView } from "../bars.ts";
import { percent, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { armTitle, toneOf } from "../words.ts";

/** Cards by weakness for the arms of one benchmark and oracle. */
export function weaknessesSection(
  summary: EvaluationSummary,
  arms: readonly ArmSummary[],
  context: { readonly headline: Headline | undefined; readonly names: ReadonlyMap<CweId, string> },
): Html | undefined {
  const cwes = [...new Set(arms.flatMap((arm) => arm.metrics.byCwe.map(({ cwe }) => cwe)))].sort(compareCwe);
  if (cwes.length === 0) return undefined;
  const samples = summary.benchmarks.find(({ name }) => name === arms[0]?.benchmark)?.samples ?? 0;
  return html`<section><h2>By weakness</h2><p>Share of completions flagged. A few prompts a weakness give wide intervals: read a single card as an illustration.</p><div class="cards">${cwes.map(
    (cwe) => card(cwe, arms, { ...context, samples }),
  )}</div></section>`;
}

function card(
  cwe: CweId,
  arms: readonly ArmSummary[],
  context: {
    readonly headline: Headline | undefined;
    readonly names: ReadonlyMap<CweId, string>;
    readonly samples: number;
  },
): Html {
  const figures = arms.map((arm) => ({ arm, one: arm.metrics.byCwe.find((figure) => figure.cwe === cwe) }));
  const prompts = figures.find(({ one }) => one !== undefined)?.one?.prompts ?? 0;
  const rows = figures.map(({ arm, one }) => {
    const bar = {
      value: one?.flagged.rate ?? null,
      ci95: one?.flagged.ci95 ?? null,
      unseen: one === undefined || one.flagged.of === 0 ? 0 : one.unscanned / one.flagged.of,
      tone: toneOf(arm, context.headline),
    };
    return html`<div class="small-row"><span class="name">${armTitle(arm)}</span>${barView(bar, `${cwe}, ${armTitle(arm)}`, 16)}<span class="value">${percent(one?.flagged.rate)}</span></div>`;
  });
  return html`<article class="card"><h3>${cwe}<br><span class="quiet">${context.names.get(cwe)}</span></h3>${rows}<p class="quiet">${plural(prompts, "prompt")} × ${plural(context.samples, "sample")} an arm</p></article>`;
}
