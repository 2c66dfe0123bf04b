// C programs taken apart into `#include` lines and the rest, and put together again: what two-step
// generation does with C. An include inside `#if` stays where it is.
import { type CToken, lexC } from "./c-lexer.ts";
import type { SplitProgram } from "./lang.ts";

const INCLUDE = /^#[ \t]*include[ \t]*(?:<[^>\n]+>|"[^"\n]+")/;
const FENCE = /^[ \t]*(?:```|~~~)[^\r\n]*/gm;

interface Include {
  readonly start: number;
  /** After the path and a comment on the line. */
  readonly end: number;
  /** After the newline; undefined for a last line without. */
  readonly next: number | undefined;
}

/** See {@link LanguageSupport.split}. */
export function splitC(text: string): SplitProgram {
  const includes = topIncludes(text, lexC(text)).filter(({ next }) => next !== undefined);
  const [first] = includes;
  if (first === undefined) return { head: "", imports: [], gaps: [""], body: text };
  const imports: string[] = [];
  const gaps: string[] = [];
  let at = first.start;
  let run = 0;
  for (const include of includes) {
    if (!/^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*$/.test(text.slice(at, include.start))) break;
    gaps.push(text.slice(at, include.start));
    imports.push(text.slice(include.start, include.end));
    at = include.end;
    run += 1;
  }
  const end = includes[run - 1]?.next ?? at;
  gaps.push(text.slice(at, end));
  const later = includes.slice(run);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  for (const include of later) {
    gaps.splice(-1, 0, eol);
    imports.push(text.slice(include.start, include.end));
  }
  return { head: text.slice(0, first.start), imports, gaps, body: without(text, end, later) };
}

/** See {@link LanguageSupport.join}. */
export function joinC(program: SplitProgram, extra: readonly string[] = []): string {
  const known = new Set(program.imports.map(pathOf));
  const added: string[] = [];
  for (const include of extra) {
    if (known.has(pathOf(include))) continue;
    known.add(pathOf(include));
    added.push(include);
  }
  const count = program.imports.length;
  if (count + added.length === 0) return program.head + program.body;
  const eol = (program.head + program.body).includes("\r\n") ? "\r\n" : "\n";
  const gaps = program.gaps?.length === count + 1 ? program.gaps : undefined;
  const own = program.imports.map((text, index) => (gaps?.[index] ?? (index === 0 ? "" : eol)) + text);
  const more = added.map((text, index) => (count + index === 0 ? "" : eol) + text);
  const blankLine = program.body === "" || /^[ \t]*[\r\n]/.test(program.body) ? "" : eol;
  const after = count > 0 ? gaps?.[count] : undefined;
  const head = program.head === "" || program.head.endsWith("\n") ? program.head : program.head + eol;
  return head + [...own, ...more].join("") + (after ?? eol + blankLine) + program.body;
}

/** See {@link LanguageSupport.importsIn}. */
export function importsInC(text: string, { complete = true }: { complete?: boolean } = {}): string[] {
  const code = text.replace(FENCE, (fence) => " ".repeat(fence.length));
  return topIncludes(code, lexC(code))
    .filter(({ next }) => next !== undefined || complete)
    .map(({ start, end }) => code.slice(start, end));
}

/** What an include names, whatever its spacing. */
function pathOf(include: string): string {
  return /[<"][^>"]*[>"]/.exec(include)?.[0].slice(1, -1) ?? include;
}

/** Includes outside of conditional parts and braces. */
function topIncludes(text: string, tokens: readonly CToken[]): Include[] {
  const found: Include[] = [];
  let depth = 0;
  const guarded = guardEnd(text, tokens);
  for (const [index, token] of tokens.entries()) {
    const own = text.slice(token.start, token.end);
    if (token.kind === "operator") depth += own === "{" ? 1 : own === "}" ? -1 : 0;
    if (token.kind !== "directive" || token.start === guarded) continue;
    if (/^#[ \t]*if/.test(own)) depth += 1;
    else if (/^#[ \t]*endif/.test(own)) depth = Math.max(0, depth - 1);
    else if (depth <= 0 && INCLUDE.test(own)) found.push(includeAt(text, tokens, index));
  }
  return found;
}

/** Where the `#ifndef` of an include guard stands: it is no condition. */
function guardEnd(text: string, tokens: readonly CToken[]): number | undefined {
  const directives = tokens.filter(({ kind }) => kind === "directive").slice(0, 2);
  const [first, second] = directives.map(({ start, end }) => text.slice(start, end));
  const name = /^#[ \t]*ifndef[ \t]+(\w+)/.exec(first ?? "")?.[1];
  if (name === undefined) return undefined;
  return new RegExp(`^#[ \\t]*define[ \\t]+${name}\\b`).test(second ?? "") ? directives[0]?.start : undefined;
}

function includeAt(text: string, tokens: readonly CToken[], index: number): Include {
  const start = tokens[index]?.start ?? 0;
  let end = start + (INCLUDE.exec(text.slice(start, tokens[index]?.end))?.[0].length ?? 0);
  for (let at = index + 1; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === "newline") return { start, end, next: token.end };
    if (token.kind === "comment") end = token.end;
    else if (token.kind !== "space") break;
  }
  const rest = /^[^\n]*\n/.exec(text.slice(end));
  return { start, end, next: rest === null ? undefined : end + rest[0].length };
}

function without(text: string, from: number, includes: readonly Include[]): string {
  let rest = "";
  let at = from;
  for (const { start, next, end } of includes) {
    rest += text.slice(at, start);
    at = next ?? end;
  }
  return rest + text.slice(at);
}
