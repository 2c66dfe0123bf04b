// Where untrusted values enter the text that reaches a sink: from the sink's expression back
// through names, string building, branches, and functions of the same file, to the expressions
// that can be wrapped (escaped, quoted) right where they are put into literal text.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argument, argumentsOf, bare, functionOf, scopeOf } from "./nodes.ts";
import { type Program, parametersOf } from "./program.ts";
import { builtTemplate, type Piece, type Placeholder, templateOf } from "./strings.ts";
import type { TaintView } from "./taint.ts";

/** An expression to wrap. */
export interface Leaf {
  /** The expression. */
  readonly node: SyntaxNode;
  /** How it enters the text. */
  readonly by: Placeholder["by"];
  /** Conversion or format specification. */
  readonly format: string;
  /** The text around it; only the leaf itself when it stands alone. */
  readonly template: readonly Piece[];
  /** Its place in the template. */
  readonly index: number;
  /** Text that stands before the template where it is put into a larger one (`\0` for values). */
  readonly prefix: string;
}

/** What the search looks at. */
export interface LeafOptions {
  /** The program. */
  readonly program: Program;
  /** Which expressions are untrusted. */
  readonly taint: TaintView;
  /** Calls whose first argument is the text, by full name: `flask.make_response`. */
  readonly wrappers?: ReadonlySet<string>;
}

/** Methods that keep a text what it is, for what is built before them. */
const KEEPING = /^(strip|lstrip|rstrip|encode|lower|upper|title|replace|ljust|rjust|center|expandtabs)$/;

/** Methods that put their keyword arguments into a template kept elsewhere. */
const FILLING = /^(substitute|safe_substitute|format)$/;

/** Untrusted expressions that enter the text of an expression, each once, in source order. */
export function leavesOf(expression: SyntaxNode, options: LeafOptions): Leaf[] {
  const search = new Search(options);
  search.visit(expression, ALONE);
  return [...search.found.values()].sort((a, b) => a.node.start - b.node.start);
}

type Place = Omit<Leaf, "node">;

const ALONE: Place = { by: "bare", format: "", template: [], index: 0, prefix: "" };

/** The literal text before a place, with `\0` for values. */
export function textBefore({ prefix, template, index }: Place): string {
  const own = template.slice(0, index).map((piece) => (piece.kind === "text" ? piece.value : "\0"));
  return prefix + own.join("");
}

class Search {
  readonly found = new Map<SyntaxNode, Leaf>();
  readonly #seen = new Set<SyntaxNode>();
  readonly #options: LeafOptions;

  constructor(options: LeafOptions) {
    this.#options = options;
  }

  visit(expression: SyntaxNode, place: Place): void {
    const node = bare(expression);
    if (this.#seen.has(node) || !this.#options.taint.isTainted(node)) return;
    this.#seen.add(node);
    const template = builtTemplate(node, this.#options.program.literalOf);
    if (template?.some((piece) => piece.kind === "value") === true)
      this.#visitTemplate(template, textBefore(place));
    else if (!this.#visitParts(node, place)) this.found.set(node, { node, ...place });
  }

  #visitTemplate(template: readonly Piece[], prefix: string): void {
    for (const [index, piece] of template.entries()) {
      if (piece.kind === "value") {
        this.visit(piece.node, { by: piece.by, format: piece.format, template, index, prefix });
      }
    }
  }

  /** Goes on into a node's parts; false when the node is to be wrapped as a whole. */
  #visitParts(node: SyntaxNode, place: Place): boolean {
    switch (node.type) {
      case "conditional_expression": {
        const [body, , otherwise] = node.namedChildren;
        return this.#visitAll([body, otherwise], place);
      }
      case "boolean_operator":
        // `a and b` gives an `a` only where it is empty.
        if (node.child("operator")?.type === "and") return this.#visitAll([node.child("right")], place);
        return this.#visitAll([node.child("left"), node.child("right")], place);
      case "binary_operator":
        if (node.child("operator")?.type !== "+") return false;
        return this.#visitAll([node.child("left"), node.child("right")], { ...place, by: "concat" });
      case "tuple":
      case "list":
      case "expression_list":
        return this.#visitAll(node.namedChildren, place);
      case "list_comprehension":
      case "generator_expression":
        return this.#visitAll([node.child("body")], place);
      case "identifier":
        return this.#visitName(node, place);
      case "call":
        return this.#visitCall(node, place);
      default:
        return false;
    }
  }

  #visitAll(parts: readonly (SyntaxNode | undefined)[], place: Place): true {
    for (const part of parts) if (part !== undefined) this.visit(part, place);
    return true;
  }

