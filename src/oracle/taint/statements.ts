// Executes statements: control flow joins where ways meet, and stops where a way ends.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { assignTo } from "./assign.ts";
import { executeMatch, executeTry, executeWith } from "./blocks.ts";
import { constantOutcome } from "./constants.ts";
import { defineClass, defineFunction } from "./definitions.ts";
import { NOTHING, UNKNOWN, type Value } from "./domain.ts";
import { type Env, joinEnv, NO_GUARD, type Refinement, refined } from "./env.ts";
import { guardOf, provenByReturning } from "./guards.ts";
import { executeImport, executeImportFrom } from "./imports.ts";
import { givesUp, lookedAt, withLooked } from "./looks.ts";
import { executeFor, executeWhile, leaveLoop } from "./loops.ts";
import type { Frame, Machine } from "./machine.ts";
import { isAsked, noteExit } from "./proofs.ts";
import { reachReceivers } from "./receivers.ts";
import { deepFacts, elementOf, join, joinFacts, makeValue, withoutField } from "./values.ts";

type Executor = (machine: Machine, node: SyntaxNode, frame: Frame) => void;

/** Executes the statements of a block or module in order, as far as the flow gets. */
export function executeBlock(machine: Machine, block: SyntaxNode, frame: Frame): void {
  for (const statement of block.children) {
    if (frame.env === undefined) return;
    if (statement.named) executeStatement(machine, statement, frame);
  }
}

function executeStatement(machine: Machine, node: SyntaxNode, frame: Frame): void {
  machine.spend();
  const executor = executors[node.type];
  if (executor === undefined) evaluateChildren(machine, node, frame);
  else executor(machine, node, frame);
}

const executors: Readonly<Record<string, Executor>> = {
  comment: () => undefined,
  expression_statement: executeExpression,
  return_statement: executeReturn,
  if_statement: executeIf,
  for_statement: executeFor,
  while_statement: executeWhile,
  try_statement: executeTry,
  with_statement: executeWith,
  match_statement: executeMatch,
  raise_statement: executeRaise,
  assert_statement: executeAssert,
  break_statement: (_machine, _node, frame) => leaveLoop(frame, "breaks"),
  continue_statement: (_machine, _node, frame) => leaveLoop(frame, "continues"),
  function_definition: (machine, node, frame) => defineFunction(machine, node, { decorators: [], frame }),
  class_definition: (machine, node, frame) => defineClass(machine, node, { decorators: [], frame }),
  decorated_definition: executeDecorated,
  import_statement: executeImport,
  import_from_statement: executeImportFrom,
  future_import_statement: () => undefined,
  delete_statement: (machine, node, frame) => {
    for (const target of node.namedChildren) {
      if (target.type === "identifier") frame.env?.set(target.text, UNKNOWN);
      else if (target.type === "subscript") deleteElement(machine, target, frame);
    }
  },
  block: executeBlock,
  global_statement: () => undefined,
  nonlocal_statement: () => undefined,
};

/** `del names[1]`: later elements move up. */
function deleteElement(machine: Machine, target: SyntaxNode, frame: Frame): void {
  const object = target.child("value");
  const [subscript] = target.childrenOf("subscript").filter((child) => child.named);
  if (object?.type !== "identifier" || subscript === undefined || frame.loops.length > 0) return;
  const { lit } = machine.evaluate(subscript, frame);
  if (lit === undefined || frame.env === undefined) return;
  const holder = machine.evaluate(object, frame);
  const after = withoutField(holder, String(lit.value));
  if (after !== holder) machine.assign(object, after, frame);
}

function evaluateChildren(machine: Machine, node: SyntaxNode, frame: Frame): void {
  for (const child of node.children)
    if (child.named && frame.env !== undefined) machine.evaluate(child, frame);
}

function executeExpression(machine: Machine, node: SyntaxNode, frame: Frame): void {
  for (const child of node.children) {
    if (!child.named || frame.env === undefined) continue;
    if (child.type === "assignment") executeAssignment(machine, child, frame);
    else if (child.type === "augmented_assignment") executeAugmented(machine, child, frame);
    else machine.evaluate(child, frame);
    if (child.type === "call" && frame.env !== undefined) {
      frame.env = refined(frame.env, provenByReturning(machine, child, frame));
    }
  }
}

function executeAssignment(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const left = node.child("left");
  const right = node.child("right");
  if (left === undefined || right === undefined) return UNKNOWN;
  const isChain = right.type === "assignment";
  const value = isChain ? executeAssignment(machine, right, frame) : machine.evaluate(right, frame);
  if (frame.env === undefined) return value;
  const guard = left.type === "identifier" && !isChain ? guardOf(machine, right, frame) : undefined;
  assignTo(machine, left, { value, frame });
  if (left.type === "identifier" && right.type === "attribute") frame.env.attributes.set(left.text, right);
  if (guard !== undefined && guard.whenTrue.length + guard.whenFalse.length > 0)
    frame.env.guards.set(left.text, guard);
  return value;
}

function executeAugmented(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const left = node.child("left");
  const right = node.child("right");
  if (left === undefined || right === undefined) return;
  const before = machine.evaluate(left, frame);
  const added = machine.evaluate(right, frame);
  const operator = node.child("operator")?.type ?? "";
  if (!["+=", "%=", "|=", "/=", "*="].includes(operator)) return;
  const facts = joinFacts(before.facts, added.facts);
  if (before.items !== undefined) {
    const element = elementOf(added);
    const rest = before.items.rest === undefined ? element : join(before.items.rest, element);
    assignTo(machine, left, { value: { ...before, facts, items: { ...before.items, rest } }, frame });
    return;
  }
  const value = makeValue({ refs: before.refs, facts: joinFacts(facts, deepFacts(added)) });
  assignTo(machine, left, { value, frame });
}

