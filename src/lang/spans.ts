// Which spans of a text are new against an older one: lines are matched first, then the pieces
// (tokens or characters) of lines that differ. These spans carry the loss in training, so they
// should read as a person would mark them: whole words, and no confetti of lone brackets.
import { diffArrays } from "diff/lib/diff/array.js";
import type { Change } from "../core/pair.ts";
import type { SpanKind } from "./lang.ts";

/** Parts a text into pieces that concatenate to it. */
export type Pieces = (text: string) => string[];

/** See {@link LanguageSupport.changedSpans}; `tokens` is the language's own way to part a text. */
export function changedSpans(
  before: string,
  after: string,
  { kind, tokens }: { kind: SpanKind; tokens: Pieces },
): Change[] {
  const pieces = kind === "characters" ? codePoints : tokens;
  const edits = lineEdits(before, after).flatMap((edit) =>
    kind === "lines" ? [edit] : refine(edit, { before, after, pieces }),
  );
  const kept = kind === "characters" ? edits.filter(({ start, end }) => start < end) : edits;
  const joined = kind === "tokens" ? withoutConfetti(kept, after) : kept;
  return normalised(
    joined.map((edit) => (edit.start < edit.end ? edit : neighbour(edit.start, after, kind, tokens))),
  );
}

/** What stands in `after` in place of a stretch of `before`; one of the two may be empty. */
interface Edit extends Change {
  /** First code unit of the stretch in `before`. */
  readonly fromStart: number;
  /** Code unit after its last. */
  readonly fromEnd: number;
}

/** Beyond this many edits in one stretch the whole stretch counts as changed; keeps the time bounded. */
const MOST_EDITS = 1000;

function lineEdits(before: string, after: string): Edit[] {
  return diffPieces(linesOf(before), linesOf(after), { fromStart: 0, start: 0 });
}

function refine(edit: Edit, texts: { before: string; after: string; pieces: Pieces }): Edit[] {
  if (edit.start === edit.end || edit.fromStart === edit.fromEnd) return [edit];
  const older = texts.pieces(texts.before.slice(edit.fromStart, edit.fromEnd));
  const newer = texts.pieces(texts.after.slice(edit.start, edit.end));
  return diffPieces(older, newer, edit);
}

function diffPieces(
  older: string[],
  newer: string[],
  origin: { readonly fromStart: number; readonly start: number },
): Edit[] {
  const edits: Edit[] = [];
  let { fromStart, start } = origin;
  let fromEnd = fromStart;
  let end = start;
  const close = (): void => {
    if (fromEnd > fromStart || end > start) edits.push({ fromStart, fromEnd, start, end });
  };
  // Undefined when there are more edits than allowed.
  const parts = diffArrays(older, newer, { maxEditLength: MOST_EDITS }) ?? [
    { added: false, removed: true, value: older },
    { added: true, removed: false, value: newer },
  ];
  for (const { added, removed, value } of parts) {
    const length = value.reduce((sum, piece) => sum + piece.length, 0);
    if (removed) fromEnd += length;
    else if (added) end += length;
    else {
      close();
      fromStart = fromEnd += length;
      start = end += length;
    }
  }
  close();
  return edits;
}

/** Unites edits of a line when what stands unchanged between them is blank, or shorter than each of them. */
function withoutConfetti(edits: readonly Edit[], after: string): Edit[] {
  const united: Edit[] = [];
  for (const edit of edits) {
    const last = united.at(-1);
    const between = last === undefined ? "\n" : after.slice(last.end, edit.start);
    const size = between.trim().length;
    if (last === undefined || between.includes("\n") || size > Math.min(sizeOf(last), sizeOf(edit))) {
      united.push(edit);
    } else {
      united[united.length - 1] = { ...last, end: edit.end, fromEnd: edit.fromEnd };
    }
  }
  return united;
}

function sizeOf({ fromStart, fromEnd, start, end }: Edit): number {
  return Math.max(fromEnd - fromStart, end - start);
}

/** What a deletion marks: the line, word or operator that now stands in its place. */
function neighbour(at: number, after: string, kind: SpanKind, tokens: Pieces): Change {
  const pieces = kind === "lines" ? linesOf(after) : tokens(after);
  let start = 0;
  let previous = { start: 0, end: 0 };
  for (const piece of pieces) {
    const end = start + piece.length;
    if (piece.trim() !== "") {
      // A blank between the place and the word is learnt with the word, as a model writes both at once.
      if (end > at) return { start: Math.min(start, Math.max(at, previous.end)), end };
      previous = { start, end };
    }
    start = end;
  }
  return previous;
}

function normalised(changes: readonly Change[]): Change[] {
  const ordered = changes.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start);
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ordered) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function codePoints(text: string): string[] {
  return [...text];
}
