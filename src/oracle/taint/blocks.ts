// try, with and match.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { assignTo } from "./assign.ts";
import { NOTHING, UNKNOWN, type Value } from "./domain.ts";
import { Env, joinEnv, type Refinement, refined } from "./env.ts";
import { keyOf } from "./guards.ts";
import type { Frame, Machine } from "./machine.ts";
import { elementOf, join } from "./values.ts";

/** `try`: a handler may be entered from anywhere in the body. */
export function executeTry(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const body = node.child("body");
  const before = frame.env;
  if (body === undefined || before === undefined) return;
  const seen = new Env();
  frame.tries.push(seen);
  frame.env = before.copy();
  machine.execute(body, frame);
  frame.tries.pop();
  let after: Frame["env"] = frame.env;
  const thrown = withAssignments(before, seen);
  for (const clause of node.namedChildren) {
    if (clause.type === "except_clause" || clause.type === "except_group_clause") {
      frame.env = thrown.copy();
      executeExcept(machine, clause, frame);
      after = joinEnv(after, frame.env);
    } else if (clause.type === "else_clause") {
      frame.env = after;
      const inner = clause.child("body");
      if (inner !== undefined && frame.env !== undefined) machine.execute(inner, frame);
      after = frame.env;
    } else if (clause.type === "finally_clause") {
      executeFinally(machine, clause, { frame, after, thrown });
      after = frame.env;
    }
  }
  frame.env = after;
}

/** What variables may hold when an exception comes out of a body. */
function withAssignments(before: Env, seen: Env): Env {
  const thrown = before.copy();
  for (const [name, value] of seen.values) {
    const held = thrown.values.get(name);
    thrown.set(name, held === undefined ? value : join(held, value));
  }
  return thrown;
}

function executeExcept(machine: Machine, clause: SyntaxNode, frame: Frame): void {
  const value = clause.child("value");
  const alias = value?.type === "as_pattern" ? value.child("alias") : clause.child("alias");
  const type = value?.type === "as_pattern" ? value.namedChildren[0] : value;
  const raised = type === undefined ? UNKNOWN : machine.evaluate(type, frame);
  if (alias !== undefined) assignTo(machine, alias, { value: machine.exception(raised, clause), frame });
  const block = clause.namedChildren.find((child) => child.type === "block");
  if (block !== undefined && frame.env !== undefined) machine.execute(block, frame);
}

function executeFinally(
  machine: Machine,
  clause: SyntaxNode,
  state: { frame: Frame; after: Frame["env"]; thrown: Env },
): void {
  const { frame, after, thrown } = state;
  const block = clause.namedChildren.find((child) => child.type === "block");
  if (block === undefined) return;
  const isReached = after !== undefined;
  frame.env = joinEnv(after, thrown.copy());
  machine.execute(block, frame);
  if (!isReached) frame.env = undefined;
}

/** `with`: the target holds what the context manager gives, by default itself. */
export function executeWith(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const clause = node.namedChildren.find((child) => child.type === "with_clause");
  for (const item of clause?.namedChildren ?? []) {
    const value = item.child("value");
    if (value === undefined || frame.env === undefined) continue;
    if (value.type !== "as_pattern") {
      machine.evaluate(value, frame);
      continue;
    }
    const [expression] = value.namedChildren;
    const alias = value.child("alias");
    if (expression === undefined || alias === undefined) continue;
    assignTo(machine, alias, { value: entered(machine, machine.evaluate(expression, frame)), frame });
  }
  const body = node.child("body");
  if (body !== undefined && frame.env !== undefined) machine.execute(body, frame);
}

/** A generator function under `@contextmanager` gives what it yields. */
function entered(_machine: Machine, value: Value): Value {
  const isYielded = value.items?.shape === "list" && value.items.fields.size === 0 && value.refs.length === 0;
  return isYielded ? elementOf(value) : value;
}

/** `match`: a constant pattern proves the subject harmless in its case. */
export function executeMatch(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const subjects = node.childrenOf("subject");
  const values = subjects.map((subject) => machine.evaluate(subject, frame));
  const [subject] = subjects;
  const key = subjects.length === 1 && subject !== undefined ? keyOf(subject) : undefined;
  const before = frame.env;
  if (before === undefined) return;
  let after: Frame["env"];
  let isTotal = false;
  for (const clause of node.child("body")?.namedChildren ?? []) {
    if (clause.type !== "case_clause") continue;
    const patterns = clause.namedChildren.filter((child) => child.type === "case_pattern");
    const isConstant = patterns.length > 0 && patterns.every(isConstantPattern);
    const proven: Refinement[] = isConstant && key !== undefined ? [{ key, clearMask: -1 }] : [];
    frame.env = proven.length === 0 ? before.copy() : refined(before, proven);
    for (const pattern of patterns) bindPattern(machine, pattern, { value: values[0] ?? NOTHING, frame });
    isTotal ||= patterns.some((pattern) => pattern.text === "_") && clause.child("guard") === undefined;
    const guard = clause.child("guard");
    if (guard !== undefined) machine.evaluate(guard, frame);
    const body = clause.child("consequence");
    if (body !== undefined && frame.env !== undefined) machine.execute(body, frame);
    after = joinEnv(after, frame.env);
  }
  frame.env = isTotal ? after : joinEnv(after, before);
}

const CONSTANTS = new Set(["string", "concatenated_string", "integer", "float", "true", "false", "none"]);

function isConstantPattern(pattern: SyntaxNode): boolean {
  const parts = pattern.namedChildren.flatMap((child) =>
    child.type === "union_pattern" ? child.namedChildren : [child],
  );
  return parts.length > 0 && parts.every((part) => CONSTANTS.has(part.type));
}

/** Captured names hold the subject's data. */
function bindPattern(machine: Machine, pattern: SyntaxNode, at: { value: Value; frame: Frame }): void {
  const element = elementOf(at.value);
  for (const node of pattern.descendants()) {
    if (node.type !== "identifier" || node.parent?.type === "class_pattern") continue;
    const isWhole = node.parent?.type === "dotted_name" && node.parent.parent === pattern;
    assignTo(machine, node, { value: isWhole ? at.value : element, frame: at.frame });
  }
}
