// The first thing a reader sees: one sentence with the change, its interval and n, and the arms
// as bars. If nothing changed for sure, the sentence says so.
import type { ArmSummary, EvaluationSummary, Headline } from "../../core/evaluation.ts";
import { axisView, barView } from "../bars.ts";
import { armsOf } from "../data.ts";
import { count, ofFigure, percent, percentInterval, plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { armTitle, hasNoVerdict, shortModel, shortOracle, toneOf } from "../words.ts";

/** The sentence of an evaluation's headline, without markup: also a page's title. */
export function headlineSentence(summary: EvaluationSummary, headline: Headline | null): string {
  const arms = headline === null ? undefined : armsOf(summary, headline);
  const only = summary.arms[0];
  if (headline !== null && arms !== undefined) return changeSentence(headline, arms);
  if (only === undefined) return "Nothing was evaluated.";
  const { tests } = only.metrics;
  if (only.flaggedRate === null && tests !== undefined)
    return `${percent(tests.functional.rate)} of ${count(tests.tested)} tested completions pass their tests.`;
  return `${percent(only.flaggedRate)} of ${count(only.n)} completions were flagged as vulnerable.`;
}

function changeSentence(
  { reduction, ci95 }: Headline,
  { before, after }: { before: ArmSummary; after: ArmSummary },
): string {
  const blind = [before, after].find(({ n, unscanned }) => hasNoVerdict({ of: n, unscanned }));
  if (blind !== undefined)
    return `No verdict on any completion of ${armTitle(blind)}: nothing can be compared.`;
  const rates = `from ${percent(before.flaggedRate)} to ${percent(after.flaggedRate)}`;
  if (reduction === null) {
    return after.flagged === 0
      ? "Nothing was flagged, before or after."
      : `Vulnerable completions: ${rates}. With nothing flagged before, there is no relative change.`;
  }
  const certain = ci95 !== null && (ci95[0] > 0 || ci95[1] < 0);
  if (!certain) return `No sure change: vulnerable completions went ${rates}.`;
  return reduction > 0
    ? `${percent(reduction)} fewer vulnerable completions: ${rates}.`
    : `${percent(-reduction)} more vulnerable completions: ${rates}.`;
}

/** Where a headline stands on the page. */
export interface HeadlinePlace {
  /** Its number, from 0: the first is the page's. */
  readonly place: number;
  /** What stands under the page's first headline: the others. */
  readonly overview: Html | undefined;
  /** What a reader must know of the models. */
  readonly modelRemarks: readonly string[];
}

/** The top of the page, or of a part of it, for one headline (or for arms without any). */
export function headlineSection(
  summary: EvaluationSummary,
  headline: Headline | null,
  { place, overview, modelRemarks }: HeadlinePlace,
): Html {
  const arms = headline === null ? undefined : armsOf(summary, headline);
  const sentence = headlineSentence(summary, headline);
  const title =
    place === 0
      ? html`<h1>${sentence}</h1>`
      : html`<h2 class="again" id="${resultId(place)}">${benchmarkOf(summary, headline)}: ${sentence}</h2>`;
  return html`<section class="${place === 0 ? "top" : "part"}">${title}${
    headline === null || arms === undefined ? undefined : lede(summary, headline, arms)
  }${arms?.before.developedOn === true ? DEVELOPED : undefined}${overview}${armsFigure(summary, headline)}${modelRemarks.map((remark) => html`<p class="note">${remark}</p>`)}${arms === undefined ? undefined : sideFacts(arms)}</section>`;
}

const DEVELOPED = html`<p class="note">The oracle was developed on this benchmark: its verdicts here are better than they would be on prompts that nobody had seen.</p>`;

/** One line of the overview. */
export function overviewLine(summary: EvaluationSummary, headline: Headline | null, place: number): Html {
  return html`<li><a href="#${resultId(place)}">${benchmarkOf(summary, headline)}</a>: ${headlineSentence(summary, headline)}</li>`;
}

function resultId(place: number): string {
  return `result-${place}`;
}

/** The benchmark, and the oracle where several judge it. */
function benchmarkOf({ arms }: EvaluationSummary, headline: Headline | null): string {
  const arm = arms.find(({ name }) => name === headline?.before) ?? arms[0];
  if (arm === undefined) return "";
  const oracles = new Set(arms.filter((one) => one.benchmark === arm.benchmark).map((one) => one.oracle));
  return oracles.size > 1 ? `${arm.benchmark}, judged by ${shortOracle(arm.oracle)}` : arm.benchmark;
}

function lede(
  summary: EvaluationSummary,
  { ci95, families }: Headline,
  arms: { before: ArmSummary; after: ArmSummary },
): Html {
  const { before, after } = arms;
  const benchmark = summary.benchmarks.find(({ name }) => name === before.benchmark);
  const interval =
    ci95 === null
      ? "A 95 % interval cannot be given."
      : `95 % interval of the reduction: ${percentInterval(ci95)}, by resampling ${count(families)} groups of prompts in pairs.`;
  return html`<p class="lede">On ${plural(benchmark?.prompts ?? 0, "prompt")} of <b>${before.benchmark}</b>, the oracle flags ${ofFigure(before.metrics.flagged)} completions of ${shortModel(before.model)} (${inSentence(before)}) and ${ofFigure(after.metrics.flagged)} of ${after.model === before.model ? "the same model" : shortModel(after.model)} (${inSentence(after)}). ${interval}</p>`;
}

function inSentence(arm: ArmSummary): string {
  return armTitle(arm).replace(/^B/, "b");
}

function armsFigure(summary: EvaluationSummary, headline: Headline | null): Html {
  const shown =
    headline === null ? summary.arms : summary.arms.filter((arm) => sameGroup(summary, arm, headline));
  const rows = shown.map((arm) => armRow(arm, headline ?? undefined));
  return html`<figure class="arms"><div class="rows">${rows}${axisView()}</div><figcaption>Share of completions that the oracle flags for the prompt's weakness, of all that were asked for. Whiskers: 95 % intervals over groups of prompts. ${sizes(shown)}Dashed boxes: completions without a verdict, which may all be vulnerable and are never counted as secure.</figcaption></figure>`;
}

/** How many completions each bar stands on, where it is the same for all. */
function sizes(arms: readonly ArmSummary[]): string {
  const [n, ...others] = new Set(arms.map((arm) => arm.n));
  return n === undefined || others.length > 0 ? "" : `n = ${count(n)} completions an arm. `;
}

/** Arms that differ from the headline's in model, adapter or strategy only. */
function sameGroup(summary: EvaluationSummary, arm: ArmSummary, headline: Headline): boolean {
  const before = summary.arms.find(({ name }) => name === headline.before);
  return arm.benchmark === before?.benchmark && arm.oracle === before.oracle;
}

function armRow(arm: ArmSummary, headline: Headline | undefined): Html {
  const tone = toneOf(arm, headline);
  const tag = tone === "other" ? undefined : html` <span class="tag ${tone}">${tone}</span>`;
  const unseen = share(arm.unscanned, arm.n) ?? 0;
  const [value, ci95] = unseen === 1 ? [null, null] : [arm.flaggedRate, arm.ci95];
  const figure =
    unseen === 1
      ? html`<b>–</b> <span class="quiet">no verdict</span>`
      : html`<b>${percent(value)}</b> <span class="quiet nb">${percentInterval(ci95)}</span>`;
  return html`<div class="row"><div class="name">${armTitle(arm)}${tag}</div><div class="draw">${barView({ value, ci95, unseen, tone }, armTitle(arm), 30)}</div><div class="value">${figure}<br><span class="quiet">${arm.flagged} of ${count(arm.n)}</span></div></div>`;
}

/** What a reader asks next: does it still write code, does it still do the task, what was not seen? */
function sideFacts({ before, after }: { before: ArmSummary; after: ArmSummary }): Html {
  const facts = [
    {
      name: "Still valid code",
      hint: "parses before any cutting",
      rate: (arm: ArmSummary) => arm.metrics.parsed.rate,
    },
    {
      name: "Still does the task",
      hint: "performs the risky operation",
      rate: (arm: ArmSummary) => arm.metrics.atRisk.rate,
    },
    {
      name: "Flagged when it does",
      hint: "of those that perform the operation",
      rate: (arm: ArmSummary) => arm.metrics.flaggedOfAtRisk.rate,
    },
    {
      name: "Not analysed",
      hint: "no verdict, never counted as secure",
      rate: (arm: ArmSummary) => share(arm.unscanned, arm.n),
    },
  ];
  return html`<dl class="facts">${facts.map(
    ({ name, hint, rate }) =>
      html`<div><dt>${name}</dt><dd><span class="was">${percent(rate(before))}</span><span class="arrow" role="img" aria-label="to">→</span><span class="is">${percent(rate(after))}</span></dd><dd class="quiet">${hint}</dd></div>`,
  )}</dl>`;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
