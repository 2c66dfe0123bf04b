// How figures are written: with what they are of, and a dash where a figure is undefined.
import type { Interval, RateFigure } from "../core/evaluation.ts";

const UNDEFINED = "–";
const NBSP = "\u00a0";

/** A share as a percentage: `71 %`; one decimal where that says more (below 10 % and above 0). */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return UNDEFINED;
  return `${percentNumber(share)}${NBSP}%`;
}

function percentNumber(share: number): string {
  const value = share * 100;
  const size = Math.abs(value);
  const small = size > 0 && size < 9.95;
  const text = small ? value.toFixed(1) : value.toFixed(0);
  return (/^-0(\.0)?$/.test(text) ? text.slice(1) : text).replace("-", "−");
}

/** An interval of shares: `66–77 %`; a sign makes it `−3 to 12 %`. */
export function percentInterval(interval: Interval | null | undefined): string {
  if (interval === null || interval === undefined) return UNDEFINED;
  const [low, high] = interval.map(percentNumber);
  const signed = interval[0] < 0;
  return signed ? `${low} to ${high}${NBSP}%` : `${low}–${high}${NBSP}%`;
}

/** Bounds: one figure where they are the same. */
export function percentBounds(bounds: Interval | null | undefined): string {
  return bounds !== null && bounds !== undefined && bounds[0] === bounds[1]
    ? percent(bounds[0])
    : percentInterval(bounds);
}

/** A whole number with thin spaces between thousands. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A number with a few significant digits. */
export function decimal(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined ? UNDEFINED : String(Number(value.toPrecision(digits)));
}

/** `228 of 320`. */
export function ofFigure({ hits, of }: Pick<RateFigure, "hits" | "of">): string {
  return `${count(hits)} of ${count(of)}`;
}

/** `1 prompt`, `2 prompts`. */
export function plural(value: number, noun: string): string {
  return `${count(value)}${NBSP}${noun}${value === 1 ? "" : "s"}`;
}
