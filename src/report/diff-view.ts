// A before/after pair of programs as one column of lines: what went is marked −, what came +.
// Long unchanged stretches are folded away; one column reads on a phone.
import type { Language } from "../core/language.ts";
import { changedParts, type Part } from "./changed-parts.ts";
import { type DiffLine, diffOf } from "./diff-lines.ts";
import { highlightLine } from "./highlight.ts";
import { type Html, html } from "./html.ts";

const CONTEXT = 4;
const MOST_LINES = 80;
const MOST_CHARACTERS = 240;

/** What a diff is shown with. */
export interface DiffViewOptions {
  /** For colours. */
  readonly language: Language;
  /** Lines of `before` to mark as a finding's, from 1. */
  readonly marked?: ReadonlySet<number>;
  /** Numbers of the stops of a finding's flow by line of `before`. */
  readonly stops?: ReadonlyMap<number, readonly number[]>;
  /** Names the block for readers who do not see it. */
  readonly label: string;
}

/** A diff as markup. */
export function diffView(before: string, after: string, options: DiffViewOptions): Html {
  const lines = diffOf(before, after);
  const parts = changedParts(lines);
  const shown = new Set([...(options.marked ?? []), ...(options.stops?.keys() ?? [])]);
  const rows = fold(lines, shown).map((row) =>
    row.kind === "folded" ? foldedView(row) : rowView(row, options, parts.get(row)),
  );
  return html`<div class="diff" role="region" tabindex="0" aria-label="${options.label}"><table><tbody>${rows}</tbody></table></div>`;
}

interface Folded {
  readonly kind: "folded";
  readonly lines: number;
}
type Row = DiffLine | Folded;

function fold(lines: readonly DiffLine[], marked: ReadonlySet<number>): Row[] {
  const changed = lines.flatMap((line, place) =>
    line.kind !== "same" || isMarked(line, marked) ? [place] : [],
  );
  const shown = lines.map(
    (_line, place) => changed.length === 0 || changed.some((other) => Math.abs(other - place) <= CONTEXT),
  );
  const rows: Row[] = [];
  let folded = 0;
  for (const [place, line] of lines.entries()) {
    if (shown[place] === true && rows.length < MOST_LINES) {
      if (folded > 0) rows.push({ kind: "folded", lines: folded });
      folded = 0;
      rows.push(line);
    } else folded++;
  }
  if (folded > 0) rows.push({ kind: "folded", lines: folded });
  return rows;
}

function isMarked(line: DiffLine, marked: ReadonlySet<number>): boolean {
  return line.before !== undefined && marked.has(line.before);
}

const signs = { same: "", removed: "−", added: "+" } as const;
const spoken = { same: "", removed: "removed: ", added: "added: " } as const;

function foldedView({ lines }: Folded): Html {
  return html`<tr class="folded"><td></td><td></td><td></td><td>${lines} more ${lines === 1 ? "line" : "lines"}</td></tr>`;
}

function rowView(
  row: DiffLine,
  { language, marked, stops }: DiffViewOptions,
  parts: readonly Part[] = [],
): Html {
  const risk = isMarked(row, marked ?? new Set()) ? " risk" : "";
  const text = row.text.length > MOST_CHARACTERS ? `${row.text.slice(0, MOST_CHARACTERS)} …` : row.text;
  const numbers = row.before === undefined ? undefined : stops?.get(row.before);
  return html`<tr class="${row.kind}${risk}"><td class="no">${row.before}</td><td class="no">${row.after}</td><td class="sign" aria-hidden="true">${signs[row.kind]}</td><td><span class="hidden">${spoken[row.kind]}</span><code>${highlightLine(text, language, parts)}</code>${numbers?.map(stopView)}</td></tr>`;
}

function stopView(number: number): Html {
  return html` <span class="stop" role="img" aria-label="step ${number} of the flow">${number}</span>`;
}
