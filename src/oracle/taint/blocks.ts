// try, with and match.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { assignTo } from "./assign.ts";
import { callMethod } from "./attributes.ts";
import { isOfFunction } from "./constants.ts";
import { type Literal, type Ref, UNKNOWN, type Value } from "./domain.ts";
import { Env, joinEnv, type Refinement, refined } from "./env.ts";
import { guardOf, keyOf } from "./guards.ts";
import type { Frame, Machine } from "./machine.ts";
import { constantString } from "./strings.ts";
import { elementOf, fieldOf, join, makeValue } from "./values.ts";

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
  if (alias !== undefined) {
    const value = join(machine.exception(raised, clause), makeValue({ refs: instancesOf(raised) }));
    assignTo(machine, alias, { value, frame });
  }
  const block = clause.namedChildren.find((child) => child.type === "block");
  if (block !== undefined && frame.env !== undefined) machine.execute(block, frame);
}

/** Objects of the classes of the file that a clause names. */
function instancesOf(raised: Value): Ref[] {
  const named = raised.items === undefined ? raised : elementOf(raised);
  return named.refs.flatMap((ref): Ref[] =>
    ref.kind === "class" ? [{ kind: "instance", unit: ref.unit }] : [],
  );
}

function executeFinally(
  machine: Machine,
  clause: SyntaxNode,
  state: { frame: Frame; after: Frame["env"]; thrown: Env },
): void {
  const { frame, after, thrown } = state;
  const block = clause.namedChildren.find((child) => child.type === "block");
  if (block === undefined) return;
  const entered = joinEnv(after, thrown.copy()) ?? thrown;
  frame.env = entered.copy();
  machine.execute(block, frame);
  if (after === undefined) frame.env = undefined;
  else if (frame.env !== undefined) frame.env = withoutThrown(frame.env, { entered, after });
}

/** Where nothing was raised, variables that the clause left alone hold what they held before it. */
function withoutThrown(env: Env, { entered, after }: { entered: Env; after: Env }): Env {
  const kept = env.copy();
  for (const [name, value] of after.values) {
    if (env.values.get(name) === entered.values.get(name)) kept.refine(name, value);
  }
  return kept;
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
    const given = entered(machine, machine.evaluate(expression, frame), { node: expression, frame });
    assignTo(machine, alias, { value: given, frame });
  }
  const body = node.child("body");
  if (body !== undefined && frame.env !== undefined) machine.execute(body, frame);
}

/** What `as` holds: what `__enter__` of a class of the file gives, what a generator under `@contextmanager` yields. */
function entered(machine: Machine, value: Value, at: { node: SyntaxNode; frame: Frame }): Value {
  const entering = callMethod(machine, value, { names: ["__enter__", "__aenter__"], ...at });
  if (entering !== undefined) return entering;
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
  const isOwn = subject !== undefined && subjects.length === 1 && isOfFunction(subject, frame);
  const constant = isOwn && !machine.settings.everythingPasses ? values[0]?.lit : undefined;
  let after: Frame["env"];
  let isTotal = false;
  for (const clause of node.child("body")?.namedChildren ?? []) {
    if (clause.type !== "case_clause") continue;
    const patterns = clause.namedChildren.filter((child) => child.type === "case_pattern");
    const isConstant = patterns.length > 0 && patterns.every(isConstantPattern);
    const known = clause.child("guard") === undefined && isConstant ? matches(patterns, constant) : undefined;
    if (known === false) continue;
    const proven: Refinement[] = isConstant && key !== undefined ? [{ key, clearMask: -1 }] : [];
    frame.env = proven.length === 0 ? before.copy() : refined(before, proven);
    const matched = isConstant ? UNKNOWN : (values[0] ?? UNKNOWN);
    for (const pattern of patterns) bindPattern(machine, pattern, { value: matched, frame });
    isTotal ||= known === true || (patterns.some(isWildcard) && clause.child("guard") === undefined);
    const guard = clause.child("guard");
    if (guard !== undefined) applyGuard(machine, guard, frame);
    const body = clause.child("consequence");
    if (body !== undefined && frame.env !== undefined) machine.execute(body, frame);
    after = joinEnv(after, frame.env);
    if (known === true) break;
  }
  frame.env = isTotal ? after : joinEnv(after, before);
}

