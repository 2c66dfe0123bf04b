// Bars with whiskers, drawn in SVG with positions in percent: the drawing takes any width while
// its strokes and the text beside it keep their size, so one page serves a phone and a printer.
import type { Interval } from "../core/evaluation.ts";
import { percent, percentInterval } from "./format.ts";
import { type Html, html } from "./html.ts";

/** One bar. */
export interface Bar {
  /** Length, 0 to 1; nothing is drawn when undefined. */
  readonly value: number | null;
  /** Whisker. */
  readonly ci95: Interval | null;
  /** Share without a verdict: drawn as an empty box behind the bar's end, since it may all be flagged. */
  readonly unseen: number;
  /** Colour: a class of the style sheet. */
  readonly tone: "before" | "after" | "other";
}

/** A place along the bar; a tenth of a percent is less than a pixel. */
const at = (share: number): string => `${Number((Math.min(1, Math.max(0, share)) * 100).toFixed(1))}%`;

/** A bar from 0 to 100 % with its whisker; `label` is read aloud. */
export function barView({ value, ci95, unseen, tone }: Bar, label: string, height = 22): Html {
  const spoken = `${label}: ${percent(value)}${ci95 === null ? "" : `, 95 % interval ${percentInterval(ci95)}`}${unseen > 0 ? `, without a verdict ${percent(unseen)}` : ""}`;
  const middle = height / 2;
  return html`<svg class="bar" height="${height}" role="img" aria-label="${spoken}"><use href="#grid"/>${
    value === null
      ? undefined
      : html`<rect class="fill ${tone}" x="0" y="3" width="${at(value)}" height="${height - 6}" rx="2"/>`
  }${
    unseen > 0
      ? html`<rect class="unseen" x="${at(value ?? 0)}" y="4" width="${at(unseen)}" height="${height - 8}"/>`
      : undefined
  }${ci95 === null ? undefined : whisker(ci95, middle)}</svg>`;
}

function whisker([low, high]: Interval, middle: number): Html {
  const ends = [low, high].map(
    (end) =>
      html`<line class="whisker" x1="${at(end)}" x2="${at(end)}" y1="${middle - 5}" y2="${middle + 5}"/>`,
  );
  // The halo parts the line from the bar that it crosses.
  const halo = html`<line class="halo" x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}"/>`;
  return html`${halo}<line class="whisker" x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}"/>${ends}`;
}

/** The lines behind every bar, once a page: bars refer to them. */
export function gridView(): Html {
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => html`<line class="grid" x1="${at(share)}" x2="${at(share)}" y1="0" y2="100%"/>`,
  );
  return html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs><g id="grid">${lines}</g></defs></svg>`;
}

/** The percentages under bars. */
export function axisView(): Html {
  return html`<div class="axis" aria-hidden="true">${[0, 25, 50, 75, 100].map((tick) => html`<span>${tick}${tick === 100 ? "\u00a0%" : ""}</span>`)}</div>`;
}
