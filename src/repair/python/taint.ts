// Which expressions carry the untrusted value of a finding: names are followed from the flow's
// source through assignments, loops, calls in the file and returns, without regard to order.
// Without a flow, everything that is no constant counts.
import type { Finding } from "../../core/finding.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argumentsOf, scopeOf, within } from "./nodes.ts";
import { type Program, parametersOf } from "./program.ts";

/** Calls whose result cannot carry text of their argument. */
const CLEAN_CALLS = new Set([
  "int",
  "float",
  "len",
  "bool",
  "ord",
  "hash",
  "id",
  "isinstance",
  "uuid.UUID",
  "ipaddress.ip_address",
  "hashlib.sha256",
  "shlex.quote",
]);

/** Methods that answer with a truth value or a number. */
const CLEAN_METHODS =
  /^(startswith|endswith|isdigit|isalpha|isalnum|isnumeric|isdecimal|isidentifier|find|rfind|count)$/;

/** Nodes whose value is a truth value. */
const CLEAN_NODES = new Set(["comparison_operator", "not_operator", "lambda"]);

/** Names of web requests, for findings without a flow. */
const REQUEST = /(^|\.)(request|req)$/;

/** Parts of a request that its sender does not choose freely. */
const SAFE_PARTS =
  /^(method|remote_addr|remote|remote_ip|user|app|session|scope|state|endpoint|is_secure|client)$/;

const ROUNDS = 6;

/** See the file's head. */
export class TaintView {
  readonly #program: Program;
  readonly #seeds: { start: number; end: number }[] = [];
  readonly #names = new Map<SyntaxNode, Set<string>>();
  readonly #fields = new Set<string>();
  readonly #functions = new Set<SyntaxNode>();
  readonly #clean: ReadonlySet<string>;

  constructor(program: Program, findings: readonly Finding[], sanitizers: Iterable<string> = []) {
    this.#program = program;
    this.#clean = new Set([...CLEAN_CALLS, ...sanitizers]);
    for (const { codeFlow } of findings) {
      for (const [index, { region }] of (codeFlow ?? []).entries()) {
        const node = program.nodeAt(region);
        this.#seed(node);
        if (index === 0) this.#seedKin(node);
      }
    }
    for (let round = 0; round < ROUNDS; round++) if (!this.#spread()) break;
  }

  /** Whether the finding's value may be in an expression. */
  isTainted(node: SyntaxNode): boolean {
    if (this.#seeds.length === 0) return this.#mayVary(node);
    return this.#reaches(node);
  }

  #seed(node: SyntaxNode): void {
    this.#seeds.push({ start: node.start, end: node.end });
    const isTarget = node.type === "identifier" && !this.#isFunctionName(node);
    if (isTarget) this.#taint(scopeOf(node), node.text);
    else if (node.ancestor("parameters") !== undefined) {
      const [name] = node.namedChildren;
      if (name?.type === "identifier") this.#taint(scopeOf(name), name.text);
    }
  }

  #isFunctionName(node: SyntaxNode): boolean {
    return node.parent?.type === "call" && node.field === "function";
  }

  /**
   * Engines report one flow a sink, but a program that reads one parameter of the request usually
   * reads others: what has the source's shape is a source as well.
   */
  #seedKin(source: SyntaxNode): void {
    const request = /^[\w.]*?\brequest(?=[.[])/.exec(source.text)?.[0];
    const getter = source.type === "call" ? source.child("function")?.text : undefined;
    const definition = source.ancestor("parameters")?.parent;
    if (definition?.type === "function_definition") {
      for (const { text } of parametersOf(definition)) {
        if (!/^(self|cls|request|db|session)$/.test(text)) this.#taint(definition, text);
      }
    }
    for (const node of this.#program.tree.root.descendants()) {
      const isGetter =
        node.type === "call" && getter !== undefined && node.child("function")?.text === getter;
      const isPart =
        node.type === "attribute" && request !== undefined && node.child("object")?.text === request;
      if (isGetter || (isPart && !SAFE_PARTS.test(node.child("attribute")?.text ?? ""))) {
        this.#seeds.push({ start: node.start, end: node.end });
      }
    }
  }

