// Evaluates expressions: names, attributes, subscripts, operators, strings and displays.
// Calls are in calls.ts, comprehensions in comprehensions.ts.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { callMethod } from "./attributes.ts";
import { evaluateCall } from "./calls.ts";
import { evaluateComprehension } from "./comprehensions.ts";
import { computed, constantOutcome } from "./constants.ts";
import { findComparedCredential } from "./credentials.ts";
import { evaluateDictionary, evaluateDisplay } from "./displays.ts";
import { type Items, type Literal, NOTHING, UNKNOWN, type Value } from "./domain.ts";
import { type Env, joinEnv, refined } from "./env.ts";
import { guardOf, keyOf } from "./guards.ts";
import type { Frame, Machine } from "./machine.ts";
import { lookUp } from "./names.ts";
import { prefixed } from "./prefixes.ts";
import { constantString } from "./strings.ts";
import {
  clearFacts,
  deepFacts,
  elementOf,
  fieldOf,
  join,
  joinFacts,
  makeValue,
  mapFacts,
  parameterFields,
  withFacts,
} from "./values.ts";

type Evaluator = (machine: Machine, node: SyntaxNode, frame: Frame) => Value;

/** Evaluates an expression; what it assigns and calls takes effect. */
export function evaluateExpression(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  machine.spend();
  const evaluator = evaluators[node.type];
  return evaluator === undefined ? evaluateParts(machine, node, frame) : evaluator(machine, node, frame);
}

const evaluators: Readonly<Record<string, Evaluator>> = {
  identifier: (machine, node, frame) => lookUp(machine, node, frame),
  string: evaluateString,
  concatenated_string: evaluateString,
  integer: (_machine, node) => literal(node, Number(node.text.replaceAll("_", ""))),
  float: (_machine, node) => literal(node, Number(node.text.replaceAll("_", ""))),
  true: (_machine, node) => literal(node, true),
  false: (_machine, node) => literal(node, false),
  none: (_machine, node) => literal(node, null),
  parenthesized_expression: evaluateInner,
  await: evaluateInner,
  dictionary_splat: evaluateInner,
  list_splat: evaluateInner,
  keyword_argument: (machine, node, frame) => evaluateField(machine, node, { field: "value", frame }),
  attribute: evaluateAttribute,
  subscript: evaluateSubscript,
  call: evaluateCall,
  binary_operator: evaluateBinary,
  boolean_operator: evaluateBoolean,
  comparison_operator: evaluateComparison,
  not_operator: evaluateNot,
  unary_operator: evaluateNegative,
  conditional_expression: evaluateConditional,
  named_expression: evaluateNamed,
  lambda: evaluateLambda,
  list: (machine, node, frame) => evaluateDisplay(machine, node, { shape: "list", frame }),
  tuple: (machine, node, frame) => evaluateDisplay(machine, node, { shape: "tuple", frame }),
  expression_list: (machine, node, frame) => evaluateDisplay(machine, node, { shape: "tuple", frame }),
  set: (machine, node, frame) => evaluateDisplay(machine, node, { shape: "set", frame }),
  dictionary: evaluateDictionary,
  list_comprehension: evaluateComprehension,
  set_comprehension: evaluateComprehension,
  dictionary_comprehension: evaluateComprehension,
  generator_expression: evaluateComprehension,
  yield: evaluateYield,
};

function evaluateParts(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  for (const child of node.children) if (child.named) machine.evaluate(child, frame);
  return UNKNOWN;
}

function evaluateInner(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const inner = node.children.find((child) => child.named && child.type !== "comment");
  return inner === undefined ? UNKNOWN : machine.evaluate(inner, frame);
}

function evaluateField(machine: Machine, node: SyntaxNode, at: { field: string; frame: Frame }): Value {
  const child = node.child(at.field);
  return child === undefined ? UNKNOWN : machine.evaluate(child, at.frame);
}

function evaluateNot(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const { lit } = evaluateField(machine, node, { field: "argument", frame });
  return typeof lit?.value === "boolean" ? literal(node, !lit.value) : UNKNOWN;
}

