// Where a completion ends: at the end of what its prompt began. A model that has written the
// function it was asked for goes on with another one; that is not what is judged.
import { type LogicalLine, logicalLines } from "./python-lines.ts";

/** See {@link LanguageSupport.cut}. */
export function cutPython(prompt: string, completion: string): string {
  const text = prompt + completion;
  const lines = logicalLines(text);
  const scope = scopeAt(text, lines, prompt);
  const added = lines.filter(({ start }) => start >= prompt.length);
  const limit = scope.kind === "function" ? limitOfFunction(scope.column) : limitOfModule(text, scope);
  let end = lines.findLast(({ start }) => start < prompt.length)?.end ?? 0;
  for (const line of added) {
    const fate = limit(line);
    if (fate === "stop") break;
    if (fate === "keep") end = line.end;
  }
  return text.slice(0, Math.max(end, prompt.length));
}

/** Drops logical lines from the end until the text parses; see {@link LanguageSupport.dropIncompleteTail}. */
export function dropIncompleteTailPython(
  text: string,
  { keep, parses }: { keep: number; parses: (text: string) => boolean },
): string {
  if (parses(text)) return text;
  const starts = logicalLines(text)
    .filter(({ kind, start }) => kind === "code" && start >= keep)
    .map(({ start }) => start)
    .reverse();
  for (const start of starts.slice(0, MOST_DROPPED)) {
    const shorter = text.slice(0, start);
    if (parses(shorter)) return shorter;
  }
  return text;
}

/** A half statement and the headers above it (`try:`, `if x:`) are few lines; more is another fault. */
const MOST_DROPPED = 8;

/** What encloses the end of the prompt. */
type Scope = { readonly kind: "function" | "class" | "module"; readonly column: number };
type Fate = "keep" | "hold" | "stop";

function scopeAt(text: string, lines: readonly LogicalLine[], prompt: string): Scope {
  const before = lines.filter(({ start }) => start < prompt.length);
  const enclosing = enclosingAt(text, before);
  const inner = enclosing.find(({ kind }) => kind === "function");
  if (inner === undefined) return enclosing.at(-1) ?? { kind: "module", column: -1 };
  return isLeftBehind(text, { lines, prompt, scope: inner }) ? outer(enclosing, inner) : inner;
}

function outer(enclosing: readonly Scope[], inner: Scope): Scope {
  return enclosing[enclosing.indexOf(inner) - 1] ?? { kind: "module", column: -1 };
}

/** Functions and classes open after these lines, outermost first. */
function enclosingAt(text: string, lines: readonly LogicalLine[]): Scope[] {
  const open: Scope[] = [];
  for (const line of lines.filter(({ kind }) => kind === "code")) {
    while ((open.at(-1)?.column ?? -1) >= line.column) open.pop();
    const kind = headerKind(text, line);
    if (kind !== undefined) open.push({ kind, column: line.column });
  }
  return open;
}

function headerKind(text: string, line: LogicalLine): "function" | "class" | undefined {
  const words = line.tokens.slice(0, 2).map(({ start, end }) => text.slice(start, end));
  if (words[0] === "class") return "class";
  return words[0] === "def" || (words[0] === "async" && words[1] === "def") ? "function" : undefined;
}

/**
 * Whether prompt and completion agree that the function was over: the prompt's last line left it (a
 * comment further left) or ended it (`return`, `raise`), and the completion goes on outside.
 */
function isLeftBehind(
  text: string,
  { lines, prompt, scope }: { lines: readonly LogicalLine[]; prompt: string; scope: Scope },
): boolean {
  const next = lines.find(({ kind, start }) => kind === "code" && start >= prompt.length);
  if (next === undefined || next.column > scope.column) return false;
  const last = lines.findLast(({ kind, start }) => kind !== "blank" && start < prompt.length);
  if (last === undefined || last.end > prompt.length) return false;
  if (last.kind === "comment") return last.column <= scope.column;
  const word = last.tokens[0];
  return word !== undefined && /^(?:return|raise)$/.test(text.slice(word.start, word.end));
}

/** Inside a function everything deeper than its header stays. */
function limitOfFunction(column: number): (line: LogicalLine) => Fate {
  return (line) => {
    if (line.kind === "blank") return "hold";
    if (line.column > column) return "keep";
    return line.kind === "comment" ? "hold" : "stop";
  };
}

/** Outside functions the first function or class that is added ends the completion with its own end. */
function limitOfModule(text: string, scope: Scope): (line: LogicalLine) => Fate {
  let added: number | undefined;
  return (line) => {
    if (line.kind === "blank") return "hold";
    const outside = line.column <= Math.max(scope.column, added ?? -1);
    if (line.kind === "comment") return outside ? "hold" : "keep";
    if (outside) return "stop";
    if (added === undefined && headerKind(text, line) !== undefined) added = line.column;
    return "keep";
  };
}
