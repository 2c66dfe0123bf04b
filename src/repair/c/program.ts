// A program in C as the rewrites see it: its tree, the types of its variables, what it includes,
// and which names are free. Types come from the oracle's reader; scopes are followed by position.
import type { Region } from "../../core/finding.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import { Model } from "../../oracle/c/model.ts";
import { type Program as Definitions, readProgram } from "../../oracle/c/program.ts";
import {
  CHAR,
  type CType,
  commonType,
  INT,
  SIZE,
  targetOf,
  typeOfDeclarator,
  typeOfSpecifier,
  UNKNOWN,
} from "../../oracle/c/types.ts";
import { LineIndex } from "../../util/text.ts";
import { nodeAt } from "../python/nodes.ts";

/** A variable or parameter, where it is declared. */
export interface Declared {
  /** Its type. */
  readonly type: CType;
  /** The declaration or parameter. */
  readonly node: SyntaxNode;
}

/** See the file's head. */
export class CProgram {
  /** The syntax tree. */
  readonly tree: SyntaxTree;
  /** Functions, macros, types, globals. */
  readonly definitions: Definitions;
  readonly #lines: LineIndex;
  readonly #identifiers = new Set<string>();
  readonly #claimed = new Set<string>();

  constructor(text: string, language: LanguageSupport) {
    this.tree = language.parse(text);
    this.definitions = readProgram(this.tree, new Model([]), language.parse);
    this.#lines = new LineIndex(text);
    for (const { type, text: name } of this.tree.root.descendants()) {
      if (/identifier$/.test(type)) this.#identifiers.add(name);
    }
  }

  /** The smallest node that a region spans. */
  nodeAt({ startLine, startColumn, endLine, endColumn }: Region): SyntaxNode {
    const start = this.#lines.offset(startLine, startColumn);
    // Engines that know lines only begin at the indentation.
    const text = this.tree.source.slice(start, this.#lines.offset(endLine, endColumn));
    const from = start + (text.length - text.trimStart().length);
    return nodeAt(this.tree.root, from, Math.max(from, start + text.trimEnd().length));
  }

  /** A name that the program does not use yet: the first free candidate, or the first one with a number. */
  freshName(...candidates: readonly [string, ...string[]]): string {
    const free = candidates.find((name) => !this.#identifiers.has(name));
    let name = free ?? candidates[0];
    for (let number = 2; this.#identifiers.has(name); number++) name = `${candidates[0]}_${number}`;
    this.#identifiers.add(name);
    return name;
  }

  /** Whether an identifier of this name occurs anywhere. */
  mentions(name: string): boolean {
    return this.#identifiers.has(name);
  }

  /** Takes a node for a rewrite; false when another one of the same round has taken it. */
  claim({ start, end }: { start: number; end: number }): boolean {
    const key = `${start}:${end}`;
    const free = !this.#claimed.has(key);
    this.#claimed.add(key);
    return free;
  }

  /** What a name means at a place: the nearest declaration above it, parameters and globals included. */
  declared(name: string, place: SyntaxNode): Declared | undefined {
    for (let node = place.parent; node !== undefined; node = node.parent) {
      const own = /^(compound_statement|for_statement|case_statement)$/.test(node.type)
        ? this.#declaredIn(node, name, place)
        : undefined;
      if (own !== undefined) return own;
      if (node.type === "function_definition") return this.#parameter(node, name) ?? this.#global(name);
    }
    return this.#global(name);
  }

  #declaredIn(block: SyntaxNode, name: string, place: SyntaxNode): Declared | undefined {
    for (const node of block.namedChildren) {
      if (node.type !== "declaration" || node.start > place.start) continue;
      const base = typeOfSpecifier(node.child("type"), this.definitions.types);
      for (const declarator of node.childrenOf("declarator")) {
        const found = typeOfDeclarator(declarator, base, this.definitions.types);
        if (found.name === name) return { type: found.type, node };
      }
    }
    return undefined;
  }

  #parameter(definition: SyntaxNode, name: string): Declared | undefined {
    const unit = [...this.definitions.functions.values()].find(({ node }) => node === definition);
    const found = unit?.parameters.find((parameter) => parameter.name === name);
    if (found === undefined) return undefined;
    // `char text[10]` as a parameter is a pointer, whatever it looks like.
    const type: CType = found.type.k === "array" ? { k: "pointer", to: found.type.of } : found.type;
    return { type, node: found.node };
  }

  #global(name: string): Declared | undefined {
    return this.definitions.globals.get(name);
  }

