// Definitions of functions and classes, and their decorators.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { readCall } from "./call-reader.ts";
import { emptyCall } from "./call-site.ts";
import { type FunctionUnit, NOTHING, type Ref, type Value } from "./domain.ts";
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
  const itself = makeValue({ refs: [{ kind: "function", unit, self: undefined }] });
  for (const decorator of decorators) registerVariant(machine, itself, { decorator, frame });
  bindName(machine, unit.name, { value: decorated(machine, itself, { decorators, frame }), frame });
}

/** `@show.register` under `functools.singledispatch`: a call of `show` may call this function. */
function registerVariant(
  machine: Machine,
  itself: Value,
  { decorator, frame }: { decorator: SyntaxNode; frame: Frame },
): void {
  const [expression] = decorator.namedChildren;
  const callee = expression?.type === "call" ? expression.child("function") : expression;
  const object = callee?.type === "attribute" ? callee.child("object") : undefined;
  if (object?.type !== "identifier" || callee?.child("attribute")?.text !== "register") return;
  const general = machine.evaluate(object, frame);
  if (!general.refs.some(({ kind }) => kind === "function")) return;
  bindName(machine, object.text, { value: join(general, itself), frame });
}

/** The function itself, and what decorators of the file make of it. */
function decorated(machine: Machine, itself: Value, { decorators, frame }: Definition): Value {
  let value = itself;
  for (const decorator of decorators.toReversed()) {
    const [expression] = decorator.namedChildren;
    if (expression === undefined || frame.env === undefined) continue;
    const callee = machine.evaluate(expression, frame);
    if (!callee.refs.some(({ kind }) => kind === "function")) continue;
    const argument = { node: expression, value };
    const made = machine.call({ ...emptyCall(expression), callee, positional: [argument] }, frame);
    const refs = made.refs.filter(({ kind }) => kind === "function");
    // What stands for the function now calls it; only where that cannot be seen both are kept.
    value = refs.length > 0 && isWrapped(refs) ? makeValue({ refs }) : join(value, makeValue({ refs }));
  }
  return value;
}

/** Whether all that a decorator gives are functions inside of functions, which have the decorated one at hand. */
function isWrapped(refs: readonly Ref[]): boolean {
  return refs.every((ref) => ref.kind === "function" && ref.unit.parent?.parent !== undefined);
}

/** Decorators and bases that make an `__init__` of the annotated attributes. */
const RECORDS = new Set([
  "dataclass",
  "dataclasses",
  "NamedTuple",
  "define",
  "frozen",
  "mutable",
  "attrs",
  "TypedDict",
  "Struct",
]);

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
    if (expression === undefined) continue;
    machine.evaluate(expression, frame);
    owner.isRecord ||= RECORDS.has(lastName(expression));
  }
  owner.bases = join(owner.bases, basesOf(machine, node, frame));
  owner.isRecord ||= (node.child("superclasses")?.namedChildren ?? []).some((base) =>
    RECORDS.has(lastName(base)),
  );
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
