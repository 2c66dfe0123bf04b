// A Python program as the codemods see it: its tree, its imports, which definition of a name
// reaches a use, and which names are free. Approximate on purpose: the gates decide afterwards.
import type { Region } from "../../core/finding.ts";
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import { LineIndex } from "../../util/text.ts";
import { ImportTable } from "./imports.ts";
import { nodeAt, scopeOf, within } from "./nodes.ts";

/** A place where a name gets a value. */
export interface Definition {
  /** How: `+=` keeps what was there; others than `assign` and `augment` have no plain value. */
  readonly kind: "assign" | "augment" | "loop" | "with" | "parameter" | "other";
  /** The statement, or the parameter. */
  readonly node: SyntaxNode;
  /** The value's expression; what is looped over for `loop`. */
  readonly value: SyntaxNode | undefined;
  /** The identifier that is bound. */
  readonly target: SyntaxNode;
}

const INDEXED = new Set(["assignment", "call", "function_definition"]);

/** See the file's head. */
export class Program {
  /** The syntax tree. */
  readonly tree: SyntaxTree;
  /** What it imports. */
  readonly imports: ImportTable;
  readonly #lines: LineIndex;
  readonly #definitions = new Map<SyntaxNode, Definition[]>();
  readonly #identifiers = new Set<string>();
  readonly #given = new Map<string, string>();
  readonly #bound = new Map<SyntaxNode, Set<string>>();
  readonly #byType = new Map<string, SyntaxNode[]>();
  readonly #claimed = new Set<string>();

  constructor(tree: SyntaxTree) {
    this.tree = tree;
    this.imports = new ImportTable(tree);
    this.#lines = new LineIndex(tree.source);
    for (const node of tree.root.descendants()) {
      if (INDEXED.has(node.type)) this.#index(node);
      if (node.type !== "identifier") continue;
      this.#identifiers.add(node.text);
      const definition = definitionAt(node);
      if (definition === undefined) continue;
      const scope = scopeOf(node);
      const known = this.#definitions.get(scope);
      if (known === undefined) this.#definitions.set(scope, [definition]);
      else known.push(definition);
    }
  }

  /** The smallest node that a region spans. */
  nodeAt(region: Region): SyntaxNode {
    const { start, end } = this.span(region);
    // Engines that know lines only begin at the indentation.
    const text = this.tree.source.slice(start, end);
    const from = start + (text.length - text.trimStart().length);
    return nodeAt(this.tree.root, from, Math.max(from, start + text.trimEnd().length));
  }