function executeReturn(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const inner = node.children.find((child) => child.named);
  if (inner !== undefined) returnValue(machine, inner, frame);
  else if (frame.env !== undefined) {
    noteExit(machine, frame, { env: frame.env, value: undefined, guard: NO_GUARD });
    frame.env = undefined;
  }
}

/** Returns what an expression gives. */
export function returnValue(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const value = machine.evaluate(node, frame);
  const { env, unit } = frame;
  if (env !== undefined && isAsked(machine, unit))
    noteExit(machine, frame, { env, value, guard: guardOf(machine, node, frame) });
  frame.returned = join(frame.returned, value);
  reachReceivers(machine, value, { name: unit.name, at: node });
  for (const { returns, unlessWithin } of unit.handlers) {
    if (unlessWithin?.test(unit.node.text) === true) continue;
    for (const { bit, deep } of returns) machine.reach(bit, deep ? deepFacts(value) : bodyFacts(value), node);
  }
  frame.env = undefined;
}

/** The body of a returned response: of `(body, status)` the first; a dictionary is sent as JSON. */
function bodyFacts(value: Value): Value["facts"] {
  const { items } = value;
  if (items?.shape === "tuple") {
    return hasOtherType(items.fields) ? [] : bodyFacts(items.fields.get("0") ?? UNKNOWN);
  }
  return items?.shape === "dict" || items?.shape === "object" ? value.facts : deepFacts(value);
}

/** `return body, 200, {"Content-Type": "text/plain"}` is no page. */
function hasOtherType(fields: ReadonlyMap<string, Value>): boolean {
  return ["1", "2"].some((position) =>
    [...(fields.get(position)?.items?.fields ?? [])].some(([name, { lit }]) => {
      const type = lit?.value;
      return name.toLowerCase() === "content-type" && typeof type === "string" && !type.includes("html");
    }),
  );
}

function executeIf(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const condition = node.child("condition");
  const consequence = node.child("consequence");
  if (condition === undefined || consequence === undefined) return;
  machine.evaluate(condition, frame);
  if (frame.env === undefined) return;
  const outcome = constantOutcome(machine, condition, frame);
  if (outcome === true) {
    machine.execute(consequence, frame);
    return;
  }
  if (outcome === false) {
    executeAlternatives(machine, node.childrenOf("alternative"), frame);
    return;
  }
  const guard = guardOf(machine, condition, frame);
  const looked = lookedAt(machine, condition, frame);
  const before = frame.env;
  machine.spend(before.values.size);
  const branch = (refinements: readonly Refinement[], isGood: boolean): Env => {
    const env = refinements.length === 0 ? before.copy() : refined(before, refinements);
    return isGood ? withLooked(env, looked, { all: false }) : env;
  };
  frame.env = branch(guard.whenTrue, looked?.holdsFor === "good");
  machine.execute(consequence, frame);
  const afterThen: Frame["env"] = frame.env;
  frame.env = branch(guard.whenFalse, looked?.holdsFor === "bad");
  if (looked?.holdsFor === "bad" && afterThen === undefined && givesUp(consequence)) {
    frame.env = withLooked(frame.env, looked, { all: true });
  }
  executeAlternatives(machine, node.childrenOf("alternative"), frame);
  frame.env = joinEnv(afterThen, frame.env);
}

/** `elif` and `else` clauses, one after another: each is reached where those before did not hold. */
function executeAlternatives(machine: Machine, clauses: readonly SyntaxNode[], frame: Frame): void {
  let after: Frame["env"];
  for (const clause of clauses) {
    if (frame.env === undefined) break;
    if (clause.type === "else_clause") {
      const body = clause.child("body");
      if (body !== undefined) machine.execute(body, frame);
      break;
    }
    const condition = clause.child("condition");
    const consequence = clause.child("consequence");
    if (condition === undefined || consequence === undefined) continue;
    machine.evaluate(condition, frame);
    if (frame.env === undefined) break;
    const outcome = constantOutcome(machine, condition, frame);
    if (outcome === false) continue;
    if (outcome === true) {
      machine.execute(consequence, frame);
      break;
    }
    const guard = guardOf(machine, condition, frame);
    const before: NonNullable<Frame["env"]> = frame.env;
    machine.spend(before.values.size);
    frame.env = guard.whenTrue.length === 0 ? before.copy() : refined(before, guard.whenTrue);
    machine.execute(consequence, frame);
    after = joinEnv(after, frame.env);
    frame.env = refined(before, guard.whenFalse);
  }
  frame.env = joinEnv(after, frame.env);
}

function executeRaise(machine: Machine, node: SyntaxNode, frame: Frame): void {
  evaluateChildren(machine, node, frame);
  frame.env = undefined;
}

function executeAssert(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const [condition] = node.namedChildren;
  if (condition === undefined) return;
  machine.evaluate(condition, frame);
  if (frame.env !== undefined) frame.env = refined(frame.env, guardOf(machine, condition, frame).whenTrue);
}

function executeDecorated(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const definition = node.child("definition");
  if (definition === undefined) return;
  const decorators = node.namedChildren.filter((child) => child.type === "decorator");
  if (definition.type === "class_definition") defineClass(machine, definition, { decorators, frame });
  else defineFunction(machine, definition, { decorators, frame });
}

/** What running a frame returns to its caller: returned values, or a container of what it yields. */
export function outcomeOf(frame: Frame): Value {
  if (!frame.unit.isGenerator) return frame.returned;
  if (frame.yielded === NOTHING) return frame.returned;
  return makeValue({ items: { shape: "list", fields: new Map(), rest: frame.yielded } });
}
