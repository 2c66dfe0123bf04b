// What a file defines: functions, global variables, types, macros, constants.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import type { Model } from "./model.ts";
import {
  type CType,
  sizeOf,
  type TypeTable,
  typeOfDeclarator,
  typeOfSpecifier,
  withoutReference,
} from "./types.ts";

/** A function of the file. */
export interface FunctionUnit {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly body: SyntaxNode;
  readonly returns: CType;
  readonly parameters: readonly { name: string | undefined; type: CType; node: SyntaxNode }[];
  readonly local: boolean;
  /** C++: whether it belongs to a class. */
  readonly method: boolean;
  /** C++: the class that it belongs to. */
  readonly owner: string | undefined;
}

/** A macro: its parameters, and its body as a tree of its own. */
export interface Macro {
  readonly parameters: readonly string[] | undefined;
  readonly text: string;
  body: SyntaxNode | null | undefined;
}

/** See the head of the file. */
export interface Program {
  readonly functions: ReadonlyMap<string, FunctionUnit>;
  readonly macros: ReadonlyMap<string, Macro>;
  readonly types: TypeTable;
  readonly enumerators: ReadonlyMap<string, number>;
  /** Global variables: declarator, type, initialiser. */
  readonly globals: ReadonlyMap<string, { type: CType; node: SyntaxNode; value: SyntaxNode | undefined }>;
  /** Whether classes of the standard library are named anywhere. */
  readonly hasObjects: boolean;
  /** Declared return types of functions without a body here. */
  readonly declared: ReadonlyMap<string, CType>;
  /** The body of a macro as an expression; undefined where it is none. */
  macroBody(name: string): SyntaxNode | undefined;
}

/** Reads what a file defines. */
export function readProgram(tree: SyntaxTree, model: Model, parse: (text: string) => SyntaxTree): Program {
  const macros = new Map<string, Macro>();
  const enumerators = new Map<string, number>();
  const functions = new Map<string, FunctionUnit>();
  const globals = new Map<string, { type: CType; node: SyntaxNode; value: SyntaxNode | undefined }>();
  const declared = new Map<string, CType>();
  const macroBody = (name: string): SyntaxNode | undefined => {
    const macro = macros.get(name);
    if (macro === undefined) return undefined;
    if (macro.body === undefined) macro.body = parseBody(macro.text, parse) ?? null;
    return macro.body ?? undefined;
  };
  const constant = (node: SyntaxNode, depth = 0): number | undefined =>
    evaluateConstant(node, { enumerators, macros, macroBody, model, types }, depth);
  const types: TypeTable = {
    typedefs: new Map(),
    structs: new Map(),
    constant,
    usesStd: /\busing\s+namespace\s+std\b/.test(tree.source),
  };
  const reader = { macros, enumerators, functions, globals, declared, types, constant };
  const nodes = topLevel(tree.root);
  for (const node of nodes) readMacro(node, macros);
  for (const node of nodes) readDefinition(node, reader);
  const hasObjects = /\bstd\b/.test(tree.source);
  return { functions, macros, types, enumerators, globals, hasObjects, declared, macroBody };
}

const CONTAINERS = new Set([
  "translation_unit",
  "linkage_specification",
  "declaration_list",
  "namespace_definition",
  "template_declaration",
  "class_specifier",
  "struct_specifier",
  "field_declaration_list",
  "preproc_if",
  "preproc_ifdef",
  "preproc_else",
]);

/** Definitions at the top, in namespaces and classes too. */
function topLevel(root: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node !== root) found.push(node);
    if (
      !CONTAINERS.has(node.type) ||
      (node.type === "struct_specifier" && node.parent?.type !== "translation_unit")
    )
      continue;
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i];
      if (child?.named) stack.push(child);
    }
  }
  return found;
}

