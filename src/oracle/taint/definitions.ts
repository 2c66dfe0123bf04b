// Definitions of functions and classes, and their decorators.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { readCall } from "./call-reader.ts";
import { type FunctionUnit, NOTHING, type Value } from "./domain.ts";
import { decorate, markMethods } from "./handlers.ts";
import type { Frame, Machine } from "./machine.ts";
import { bindName } from "./names.ts";
import { join, makeValue } from "./values.ts";

interface Definition {
  readonly decorators: readonly SyntaxNode[];
  readonly frame: Frame;
}

const BINDINGS: Readonly<Record<string, FunctionUnit["binding"]>> = {
  staticmethod: "static",
  classmethod: "class",
  property: "property",
  cached_property: "property",
};

/** `def`: the name holds the function; its body is analysed on its own. */
export function defineFunction(machine: Machine, node: SyntaxNode, { decorators, frame }: Definition): void {
  const unit = machine.units.functionAt.get(node);
  if (unit === undefined) return;
  for (const child of node.child("parameters")?.namedChildren ?? []) {
    const value = child.child("value");
    if (value !== undefined) machine.evaluate(value, frame);
  }
  for (const decorator of decorators) {
    const [expression] = decorator.namedChildren;
    if (expression === undefined) continue;
    unit.binding = BINDINGS[lastName(expression)] ?? unit.binding;
    const call = expression.type === "call" ? readCall(machine, expression, frame) : undefined;
    decorate(machine, unit, { decorator: machine.evaluate(expression, frame), call });
  }
  bindName(machine, unit.name, {
    value: makeValue({ refs: [{ kind: "function", unit, self: undefined }] }),
    frame,
  });
}

function lastName(node: SyntaxNode): string {
  if (node.type === "call") return lastName(node.child("function") ?? node.children[0] ?? node);
  return node.type === "attribute" ? (node.child("attribute")?.text ?? "") : node.text;
}

/** `class`: its body runs at once, in a scope of its own. */
export function defineClass(machine: Machine, node: SyntaxNode, { decorators, frame }: Definition): void {
  const owner = machine.units.classAt.get(node);
  if (owner === undefined || frame.env === undefined) return;
  for (const decorator of decorators) {
    const [expression] = decorator.namedChildren;
    if (expression !== undefined) machine.evaluate(expression, frame);
  }
  owner.bases = join(owner.bases, basesOf(machine, node, frame));
  const inner: Frame = { ...frame, owner, env: frame.env.copy(), loops: [], tries: [] };
  const body = node.child("body");
  if (body !== undefined) machine.execute(body, inner);
  markMethods(machine, inner);
  bindName(machine, owner.name, { value: makeValue({ refs: [{ kind: "class", unit: owner }] }), frame });
}

function basesOf(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  let bases = NOTHING;
  for (const child of node.child("superclasses")?.namedChildren ?? []) {
    if (child.type !== "keyword_argument") bases = join(bases, machine.evaluate(child, frame));
  }
  return bases;
}
