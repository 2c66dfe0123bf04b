// Comprehensions and generator expressions: loops that build a container.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { UNKNOWN, type Value } from "./domain.ts";
import { refined } from "./env.ts";
import { guardOf } from "./guards.ts";
import { lookedAt, withLooked } from "./looks.ts";
import type { Frame, Machine } from "./machine.ts";
import { iteratedOf, makeValue } from "./values.ts";

/** Evaluates a comprehension; its variables are forgotten afterwards. */
export function evaluateComprehension(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const before = frame.env;
  if (before === undefined) return UNKNOWN;
  frame.env = before.copy();
  for (const clause of node.namedChildren) {
    if (clause.type === "for_in_clause") bindClause(machine, clause, frame);
    else if (clause.type === "if_clause") applyCondition(machine, clause, frame);
  }
  const value = evaluateBody(machine, node, frame);
  frame.env = before;
  return value;
}

function bindClause(machine: Machine, clause: SyntaxNode, frame: Frame): void {
  const left = clause.child("left");
  const [right] = clause.childrenOf("right");
  if (left === undefined || right === undefined) return;
  machine.assign(left, iteratedOf(machine.evaluate(right, frame), right), frame);
}

function applyCondition(machine: Machine, clause: SyntaxNode, frame: Frame): void {
  const condition = clause.namedChildren[0];
  if (condition === undefined) return;
  machine.evaluate(condition, frame);
  if (frame.env === undefined) return;
  const looked = lookedAt(machine, condition, frame);
  const env = refined(frame.env, guardOf(machine, condition, frame).whenTrue);
  frame.env = looked?.holdsFor === "good" ? withLooked(env, looked, { all: false }) : env;
}

function evaluateBody(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const body = node.child("body");
  if (body === undefined) return UNKNOWN;
  const shape = node.type === "set_comprehension" ? "set" : "list";
  if (body.type !== "pair") {
    return makeValue({ items: { shape, fields: new Map(), rest: machine.evaluate(body, frame) } });
  }
  const key = body.child("key");
  const value = body.child("value");
  if (key !== undefined) machine.evaluate(key, frame);
  const rest = value === undefined ? UNKNOWN : machine.evaluate(value, frame);
  return makeValue({ items: { shape: "dict", fields: new Map(), rest } });
}