function evaluateNegative(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const { lit } = evaluateField(machine, node, { field: "argument", frame });
  return typeof lit?.value === "number" && node.text.startsWith("-") ? literal(node, -lit.value) : UNKNOWN;
}

function literal(node: SyntaxNode, value: Literal["value"]): Value {
  return makeValue({ lit: { value, node } });
}

function evaluateString(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const constant = constantString(node);
  if (constant !== undefined) return literal(node, constant);
  let facts = UNKNOWN.facts;
  let before: string | undefined = "";
  const parts = node.type === "string" ? [node] : node.namedChildren;
  for (const part of parts.flatMap((inner) => inner.children)) {
    if (part.type === "string_content" && before !== undefined) before += part.text;
    if (part.type !== "interpolation") continue;
    const value = asText(machine, evaluateField(machine, part, { field: "expression", frame }), {
      node: part,
      frame,
    });
    facts = joinFacts(facts, prefixed(machine.model, deepFacts(value), before));
    before =
      typeof value.lit?.value === "string" && before !== undefined ? before + value.lit.value : undefined;
    const format = part.child("format_specifier");
    for (const inner of format?.namedChildren ?? []) evaluateParts(machine, inner, frame);
  }
  return facts.length === 0 ? UNKNOWN : makeValue({ facts });
}

/** What an object of a class of the file is as a text: what its `__str__` gives. */
function asText(machine: Machine, value: Value, at: { node: SyntaxNode; frame: Frame }): Value {
  if (!value.refs.some(({ kind }) => kind === "instance")) return value;
  const text = callMethod(machine, value, { names: ["__str__", "__format__"], ...at });
  return text === undefined ? value : join(text, value);
}

function evaluateAttribute(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const object = node.child("object");
  const name = node.child("attribute")?.text ?? "";
  if (object === undefined) return UNKNOWN;
  const key = keyOf(node);
  const refinedValue = key === undefined ? undefined : frame.env?.values.get(key);
  const value = machine.evaluate(object, frame);
  return refinedValue ?? machine.named(machine.attribute(value, name, { node, frame }), name, node);
}

function evaluateSubscript(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const object = evaluateField(machine, node, { field: "value", frame });
  const subscripts = node.childrenOf("subscript").filter((child) => child.named);
  const keys = subscripts.map((child) => machine.evaluate(child, frame));
  const [only] = keys;
  const isSlice = subscripts[0]?.type === "slice";
  if (isSlice) return sliceOf(machine, object, subscripts[0]);
  const key = keys.length === 1 && only?.lit !== undefined ? String(only.lit.value) : undefined;
  const char = typeof object.lit?.value === "string" ? charOf(object.lit.value, only) : undefined;
  if (char !== undefined) return literal(node, char);
  const field = key === undefined ? fieldsOf(object, only) : fieldOf(object, key);
  const apis = object.refs.flatMap((ref) => (ref.kind === "api" ? (ref.step("[]") ?? []) : []));
  let value = apis.reduce((sum, api) => join(sum, machine.api(api, node)), field);
  const own = ownElement(machine, object, { node, frame, keys });
  if (own !== undefined) value = join(value, own);
  if (key !== undefined) {
    value = machine.named(withFacts(value, parameterFields(object, `[${key}]`)), key, node);
  }
  return value === NOTHING ? UNKNOWN : value;
}

/** The element that is read with a key that is one of a few texts, or any element. */
function fieldsOf(object: Value, key: Value | undefined): Value {
  const texts = key?.oneOf ?? [];
  if (texts.length === 0 || !texts.every((text) => object.items?.fields.has(text))) return elementOf(object);
  return texts.reduce((sum, text) => join(sum, fieldOf(object, text)), NOTHING);
}

function charOf(text: string, index: Value | undefined): string | undefined {
  return typeof index?.lit?.value === "number" ? text.at(index.lit.value) : undefined;
}

