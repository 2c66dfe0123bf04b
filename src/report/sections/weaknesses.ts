// Small multiples: a card a weakness, with the same bars in the same order as above.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type {
  ArmSummary,
  CweFigures,
  EvaluationSummary,
  Headline,
  RateFigure,
} from "../../core/evaluation.ts";
import { barView } from "../bars.ts";
import { percent, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { armTitle, hasNoVerdict, toneOf } from "../words.ts";

/** Cards by weakness for the arms of one benchmark and oracle. */
export function weaknessesSection(
  summary: EvaluationSummary,
  arms: readonly ArmSummary[],
  context: { readonly headline: Headline | undefined; readonly names: ReadonlyMap<CweId, string> },
): Html | undefined {
  const cwes = [...new Set(arms.flatMap((arm) => arm.metrics.byCwe.map(({ cwe }) => cwe)))].sort(compareCwe);
  if (cwes.length === 0) return undefined;
  const samples = summary.benchmarks.find(({ name }) => name === arms[0]?.benchmark)?.samples ?? 0;
  return html`<section><h2>By weakness</h2><p>Share of completions flagged, in percent. A few prompts a weakness give wide intervals: read a single card as an illustration. A dash (–) stands where no completion has a verdict.</p><div class="cards">${cwes.map(
    (cwe) => card(cwe, arms, { ...context, samples }),
  )}</div></section>`;
}

interface CardContext {
  readonly headline: Headline | undefined;
  readonly names: ReadonlyMap<CweId, string>;
  readonly samples: number;
}

function card(cwe: CweId, arms: readonly ArmSummary[], context: CardContext): Html {
  const figures = arms.map((arm) => ({ arm, one: arm.metrics.byCwe.find((figure) => figure.cwe === cwe) }));
  const known = figures.flatMap(({ one }) => (one === undefined ? [] : [one]));
  const blind = known.every(({ flagged, unscanned }) => hasNoVerdict({ of: flagged.of, unscanned }));
  const rows = blind
    ? html`<p>No verdict on any completion.</p>`
    : html`${figures.map(({ arm, one }) => row(cwe, { arm, one, headline: context.headline }))}<div class="small-row ticks" aria-hidden="true"><span></span><span class="axis"><span>0</span><span>50</span><span>100</span></span><span></span></div>`;
  return html`<article class="card"><h3>${cwe}<br><span class="quiet">${context.names.get(cwe)}</span></h3>${rows}<p class="quiet">${plural(known[0]?.prompts ?? 0, "prompt")} × ${plural(context.samples, "sample")} an arm</p></article>`;
}

function row(
  cwe: CweId,
  { arm, one, headline }: { arm: ArmSummary; one: CweFigures | undefined; headline: Headline | undefined },
): Html {
  const { flagged, unscanned } = one ?? { flagged: NOTHING, unscanned: 0 };
  const blind = hasNoVerdict({ of: flagged.of, unscanned });
  const bar = {
    value: blind ? null : flagged.rate,
    ci95: blind ? null : flagged.ci95,
    unseen: flagged.of === 0 ? 0 : unscanned / flagged.of,
    tone: toneOf(arm, headline),
  };
  return html`<div class="small-row"><span class="name">${armTitle(arm)}</span>${barView(bar, `${cwe}, ${armTitle(arm)}`, 16)}<span class="value">${percent(bar.value)}</span></div>`;
}

const NOTHING: RateFigure = { rate: null, ci95: null, hits: 0, of: 0 };