  #reaches(node: SyntaxNode): boolean {
    // A flow may lead through a call that cleans the value for another kind of sink.
    if (CLEAN_NODES.has(node.type) || this.#isCleanCall(node)) return false;
    // The source itself, or a part of it such as `request` in `request.args`.
    if (this.#seeds.some((seed) => seed.start === node.start && seed.end === node.end)) return true;
    switch (node.type) {
      case "call":
        return this.#callReaches(node);
      case "identifier":
        return this.#isNameTainted(node);
      case "attribute":
        if (this.#fields.has(node.text)) return true;
        break;
      case "subscript": {
        const value = node.child("value");
        return value !== undefined && this.#reaches(value);
      }
      case "conditional_expression": {
        const [body, , otherwise] = node.namedChildren;
        return [body, otherwise].some((part) => part !== undefined && this.#reaches(part));
      }
      case "keyword_argument":
      case "pair": {
        const value = node.child("value");
        return value !== undefined && this.#reaches(value);
      }
      default:
        break;
    }
    const parts = node.type === "attribute" ? node.children.slice(0, 1) : node.namedChildren;
    return parts.some((child) => this.#reaches(child));
  }

  /** `requests.get(url)` looks nothing up. */
  #isModule(object: SyntaxNode | undefined): boolean {
    return this.#program.imports.names.some(({ local }) => local === object?.text);
  }

  #isCleanCall(node: SyntaxNode): boolean {
    if (node.type !== "call") return false;
    if (CLEAN_METHODS.test(node.child("function")?.child("attribute")?.text ?? "")) return true;
    const name = this.#program.callee(node);
    return name !== undefined && this.#clean.has(name);
  }

  #callReaches(call: SyntaxNode): boolean {
    const target = call.child("function");
    const callee = this.#program.calledFunction(call);
    if (callee !== undefined) return this.#functions.has(callee);
    const list = call.child("arguments");
    const object = target?.type === "attribute" ? target.child("object") : undefined;
    if (object !== undefined && this.#reaches(object)) return true;
    if (target?.child("attribute")?.text === "get" && !this.#isModule(object)) {
      // Looking an untrusted key up in a constant table gives what the table holds.
      return argumentsOf(call)
        .positional.slice(1)
        .some((value) => this.#reaches(value));
    }
    return (list?.namedChildren ?? []).some((child) => this.#reaches(child));
  }

  #isNameTainted(node: SyntaxNode): boolean {
    for (let scope = scopeOf(node); ; scope = scopeOf(scope)) {
      if (this.#names.get(scope)?.has(node.text) === true) return true;
      // A local definition hides the outer one.
      if (scope.type === "module" || this.#program.definitionsIn(scope, node.text).length > 0) return false;
    }
  }

  #taint(scope: SyntaxNode, name: string): boolean {
    if (this.#isNumber(scope, name)) return false;
    const names = this.#names.get(scope) ?? new Set();
    if (names.has(name)) return false;
    this.#names.set(scope, names.add(name));
    return true;
  }

  /** `size: int`: whatever comes, it is a number. */
  #isNumber(scope: SyntaxNode, name: string): boolean {
    const definition = this.#program.definitionsIn(scope, name).find(({ kind }) => kind === "parameter");
    if (definition === undefined) return false;
    // Routes say it, too: `/orders/<int:number>`.
    if (new RegExp(`<(int|float|uuid):${name}>`).test(this.#program.tree.source)) return true;
    const type = definition.node.child("type")?.text;
    return /^(int|float|bool|UUID|date|datetime)$/.test(type ?? "");
  }

  /** One round of following values; says whether anything new was found. */
  #spread(): boolean {
    let changed = false;
    for (const { target, value } of this.#program.definitions()) {
      if (value !== undefined && this.#reaches(value))
        changed = this.#taint(scopeOf(target), target.text) || changed;
    }
    for (const node of this.#program.nodesOf("assignment")) changed = this.#spreadAssignment(node) || changed;
    for (const node of this.#program.nodesOf("call")) changed = this.#spreadCall(node) || changed;
    for (const node of this.#program.functions()) changed = this.#spreadReturns(node) || changed;
    return changed;
  }

  #spreadAssignment(assignment: SyntaxNode): boolean {
    const left = assignment.child("left");
    const right = assignment.child("right");
    if (left === undefined || right === undefined || !this.#reaches(right)) return false;
    if (left.type === "attribute") {
      const known = this.#fields.has(left.text);
      this.#fields.add(left.text);
      return !known;
    }
    const container = left.type === "subscript" ? left.child("value") : undefined;
    return container?.type === "identifier" && this.#taint(scopeOf(container), container.text);
  }

  #spreadCall(call: SyntaxNode): boolean {
    const callee = this.#program.calledFunction(call);
    const { positional, keywords } = argumentsOf(call);
    if (callee === undefined) return this.#spreadMethod(call, positional);
    let changed = false;
    const parameters = parametersOf(callee).filter(({ text }) => text !== "self" && text !== "cls");
    for (const [index, node] of positional.entries()) {
      const parameter = parameters[index];
      if (parameter !== undefined && this.#reaches(node))
        changed = this.#taint(callee, parameter.text) || changed;
    }
    for (const [name, node] of keywords) {
      if (this.#reaches(node)) changed = this.#taint(callee, name) || changed;
    }
    return changed;
  }

  /** `items.append(value)` puts the value into `items`. */
  #spreadMethod(call: SyntaxNode, positional: readonly SyntaxNode[]): boolean {
    const target = call.child("function");
    const object = target?.child("object");
    const method = target?.child("attribute")?.text ?? "";
    if (
      object?.type !== "identifier" ||
      !/^(append|add|extend|insert|update|write|setdefault)$/.test(method)
    ) {
      return false;
    }
    return positional.some((node) => this.#reaches(node)) && this.#taint(scopeOf(object), object.text);
  }

  #spreadReturns(definition: SyntaxNode): boolean {
    if (this.#functions.has(definition)) return false;
    const carries = this.#program.returnsOf(definition).some((value) => this.#reaches(value));
    if (carries) this.#functions.add(definition);
    return carries;
  }

  /** Without a flow: anything but literals, constants and clean calls. */
  #mayVary(node: SyntaxNode, depth = 0): boolean {
    if (CLEAN_NODES.has(node.type) || depth > 8) return false;
    if (/^(string_start|string_content|string_end|integer|float|true|false|none|comment)$/.test(node.type))
      return false;
    if (node.type === "identifier") {
      const found = this.#program.reaching(node);
      if (found.length === 0) return REQUEST.test(this.#program.fullName(node) ?? "");
      return found.some(({ value, kind }) => {
        return (
          kind === "parameter" ||
          (value !== undefined && !within(node, value) && this.#mayVary(value, depth + 1))
        );
      });
    }
    if (node.type === "call") {
      const name = this.#program.callee(node);
      return name === undefined || !this.#clean.has(name);
    }
    return node.namedChildren.some((child) => this.#mayVary(child, depth));
  }
}
