// Python behind the LanguageSupport interface: tree-sitter's grammar for trees, a lexer of our own
// for whatever must work on half a program.
import type { LanguageSupport } from "./lang.ts";
import { loadParser, type ParseFunction } from "./parse.ts";
import { cutPython, dropIncompleteTailPython } from "./python-cut.ts";
import { importsInPython, joinPython, splitPython } from "./python-imports.ts";
import { layoutError, python2Statement } from "./python-layout.ts";
import { lexPython } from "./python-lexer.ts";
import { changedSpans } from "./spans.ts";

let loaded: Promise<LanguageSupport> | undefined;

/** Python; the grammar is loaded once a process. */
export function loadPython(): Promise<LanguageSupport> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LanguageSupport> {
  const grammar = await loadParser("tree-sitter-python/tree-sitter-python.wasm");
  const parse: ParseFunction = (text) => {
    const tree = grammar(text);
    return { ...tree, firstError: tree.firstError ?? layoutError(tree.root, text) };
  };
  /** Python 2's `print` can be analysed, but it is no valid program. */
  const parses = (text: string): boolean => {
    const tree = parse(text);
    return tree.firstError === undefined && python2Statement(tree.root) === undefined;
  };
  return {
    language: "python",
    parse,
    parses,
    split: splitPython,
    join: joinPython,
    importsIn: importsInPython,
    cut: cutPython,
    dropIncompleteTail: (text, keep = 0) => dropIncompleteTailPython(text, { keep, parses }),
    changedSpans: (before, after, kind = "tokens") => changedSpans(before, after, { kind, tokens: pieces }),
  };
}

const WORDS = /[\p{ID_Continue}]+|\r?\n|[ \t]+|./gsu;

/** Tokens, with strings and comments parted into words: a whole docstring is too coarse to learn from. */
function pieces(text: string): string[] {
  return lexPython(text).flatMap(({ kind, start, end }) => {
    const own = text.slice(start, end);
    return kind === "string" || kind === "comment" ? (own.match(WORDS) ?? []) : [own];
  });
}
