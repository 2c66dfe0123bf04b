// One walk over a syntax tree: finds functions, lambdas and classes, and which names are whose
// variables. A loop, not a recursion, so that nesting cannot exhaust the stack.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { ClassUnit, FunctionUnit, type Parameter } from "./domain.ts";

/** The parts of a program. */
export interface Units {
  readonly module: FunctionUnit;
  /** All of them in source order, the module first. */
  readonly functions: readonly FunctionUnit[];
  readonly functionAt: ReadonlyMap<SyntaxNode, FunctionUnit>;
  /** Classes by their definition, or by the call that makes one. */
  readonly classAt: Map<SyntaxNode, ClassUnit>;
  /** Names of functions that prove something of their parameters, so far. */
  readonly provers: Set<string>;
  /** Names that the program mentions besides defining them: functions of these names may be called. */
  readonly mentioned: ReadonlySet<string>;
}

interface Scope {
  readonly unit: FunctionUnit;
  /** The class whose body this is, if it is one. */
  readonly owner: ClassUnit | undefined;
}

/** Finds the parts of a program. */
export function collectUnits(root: SyntaxNode): Units {
  const module = new FunctionUnit({
    index: 0,
    name: "<module>",
    node: root,
    parent: undefined,
    owner: undefined,
  });
  const functions = [module];
  const functionAt = new Map<SyntaxNode, FunctionUnit>();
  const classAt = new Map<SyntaxNode, ClassUnit>();
  const mentioned = new Set<string>();
  const stack: { node: SyntaxNode; scope: Scope }[] = [
    { node: root, scope: { unit: module, owner: undefined } },
  ];
  const enter = (node: SyntaxNode, scope: Scope): void => {
    const children = node.children;
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child?.named === true) stack.push({ node: child, scope });
    }
  };
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { node, scope } = item;
    if (node.type === "function_definition" || node.type === "lambda") {
      const unit = functionUnit(node, scope, functions.length);
      functions.push(unit);
      functionAt.set(node, unit);
      scope.unit.children.push(unit);
      enterFunction(node, { outer: scope, inner: { unit, owner: undefined } }, stack);
    } else if (node.type === "class_definition") {
      const name = node.child("name")?.text ?? "";
      declare(scope, name);
      const owner = new ClassUnit(name, node);
      classAt.set(node, owner);
      for (const child of [node.child("superclasses"), node.child("body")]) {
        if (child !== undefined) {
          stack.push({ node: child, scope: child.field === "body" ? { unit: scope.unit, owner } : scope });
        }
      }
    } else {
      if (node.field === "attribute") mentioned.add(node.text);
      noteNames(node, scope);
      enter(node, scope);
    }
  }
  for (const unit of functions) {
    noteCaptures(unit);
    for (const name of unit.mentions) mentioned.add(name);
  }
  return { module, functions, functionAt, classAt, provers: new Set(), mentioned };
}

function functionUnit(node: SyntaxNode, scope: Scope, index: number): FunctionUnit {
  const name = node.child("name")?.text ?? "<lambda>";
  if (node.type === "function_definition") declare(scope, name);
  const unit = new FunctionUnit({ index, name, node, parent: scope.unit, owner: scope.owner });
  unit.parameters = parametersOf(node);
  for (const parameter of unit.parameters) unit.locals.add(parameter.name);
  return unit;
}

function enterFunction(
  node: SyntaxNode,
  scopes: { outer: Scope; inner: Scope },
  stack: { node: SyntaxNode; scope: Scope }[],
): void {
  const body = node.child("body");
  if (body !== undefined) stack.push({ node: body, scope: scopes.inner });
  // Defaults are evaluated where the function is defined.
  for (const child of node.child("parameters")?.children ?? []) {
    const value = child.child("value");
    if (value !== undefined) stack.push({ node: value, scope: scopes.outer });
  }
}

