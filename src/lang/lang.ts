// What hexacoder needs to know of a programming language: parse, split imports from the body,
// merge imports, cut a completion, see what changed. One file a language implements it.
import type { Language } from "../core/language.ts";
import type { Change } from "../core/pair.ts";
import type { SyntaxTree } from "./syntax.ts";

/** A program taken apart for two-step generation. */
export interface SplitProgram {
  /** What must stay before the imports: shebang, encoding line, module docstring, `from __future__`. */
  readonly head: string;
  /** Top-level import statements, each whole, with a comment that trails it, without newline; in order. */
  readonly imports: readonly string[];
  /**
   * The text before each import (comments and blank lines between them) and after the last one, so
   * one entry more than `imports`. Absent: one import a line, then a blank line.
   */
  readonly gaps?: readonly string[];
  /** The rest, in order. */
  readonly body: string;
}

/**
 * How changed spans are cut: `tokens` are whole words and operators (inside a string, whole words of
 * it), `characters` the raw difference as in the authors' data, `lines` whole lines with their newline.
 * A deletion that leaves nothing behind marks what is now written in its place, the next word or
 * operator (the last one at the end of the text), so that there is something to learn from; only
 * `characters` leaves it out, as the authors do.
 */
export type SpanKind = "tokens" | "characters" | "lines";

/** A programming language. One instance a language; loading may be asynchronous, use is not. */
export interface LanguageSupport {
  /** Which language. */
  readonly language: Language;
  /** Parses any text; a tree with `firstError` where it does not follow the language's rules. */
  parse(text: string): SyntaxTree;
  /** Whether the whole text is a valid program (no error, nothing missing). */
  parses(text: string): boolean;
  /**
   * Takes a program apart; a prompt that stops in mid-statement is fine. A last line without newline
   * stays in the body even when it reads as an import: a prompt may go on there. So does a line that
   * mixes imports with other statements.
   */
  split(text: string): SplitProgram;
  /**
   * Puts a program together again, byte for byte where its imports stood at the top. `extra` imports are
   * merged in behind the program's own: no duplicates, `from x import a, b` united. One that binds a
   * name anew (`import defusedxml.ElementTree as ET`) stands later and so wins.
   */
  join(program: SplitProgram, extra?: readonly string[]): string;
  /**
   * Takes statements out of the imports and writes each into the function that uses it, before the first
   * statement that does. One that no single function uses stays where it is; in C, which includes at the
   * top, all do.
   */
  withLocalImports(program: SplitProgram, statements: readonly string[]): SplitProgram;
  /**
   * Takes out of the imports what the body does not use; `keep` are statements that stay as they are. In C,
   * where an include does not say what it brings, all stay.
   */
  withoutUnusedImports(program: SplitProgram, keep: readonly string[]): SplitProgram;
  /**
   * Whole top-level import statements in a model's raw answer; half statements, prose and code fences
   * are dropped. `complete: false` says that the answer was cut off: a last line without newline is
   * dropped too, whatever it looks like.
   */
  importsIn(text: string, options?: { readonly complete?: boolean }): string[];
  /**
   * Cuts prompt + completion at the end of what the prompt began; returns the program, which always
   * starts with the prompt. In a function or method: up to the first line that is not indented deeper
   * than its header (of nested functions the outermost counts, so that what follows the inner one
   * stays). Outside any: through the first function or class that the completion adds, else everything.
   */
  cut(prompt: string, completion: string): string;
  /**
   * Drops statements from the end of a completion that stopped in mid-statement until the program
   * parses; text before `keep` stays. Returns the text as it is when nothing helps.
   */
  dropIncompleteTail(text: string, keep?: number): string;
  /** Spans of `after` that differ from `before`; ascending, disjoint, never empty. */
  changedSpans(before: string, after: string, kind?: SpanKind): Change[];
}