/** `case x if condition`: what the condition proves holds in the case. */
function applyGuard(machine: Machine, guard: SyntaxNode, frame: Frame): void {
  const condition = guard.namedChildren[0] ?? guard;
  machine.evaluate(condition, frame);
  if (frame.env !== undefined) frame.env = refined(frame.env, guardOf(machine, condition, frame).whenTrue);
}

function isWildcard(pattern: SyntaxNode): boolean {
  const [only] = pattern.namedChildren;
  return pattern.text === "_" || (only?.type === "dotted_name" && only.namedChildren.length === 1);
}

/** Whether a constant is one of the constants of a case. */
function matches(patterns: readonly SyntaxNode[], constant: Literal | undefined): boolean | undefined {
  if (constant === undefined) return undefined;
  const options = patterns.flatMap(optionsOf);
  if (options.some((option) => option.type !== "string" && option.type !== "integer")) return undefined;
  return options.some((option) =>
    option.type === "string"
      ? constantString(option) === constant.value
      : Number(option.text) === constant.value,
  );
}

const CONSTANTS = new Set(["string", "concatenated_string", "integer", "float", "true", "false", "none"]);

function isConstantPattern(pattern: SyntaxNode): boolean {
  const options = optionsOf(pattern);
  return options.length > 0 && options.every((part) => CONSTANTS.has(part.type));
}

/** The alternatives of a pattern: `"a" | "b" as name` has two. */
function optionsOf(pattern: SyntaxNode): SyntaxNode[] {
  return pattern.namedChildren.flatMap((child) => {
    if (child.type === "union_pattern") return child.namedChildren;
    if (child.type !== "as_pattern") return [child];
    const [inner] = child.namedChildren;
    return inner === undefined ? [] : optionsOf(inner);
  });
}

/** `{"host": name}`: the name holds what stands under that key. */
function underKey(name: SyntaxNode, pattern: SyntaxNode, subject: Value): Value | undefined {
  const table = pattern.namedChildren[0];
  const part = name.parent?.type === "dotted_name" ? name.parent.parent : undefined;
  if (table?.type !== "dict_pattern" || part?.parent !== table) return undefined;
  const { namedChildren } = table;
  const key = namedChildren[namedChildren.indexOf(part) - 1];
  const text = key?.type === "string" ? constantString(key) : undefined;
  return text === undefined ? undefined : fieldOf(subject, text);
}

/** `("a" | "b") as name`: the name holds one of the constants. */
function isOfConstants(name: SyntaxNode): boolean {
  const holder = name.parent;
  const inner = holder?.type === "as_pattern" ? holder.namedChildren[0] : undefined;
  if (inner === undefined || inner === name) return false;
  return isOneOfConstants(inner);
}

const ALTERNATIVES = new Set(["case_pattern", "union_pattern", "tuple_pattern"]);

function isOneOfConstants(pattern: SyntaxNode): boolean {
  if (CONSTANTS.has(pattern.type)) return true;
  return ALTERNATIVES.has(pattern.type) && pattern.namedChildren.every(isOneOfConstants);
}

/** Captured names hold the subject's data. */
function bindPattern(machine: Machine, pattern: SyntaxNode, at: { value: Value; frame: Frame }): void {
  const element = elementOf(at.value);
  for (const node of pattern.descendants()) {
    if (node.type !== "identifier" || node.parent?.type === "class_pattern") continue;
    const holder = node.parent;
    const isWhole =
      (holder?.type === "dotted_name" || holder?.type === "as_pattern") && holder.parent === pattern;
    const value = isOfConstants(node)
      ? UNKNOWN
      : isWhole
        ? at.value
        : (underKey(node, pattern, at.value) ?? element);
    assignTo(machine, node, { value, frame: at.frame });
  }
}
