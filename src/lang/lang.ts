// What hexacoder needs to know of a programming language: parse, split imports from the body,
// merge imports, cut a completion, see what changed. One file a language implements it.
import type { Language } from "../core/language.ts";
import type { Change } from "../core/pair.ts";
import type { SyntaxTree } from "./syntax.ts";

/** A program taken apart for two-step generation. */
export interface SplitProgram {
  /** What must stay before the imports: shebang, encoding line, module docstring, `from __future__`. */
  readonly head: string;
  /** Top-level import statements, each whole, in order, without trailing newline. */
  readonly imports: readonly string[];
  /** The rest, in order. */
  readonly body: string;
}

/** How changed spans are widened. */
export type SpanKind = "tokens" | "characters" | "lines";

/** A programming language. One instance a language; loading may be asynchronous, use is not. */
export interface LanguageSupport {
  /** Which language. */
  readonly language: Language;
  /** Parses any text; a tree with `firstError` where it does not follow the grammar. */
  parse(text: string): SyntaxTree;
  /** Whether the whole text is a valid program (no error, nothing missing). */
  parses(text: string): boolean;
  /** Takes a program apart; a prompt that stops in mid-statement is fine. */
  split(text: string): SplitProgram;
  /** Puts a program together again, `extra` imports merged in (no duplicates, `from x import a, b` united). */
  join(program: SplitProgram, extra?: readonly string[]): string;
  /** Whole import statements in a model's raw answer; half statements and prose are dropped. */
  importsIn(text: string): string[];
  /** Cuts prompt + completion at the end of what the prompt began (function or block); returns the program. */
  cut(prompt: string, completion: string): string;
  /** Spans of `after` that differ from `before`; ascending, disjoint, never empty. */
  changedSpans(before: string, after: string, kind?: SpanKind): Change[];
}