function readMacro(node: SyntaxNode, macros: Map<string, Macro>): void {
  if (node.type !== "preproc_def" && node.type !== "preproc_function_def") return;
  const name = node.child("name")?.text;
  if (name === undefined) return;
  const parameters = node
    .child("parameters")
    ?.children.filter(({ type }) => type === "identifier" || type === "...")
    .map(({ text }) => text);
  const text = (node.child("value")?.text ?? "")
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, " ")
    .replace(/\\\r?\n/g, " ")
    // An argument's own text, which is of no account.
    .replace(/(?<!#)#\s*(?=\w+\b)(?!#)\w+/g, '""')
    .trim();
  macros.set(name, { parameters, text, body: undefined });
}

function parseBody(text: string, parse: (text: string) => SyntaxTree): SyntaxNode | undefined {
  if (text === "" || text.length > 2000) return undefined;
  const tree = parse(`int m = (${text});`);
  if (tree.firstError !== undefined) return parseStatements(text, parse);
  return tree.root.namedChildren[0]?.child("declarator")?.child("value");
}

/** A macro that is a statement, such as `do { … } while (0)`. */
function parseStatements(text: string, parse: (text: string) => SyntaxTree): SyntaxNode | undefined {
  const tree = parse(`void m(void) { ${text}; }`);
  return tree.firstError === undefined ? tree.root.namedChildren[0]?.child("body") : undefined;
}

interface Reader {
  readonly enumerators: Map<string, number>;
  readonly functions: Map<string, FunctionUnit>;
  readonly globals: Map<string, { type: CType; node: SyntaxNode; value: SyntaxNode | undefined }>;
  readonly declared: Map<string, CType>;
  readonly types: TypeTable;
  readonly constant: (node: SyntaxNode) => number | undefined;
}

function readDefinition(node: SyntaxNode, reader: Reader): void {
  const { types, functions, globals, declared } = reader;
  if (node.type === "function_definition") {
    readEnumerators(node.child("type"), reader);
    const unit = functionUnit(node, types);
    if (unit !== undefined && !functions.has(unit.name)) functions.set(unit.name, unit);
  } else if (node.type === "type_definition" || node.type === "alias_declaration") {
    readEnumerators(node.child("type"), reader);
    const base = typeOfSpecifier(node.child("type"), types);
    if (node.type === "alias_declaration") types.typedefs.set(node.child("name")?.text ?? "", base);
    for (const declarator of node.childrenOf("declarator")) {
      const { name, type } = typeOfDeclarator(declarator, base, types);
      if (name !== undefined) types.typedefs.set(name, type);
    }
  } else if (node.type === "declaration") {
    readEnumerators(node.child("type"), reader);
    const base = typeOfSpecifier(node.child("type"), types);
    for (const declarator of node.childrenOf("declarator")) {
      const { name, type } = typeOfDeclarator(declarator, base, types);
      if (name === undefined) continue;
      if (type.k === "function") declared.set(name, withoutReference(type.returns));
      else globals.set(name, { type, node: declarator, value: declarator.child("value") });
    }
  } else if (node.type === "enum_specifier") readEnumerators(node, reader);
  else if (
    node.type === "struct_specifier" ||
    node.type === "union_specifier" ||
    node.type === "class_specifier"
  ) {
    typeOfSpecifier(node, types);
  }
}

/** Reads the constants of an enumeration. */
export function readEnumerators(
  node: SyntaxNode | undefined,
  reader: { enumerators: Map<string, number>; constant: (node: SyntaxNode) => number | undefined },
): void {
  if (node?.type !== "enum_specifier") return;
  let next: number | undefined = 0;
  for (const item of node.child("body")?.namedChildren ?? []) {
    if (item.type !== "enumerator") continue;
    const value = item.child("value");
    if (value !== undefined) next = reader.constant(value);
    const name = item.child("name")?.text;
    if (name === undefined || next === undefined) continue;
    reader.enumerators.set(name, next);
    next += 1;
  }
}

function functionUnit(node: SyntaxNode, types: TypeTable): FunctionUnit | undefined {
  const body = node.child("body");
  const declarator = node.child("declarator");
  if (body?.type !== "compound_statement" || declarator === undefined) return undefined;
  const base = typeOfSpecifier(node.child("type"), types);
  const declared = typeOfDeclarator(declarator, base, types);
  const own = innermostFunction(declarator);
  const parameters = (own?.child("parameters")?.namedChildren ?? [])
    .filter(({ type }) => type === "parameter_declaration" || type === "optional_parameter_declaration")
    .filter((parameter) => parameter.text !== "void")
    .map((parameter) => {
      const from = typeOfSpecifier(parameter.child("type"), types);
      const { name, type } = typeOfDeclarator(parameter.child("declarator"), from, types);
      return { name, type, node: parameter };
    });
  const returns = withoutReference(declared.type.k === "function" ? declared.type.returns : base);
  const local = node.children.some(
    ({ type, text }) => type === "storage_class_specifier" && text === "static",
  );
  const name = (declared.name ?? `#${node.start}`).split("::").at(-1) ?? "";
  const method = node.parent?.type === "field_declaration_list" || /\w::~?\w+$/.test(declared.name ?? "");
  const scope = /(\w+)::~?\w+$/.exec(declared.name ?? "")?.[1];
  const owner = scope ?? node.ancestor("class_specifier", "struct_specifier")?.child("name")?.text;
  return { name, node, body, returns, parameters, local, method, owner: method ? owner : undefined };
}

function innermostFunction(declarator: SyntaxNode): SyntaxNode | undefined {
  for (let node: SyntaxNode | undefined = declarator; node !== undefined; ) {
    if (node.type === "function_declarator") return node;
    node = node.child("declarator") ?? node.namedChildren.find(({ type }) => type.endsWith("declarator"));
  }
  return undefined;
}

interface ConstantContext {
  readonly enumerators: ReadonlyMap<string, number>;
  readonly macros: ReadonlyMap<string, Macro>;
  readonly macroBody: (name: string) => SyntaxNode | undefined;
  readonly model: Model;
  readonly types: TypeTable;
}

function evaluateConstant(node: SyntaxNode, context: ConstantContext, depth: number): number | undefined {
  if (depth > 50) return undefined;
  const inner = (child: SyntaxNode | undefined): number | undefined =>
    child === undefined ? undefined : evaluateConstant(child, context, depth + 1);
  switch (node.type) {
    case "number_literal":
      return readNumber(node.text);
    case "char_literal":
      return readCharacter(node.text);
    case "identifier": {
      const name = node.text;
      const body = context.macros.has(name) ? context.macroBody(name) : undefined;
      return body === undefined
        ? (context.enumerators.get(name) ?? context.model.constants.get(name))
        : inner(body);
    }
    case "parenthesized_expression":
      return inner(node.namedChildren[0]);
    case "cast_expression":
      return inner(node.child("value"));
    case "sizeof_expression": {
      const type = node.child("type");
      return type === undefined ? undefined : sizeOf(typeOfSpecifier(type, context.types));
    }
    case "unary_expression": {
      const value = inner(node.child("argument"));
      if (value === undefined) return undefined;
      const operator = node.child("operator")?.text;
      return operator === "-"
        ? -value
        : operator === "~"
          ? ~value
          : operator === "!"
            ? Number(value === 0)
            : value;
    }
    case "binary_expression":
      return calculate(
        node.child("operator")?.text ?? "",
        inner(node.child("left")),
        inner(node.child("right")),
      );
    default:
      return undefined;
  }
}

/** The result of an operator on two constants. */
export function calculate(
  operator: string,
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? undefined : Math.trunc(a / b);
    case "%":
      return b === 0 ? undefined : a % b;
    case "<<":
      return b < 0 || b > 63 ? undefined : a * 2 ** b;
    case ">>":
      return b < 0 || b > 63 ? undefined : Math.floor(a / 2 ** b);
    case "&":
    case "|":
    case "^":
      return bitwise(operator, a, b);
    default:
      return undefined;
  }
}