/** What `__getitem__` of a class of the file gives. */
function ownElement(
  machine: Machine,
  object: Value,
  { node, frame, keys }: { node: SyntaxNode; frame: Frame; keys: readonly Value[] },
): Value | undefined {
  if (!object.refs.some(({ kind }) => kind === "instance")) return undefined;
  const positional = keys.map((value) => ({ node, value }));
  return callMethod(machine, object, { names: ["__getitem__"], node, frame, positional });
}

/** A part of a text or a list; what is cut out at constant places leaves the rest masked. */
function sliceOf(machine: Machine, object: Value, slice: SyntaxNode | undefined): Value {
  const text = slice?.text ?? "";
  const isConstant = /^[-\d:\s]*\d[-\d:\s]*$/.test(text);
  const isShort = /^\s*\d*\s*:\s*\d{1,3}\s*(?::|$)/.test(text);
  const harmless = (isConstant ? machine.model.slicesMask : 0) | (isShort ? machine.model.lengthsMask : 0);
  if (harmless === 0) return { ...object, lit: undefined, oneOf: undefined };
  const cut = mapFacts(object, (facts) => clearFacts(facts, ~harmless));
  return { ...cut, lit: undefined, oneOf: undefined };
}

function evaluateBinary(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  // `a + b + c + …` leans to the left: a loop keeps long sums off the stack.
  const chain: SyntaxNode[] = [];
  let left = node;
  for (; left.type === "binary_operator"; left = left.child("left") ?? left.children[0] ?? left)
    chain.push(left);
  let value = machine.evaluate(left, frame);
  const { lit } = value;
  const before = typeof lit?.value === "string" ? lit.value : undefined;
  for (const operation of chain.reverse()) {
    machine.spend();
    const right = evaluateField(machine, operation, { field: "right", frame });
    const facts = behind(machine, { operation, before, right });
    value = combine(machine, {
      operation,
      left: value,
      right: facts === right.facts ? right : { ...right, facts },
    });
  }
  return value;
}

/** Facts of a right operand, which comes after the text on its left. */
function behind(
  machine: Machine,
  parts: { operation: SyntaxNode; before: string | undefined; right: Value },
): Value["facts"] {
  const { operation, before, right } = parts;
  const operator = operation.child("operator")?.type;
  if (operator === "+") return prefixed(machine.model, right.facts, before);
  if (operator !== "%" || before === undefined) return right.facts;
  return prefixed(machine.model, right.facts, before.slice(0, before.search(/%|$/)));
}

const PASSING_OPERATORS = new Set(["+", "%", "|", "/", "*"]);

function combine(machine: Machine, parts: { operation: SyntaxNode; left: Value; right: Value }): Value {
  const { operation, left, right } = parts;
  const operator = operation.child("operator")?.type ?? "";
  if (operator === "+" && typeof left.lit?.value === "string" && typeof right.lit?.value === "string") {
    return {
      ...literal(operation, left.lit.value + right.lit.value),
      facts: joinFacts(left.facts, right.facts),
    };
  }
  if (operator === "/") return divide(machine, parts);
  const result = constantOf(operation, operator, [left, right]);
  if (result !== undefined) return result;
  if (!PASSING_OPERATORS.has(operator)) return UNKNOWN;
  if (operator === "+" && left.items !== undefined && right.items !== undefined) {
    return makeValue({ facts: joinFacts(left.facts, right.facts), items: appended(left.items, right) });
  }
  if (operator === "|" && left.items !== undefined) return join(left, right);
  const facts = joinFacts(deepFacts(left), deepFacts(right));
  return facts.length === 0 ? UNKNOWN : makeValue({ facts });
}

/** What an operator makes of two constants. */
function constantOf(node: SyntaxNode, operator: string, [left, right]: [Value, Value]): Value | undefined {
  if (left.lit === undefined || right.lit === undefined) return undefined;
  const value = computed(operator, left.lit.value, right.lit.value);
  return value === undefined ? undefined : literal(node, value);
}

