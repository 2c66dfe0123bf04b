// C and C++ behind the LanguageSupport interface: one language, two of tree-sitter's grammars. A
// program is read as the one that it looks like, and as the other where that fails.
import { cutC, dropIncompleteTailC } from "./c-cut.ts";
import { importsInC, joinC, splitC } from "./c-includes.ts";
import { lexC } from "./c-lexer.ts";
import { prepareC, withoutMacros } from "./c-prepare.ts";
import type { LanguageSupport } from "./lang.ts";
import { loadParser, type ParseFunction } from "./parse.ts";
import { changedSpans } from "./spans.ts";
import type { SyntaxTree } from "./syntax.ts";

let loaded: Promise<LanguageSupport> | undefined;

/** C and C++; the grammars are loaded once a process. */
export function loadC(): Promise<LanguageSupport> {
  loaded ??= load();
  return loaded;
}

const CPLUSPLUS =
  /^\s*#\s*include\s*<(?:iostream|string|vector|map|memory|fstream|sstream|algorithm|c(?:std\w+|string|math|errno|assert|ctype|limits|time))>|\b(?:std::|namespace\s|template\s*<|class\s+\w+\s*[:{]|nullptr\b|public:|private:|delete\s*\[\s*\]|new\s+\w+\s*[[(;]|\w+::~?\w+\s*\()|\bcatch\s*\(/m;

async function load(): Promise<LanguageSupport> {
  const c = await loadParser("tree-sitter-c/tree-sitter-c.wasm");
  const cpp = await loadParser("tree-sitter-cpp/tree-sitter-cpp.wasm");
  const parse: ParseFunction = (text) => {
    const cplusplus = CPLUSPLUS.test(text);
    const prepared = prepareC(text, { cplusplus });
    const grammars = cplusplus ? [cpp, c] : [c, cpp];
    let first: SyntaxTree | undefined;
    for (const make of [() => prepared, () => withoutMacros(prepared)]) {
      const attempt = make();
      if (first !== undefined && attempt === prepared) break;
      for (const grammar of grammars) {
        const tree = grammar(attempt);
        if (tree.firstError === undefined) return { ...tree, source: text };
        first ??= tree;
      }
    }
    return { ...(first ?? c(text)), source: text };
  };
  const parses = (text: string): boolean => parse(text).firstError === undefined;
  return {
    language: "c",
    parse,
    parses,
    split: splitC,
    join: joinC,
    withLocalImports: (program) => program,
    withoutUnusedImports: (program) => program,
    importsIn: importsInC,
    cut: cutC,
    dropIncompleteTail: (text, keep = 0) => dropIncompleteTailC(text, { keep, parses }),
    changedSpans: (before, after, kind = "tokens") => changedSpans(before, after, { kind, tokens: pieces }),
  };
}

const WORDS = /[\p{ID_Continue}]+|\r?\n|[ \t]+|./gsu;

/** Tokens, with strings, comments and directives parted into words. */
function pieces(text: string): string[] {
  return lexC(text).flatMap(({ kind, start, end }) => {
    const own = text.slice(start, end);
    const whole = kind !== "string" && kind !== "comment" && kind !== "directive";
    return whole ? [own] : (own.match(WORDS) ?? []);
  });
}
