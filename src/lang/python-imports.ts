// Python programs taken apart into head, imports and body, and put together again with further
// imports: what two-step generation (paper, section on inference) and repairs stand on. Nothing is
// parsed by pattern: lines come from the lexer, statements from a reader of import statements.

import { eolOf } from "./import-edits.ts";
import type { SplitProgram } from "./lang.ts";
import {
  type ImportedName,
  type ImportStatement,
  importsOnLine,
  readImport,
  spellImport,
  spellName,
} from "./python-import-statement.ts";
import { type LogicalLine, logicalLines } from "./python-lines.ts";

const CODING = /^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+/;
const FENCE = /^[ \t]*(?:```|~~~)[^\r\n]*/gm;

/** See {@link LanguageSupport.split}. */
export function splitPython(text: string): SplitProgram {
  const lines = logicalLines(text);
  const headLines = countHeadLines(text, lines);
  const headEnd = lines[headLines - 1]?.end ?? bomLength(text);
  const region = leadingImports(text, lines, headLines);
  const hoisted = lines.slice(region.nextLine).filter((line) => isMovable(text, line));
  const moved = hoisted.flatMap((line) => importTexts(text, line));
  const eol = eolOf(text);
  if (region.imports.length === 0) {
    const body = without(text, headEnd, hoisted);
    const gaps =
      moved.length === 0 ? [""] : ["", ...moved.slice(1).map(() => eol), eol + blankLine(body, eol)];
    return { head: text.slice(0, headEnd), imports: moved.map(({ text: own }) => own), gaps, body };
  }
  return {
    head: text.slice(0, region.start),
    imports: [...region.imports, ...moved].map(({ text: own }) => own),
    gaps: ["", ...region.gaps, ...moved.map(() => eol), text.slice(region.contentEnd, region.end)],
    body: without(text, region.end, hoisted),
  };
}

/** See {@link LanguageSupport.join}. */
export function joinPython(program: SplitProgram, extra: readonly string[] = []): string {
  const eol = eolOf([program.head, ...(program.gaps ?? []), program.body].join(""));
  const futures = extra.filter(isFuture);
  const head = withFutures(program.head, futures, eol);
  const imports = mergeImports(
    program.imports,
    extra.filter((statement) => !isFuture(statement)),
  );
  if (imports.length === 0) return head + program.body;
  return head + lineBreak(head, eol) + importBlock(program, imports, eol) + program.body;
}

/** See {@link LanguageSupport.importsIn}. */
export function importsInPython(text: string, { complete = true }: { complete?: boolean } = {}): string[] {
  const code = text.replace(FENCE, (fence) => " ".repeat(fence.length));
  return logicalLines(code)
    .filter((line) => line.column === 0 && (line.complete || (complete && line.end === code.length)))
    .flatMap((line) => importsOnLine(code, line) ?? [])
    .map(({ start, end }) => code.slice(start, end));
}

/** Imports with others merged in behind them; what is there already is left out. */
export function mergeImports(own: readonly string[], extra: readonly string[]): string[] {
  const merged = [...own];
  const present = new Set(own.flatMap((text) => keysOf(readImport(text))));
  for (const text of extra) {
    const statement = readImport(text);
    if (statement === undefined) {
      if (!merged.includes(text)) merged.push(text);
      continue;
    }
    addImport(merged, present, { text, statement });
  }
  return merged;
}

/** Lines at the start that must stay before any import. */
function countHeadLines(text: string, lines: readonly LogicalLine[]): number {
  let head = 0;
  let docstringSeen = false;
  for (const [index, line] of lines.entries()) {
    if (line.kind === "comment") {
      const own = text.slice(line.start, line.end).replace("\ufeff", "");
      if (index < 2 && (own.startsWith("#!") || CODING.test(own))) head = index + 1;
    } else if (line.kind === "code") {
      const stays = isFutureLine(text, line) || (!docstringSeen && isDocstring(line));
      if (!stays || !line.complete) break;
      docstringSeen = true;
      head = index + 1;
    }
  }
  return head;
}

function isDocstring(line: LogicalLine): boolean {
  return line.column === 0 && line.tokens.every(({ kind }) => kind === "string");
}

function isFutureLine(text: string, line: LogicalLine): boolean {
  return importsOnLine(text, line)?.every(({ module }) => module === "__future__") ?? false;
}

function isFuture(statement: string): boolean {
  return readImport(statement)?.module === "__future__";
}

interface ImportText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The run of imports that follows the head, with only comments and blank lines between. */
function leadingImports(text: string, lines: readonly LogicalLine[], from: number) {
  const imports: ImportText[] = [];
  let nextLine = from;
  let end = 0;
  for (let index = from; index < lines.length; index++) {
    const line = lines[index];
    if (line === undefined) break;
    if (line.kind !== "code") continue;
    if (!isMovable(text, line)) break;
    imports.push(...importTexts(text, line));
    nextLine = index + 1;
    end = line.end;
  }
  const gaps = imports.slice(1).map(({ start }, index) => text.slice(imports[index]?.end ?? start, start));
  return {
    imports,
    gaps,
    nextLine,
    start: imports[0]?.start ?? 0,
    contentEnd: imports.at(-1)?.end ?? 0,
    end,
  };
}

/** A whole line of imports at the top level. `from __future__` behind other code moves nowhere. */
function isMovable(text: string, line: LogicalLine): boolean {
  if (!line.complete || line.column > 0) return false;
  const statements = importsOnLine(text, line);
  return statements?.every(({ module }) => module !== "__future__") ?? false;
}

/** The statements of a line of imports; a comment goes with the last one. */
function importTexts(text: string, line: LogicalLine): ImportText[] {
  const statements = importsOnLine(text, line) ?? [];
  return statements.map(({ start, end }, index) => {
    const last = index === statements.length - 1;
    const stop = last ? line.contentEnd : end;
    return { text: text.slice(start, stop), start, end: stop };
  });
}

function without(text: string, from: number, lines: readonly LogicalLine[]): string {
  let rest = "";
  let at = from;
  for (const line of lines) {
    rest += text.slice(at, line.start);
    at = line.end;
  }
  return rest + text.slice(at);
}

function importBlock(program: SplitProgram, imports: readonly string[], eol: string): string {
  const count = program.imports.length;
  // Gaps belong to the imports that they were split from; who changed the list has lost them.
  const gaps = program.gaps?.length === count + 1 ? program.gaps : undefined;
  const between = (index: number): string => gaps?.[index] ?? (index === 0 ? "" : eol);
  const own = imports.slice(0, count).map((text, index) => between(index) + text);
  const added = imports.slice(count).map((text, index) => (count + index === 0 ? "" : eol) + text);
  const after = count > 0 ? gaps?.[count] : undefined;
  return [...own, ...added].join("") + (after ?? eol + blankLine(program.body, eol));
}

/** A blank line between imports and a body that does not begin with one. */
function blankLine(body: string, eol: string): string {
  return body === "" || /^[ \t]*[\r\n]/.test(body) ? "" : eol;
}

/** `from __future__` statements stand at the end of the head, the only place where Python allows them. */
function withFutures(head: string, futures: readonly string[], eol: string): string {
  const own = logicalLines(head).flatMap((line) => importsOnLine(head, line) ?? []);
  const known = new Set(own.flatMap((statement) => keysOf(statement)));
  const names = futures.flatMap((text) => readImport(text)?.names ?? []);
  const missing = new Set(
    names.filter((name) => !known.has(keyOf("from", "__future__", name))).map(spellName),
  );
  if (missing.size === 0) return head;
  return `${head}${lineBreak(head, eol)}from __future__ import ${[...missing].join(", ")}${eol}`;
}

/** The newline that a head needs before a statement can follow. */
function lineBreak(head: string, eol: string): string {
  return /(?:^|[\r\n])[ \t\f\u00a0\ufeff]*$/.test(head) ? "" : eol;
}

function addImport(
  merged: string[],
  present: Set<string>,
  { text, statement }: { text: string; statement: ImportStatement },
): void {
  const missing = statement.names.filter(
    (name) => !present.has(keyOf(statement.kind, statement.module, name)),
  );
  const keys = statement.star
    ? keysOf(statement)
    : missing.map((name) => keyOf(statement.kind, statement.module, name));
  if (keys.every((key) => present.has(key))) return;
  for (const key of keys) present.add(key);
  const home = statement.kind === "from" && !statement.star ? homeFor(merged, statement.module) : undefined;
  if (home !== undefined) merged[home.index] = appendNames(home, missing);
  else if (missing.length === statement.names.length) merged.push(text);
  else merged.push(spellImport({ ...statement, names: missing }));
}

interface Home {
  readonly index: number;
  readonly text: string;
  readonly statement: ImportStatement;
}

/** The statement that a further name of a module can be written into. */
function homeFor(imports: readonly string[], module: string): Home | undefined {
  for (const [index, text] of imports.entries()) {
    const statement = readImport(text);
    if (statement?.kind === "from" && statement.module === module && !statement.star) {
      return { index, text, statement };
    }
  }
  return undefined;
}

/** Writes names behind the last one, on lines of their own where the last one has its own. */
function appendNames({ text, statement }: Home, names: readonly ImportedName[]): string {
  const last = statement.spans.at(-1) ?? { start: statement.end, end: statement.end };
  const lead = /\r?\n([ \t]*)$/.exec(text.slice(0, last.start));
  const separator =
    lead === null || text.slice(0, last.start).trimEnd().endsWith("\\") ? ", " : `,${lead[0]}`;
  return (
    text.slice(0, last.end) + names.map((name) => separator + spellName(name)).join("") + text.slice(last.end)
  );
}

function keysOf(statement: ImportStatement | undefined): string[] {
  if (statement === undefined) return [];
  if (statement.star) return [`from ${statement.module} import *`];
  return statement.names.map((name) => keyOf(statement.kind, statement.module, name));
}

function keyOf(kind: ImportStatement["kind"], module: string, name: ImportedName): string {
  return `${kind} ${module} import ${spellName(name)}`;
}

function bomLength(text: string): number {
  return text.startsWith("\ufeff") ? 1 : 0;
}