  /** The type of an expression; `unknown` where it cannot be told. */
  typeOf(expression: SyntaxNode | undefined): CType {
    const node = bareC(expression);
    if (node === undefined) return UNKNOWN;
    switch (node.type) {
      case "identifier":
        return this.declared(node.text, node)?.type ?? this.#macroType(node);
      case "field_expression":
        return this.#fieldType(node);
      case "subscript_expression":
        return targetOf(this.typeOf(node.child("argument")));
      case "pointer_expression": {
        const argument = this.typeOf(node.child("argument"));
        return node.child("operator")?.text === "*" ? targetOf(argument) : { k: "pointer", to: argument };
      }
      case "cast_expression":
        return typeOfSpecifier(node.child("type"), this.definitions.types);
      case "string_literal":
        return { k: "array", of: CHAR, count: Math.max(1, node.text.length - 1) };
      case "number_literal":
        return numberType(node.text);
      case "char_literal":
        return INT;
      case "sizeof_expression":
        return SIZE;
      case "call_expression":
        return this.#returnType(node);
      case "unary_expression":
        return this.typeOf(node.child("argument"));
      case "binary_expression":
        return this.#binaryType(node);
      case "assignment_expression":
        return this.typeOf(node.child("left"));
      default:
        return UNKNOWN;
    }
  }

  #fieldType(node: SyntaxNode): CType {
    const base = this.typeOf(node.child("argument"));
    const structure = base.k === "pointer" ? base.to : base;
    const name = node.child("field")?.text ?? "";
    return structure.k === "struct" ? (structure.fields.get(name) ?? UNKNOWN) : UNKNOWN;
  }

  #macroType({ text }: SyntaxNode): CType {
    const body = this.definitions.macros.has(text) ? this.definitions.macroBody(text) : undefined;
    if (body === undefined) return this.definitions.enumerators.has(text) ? INT : UNKNOWN;
    return body.type === "identifier" ? UNKNOWN : this.typeOf(body);
  }

  #returnType(call: SyntaxNode): CType {
    const name = call.child("function")?.text ?? "";
    return (
      this.definitions.functions.get(name)?.returns ??
      this.definitions.declared.get(name) ??
      (/^(strlen|strtoul|strtoull|strcspn|strspn|fread|fwrite)$/.test(name) ? SIZE : UNKNOWN)
    );
  }

  #binaryType(node: SyntaxNode): CType {
    const operator = node.child("operator")?.text ?? "";
    if (/^([<>=!]=?|&&|\|\|)$/.test(operator)) return INT;
    const [left, right] = [this.typeOf(node.child("left")), this.typeOf(node.child("right"))];
    if (left.k === "array") return { k: "pointer", to: left.of };
    return left.k === "pointer" ? left : commonType(left, right);
  }

  /** The value of a constant expression. */
  constant(expression: SyntaxNode | undefined): number | undefined {
    return expression === undefined ? undefined : this.definitions.types.constant(expression);
  }

  /** The elements of an array, as a number, where the program says them. */
  lengthOf(expression: SyntaxNode | undefined): number | undefined {
    const type = this.typeOf(expression);
    return type.k === "array" ? type.count : undefined;
  }

  /** Whether a header is included. */
  includes(header: string): boolean {
    return this.includeNodes().some(
      (node) => node.child("path")?.text.replace(/^[<"]|[>"]$/g, "") === header,
    );
  }

  /** The include directives, in order. */
  includeNodes(): SyntaxNode[] {
    return [...this.tree.root.descendants()].filter(({ type }) => type === "preproc_include");
  }

  /** Whether the file is a program of its own, not a part of one. */
  get hasMain(): boolean {
    return this.definitions.functions.has("main");
  }
}

function numberType(text: string): CType {
  const value = Number(text.replace(/[uUlL]+$/, ""));
  const wide = /[lL]/.test(text) || value > 0x7fffffff;
  return { k: "int", size: wide ? 8 : 4, signed: !/[uU]/.test(text) };
}

/** Drops parentheses around an expression. */
export function bareC(expression: SyntaxNode | undefined): SyntaxNode | undefined {
  let node = expression;
  while (node?.type === "parenthesized_expression")
    node = node.namedChildren.find(({ type }) => type !== "comment");
  return node;
}

/** The arguments of a call, in order. */
export function argumentsOfCall(call: SyntaxNode): SyntaxNode[] {
  return (call.child("arguments")?.namedChildren ?? []).filter(({ type }) => type !== "comment");
}

/** The name of the function that a call calls. */
export function calledName(call: SyntaxNode): string {
  return call.type === "call_expression" ? (call.child("function")?.text ?? "").replace(/^(std)?::/, "") : "";
}
