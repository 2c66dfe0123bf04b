// Security against function: a model that writes nothing useful is safe, too. Drawn only where functional
// tests were run: on the same completions, or on another benchmark with the same model and strategy.
import type { ArmSummary, EvaluationSummary, Headline, Interval } from "../../core/evaluation.ts";
import { count, percent, percentBounds, percentInterval } from "../format.ts";
import { type Html, html } from "../html.ts";
import { armTitle, reasonWords, shortOracle, toneOf } from "../words.ts";

interface Point {
  readonly arm: ArmSummary;
  /** The arm whose tests say how much works. */
  readonly tested: ArmSummary;
  /** Share of tested completions that pass the functional tests. */
  readonly works: number;
  readonly worksCi95: Interval | null;
  /** Share of completions that have a verdict and are not flagged, of all asked for. */
  readonly safe: number;
  readonly safeCi95: Interval | null;
}

/** The scatter and the figures of tests; nothing where no test was run. */
export function functionSection(
  summary: EvaluationSummary,
  headlines: readonly Headline[],
): Html | undefined {
  const points = pointsOf(summary);
  const tested = summary.arms.filter(({ metrics }) => metrics.tests !== undefined);
  if (tested.length === 0) return undefined;
  return html`<section><h2>Security and function</h2>${points.length === 0 ? undefined : scatters(points, headlines)}${testsTable(tested)}</section>`;
}

function pointsOf({ arms }: EvaluationSummary): Point[] {
  return arms.flatMap((arm): Point[] => {
    // Prompts without a weakness say nothing of security.
    if (arm.metrics.byCwe.length === 0 || arm.flaggedRate === null) return [];
    const alike = arms.filter((other) => isAlike(other, arm) && other.metrics.tests !== undefined);
    const tested = alike.find((other) => other.benchmark === arm.benchmark) ?? alike[0];
    const works = tested?.metrics.tests?.functional;
    if (tested === undefined || works === undefined || works.rate === null) return [];
    // Nothing that was not analysed counts as secure.
    const judged = 1 - arm.unscanned / arm.n;
    const safeCi95 =
      arm.ci95 === null ? null : ([judged - arm.ci95[1], judged - arm.ci95[0]] satisfies Interval);
    return [
      { arm, tested, works: works.rate, worksCi95: works.ci95, safe: judged - arm.flaggedRate, safeCi95 },
    ];
  });
}

function isAlike(a: ArmSummary, b: ArmSummary): boolean {
  return a.model === b.model && a.adapter === b.adapter && a.strategy === b.strategy;
}

const at = (share: number): string => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
const up = (share: number): string => at(1 - share);

function scatters(points: readonly Point[], headlines: readonly Headline[]): Html {
  const planes = new Map<string, Point[]>();
  for (const point of points) {
    const key = `${point.arm.benchmark}, judged by ${shortOracle(point.arm.oracle)}`;
    planes.set(key, [...(planes.get(key) ?? []), point]);
  }
  return html`<p>To the right: more completions pass the functional tests. Up: fewer completions are flagged. A way straight up costs no function.</p><div class="planes">${[...planes].map(([title, some]) => scatter(title, some, headlines))}</div><p class="quiet">Lines are 95 % intervals. Shares are in percent: of those tested to the right, of all completions asked for upwards. A completion without a verdict is not counted as not flagged.</p>`;
}

function scatter(title: string, points: readonly Point[], headlines: readonly Headline[]): Html {
  const toned = points.map((point) => ({ point, tone: toneIn(point.arm, headlines) }));
  // All lines below all points: a number must not be crossed.
  const marks = html`${toned.map(({ point, tone }) => reach(point, tone))}${toned.map(({ point, tone }, place) => mark(point, place + 1, tone))}`;
  const label = `${title}: completions that work against completions that are not flagged, ${points.length} arms; the list below has the figures`;
  return html`<figure class="scatter"><h3>${title}</h3><div class="plane"><div class="y" aria-hidden="true">${[100, 75, 50, 25, 0].map((tick) => html`<span>${tick}</span>`)}</div><svg role="img" aria-label="${label}">${grid()}${marks}</svg><div class="x" aria-hidden="true">${[0, 25, 50, 75, 100].map((tick) => html`<span>${tick}</span>`)}</div></div><p class="plane-words" aria-hidden="true">↑ not flagged, % · → works, %</p><ol class="legend">${points.map(pointLine)}</ol></figure>`;
}

