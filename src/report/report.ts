// The report: one HTML file with everything in it. No script, no outside reference, and a policy
// in the page that forbids both, so that nothing a model wrote can do more than be read.
import type { CweId } from "../core/cwe.ts";
import type { Headline } from "../core/evaluation.ts";
import { gridView } from "./bars.ts";
import { armsOf, type EvaluationData, type ReportData } from "./data.ts";
import { count } from "./format.ts";
import { type Content, type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { agreementSection } from "./sections/agreement.ts";
import { armsTableSection } from "./sections/arms-table.ts";
import { comparisonsSection } from "./sections/comparisons.ts";
import { examplesSection } from "./sections/examples.ts";
import { functionSection } from "./sections/function.ts";
import { evaluationId, glanceSection, manySentence, tablesSection } from "./sections/glance.ts";
import { type HeadlinePlace, headlineSection, headlineSentence, overviewLine } from "./sections/headline.ts";
import { limitsSection, makingSection } from "./sections/making.ts";
import { pairsSection } from "./sections/pairs.ts";
import { promptsSection } from "./sections/prompts.ts";
import { strategiesSection } from "./sections/strategies.ts";
import { trainingSections } from "./sections/training.ts";
import { weaknessesSection } from "./sections/weaknesses.ts";
import { wordsSection } from "./sections/words.ts";

/** Draws a report; `names` are short names of weaknesses. */
export function renderReport(data: ReportData, names: ReadonlyMap<CweId, string>): string {
  const summaries = data.evaluations.map(({ summary }) => summary);
  const manifests = [
    ...data.pairs.map(({ manifest }) => manifest),
    ...data.manifests,
    ...data.trainings.map(({ manifest }) => manifest),
    ...data.evaluations.map(({ manifest }) => manifest),
  ].filter((manifest) => manifest !== undefined);
  const results = isMany(data) ? manyView(data, names) : fewView(data, names);
  const body = html`${results}${isMany(data) ? undefined : tablesSection(data.tables)}${data.evaluations.length === 0 ? pairsTop(data) : undefined}${data.pairs.map(
    (pairs) => pairsSection(pairs, names),
  )}${trainingSections(data.trainings)}${limitsSection(summaries, data.modelRemarks)}${makingSection(summaries, manifests)}${summaries.length === 0 ? undefined : html`${wordsSection(summaries)}${gridView()}`}`;
  return page({ title: titleOf(data), body, version: data.version });
}

const MOST_WHOLE = 3;

/** With more evaluations a reader wants to see them side by side before any of them whole. */
function isMany({ evaluations }: ReportData): boolean {
  return evaluations.length > MOST_WHOLE;
}

function fewView(data: ReportData, names: ReadonlyMap<CweId, string>): Html {
  return html`${resultsView(data, names)}${data.evaluations.map((one) => judgesView(one, names))}`;
}

/** So many are shown with examples and cards: with all of them a page would grow without an end. */
const MOST_IN_FULL = 6;

function manyView(
  { evaluations, modelRemarks, tables }: ReportData,
  names: ReadonlyMap<CweId, string>,
): Html {
  const compared = evaluations.filter(({ summary }) => summary.headlines.length > 0);
  const inFull = new Set(compared.slice(0, MOST_IN_FULL));
  let next = 1;
  const views = evaluations.map((evaluation, i) => {
    const views = resultsOf(evaluation).map((result) =>
      inFull.has(evaluation)
        ? resultView(result, names, { place: next++, overview: undefined, modelRemarks: [] })
        : resultInShort(result, next++),
    );
    const sentence = headlineSentence(evaluation.summary, evaluation.summary.headline);
    return html`<details class="example"><summary><b>${evaluation.label}</b> <span class="quiet">${sentence}</span></summary><div class="inside" id="${evaluationId(i)}">${views}${judgesView(evaluation, names)}</div></details>`;
  });
  const less =
    evaluations.length > inFull.size
      ? html`<p>Weaknesses, prompts and examples are shown of the first ${count(inFull.size)} that compare arms. For those of another, make a page of its folder alone: <code>hexacoder report FOLDER</code>.</p>`
      : undefined;
  return html`${glanceSection(evaluations, modelRemarks)}${tablesSection(tables)}<section><h2>Every evaluation</h2>${less}${views}</section>`;
}

/** An evaluation among many: the change, and all arms with their figures. */
function resultInShort({ evaluation: { summary }, headline }: Result, place: number): Html {
  const top = headlineSection(summary, headline, { place, overview: undefined, modelRemarks: [] });
  const benchmarks =
    headline === null
      ? new Set(summary.arms.map(({ benchmark }) => benchmark))
      : summary.arms.flatMap(({ benchmark, name }) =>
          name === headline.before && isFirstOf(benchmark, headline, summary.headlines, summary)
            ? [benchmark]
            : [],
        );
  return html`${top}${[...benchmarks].map((benchmark) => armsTableSection(summary, benchmark))}`;
}

/** What holds for an evaluation as a whole: function beside security, and how far its judges agree. */
function judgesView({ summary, agreement }: EvaluationData, names: ReadonlyMap<CweId, string>): Html {
  return html`${comparisonsSection(summary)}${functionSection(summary, summary.headlines)}${agreement === undefined ? undefined : agreementSection(agreement, names)}`;
}

function titleOf(data: ReportData): string {
  const { evaluations, pairs } = data;
  const first = evaluations[0];
  if (isMany(data)) return manySentence(evaluations);
  if (first !== undefined) return headlineSentence(first.summary, first.summary.headline);
  return `${count(pairs.reduce((sum, one) => sum + one.pairs, 0))} verified training pairs`;
}

function pairsTop(data: ReportData): Html {
  return html`<section class="top"><h1>${titleOf(data)}.</h1></section>`;
}

/** A headline with the evaluation that it is of; a single arm has no headline. */
interface Result {
  readonly evaluation: EvaluationData;
  readonly headline: Headline | null;
}

function resultsView({ evaluations, modelRemarks }: ReportData, names: ReadonlyMap<CweId, string>): Content {
  const results = evaluations.flatMap(resultsOf);
  const others = results
    .map(({ evaluation, headline }, place) => overviewLine(evaluation.summary, headline, place))
    .slice(1);
  const overview = others.length === 0 ? undefined : html`<ul class="overview">${others}</ul>`;
  return results.map((result, place) =>
    resultView(result, names, {
      place,
      overview: place === 0 ? overview : undefined,
      modelRemarks: place === 0 ? modelRemarks : [],
    }),
  );
}

function resultsOf(evaluation: EvaluationData): Result[] {
  const { headlines } = evaluation.summary;
  return headlines.length === 0
    ? [{ evaluation, headline: null }]
    : headlines.map((headline) => ({ evaluation, headline }));
}

function resultView(
  { evaluation, headline }: Result,
  names: ReadonlyMap<CweId, string>,
  where: HeadlinePlace,
): Html {
  const { summary, examples } = evaluation;
  const top = headlineSection(summary, headline, where);
  if (headline === null) return html`${top}${withoutHeadline(summary, names)}`;
  const arms = summary.arms.filter((arm) => isOf(headline, arm, summary));
  const benchmark = arms[0]?.benchmark ?? "";
  const found = examples.find((one) => one.headline === headline);
  return html`${top}${weaknessesSection(summary, arms, { headline, names })}${strategiesSection(arms)}${
    found === undefined ? undefined : examplesSection(found, names)
  }${isFirstOf(benchmark, headline, summary.headlines, summary) ? armsTableSection(summary, benchmark) : undefined}${promptsSection(arms)}`;
}

function withoutHeadline(summary: Summary, names: ReadonlyMap<CweId, string>): Content {
  const benchmarks = [...new Set(summary.arms.map((arm) => arm.benchmark))];
  return benchmarks.map((benchmark) => {
    const arms = summary.arms.filter((arm) => arm.benchmark === benchmark);
    return html`${weaknessesSection(summary, arms, { headline: undefined, names })}${armsTableSection(summary, benchmark)}${promptsSection(arms)}`;
  });
}

type Summary = EvaluationData["summary"];

function isOf(headline: Headline, arm: Summary["arms"][number], summary: Summary): boolean {
  const before = armsOf(summary, headline)?.before;
  return arm.benchmark === before?.benchmark && arm.oracle === before.oracle;
}

/** The table of a benchmark shows every oracle: it stands once, after its first headline. */
function isFirstOf(
  benchmark: string,
  headline: Headline,
  headlines: readonly Headline[],
  summary: Summary,
): boolean {
  const first = headlines.find((one) => armsOf(summary, one)?.before.benchmark === benchmark);
  return first === headline;
}
