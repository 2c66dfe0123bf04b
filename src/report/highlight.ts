// Colours for code: strings, comments, numbers, keywords, calls. A line at a time is enough for a
// reader's eye; nothing else depends on it, so it is a few patterns and no grammar.
import type { Language } from "../core/language.ts";
import type { Part } from "./changed-parts.ts";
import { type Content, type Html, html } from "./html.ts";

interface Palette {
  readonly comment: RegExp;
  readonly keywords: ReadonlySet<string>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const palettes = {
  python: {
    comment: /#.*/y,
    keywords: words(
      "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield None True False",
    ),
  },
  c: {
    comment: /\/\/.*|\/\*.*?(?:\*\/|$)/y,
    keywords: words(
      "auto break case char const continue default do double else enum extern float for goto if inline int long register return short signed sizeof static struct switch typedef union unsigned void volatile while NULL",
    ),
  },
} as const satisfies Record<Language, Palette>;

const STRING =
  /(?:\b[rRbBfFuU]{1,2})?(?:"""(?:[^\\]|\\.)*?(?:"""|$)|'''(?:[^\\]|\\.)*?(?:'''|$)|"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$))/y;
const NUMBER = /\b(?:0[xX][\da-fA-F]+|\d[\d_]*(?:\.\d+)?)\b/y;
const DECORATOR = /@[\w.]+/y;
const NAME = /[A-Za-z_]\w*/y;
const OTHER = /[^\w"'#/@]+|[\s\S]/y;

/** A piece of a line and what it is; plain text has no kind. */
export interface Piece {
  /** The text. */
  readonly text: string;
  /** The class of its colour. */
  readonly kind: "comment" | "string" | "number" | "keyword" | "call" | "decorator" | undefined;
}

/** Takes a line of code apart. The pieces' texts add up to the line. */
export function piecesOf(line: string, language: Language): Piece[] {
  const pieces: Piece[] = [];
  let place = 0;
  while (place < line.length) {
    const piece = pieceAt(line, place, palettes[language]);
    pieces.push(piece);
    place += piece.text.length;
  }
  return pieces;
}

function pieceAt(line: string, place: number, palette: Palette): Piece {
  const comment = match(palette.comment, line, place);
  if (comment !== undefined) return { text: comment, kind: "comment" };
  const string = match(STRING, line, place);
  if (string !== undefined) return { text: string, kind: "string" };
  const number = match(NUMBER, line, place);
  if (number !== undefined) return { text: number, kind: "number" };
  const decorator = line.slice(0, place).trim() === "" ? match(DECORATOR, line, place) : undefined;
  if (decorator !== undefined) return { text: decorator, kind: "decorator" };
  const name = match(NAME, line, place);
  if (name !== undefined) return { text: name, kind: kindOfName(name, line[place + name.length], palette) };
  return { text: match(OTHER, line, place) ?? line.slice(place), kind: undefined };
}

function kindOfName(name: string, next: string | undefined, palette: Palette): Piece["kind"] {
  if (palette.keywords.has(name)) return "keyword";
  return next === "(" ? "call" : undefined;
}

function match(pattern: RegExp, line: string, place: number): string | undefined {
  pattern.lastIndex = place;
  const text = pattern.exec(line)?.[0];
  return text === "" ? undefined : text;
}

/** A line of code in colours; `changed` parts, in order, are marked. */
export function highlightLine(line: string, language: Language, changed: readonly Part[] = []): Html {
  let place = 0;
  return html`${piecesOf(line, language).map(({ text, kind }) => {
    const shown = marked(text, changed, place);
    place += text.length;
    return kind === undefined ? shown : html`<span class="c-${kind}">${shown}</span>`;
  })}`;
}

/** A piece that stands at `place`, with what of it is changed in marks. */
function marked(text: string, changed: readonly Part[], place: number): Content {
  const shown: Content[] = [];
  let done = 0;
  for (const part of changed) {
    const from = Math.max(0, part.start - place);
    const to = Math.min(text.length, part.end - place);
    if (from >= to) continue;
    shown.push(text.slice(done, from), html`<mark>${text.slice(from, to)}</mark>`);
    done = to;
  }
  return [...shown, text.slice(done)];
}