function grid(): Html[] {
  return [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<line class="grid" x1="${at(share)}" x2="${at(share)}" y1="0" y2="100%"/><line class="grid" x1="0" x2="100%" y1="${at(share)}" y2="${at(share)}"/>`,
  );
}

function toneIn(arm: ArmSummary, headlines: readonly Headline[]): string {
  return toneOf(
    arm,
    headlines.find(({ before, after }) => before === arm.name || after === arm.name),
  );
}

function reach({ works, worksCi95, safe, safeCi95 }: Point, tone: string): Html {
  const [x, y] = [at(works), up(safe)];
  return html`${worksCi95 === null ? undefined : html`<line class="reach ${tone}" x1="${at(worksCi95[0])}" x2="${at(worksCi95[1])}" y1="${y}" y2="${y}"/>`}${
    safeCi95 === null
      ? undefined
      : html`<line class="reach ${tone}" x1="${x}" x2="${x}" y1="${up(safeCi95[0])}" y2="${up(safeCi95[1])}"/>`
  }`;
}

function mark({ works, safe }: Point, number: number, tone: string): Html {
  const [x, y] = [at(works), up(safe)];
  return html`<circle class="point ${tone}" cx="${x}" cy="${y}" r="11"/><text class="point-no" x="${x}" y="${y}" dy=".35em">${number}</text>`;
}

function pointLine({ arm, tested, works, safe }: Point): Html {
  const from =
    tested.benchmark === arm.benchmark
      ? undefined
      : html` <span class="quiet">(tests: ${tested.benchmark})</span>`;
  return html`<li><b>${armTitle(arm)}</b>${from}: ${percent(works)} work, ${percent(safe)} not flagged</li>`;
}

function testsTable(arms: readonly ArmSummary[]): Html {
  // Arms that differ in the oracle alone share their tests.
  const seen = new Set<string>();
  const different = arms.filter((arm) => {
    const key = JSON.stringify([arm.benchmark, arm.model, arm.adapter, arm.strategy]);
    return !seen.has(key) && seen.add(key);
  });
  const ks = [
    ...new Set(different.flatMap(({ metrics }) => metrics.tests?.atK.map(({ k }) => k) ?? [])),
  ].sort((a, b) => a - b);
  const head = ks.map((k) => html`<th scope="col">pass@${k}</th><th scope="col">func-sec@${k}</th>`);
  return html`<div class="wide" role="region" tabindex="0" aria-label="The tasks' own tests"><table class="figures"><caption>The tasks' own tests</caption><thead><tr><th scope="col">Arm</th><th scope="col">tested</th><th scope="col">work</th><th scope="col">bounds</th><th scope="col">pass security tests</th><th scope="col">both</th>${head}</tr></thead><tbody>${different.map((arm) => testsRow(arm, ks))}</tbody></table></div>${untested(different)}`;
}

function testsRow(arm: ArmSummary, ks: readonly number[]): Html {
  const { tests } = arm.metrics;
  if (tests === undefined) return html``;
  const [work, ...others] = [tests.functional, tests.security, tests.functionalAndSecure].map(
    ({ rate, ci95 }) =>
      html`<td>${percent(rate)}<br><span class="quiet nb">${percentInterval(ci95)}</span></td>`,
  );
  const drawn = ks.map((k) => {
    const one = tests.atK.find((figures) => figures.k === k);
    return html`<td>${percent(one?.func)}</td><td>${percent(one?.funcSec)}</td>`;
  });
  return html`<tr><th scope="row">${armTitle(arm)}<br><span class="quiet">${arm.benchmark}</span></th><td>${count(tests.tested)} of ${count(tests.tested + tests.untested)}</td>${work}<td class="nb">${percentBounds(tests.functionalBounds)}</td>${others}${drawn}</tr>`;
}

function untested(arms: readonly ArmSummary[]): Html | undefined {
  const counts = new Map<string, number>();
  for (const [reason, times] of arms.flatMap(({ metrics }) =>
    Object.entries(metrics.tests?.untestedReasons ?? {}),
  )) {
    counts.set(reason, (counts.get(reason) ?? 0) + times);
  }
  if (counts.size === 0) return undefined;
  return html`<p class="quiet">Not tested, over all arms: ${[...counts].map(([reason, times]) => `${reasonWords(reason)}: ${count(times)}`).join(", ")}. They are in no rate; the bounds are the share that works if none of them did, and if all did.</p>`;
}
