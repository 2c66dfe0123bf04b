// Small questions about Python syntax trees that every codemod asks: arguments of a call, the
// statement around a node, its block and indentation, the function around it.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";

/** Drops parentheses around an expression. */
export function bare(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.type === "parenthesized_expression" || inner.type === "await") {
    const next = inner.namedChildren.find((child) => child.type !== "comment");
    if (next === undefined) return inner;
    inner = next;
  }
  return inner;
}

/** The smallest named node that spans the offsets. */
export function nodeAt(root: SyntaxNode, start: number, end: number): SyntaxNode {
  let node = root;
  for (;;) {
    const next = node.children.find((child) => child.start <= start && end <= child.end && child.named);
    if (next === undefined || next.start === next.end) return node;
    node = next;
  }
}

/** The arguments of a call. */
export interface CallArguments {
  /** Positional arguments, in order. */
  readonly positional: readonly SyntaxNode[];
  /** Keyword arguments: the whole `name=value` node by name. */
  readonly keywords: ReadonlyMap<string, SyntaxNode>;
  /** The argument list; undefined for `f(x for x in y)`. */
  readonly list: SyntaxNode | undefined;
}

/** Takes a call's arguments apart. */
export function argumentsOf(call: SyntaxNode): CallArguments {
  const list = call.child("arguments");
  if (list?.type !== "argument_list") {
    return { positional: list === undefined ? [] : [list], keywords: new Map(), list: undefined };
  }
  const positional: SyntaxNode[] = [];
  const keywords = new Map<string, SyntaxNode>();
  for (const child of list.namedChildren) {
    if (child.type === "comment") continue;
    const name = child.type === "keyword_argument" ? child.child("name")?.text : undefined;
    if (name === undefined) positional.push(child);
    else keywords.set(name, child);
  }
  return { positional, keywords, list };
}

/** The value of an argument by place or name. */
export function argument(call: SyntaxNode, index: number, ...names: string[]): SyntaxNode | undefined {
  const { positional, keywords } = argumentsOf(call);
  for (const name of names) {
    const value = keywords.get(name)?.child("value");
    if (value !== undefined) return value;
  }
  return positional[index];
}

const COMPOUND_PARTS = new Set([
  "elif_clause",
  "else_clause",
  "except_clause",
  "finally_clause",
  "case_clause",
]);

/** The statement in a block that holds the node: the place before which new statements can go. */
export function statementOf(node: SyntaxNode): SyntaxNode | undefined {
  let current: SyntaxNode | undefined = node;
  while (current !== undefined) {
    const parent: SyntaxNode | undefined = current.parent;
    if (parent?.type === "block" || parent?.type === "module") return current;
    current = parent;
  }
  return undefined;
}

/** The block (or module) that holds a statement. */
export function blockOf(node: SyntaxNode): SyntaxNode | undefined {
  return statementOf(node)?.parent;
}

/**
 * Whether code put before the node's statement runs exactly when the node would be reached:
 * not so in `elif` headers, `while` conditions, comprehensions, lambdas and after `and`/`or`.
 */
export function runsWithStatement(node: SyntaxNode): boolean {
  const statement = statementOf(node);
  for (let current = node; current !== statement; ) {
    const parent = current.parent;
    if (parent === undefined) return false;
    if (
      COMPOUND_PARTS.has(parent.type) ||
      /comprehension$|^generator_expression$|^lambda$/.test(parent.type)
    ) {
      return false;
    }
    if (parent.type === "while_statement" && current.field === "condition") return false;
    if (parent.type === "conditional_expression" && parent.namedChildren[1] !== current) return false;
    if (parent.type === "boolean_operator" && current.field === "right") return false;
    current = parent;
  }
  return true;
}

/** The function definition around a node, or the module. */
export function scopeOf(node: SyntaxNode): SyntaxNode {
  for (let current = node.parent; current !== undefined; current = current.parent) {
    if (current.type === "function_definition" || current.type === "module") return current;
  }
  return node;
}

/** The function definition around a node, if any. */
export function functionOf(node: SyntaxNode): SyntaxNode | undefined {
  const scope = scopeOf(node);
  return scope.type === "function_definition" ? scope : undefined;
}

/** The decorators of a function, as nodes. */
export function decoratorsOf(definition: SyntaxNode): SyntaxNode[] {
  const parent = definition.parent;
  if (parent?.type !== "decorated_definition") return [];
  return parent.children.filter((child) => child.type === "decorator");
}

/** The whitespace before the statement on its first line. */
export function indentOf(tree: SyntaxTree, statement: SyntaxNode): string {
  const lineStart = tree.source.lastIndexOf("\n", statement.start - 1) + 1;
  return /^[ \t]*/.exec(tree.source.slice(lineStart, statement.start))?.[0] ?? "";
}

/** The unit that the program indents with. */
export function indentUnit(tree: SyntaxTree): string {
  for (const node of tree.root.descendants()) {
    if (node.type !== "block") continue;
    const first = node.namedChildren[0];
    const header = node.parent === undefined ? undefined : statementOf(node);
    if (first === undefined || header === undefined) continue;
    const outer = indentOf(tree, header);
    const inner = indentOf(tree, first);
    if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
  }
  return "    ";
}

/** Whether a statement shares its line with others (`a; b` or `if x: a`), so that lines cannot be added. */
export function sharesLine(tree: SyntaxTree, statement: SyntaxNode): boolean {
  const lineStart = tree.source.lastIndexOf("\n", statement.start - 1) + 1;
  if (tree.source.slice(lineStart, statement.start).trim() !== "") return true;
  const newline = tree.source.indexOf("\n", statement.end);
  const rest = tree.source.slice(statement.end, newline < 0 ? undefined : newline);
  return /^\s*;\s*[^\s#]/.test(rest);
}

/** Whether `inner` lies within `outer`. */
export function within(
  inner: { start: number; end: number },
  outer: { start: number; end: number },
): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The text of a dotted expression such as `a.b.c`; undefined for anything else. */
export function dottedText(node: SyntaxNode): string | undefined {
  if (node.type === "identifier") return node.text;
  if (node.type !== "attribute") return undefined;
  const object = node.child("object");
  const attribute = node.child("attribute")?.text;
  const left = object === undefined ? undefined : dottedText(object);
  return left === undefined || attribute === undefined ? undefined : `${left}.${attribute}`;
}
