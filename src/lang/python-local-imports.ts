// Moves imports of a Python program into the function that uses them. A model that continues a prompt
// cannot go back to its imports; what it can do is to write the import where it needs it
// (https://docs.python.org/3/reference/simple_stmts.html#import allows it anywhere).
import { withoutImport } from "./import-edits.ts";
import type { SplitProgram } from "./lang.ts";
import type { ParseFunction } from "./parse.ts";
import { boundNames, isUse } from "./python-import-uses.ts";
import type { SyntaxNode } from "./syntax.ts";

/** See {@link LanguageSupport.withLocalImports}. */
export function withLocalImportsPython(
  program: SplitProgram,
  statements: readonly string[],
  parse: ParseFunction,
): SplitProgram {
  let moved = program;
  for (const statement of statements) {
    const index = moved.imports.indexOf(statement);
    const body = index < 0 ? undefined : placed(moved.body, statement, parse);
    if (body !== undefined) moved = { ...withoutImport(moved, index), body };
  }
  const isBare = moved !== program && moved.imports.length === 0 && moved.head === "";
  // Blank lines parted the body from imports that are gone.
  return isBare ? { ...moved, body: moved.body.replace(/^(?:[ \t]*\r?\n)+/, "") } : moved;
}

/** The body with the statement before the first one that uses it; undefined where no single function does. */
function placed(body: string, statement: string, parse: ParseFunction): string | undefined {
  const names = boundNames(statement);
  const tree = parse(body);
  if (names === undefined || tree.firstError !== undefined) return undefined;
  const uses = [...tree.root.descendants()].filter((node) => names.includes(node.text) && isUse(node));
  const user = uses.some(binds) ? undefined : firstUser(uses);
  if (user === undefined) return undefined;
  const lineStart =
    Math.max(body.lastIndexOf("\n", user.start - 1), body.lastIndexOf("\r", user.start - 1)) + 1;
  const indent = body.slice(lineStart, user.start);
  // Behind a colon or a semicolon there is no line of its own to stand on.
  if (!/^[ \t]+$/.test(indent)) return undefined;
  const eol = body.includes("\r\n") ? "\r\n" : "\n";
  return `${body.slice(0, lineStart)}${indent}${statement}${eol}${body.slice(lineStart)}`;
}

/** Where a name on the left, or as the name, gets a value. */
const BINDING_FIELDS: Readonly<Record<string, readonly string[]>> = {
  left: ["assignment", "augmented_assignment", "for_statement", "for_in_clause"],
  name: [
    "function_definition",
    "class_definition",
    "named_expression",
    "default_parameter",
    "typed_default_parameter",
  ],
};

const BINDING_PARENTS = new Set([
  ...["parameters", "lambda_parameters", "typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"],
  ...["pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target", "global_statement"],
]);

/** Whether a name is given another value here: the import could not move without a change of meaning. */
function binds({ parent, field }: SyntaxNode): boolean {
  const type = parent?.type ?? "";
  return BINDING_PARENTS.has(type) || BINDING_FIELDS[field ?? ""]?.includes(type) === true;
}

/**
 * The statement of a function's own block with the first use, where one function holds all of them. Not the branch
 * that it stands in: what a branch imports is missing behind it.
 */
function firstUser(uses: readonly SyntaxNode[]): SyntaxNode | undefined {
  const [first, ...others] = uses;
  if (first === undefined) return undefined;
  let child = first;
  for (let node = first.parent; node !== undefined; child = node, node = node.parent) {
    const { type, start, end } = node;
    if (type !== "block" || !others.every((use) => use.start >= start && use.end <= end)) continue;
    if (!isInFunction(node)) return undefined;
    if (node.parent?.type === "function_definition") return child;
  }
  return undefined;
}

/** Whether a block's names are a function's own: a class body's are no names to the methods in it. */
function isInFunction(block: SyntaxNode): boolean {
  return block.ancestor("function_definition", "class_definition")?.type === "function_definition";
}