function declare(scope: Scope, name: string): void {
  if (scope.owner === undefined) scope.unit.assigned.add(name);
  if (scope.owner === undefined && !scope.unit.globals.has(name)) scope.unit.locals.add(name);
}

function noteNames(node: SyntaxNode, scope: Scope): void {
  switch (node.type) {
    case "identifier":
      if (
        node.field !== "attribute" &&
        !(node.field === "name" && node.parent?.type === "keyword_argument")
      ) {
        scope.unit.mentions.add(node.text);
      }
      return;
    case "assignment":
    case "augmented_assignment":
    case "for_statement":
    case "for_in_clause":
      declareTargets(node.child("left"), scope);
      return;
    case "named_expression":
      declareTargets(node.child("name"), scope);
      return;
    case "as_pattern_target":
    case "case_pattern":
      declareTargets(node, scope);
      return;
    case "global_statement":
    case "nonlocal_statement":
      for (const name of node.namedChildren) {
        scope.unit.globals.add(name.text);
        scope.unit.locals.delete(name.text);
      }
      return;
    case "import_statement":
    case "import_from_statement":
      for (const name of node.childrenOf("name")) declare(scope, boundName(name, node.type));
      return;
    case "yield":
      scope.unit.isGenerator = true;
      return;
    default:
      return;
  }
}

/** The variable that an import binds. */
export function boundName(name: SyntaxNode, statement: string): string {
  const alias = name.child("alias");
  if (alias !== undefined) return alias.text;
  const first = name.namedChildren[0]?.text ?? name.text;
  return statement === "import_statement" ? first : name.text;
}

const TARGET_LISTS = new Set([
  "pattern_list",
  "tuple_pattern",
  "list_pattern",
  "list_splat_pattern",
  "as_pattern_target",
  "case_pattern",
  "dotted_name",
  "tuple",
  "list",
  "dict_pattern",
  "class_pattern",
  "union_pattern",
  "splat_pattern",
  "keyword_pattern",
]);

function declareTargets(target: SyntaxNode | undefined, scope: Scope): void {
  const stack = target === undefined ? [] : [target];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.type === "identifier") declare(scope, node.text);
    else if (TARGET_LISTS.has(node.type)) stack.push(...node.namedChildren);
  }
}

/** The parameters of a function or lambda. */
function parametersOf(node: SyntaxNode): Parameter[] {
  const found: Parameter[] = [];
  let keywordOnly = false;
  for (const child of node.child("parameters")?.namedChildren ?? []) {
    if (child.type === "keyword_separator") keywordOnly = true;
    const parameter = parameterOf(child, keywordOnly);
    if (parameter === undefined) continue;
    if (parameter.style === "star") keywordOnly = true;
    found.push(parameter);
  }
  return found;
}

function parameterOf(node: SyntaxNode, keywordOnly: boolean): Parameter | undefined {
  const inner = node.type === "typed_parameter" ? node.namedChildren[0] : (node.child("name") ?? node);
  if (inner === undefined) return undefined;
  const annotation = node.child("type");
  const fallback = node.child("value");
  const rest = { node, keywordOnly, annotation, fallback };
  const name = inner.type === "identifier" ? inner.text : (inner.namedChildren[0]?.text ?? "");
  if (inner.type === "list_splat_pattern") return { name, style: "star", ...rest };
  if (inner.type === "dictionary_splat_pattern") return { name, style: "double-star", ...rest };
  return inner.type === "identifier" ? { name, style: "plain", ...rest } : undefined;
}

function noteCaptures(unit: FunctionUnit): void {
  for (const name of unit.globals) {
    for (let outer = unit.parent; outer !== undefined; outer = outer.parent) {
      if (outer.locals.has(name) || outer.parent === undefined) {
        outer.rebound.add(name);
        break;
      }
    }
  }
  for (const name of unit.mentions) {
    if (unit.locals.has(name)) continue;
    for (let outer = unit.parent; outer !== undefined; outer = outer.parent) {
      if (!outer.locals.has(name)) continue;
      outer.captured.add(name);
      break;
    }
  }
}