/** `/` joins paths where one side is a path object; of numbers it makes numbers. */
function divide(machine: Machine, parts: { operation: SyntaxNode; left: Value; right: Value }): Value {
  const { operation, left, right } = parts;
  const joiners = [left, right].flatMap(({ refs }) =>
    refs.flatMap((ref) => (ref.kind === "api" ? (ref.step("/") ?? []) : [])),
  );
  const [path] = joiners;
  if (path === undefined) return UNKNOWN;
  const facts = joinFacts(deepFacts(left), deepFacts(right));
  return makeValue({ ...machine.api(path, operation), facts });
}

function appended(items: Items, right: Value): Items {
  const element = elementOf(right);
  return { ...items, rest: items.rest === undefined ? element : join(items.rest, element) };
}

function evaluateBoolean(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const left = node.child("left");
  const right = node.child("right");
  if (left === undefined || right === undefined || frame.env === undefined) return UNKNOWN;
  const first = machine.evaluate(left, frame);
  const guard = guardOf(machine, left, frame);
  const proven = node.child("operator")?.type === "and" ? guard.whenTrue : guard.whenFalse;
  const second = evaluateUnder(machine, right, { frame, env: refined(frame.env, proven) });
  return join(first, second);
}

/** Evaluates an expression in another environment, whose refinements end with it. */
function evaluateUnder(machine: Machine, node: SyntaxNode, at: { frame: Frame; env: Env }): Value {
  const { frame, env } = at;
  const before = frame.env;
  if (env === before) return machine.evaluate(node, frame);
  frame.env = env;
  const value = machine.evaluate(node, frame);
  frame.env = joinEnv(before, frame.env);
  return value;
}

function evaluateComparison(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const operands = node.children.filter((child) => child.field !== "operators" && child.named);
  const values = operands.map((operand) => machine.evaluate(operand, frame));
  const { comparisonBit } = machine.model;
  if (comparisonBit !== undefined) {
    for (const value of values) machine.reach(comparisonBit, deepFacts(value), node);
  }
  const [left, right] = values;
  const [operator] = node.childrenOf("operators");
  if (left === undefined || right === undefined || values.length > 2) return UNKNOWN;
  const [first, second] = operands;
  if (operator?.type === "==" && first !== undefined && second !== undefined) {
    findComparedCredential(machine, { name: first, value: right, node: second });
    findComparedCredential(machine, { name: second, value: left, node: first });
  }
  return constantOf(node, operator?.type ?? "", [left, right]) ?? UNKNOWN;
}

function evaluateConditional(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const [then, condition, otherwise] = node.namedChildren.filter((child) => child.type !== "comment");
  if (then === undefined || condition === undefined || otherwise === undefined) return UNKNOWN;
  machine.evaluate(condition, frame);
  if (frame.env === undefined) return UNKNOWN;
  const outcome = constantOutcome(machine, condition, frame);
  if (outcome !== undefined) return machine.evaluate(outcome ? then : otherwise, frame);
  const guard = guardOf(machine, condition, frame);
  const first = evaluateUnder(machine, then, { frame, env: refined(frame.env, guard.whenTrue) });
  const second = evaluateUnder(machine, otherwise, { frame, env: refined(frame.env, guard.whenFalse) });
  return join(first, second);
}

function evaluateNamed(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const value = evaluateField(machine, node, { field: "value", frame });
  const name = node.child("name");
  if (name !== undefined) machine.assign(name, value, frame);
  return value;
}

function evaluateLambda(machine: Machine, node: SyntaxNode): Value {
  const unit = machine.units.functionAt.get(node);
  return unit === undefined ? UNKNOWN : makeValue({ refs: [{ kind: "function", unit, self: undefined }] });
}

function evaluateYield(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const inner = node.namedChildren[0];
  if (inner === undefined) return UNKNOWN;
  const value = machine.evaluate(inner, frame);
  const isFrom = node.children.some((child) => child.type === "from");
  frame.yielded = join(frame.yielded, isFrom ? elementOf(value) : value);
  return UNKNOWN;
}
