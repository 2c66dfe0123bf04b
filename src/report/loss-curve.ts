// Loss over optimizer steps, as an SVG that stretches with the page; its axes are text beside it.
import type { LossPoint } from "./data.ts";
import { count, decimal } from "./format.ts";
import { type Html, html } from "./html.ts";

/** What is drawn. */
export interface LossCurve {
  /** Loss on training rows. */
  readonly train: readonly LossPoint[];
  /** Loss on held-out rows. */
  readonly held: readonly LossPoint[];
  /** Step to mark. */
  readonly bestStep: number | undefined;
}

const WIDTH = 1000;
const HEIGHT = 300;
const MOST_POINTS = 400;

/** The curve with its axes. */
export function lossCurveView({ train, held, bestStep }: LossCurve): Html | undefined {
  const all = [...train, ...held];
  if (all.length < 2) return undefined;
  const last = Math.max(...all.map(({ step }) => step));
  const top = Math.max(...all.map(({ loss }) => loss)) * 1.05;
  const path = (points: readonly LossPoint[]): string =>
    points
      .map(
        ({ step, loss }) =>
          `${((step / last) * WIDTH).toFixed(1)},${(HEIGHT - (loss / top) * HEIGHT).toFixed(1)}`,
      )
      .join(" ");
  const best = bestStep === undefined ? undefined : ((bestStep / last) * WIDTH).toFixed(1);
  const said = `Loss over ${last} steps. ${spoken("Training", train)} ${spoken("Held out", held)}`;
  return html`<div class="curve"><div class="y"><span>${decimal(top, 2)}</span><span>0</span></div><div><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${said}">${
    best === undefined
      ? undefined
      : html`<line class="best" x1="${best}" x2="${best}" y1="0" y2="${HEIGHT}"/>`
  }<polyline class="line train" points="${path(thinned(train))}"/><polyline class="line held" points="${path(held)}"/></svg><div class="x"><span>0</span><span>${count(last)} steps</span></div></div></div>`;
}

function spoken(name: string, points: readonly LossPoint[]): string {
  const first = points[0];
  const last = points.at(-1);
  return first === undefined || last === undefined
    ? ""
    : `${name}: from ${decimal(first.loss)} to ${decimal(last.loss)}.`;
}

/** At most so many points: means over stretches of equal length. */
export function thinned(points: readonly LossPoint[], most = MOST_POINTS): LossPoint[] {
  const size = Math.max(1, Math.ceil(points.length / most));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) =>
    points.slice(i * size, (i + 1) * size),
  ).map((stretch) => ({
    step: stretch.reduce((sum, { step }) => sum + step, 0) / stretch.length,
    loss: stretch.reduce((sum, { loss }) => sum + loss, 0) / stretch.length,
  }));
}
