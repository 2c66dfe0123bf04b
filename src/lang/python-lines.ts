// Python's logical lines (https://docs.python.org/3/reference/lexical_analysis.html#logical-lines),
// found in any text. A bracket that is never closed does not swallow the rest: a keyword that can
// only begin a statement ends the line.
import { lexPython, type Token } from "./python-lexer.ts";

/** A logical line, or a physical one that holds no code. */
export interface LogicalLine {
  /** `blank` and `comment` lines stand outside statements. */
  readonly kind: "code" | "comment" | "blank";
  /** First code unit of the line, indentation included. */
  readonly start: number;
  /** Code unit after the line's newline. */
  readonly end: number;
  /** Indentation, a tab reaching to the next multiple of 8, as Python counts it. */
  readonly column: number;
  /** Tokens that matter to the grammar: no space, comment, newline. */
  readonly tokens: readonly Token[];
  /** Whether a newline ends it, all brackets and strings closed. */
  readonly complete: boolean;
  /** Code unit after the last token or comment, before trailing space. */
  readonly contentEnd: number;
}

const OPENERS = new Set(["(", "[", "{"]);
const CLOSERS = new Set([")", "]", "}"]);
/** Keywords that no expression holds: at the start of a line inside brackets, a bracket was left open. */
const STATEMENT_ONLY = new Set([
  "import",
  "def",
  "class",
  "return",
  "raise",
  "pass",
  "break",
  "continue",
  "del",
  "assert",
  "global",
  "nonlocal",
  "while",
  "with",
  "try",
  "except",
  "finally",
  "elif",
]);

/** The lines of a text, in order and without gaps. */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let line: Token[] = [];
  let depth = 0;
  const finish = (): void => {
    if (line.length > 0) lines.push(makeLine(text, line, depth));
    line = [];
    depth = 0;
  };
  const tokens = lexPython(text);
  for (const [index, token] of tokens.entries()) {
    if (depth > 0 && startsPhysicalLine(tokens, index) && startsStatement(text, token)) {
      // The indentation that has just been read belongs to the line that begins here.
      const indentation = line.at(-1)?.kind === "space" ? line.splice(-1) : [];
      finish();
      line = indentation;
    }
    line.push(token);
    if (token.kind === "operator") depth = depthAfter(text, token, depth);
    if (token.kind === "newline" && depth === 0) finish();
  }
  finish();
  return lines;
}

function depthAfter(text: string, token: Token, depth: number): number {
  const operator = text.slice(token.start, token.end);
  if (OPENERS.has(operator)) return depth + 1;
  return CLOSERS.has(operator) ? Math.max(0, depth - 1) : depth;
}

function startsPhysicalLine(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  if (before?.kind === "space") return tokens[index - 2]?.kind === "newline";
  return before?.kind === "newline";
}

function startsStatement(text: string, token: Token): boolean {
  if (token.kind !== "name") return false;
  const word = text.slice(token.start, token.end);
  if (STATEMENT_ONLY.has(word)) return true;
  // `from` may follow `yield` on the line before; `from x import` may not stand in brackets.
  if (word !== "from") return false;
  const line = text.slice(token.start, lineEnd(text, token.start));
  return /^from\s+[.\w]+\s+import\b/.test(line);
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

const SILENT = new Set(["space", "comment", "newline", "continuation"]);

function makeLine(text: string, all: readonly Token[], depth: number): LogicalLine {
  const tokens = all.filter(({ kind }) => !SILENT.has(kind));
  const start = all[0]?.start ?? 0;
  const end = all.at(-1)?.end ?? start;
  const last = all.findLast(({ kind }) => kind !== "space" && kind !== "newline");
  const comment = all.some(({ kind }) => kind === "comment");
  const newline = all.at(-1)?.kind === "newline";
  return {
    kind: tokens.length > 0 ? "code" : comment ? "comment" : "blank",
    start,
    end,
    column: indentationColumn(text, start),
    tokens,
    complete: newline && depth === 0 && tokens.every(({ closed }) => closed),
    contentEnd: last?.end ?? start,
  };
}

/** The column that a line's indentation reaches, a tab counting to the next multiple of `tab`. */
export function indentationColumn(text: string, start: number, tab = 8): number {
  let column = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === " ") column++;
    else if (text[at] === "\t") column = (Math.floor(column / tab) + 1) * tab;
    else if (text[at] === "\f") column = 0;
    else if (text[at] !== "\ufeff") break;
  }
  return column;
}
