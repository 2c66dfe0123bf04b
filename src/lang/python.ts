// Python behind the LanguageSupport interface: tree-sitter's grammar for trees, a lexer of our own
// for whatever must work on half a program.
import type { LanguageSupport } from "./lang.ts";
import { loadParser, type ParseFunction } from "./parse.ts";
import { cutPython, dropIncompleteTailPython } from "./python-cut.ts";
import { withoutUnusedImportsPython } from "./python-import-uses.ts";
import { importsInPython, joinPython, splitPython } from "./python-imports.ts";
import { layoutError, python2Statement } from "./python-layout.ts";
import { lexPython } from "./python-lexer.ts";
import { withLocalImportsPython } from "./python-local-imports.ts";
import { rememberTrees } from "./remember-trees.ts";
import { changedSpans } from "./spans.ts";
import { SyntaxNode, type SyntaxTree } from "./syntax.ts";

let loaded: Promise<LanguageSupport> | undefined;

/** Python; the grammar is loaded once a process. */
export function loadPython(): Promise<LanguageSupport> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LanguageSupport> {
  const grammar = await loadParser("tree-sitter-python/tree-sitter-python.wasm");
  const parse: ParseFunction = rememberTrees((text) => {
    const deep = tooDeep(text);
    if (deep !== undefined) return treeOfError(text, deep);
    const tree = grammar(withoutLongComments(text), text);
    return { ...tree, firstError: tree.firstError ?? layoutError(tree.root, text) };
  });
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
    withLocalImports: (program, statements) => withLocalImportsPython(program, statements, parse),
    withoutUnusedImports: (program, keep) => withoutUnusedImportsPython(program, keep, parse),
    importsIn: importsInPython,
    cut: cutPython,
    dropIncompleteTail: (text, keep = 0) => dropIncompleteTailPython(text, { keep, parses }),
    changedSpans: (before, after, kind = "tokens") => changedSpans(before, after, { kind, tokens: pieces }),
  };
}

/** As in CPython. The grammar's scanner keeps levels in a buffer of 1 kB and writes past its end. */
const MAX_LEVELS = 100;
const MANY_BLANKS = new RegExp(`^[ \\t]{${MAX_LEVELS}}`, "m");

/** Where a line is indented more than Python allows; lines inside brackets and texts count, too. */
function tooDeep(text: string): number | undefined {
  if (!MANY_BLANKS.test(text)) return undefined;
  const levels = [0];
  for (const line of text.matchAll(/^([ \t]*)[^\s#]/gm)) {
    const width = line[1]?.length ?? 0;
    while (width < (levels.at(-1) ?? 0)) levels.pop();
    if (width > (levels.at(-1) ?? 0)) levels.push(width);
    if (levels.length > MAX_LEVELS) return line.index;
  }
  return undefined;
}

/** Comments of a run that stay in the tree, and characters that the scanner may read ahead for them. */
const MAX_COMMENTS = 100;
const MAX_LOOKAHEAD = 2_000_000;
const COMMENT_RUN = new RegExp(`(?:^[ \\t]*(?:#.*)?\\n){${MAX_COMMENTS},}`, "gm");

/**
 * Blanks for the comments behind the first ones of a long run: at each the grammar's scanner looks ahead
 * to the next statement, so that ten thousand in a row would take minutes.
 */
function withoutLongComments(text: string): string {
  return text.replace(COMMENT_RUN, (run) => {
    const most = Math.min(MAX_COMMENTS, Math.floor(MAX_LOOKAHEAD / run.length));
    let lines = 0;
    return run.replace(/#.*/g, (comment) => (++lines > most ? " ".repeat(comment.length) : comment));
  });
}

function treeOfError(source: string, start: number): SyntaxTree {
  const about = { end: source.length, named: true, field: undefined, missing: false, source };
  const root = new SyntaxNode({ ...about, type: "module", start: 0, parent: undefined });
  const firstError = new SyntaxNode({ ...about, type: "ERROR", start, parent: root });
  root.children.push(firstError);
  return { source, root, firstError };
}

const WORDS = /[\p{ID_Continue}]+|\r?\n|[ \t]+|./gsu;

/** Tokens, with strings and comments parted into words: a whole docstring is too coarse to learn from. */
function pieces(text: string): string[] {
  return lexPython(text).flatMap(({ kind, start, end }) => {
    const own = text.slice(start, end);
    return kind === "string" || kind === "comment" ? (own.match(WORDS) ?? []) : [own];
  });
}
