// A lexer for Python that never fails: every character of any text, broken or cut short, lands in
// exactly one token. Splitting, cutting and diffing stand on it rather than on the parser's tree,
// because error recovery in a tree swallows the very lines that a half-finished prompt is about.
// Follows https://docs.python.org/3/reference/lexical_analysis.html.

/** What a token is; `continuation` is a backslash with its newline. */
export type TokenKind =
  | "name"
  | "number"
  | "string"
  | "operator"
  | "comment"
  | "newline"
  | "space"
  | "continuation"
  | "other";

/** A stretch of the text. */
export interface Token {
  /** What it is. */
  readonly kind: TokenKind;
  /** First code unit. */
  readonly start: number;
  /** Code unit after the last. */
  readonly end: number;
  /** False for a string whose closing quotes are missing. */
  readonly closed: boolean;
}

const NEWLINE = /\r\n|\n|\r/y;
const SPACE = /[ \t\f\u00a0\ufeff]+/y;
const CONTINUATION = /\\(?:\r\n|\n|\r)/y;
const COMMENT = /#[^\r\n]*/y;
const QUOTE = /(?:[rbuft]|[bft]r|r[bft])?('''|"""|'|")/iy;
const NUMBER = /0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?j?/iy;
const NAME = /[\p{ID_Start}_]\p{ID_Continue}*/uy;
const OPERATOR =
  /\*\*=|\/\/=|>>=|<<=|\.\.\.|!=|->|:=|==|<=|>=|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|@=|\*\*|\/\/|<<|>>|[-+*/%@&|^~<>()[\]{},:.;=!]/y;

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", SPACE],
  ["newline", NEWLINE],
  ["comment", COMMENT],
  ["continuation", CONTINUATION],
  ["string", QUOTE],
  ["name", NAME],
  ["number", NUMBER],
  ["operator", OPERATOR],
];

/** All tokens of a text, in order and without gaps. */
export function lexPython(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(text: string, start: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match === null) continue;
    if (kind === "string") return stringAt(text, start, start + match[0].length, match[1] ?? '"');
    return { kind, start, end: start + match[0].length, closed: true };
  }
  // A stray character; a surrogate pair stays whole.
  const size = (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  return { kind: "other", start, end: start + size, closed: true };
}

/** A string without closing quotes ends with its line, or with the text when triple-quoted. */
function stringAt(text: string, start: number, from: number, quote: string): Token {
  const long = quote.length === 3;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") {
      // An escaped CR LF is one escape: stepping over CR alone would end the string at LF.
      at += text[at + 1] === "\r" && text[at + 2] === "\n" ? 2 : 1;
    } else if (!long && (character === "\n" || character === "\r")) {
      return { kind: "string", start, end: at, closed: false };
    } else if (text.startsWith(quote, at)) {
      return { kind: "string", start, end: at + quote.length, closed: true };
    }
  }
  return { kind: "string", start, end: text.length, closed: false };
}
