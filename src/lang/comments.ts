// Where a program's comments stand, by its language's lexer: faster than a tree, and a tree leaves out
// most of a long run of comments.
import type { Language } from "../core/language.ts";
import { lexC } from "./c-lexer.ts";
import { lexPython } from "./python-lexer.ts";

const lexers = { python: lexPython, c: lexC } as const satisfies Record<
  Language,
  (text: string) => readonly { readonly kind: string; readonly start: number; readonly end: number }[]
>;

/** The comments of a text in order, as code units; what only looks like one inside a string is none. */
export function commentsIn(text: string, language: Language): { start: number; end: number }[] {
  return lexers[language](text).flatMap(({ kind, start, end }) =>
    kind === "comment" ? [{ start, end }] : [],
  );
}