  #visitName(node: SyntaxNode, place: Place): boolean {
    const values = [...this.#valuesOf(node), ...argumentsFor(node, this.#options.program)];
    const grows = this.#options.program.reaching(node).some(({ kind }) => kind === "augment");
    if (!grows && !values.some((value) => isBuilt(value, this.#options))) return false;
    const outer = { ...ALONE, prefix: textBefore(place) };
    // `page = "<a href='"` and then `page += url`: the text so far is the text around the value.
    const { program } = this.#options;
    const assigned = program.reaching(node).filter(({ kind }) => kind === "assign" || kind === "augment");
    let before: Piece[] = [];
    for (const { kind, value } of assigned.sort((a, b) => a.node.start - b.node.start)) {
      if (value === undefined) continue;
      const own = templateOf(value, program.literalOf);
      if (kind === "assign") before = [];
      const grown = kind === "augment" && own.length === 1 && own[0]?.kind === "value";
      const template = [...before, ...own];
      this.visit(value, grown ? { ...outer, by: "concat", template, index: before.length } : outer);
      before = template;
    }
    return this.#visitAll(values, outer);
  }

  #visitCall(call: SyntaxNode, place: Place): boolean {
    const { program, wrappers } = this.#options;
    const name = program.callee(call);
    if (name !== undefined && wrappers?.has(name) === true) {
      const text = argument(call, 0, "content", "response", "text", "body");
      if (text !== undefined) return this.#visitAll([text], place);
    }
    const target = call.child("function");
    const object = target?.type === "attribute" ? target.child("object") : undefined;
    const method = target?.child("attribute")?.text ?? "";
    if (object !== undefined && method === "join") {
      return this.#visitAll([argument(call, 0)], { ...place, by: "join" });
    }
    if (object !== undefined && FILLING.test(method)) {
      const values = [...argumentsOf(call).keywords.values()].map((item) => item.child("value"));
      if (values.length > 0) return this.#visitAll(values, { ...place, by: "format" });
    }
    const isText = method === "encode"; // only text has it: the value is wrapped before it turns into bytes
    if (object !== undefined && KEEPING.test(method) && (isText || isBuilt(object, this.#options))) {
      return this.#visitAll([object], place);
    }
    const callee = program.calledFunction(call);
    if (callee === undefined) return false;
    const returned = program.returnsOf(callee);
    if (!returned.some((value) => isBuilt(value, this.#options))) return false;
    return this.#visitAll(returned, { ...ALONE, prefix: textBefore(place) });
  }

  #valuesOf(node: SyntaxNode): SyntaxNode[] {
    return valuesOf(node, this.#options.program);
  }
}

/** Expressions that a name may stand for: what is assigned, added, or appended to it. */
export function valuesOf(name: SyntaxNode, program: Program): SyntaxNode[] {
  const found = program.reaching(name);
  const assigned = found
    .filter(({ kind }) => kind === "assign" || kind === "augment")
    .flatMap(({ value }) => (value === undefined ? [] : [value]));
  // `for step in ["…", "…"]`: the elements.
  const looped = found
    .filter(({ kind }) => kind === "loop")
    .map(({ value }) => (value?.type === "identifier" ? program.literalOf(value) : value))
    .flatMap((value) => (/^(list|tuple)$/.test(value?.type ?? "") ? (value?.namedChildren ?? []) : []));
  return [...assigned, ...looped, ...appendedTo(name, program)];
}

/** What a parameter is given where its function is called in the file. */
function argumentsFor(name: SyntaxNode, program: Program): SyntaxNode[] {
  const [only] = program.reaching(name);
  const definition = only?.kind === "parameter" ? functionOf(only.target) : undefined;
  if (definition === undefined) return [];
  const names = parametersOf(definition).map(({ text }) => text);
  const place = names.filter((text) => text !== "self" && text !== "cls").indexOf(name.text);
  return program.nodesOf("call").flatMap((call) => {
    if (program.calledFunction(call) !== definition) return [];
    const { positional, keywords } = argumentsOf(call);
    return keywords.get(name.text)?.child("value") ?? positional[place] ?? [];
  });
}

function appendedTo(name: SyntaxNode, program: Program): SyntaxNode[] {
  return program.usesIn(scopeOf(name), name.text).flatMap((use) => {
    const target = use.parent;
    const method = target?.type === "attribute" ? target.child("attribute")?.text : undefined;
    const call = target?.parent;
    if (call?.type !== "call" || (method !== "append" && method !== "write")) return [];
    const value = argument(call, 0);
    return value === undefined ? [] : [value];
  });
}

/** Whether an expression comes from literal text put together with values, here or where a name got it. */
export function isBuilt(expression: SyntaxNode, options: LeafOptions, seen = new Set<SyntaxNode>()): boolean {
  const node = bare(expression);
  if (seen.has(node)) return false;
  seen.add(node);
  const { program, wrappers } = options;
  const again = (part: SyntaxNode | undefined): boolean => part !== undefined && isBuilt(part, options, seen);
  if (builtTemplate(node, program.literalOf)?.some((piece) => piece.kind === "value") === true) return true;
  switch (node.type) {
    case "identifier":
      return [...valuesOf(node, program), ...argumentsFor(node, program)].some(again);
    case "conditional_expression":
    case "boolean_operator":
    case "binary_operator":
    case "list":
    case "tuple":
    case "list_comprehension":
    case "generator_expression":
      return node.namedChildren.some(again);
    case "call": {
      const name = program.callee(node);
      if (name !== undefined && wrappers?.has(name) === true) return again(argument(node, 0));
      const callee = program.calledFunction(node);
      if (callee !== undefined) return program.returnsOf(callee).some(again);
      const target = node.child("function");
      const method = target?.child("attribute")?.text ?? "";
      if (method === "join") return again(argument(node, 0));
      return KEEPING.test(method) && again(target?.child("object"));
    }
    default:
      return false;
  }
}
