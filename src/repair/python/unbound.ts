// Names that a Python program reads and nothing in it binds.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { isBuiltinName } from "./modules.ts";
import { scopeOf } from "./nodes.ts";
import type { Program } from "./program.ts";

/** Whether an import may bind any name. */
export function hasWildcard(program: Program): boolean {
  for (const node of program.tree.root.descendants()) if (node.type === "wildcard_import") return true;
  return false;
}

/** The names; to be asked where no import is a wildcard. */
export function unboundNames(program: Program): Set<string> {
  const bound = bindings(program);
  const out = new Set<string>();
  for (const node of program.tree.root.descendants()) {
    if (node.type !== "identifier" || !isReference(node)) continue;
    if (!isBuiltinName(node.text) && !isBound(node, bound)) out.add(node.text);
  }
  return out;
}

function isReference(node: SyntaxNode): boolean {
  const { parent, field } = node;
  if (parent === undefined) return false;
  if (parent.type === "attribute" && field === "attribute") return false;
  if (parent.type === "keyword_argument" && field === "name") return false;
  if (/^(function_definition|class_definition)$/.test(parent.type) && field === "name") return false;
  // Patterns of `match` both read and bind: not judged.
  return (
    node.ancestor("import_statement", "import_from_statement", "future_import_statement", "case_pattern") ===
    undefined
  );
}

/** Names bound by scope: function or module. */
function bindings(program: Program): Map<SyntaxNode, Set<string>> {
  const out = new Map<SyntaxNode, Set<string>>();
  const bind = (scope: SyntaxNode, name: string): void => {
    const known = out.get(scope);
    if (known === undefined) out.set(scope, new Set([name]));
    else known.add(name);
  };
  for (const { target } of program.definitions()) bind(scopeOf(target), target.text);
  for (const { local, statement } of program.imports.names) bind(scopeOf(statement), local);
  for (const node of program.tree.root.descendants()) {
    if (/^(function_definition|class_definition)$/.test(node.type))
      bind(scopeOf(node), node.child("name")?.text ?? "");
    else if (/^(global_statement|nonlocal_statement)$/.test(node.type)) {
      for (const name of node.namedChildren) bind(program.tree.root, name.text);
    } else if (node.type === "lambda_parameters" || node.type === "lambda") {
      for (const name of lambdaNames(node)) bind(scopeOf(node), name);
    }
  }
  return out;
}

function lambdaNames(node: SyntaxNode): string[] {
  const list = node.type === "lambda_parameters" ? node : node.child("parameters");
  return [...(list?.descendants() ?? [])].filter(({ type }) => type === "identifier").map(({ text }) => text);
}

function isBound(node: SyntaxNode, bound: Map<SyntaxNode, Set<string>>): boolean {
  for (let scope = scopeOf(node); ; scope = scopeOf(scope)) {
    if (bound.get(scope)?.has(node.text) === true) return true;
    if (scope.type === "module") return false;
  }
}