  /** A region as offsets. */
  span(region: Region): { start: number; end: number } {
    const start = this.#lines.offset(region.startLine, region.startColumn);
    return { start, end: Math.max(start, this.#lines.offset(region.endLine, region.endColumn)) };
  }

  /** What a dotted expression is, through imports. */
  fullName(node: SyntaxNode | undefined): string | undefined {
    return this.imports.fullName(node);
  }

  /** What a call calls, through imports. */
  callee(call: SyntaxNode): string | undefined {
    return call.type === "call" ? this.imports.fullName(call.child("function")) : undefined;
  }

  /** Whether an identifier of this name occurs anywhere. */
  mentions(name: string): boolean {
    return this.#identifiers.has(name);
  }

  /**
   * A name that the program does not use yet: the first free candidate, or the first one with a
   * number. The same anchor gets the same name again, others get another one.
   */
  freshName(anchor: SyntaxNode, ...candidates: readonly [string, ...string[]]): string {
    const key = `${anchor.start}:${anchor.end}:${candidates[0]}`;
    const name = this.#given.get(key) ?? this.#freeName(candidates);
    this.#given.set(key, name);
    this.#identifiers.add(name);
    return name;
  }

  /**
   * A name to bind a value to right before it is used: the candidate, also where the function binds it to the very
   * same value already, or else the first one with a number. The same value in a function gets the same name again.
   */
  nameFor(anchor: SyntaxNode, candidate: string, value: string): string {
    const scope = scopeOf(anchor);
    const key = `${scope.start}:${candidate}:${value}`;
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const taken = this.#bound.get(scope) ?? new Set();
    const isFree = (name: string): boolean => !taken.has(name) && this.#holdsOnly(scope, name, value);
    let name = candidate;
    for (let number = 2; !isFree(name); number++) name = `${candidate}_${number}`;
    this.#given.set(key, name);
    this.#identifiers.add(name);
    this.#bound.set(scope, taken.add(name));
    return name;
  }

  /** Whether a name means nothing in a scope but, at most, this value. */
  #holdsOnly(scope: SyntaxNode, name: string, value: string): boolean {
    if (!this.#identifiers.has(name)) return true;
    if (this.definitionsIn(this.tree.root, name).length > 0 && scope.type !== "module") return false;
    const own = this.definitionsIn(scope, name);
    const isSame = own.every((each) => each.kind === "assign" && each.value?.text === value);
    return isSame && (own.length > 0 || this.usesIn(scope, name).length === 0);
  }

  /** Takes a node for a rewrite; false when another one of the same round has taken it. */
  claim(node: SyntaxNode): boolean {
    const key = `${node.start}:${node.end}`;
    const free = !this.#claimed.has(key);
    this.#claimed.add(key);
    return free;
  }

  #freeName(candidates: readonly [string, ...string[]]): string {
    const free = candidates.find((name) => !this.#identifiers.has(name));
    if (free !== undefined) return free;
    for (let number = 2; ; number++) {
      const name = `${candidates[0]}_${number}`;
      if (!this.#identifiers.has(name)) return name;
    }
  }

  /** All definitions of a name in a function (or the module). */
  definitionsIn(scope: SyntaxNode, name: string): Definition[] {
    return (this.#definitions.get(scope) ?? []).filter(({ target }) => target.text === name);
  }

  /** Every definition in the program. */
  *definitions(): Generator<Definition> {
    for (const list of this.#definitions.values()) yield* list;
  }

  /** Definitions that may reach a use of a name. */
  reaching(use: SyntaxNode): Definition[] {
    const scope = scopeOf(use);
    const local = this.definitionsIn(scope, use.text);
    if (local.length === 0) {
      const outer = scope.type === "module" ? [] : this.#outer(scope, use.text);
      return outer.filter(({ node }) => !within(use, node));
    }
    const out: Definition[] = [];
    for (const definition of [...local].reverse()) {
      if (definition.node.end > use.start && definition.kind !== "loop" && definition.kind !== "parameter")
        continue;
      if (within(use, definition.value ?? { start: -1, end: -1 })) continue;
      if (exclusive(definition.node, use)) continue;
      out.push(definition);
      const block = definition.node.parent;
      const dominates = block !== undefined && within(use, block);
      if (definition.kind !== "augment" && definition.kind !== "parameter" && dominates) break;
    }
    return out.length > 0 ? out : local.filter(({ value }) => value === undefined || !within(use, value));
  }

  #outer(scope: SyntaxNode, name: string): Definition[] {
    for (let outer = scopeOf(scope); ; outer = scopeOf(outer)) {
      const found = this.definitionsIn(outer, name);
      if (found.length > 0 || outer.type === "module") return found;
    }
  }

  /** The one expression that a name stands for at a use, when there is exactly one. */
  valueOf(use: SyntaxNode): SyntaxNode | undefined {
    if (use.type !== "identifier") return undefined;
    const [only, ...others] = this.reaching(use);
    return only?.kind === "assign" && others.length === 0 ? only.value : undefined;
  }

  /** The literal text or list that a name stands for, for templates kept in constants. */
  literalOf = (node: SyntaxNode): SyntaxNode | undefined => {
    const value = this.valueOf(node);
    if (value?.type === "list" && this.#grows(node)) return undefined;
    return /^(string|concatenated_string|list|tuple)$/.test(value?.type ?? "") ? value : undefined;
  };

  /** Whether a list gets more elements than it was written with. */
  #grows(name: SyntaxNode): boolean {
    return this.usesIn(scopeOf(name), name.text).some(({ parent }) => {
      return (
        parent?.type === "attribute" && /^(append|extend|insert)$/.test(parent.child("attribute")?.text ?? "")
      );
    });
  }

  /** The function of this file that a call calls: by name, or `self.name` in the same class. */
  calledFunction(call: SyntaxNode): SyntaxNode | undefined {
    const target = call.child("function");
    if (target?.type === "identifier") {
      return this.functions().find((definition) => {
        return (
          definition.child("name")?.text === target.text &&
          definition.ancestor("class_definition") === undefined
        );
      });
    }
    const object = target?.child("object")?.text;
    if (target?.type !== "attribute" || (object !== "self" && object !== "cls")) return undefined;
    const owner = target.ancestor("class_definition");
    return this.functions().find((definition) => {
      return (
        definition.child("name")?.text === target.child("attribute")?.text &&
        definition.ancestor("class_definition") === owner
      );
    });
  }

  #index(node: SyntaxNode): void {
    const known = this.#byType.get(node.type);
    if (known === undefined) this.#byType.set(node.type, [node]);
    else known.push(node);
  }

  /** All nodes of a type, in source order. */
  nodesOf(type: "assignment" | "call" | "function_definition"): readonly SyntaxNode[] {
    return this.#byType.get(type) ?? [];
  }

  /** All functions of the file. */
  functions(): readonly SyntaxNode[] {
    return this.nodesOf("function_definition");
  }

  /** What a function may return. */
  returnsOf(definition: SyntaxNode): SyntaxNode[] {
    const out: SyntaxNode[] = [];
    for (const node of definition.descendants()) {
      if (node.type !== "return_statement" || scopeOf(node) !== definition) continue;
      const value = node.namedChildren.find((child) => child.type !== "comment");
      if (value !== undefined) out.push(value);
    }
    return out;
  }

  /** Uses of a name in a scope after a node, in order: reads only. */
  usesIn(scope: SyntaxNode, name: string): SyntaxNode[] {
    return [...scope.descendants()].filter((node) => {
      return node.type === "identifier" && node.text === name && isRead(node);
    });
  }
}

/** The names of a function's parameters, `self` included, in order. */
export function parametersOf(definition: SyntaxNode): SyntaxNode[] {
  const list = definition.child("parameters");
  return (list?.namedChildren ?? []).flatMap((parameter) => {
    if (parameter.type === "identifier") return [parameter];
    const name =
      parameter.child("name") ?? parameter.namedChildren.find((child) => child.type === "identifier");
    return name?.type === "identifier" ? [name] : [];
  });
}

function definitionAt(identifier: SyntaxNode): Definition | undefined {
  const holder = bindingHolder(identifier);
  if (holder === undefined) return undefined;
  const { parent, field } = holder;
  switch (parent?.type) {
    case "assignment":
      if (field !== "left") return undefined;
      return {
        kind: holder === identifier ? "assign" : "other",
        node: statementNode(parent),
        value: parent.child("right"),
        target: identifier,
      };
    case "augmented_assignment":
      if (field !== "left") return undefined;
      return {
        kind: "augment",
        node: statementNode(parent),
        value: parent.child("right"),
        target: identifier,
      };
    case "named_expression":
      if (field !== "name") return undefined;
      return { kind: "assign", node: parent, value: parent.child("value"), target: identifier };
    case "for_statement":
    case "for_in_clause":
      if (field !== "left") return undefined;
      return { kind: "loop", node: parent, value: parent.child("right"), target: identifier };
    case "as_pattern_target":
      return { kind: "with", node: parent, value: parent.parent?.namedChildren[0], target: identifier };
    case "parameters":
    case "typed_parameter":
    case "lambda_parameters":
    case "list_splat_pattern":
    case "dictionary_splat_pattern":
      return identifier.ancestor("parameters") === undefined
        ? undefined
        : { kind: "parameter", node: parent, value: undefined, target: identifier };
    case "default_parameter":
    case "typed_default_parameter":
      if (field !== "name") return undefined;
      return { kind: "parameter", node: parent, value: undefined, target: identifier };
    default:
      return undefined;
  }
}

/** The target pattern around an identifier: itself, or the tuple that it is unpacked in. */
function bindingHolder(identifier: SyntaxNode): SyntaxNode | undefined {
  let holder = identifier;
  while (/^(pattern_list|tuple_pattern|list_pattern)$/.test(holder.parent?.type ?? "")) {
    const next = holder.parent;
    if (next === undefined) return undefined;
    holder = next;
  }
  return holder;
}

/** Assignments stand in an expression statement; a chain `a = b = c` has one statement for all. */
function statementNode(assignment: SyntaxNode): SyntaxNode {
  let node = assignment;
  while (node.parent?.type === "assignment" || node.parent?.type === "expression_statement")
    node = node.parent;
  return node;
}

function isRead(node: SyntaxNode): boolean {
  const { parent, field } = node;
  if (parent?.type === "attribute" && field === "attribute") return false;
  if (parent?.type === "keyword_argument" && field === "name") return false;
  return definitionAt(node) === undefined || parent?.type === "augmented_assignment";
}

/** Whether two nodes lie in branches of which only one runs. */
function exclusive(a: SyntaxNode, b: SyntaxNode): boolean {
  for (let node: SyntaxNode | undefined = a; node?.parent !== undefined; node = node.parent) {
    const { parent } = node;
    if (!within(b, parent)) continue;
    if (parent.type !== "if_statement" || node.field === "condition") return false;
    const branch = parent.children.find((child) => within(b, child));
    return (
      branch !== node && branch?.field !== "condition" && /^(block|elif_clause|else_clause)$/.test(node.type)
    );
  }
  return false;
}
