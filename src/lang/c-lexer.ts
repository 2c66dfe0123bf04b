// A lexer for C and C++ that reads any text, half programs included: its tokens have no gaps, so
// that they concatenate to the text. Preprocessor lines are one token each, as they end statements.

/** A piece of a text. */
export interface CToken {
  readonly kind: "space" | "newline" | "comment" | "directive" | "string" | "word" | "operator";
  /** First code unit. */
  readonly start: number;
  /** Code unit after the last. */
  readonly end: number;
}

const NEXT =
  /(?<newline>\r?\n)|(?<space>[ \t\f\v\r\ufeff]+|\\\r?\n)|(?<comment>\/\/(?:[^\n\\]|\\[\s\S])*|\/\*[\s\S]*?(?:\*\/|$(?![\s\S])))|(?<string>(?:u8|[uUL])?(?:"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?))|(?<word>[\p{ID_Continue}$]+)|(?<operator>->\*?|\+\+|--|<<=?|>>=?|[=!<>+\-*/%&|^]=|&&|\|\||::|\.\.\.|##|[\s\S])/uy;

const DIRECTIVE = /#(?:[^\n\\/]|\\[\s\S]|\/(?![/*])|\/\*[\s\S]*?\*\/)*/y;

/** The tokens of a text, in order and without gaps. */
export function lexC(text: string): CToken[] {
  const tokens: CToken[] = [];
  let lineIsEmpty = true;
  for (let at = 0; at < text.length; ) {
    const token = lineIsEmpty && text[at] === "#" ? directiveAt(text, at) : tokenAt(text, at);
    tokens.push(token);
    if (token.kind === "newline") lineIsEmpty = true;
    else if (token.kind !== "space" && token.kind !== "comment") lineIsEmpty = false;
    at = token.end;
  }
  return tokens;
}

function directiveAt(text: string, start: number): CToken {
  DIRECTIVE.lastIndex = start;
  const end = DIRECTIVE.exec(text) === null ? start + 1 : DIRECTIVE.lastIndex;
  const own = text.slice(start, end);
  return { kind: "directive", start, end: start + own.trimEnd().length };
}

function tokenAt(text: string, start: number): CToken {
  NEXT.lastIndex = start;
  const groups = NEXT.exec(text)?.groups;
  const end = Math.max(NEXT.lastIndex, start + 1);
  if (groups === undefined) return { kind: "operator", start, end };
  for (const kind of ["newline", "space", "comment", "string", "word"] as const) {
    if (groups[kind] !== undefined) return { kind, start, end };
  }
  return { kind: "operator", start, end };
}
