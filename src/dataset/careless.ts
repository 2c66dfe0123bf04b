// What a program of a model's own must not teach: imports that nothing uses, names that nothing binds, the same
// statement over and over. None of it is a weakness, and none of it keeps a program from parsing.
import type { LanguageSupport } from "../lang/lang.ts";
import { isUse } from "../lang/python-import-uses.ts";
import type { SyntaxNode, SyntaxTree } from "../lang/syntax.ts";
import { scopeOf } from "../repair/python/nodes.ts";
import { Program } from "../repair/python/program.ts";
import { hasWildcard, unboundNames } from "../repair/python/unbound.ts";

/** The program without the imports that were added to its opening for nothing. */
export function withoutIdleImports(text: string, opening: string, language: LanguageSupport): string {
  return language.join(language.withoutUnusedImports(language.split(text), language.split(opening).imports));
}

/** Why a program is no example; undefined when nothing is against it. */
export function carelessness(text: string, opening: string, language: LanguageSupport): string | undefined {
  const tree = language.parse(text);
  if (repeatsItself(tree)) return "says the same twice in a row";
  if (language.language !== "python") return undefined;
  const program = new Program(tree);
  if (!hasWildcard(program) && unboundNames(program).size > 0) return "uses names that nothing binds";
  if (importsForNothing(program)) return "imports in a function what it does not use";
  return assignsForNothing(program, opening) ? "gives a name a value that nothing reads" : undefined;
}

const BLOCKS = new Set(["module", "block", "translation_unit", "compound_statement"]);
/** `pass`, `i++;` and closing brackets are said twice for a reason. */
const SHORTEST = 12;

/** Whether a statement follows its like: what a model does that has learned to insert it and not when to go on. */
function repeatsItself(tree: SyntaxTree): boolean {
  const isLike = (a: SyntaxNode, b: SyntaxNode | undefined): boolean =>
    b !== undefined && a.text.length >= SHORTEST && a.text === b.text;
  for (const { type, namedChildren } of tree.root.descendants()) {
    if (BLOCKS.has(type) && namedChildren.some((node, i) => isLike(node, namedChildren[i - 1]))) return true;
  }
  return false;
}

function importsForNothing(program: Program): boolean {
  const used = new Set([...program.tree.root.descendants()].filter(isUse).map(({ text }) => text));
  return program.imports.names.some(({ local, topLevel }) => !topLevel && !used.has(local));
}

/** Whether a function has a variable that it never reads and that its opening does not speak of. */
function assignsForNothing(program: Program, opening: string): boolean {
  const said = new Set(opening.match(/\w+/g));
  return [...program.definitions()].some(({ kind, target }) => {
    if (kind !== "assign" || said.has(target.text) || target.parent?.type !== "assignment") return false;
    const scope = scopeOf(target);
    return scope.type !== "module" && program.usesIn(scope, target.text).length === 0;
  });
}