function bitwise(operator: "&" | "|" | "^", a: number, b: number): number | undefined {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return undefined;
  const [x, y] = [BigInt(a), BigInt(b)];
  return Number(operator === "&" ? x & y : operator === "|" ? x | y : x ^ y);
}

/** The value of a number as it is written; undefined for one with a fraction. */
export function readNumber(text: string): number | undefined {
  const bare = text.replace(/'/g, "").replace(/[uUlLzZ]+$/, "");
  if (/^0[0-7]+$/.test(bare)) return Number.parseInt(bare, 8);
  const value = Number(bare);
  return Number.isInteger(value) && !/[.eEpP]/.test(/^0[xX]/.test(bare) ? "" : bare) ? value : undefined;
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  "0": 0,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
};

/** The value of a character as it is written. */
export function readCharacter(text: string): number | undefined {
  const body = /'([\s\S]*)'$/.exec(text)?.[1] ?? "";
  if (!body.startsWith("\\")) return body.codePointAt(0);
  const code = body.slice(1);
  if (/^x[0-9a-fA-F]+$/.test(code)) return Number.parseInt(code.slice(1), 16);
  if (/^[0-7]+$/.test(code)) return Number.parseInt(code, 8);
  return ESCAPES[code] ?? code.codePointAt(0);
}
