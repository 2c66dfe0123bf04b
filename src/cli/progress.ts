// One line of progress: rewritten in place where a person watches, a plain line now and then elsewhere.
import type { CliContext } from "./context.ts";

/** A line of progress. */
export interface Progress {
  /** Shows how far things are; called as often as one likes. */
  update(text: string): void;
  /** Ends the line with a last word. */
  done(text: string): void;
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 15_000;

/** A progress line on standard error. */
export function createProgress(
  context: Pick<CliContext, "talk" | "interactive">,
  label: string,
  { stream = process.stderr, now = Date.now }: { stream?: NodeJS.WriteStream; now?: () => number } = {},
): Progress {
  let last = Number.NEGATIVE_INFINITY;
  const due = (every: number): boolean => {
    if (now() - last < every) return false;
    last = now();
    return true;
  };
  const clipped = (text: string): string => `${label}: ${text}`.slice(0, widthOf(stream));
  if (!context.interactive) {
    return {
      update: (text) => {
        if (due(PLAIN_LINE_MS)) context.talk(`${label}: ${text}`);
      },
      done: (text) => context.talk(`${label}: ${text}`),
    };
  }
  return {
    update: (text) => {
      if (due(REDRAW_MS)) stream.write(`\r\u001b[2K${clipped(text)}`);
    },
    done: (text) => {
      stream.write("\r\u001b[2K");
      context.talk(`${label}: ${text}`);
    },
  };
}

/** A view of several lines, redrawn in place on a terminal; elsewhere one plain line now and then. */
export interface LiveView {
  /** Shows how things are; called as often as one likes. */
  update(view: () => readonly string[], line: () => string): void;
  /** Takes the view away and says a last word. */
  done(line: string): void;
}

/** A view on standard error. */
export function createLiveView(
  context: Pick<CliContext, "talk" | "interactive">,
  label: string,
  { stream = process.stderr, now = Date.now }: { stream?: NodeJS.WriteStream; now?: () => number } = {},
): LiveView {
  let last = Number.NEGATIVE_INFINITY;
  let drawn = 0;
  const due = (every: number): boolean => {
    if (now() - last < every) return false;
    last = now();
    return true;
  };
  // Back to the first line of what was drawn, and everything from there on away.
  const wipe = (): string => (drawn === 0 ? "" : `\u001b[${drawn}A\r\u001b[J`);
  if (!context.interactive) {
    return {
      update: (_view, line) => {
        if (due(PLAIN_LINE_MS)) context.talk(`${label}: ${line()}`);
      },
      done: (line) => context.talk(`${label}: ${line}`),
    };
  }
  return {
    update: (view) => {
      if (!due(REDRAW_MS)) return;
      // A line that wraps would be two: the view could not be taken away again.
      const width = widthOf(stream);
      const lines = view().map((line) => line.slice(0, width));
      stream.write(`${wipe()}${lines.join("\n")}\n`);
      drawn = lines.length;
    },
    done: (line) => {
      stream.write(wipe());
      drawn = 0;
      context.talk(`${label}: ${line}`);
    },
  };
}

/** Characters of a line that does not wrap; terminals without a size of their own say that they have 0 columns. */
function widthOf({ columns }: NodeJS.WriteStream): number {
  return (columns || 80) - 1;
}

/** A duration for people: `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
