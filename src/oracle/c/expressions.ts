// Expressions: their values, and the places in memory that they name.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { release } from "./allocation.ts";
import { combine } from "./arithmetic.ts";
import { checkNarrowing, checkWidening, initialise, writeTo } from "./assignments.ts";
import { checkPointer } from "./bounds.ts";
import { functionValue } from "./callees.ts";
import { assignObject, classOf } from "./containers.ts";
import { taintOf, type Value } from "./domain.ts";
import { constant, constantOf, plus, symbolic, times } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, convert, literal, load, setTaint, source, store } from "./memory.ts";
import { declareGlobal, find } from "./names.ts";
import { holderOf } from "./objects.ts";
import { firstOf, inMacro, placeOf } from "./places.ts";
import { calculate, readCharacter, readNumber } from "./program.ts";
import { asSeen } from "./texts.ts";
import { typeOfExpression } from "./type-of.ts";
import { CHAR, INT, SIZE, STRING, sizeOf, typeOfSpecifier, UNKNOWN } from "./types.ts";

/** The value of an expression. */
export function evaluate(machine: Machine, node: SyntaxNode): Value {
  machine.spend();
  const evaluator = EVALUATORS[node.type];
  if (evaluator !== undefined) return evaluator(machine, node);
  return evaluateParts(machine, node);
}

/** Something that is not understood: its parts are looked at, and pass on what is untrusted. */
function evaluateParts(machine: Machine, node: SyntaxNode): Value {
  let taint = undefined as ReturnType<typeof taintOf>;
  for (const child of node.namedChildren) {
    if (child.type === "compound_statement" || child.type === "comment" || child.type.endsWith("_type"))
      continue;
    const value = evaluate(machine, child);
    taint ??= taintOf(value) ?? (value.to === undefined ? undefined : contentTaint(machine, value.to.region));
  }
  return taint === undefined ? { type: UNKNOWN } : { type: UNKNOWN, taint };
}

const first = firstOf;

const EVALUATORS: Readonly<Record<string, (machine: Machine, node: SyntaxNode) => Value>> = {
  number_literal: (_machine, { text }) => {
    const value = readNumber(text);
    if (value === undefined) return { type: { k: "float", size: 8 } };
    const long = /[lL]/.test(text) || value > 2147483647;
    const unsigned = /[uU]/.test(text) && !/^0[xX][0-9a-fA-F]*$/.test(text);
    return {
      type: long ? { k: "int", size: 8, signed: !unsigned } : { k: "int", size: 4, signed: !unsigned },
      lin: constant(value),
    };
  },
  char_literal: (_machine, { text }) => ({ type: INT, lin: constant(readCharacter(text) ?? 0) }),
  string_literal: (machine, node) => literal(machine, node, textOfLiteral(node)),
  raw_string_literal: (machine, node) => literal(machine, node, node.child("content")?.text ?? node.text),
  concatenated_string: (machine, node) =>
    literal(
      machine,
      node,
      node.namedChildren.map((part) => (part.type === "string_literal" ? textOfLiteral(part) : "")).join(""),
    ),
  true: () => ({ type: INT, lin: constant(1) }),
  false: () => ({ type: INT, lin: constant(0) }),
  null: (machine) => machine.pointer(machine.nullRegion, { k: "pointer", to: UNKNOWN }),
  nullptr: (machine) => machine.pointer(machine.nullRegion, { k: "pointer", to: UNKNOWN }),
  this: (machine) => {
    const { self } = machine.frame;
    return self === undefined ? { type: UNKNOWN } : machine.pointer(self, { k: "pointer", to: self.type });
  },
  identifier: evaluateName,
  qualified_identifier: evaluateName,
  type_identifier: evaluateName,
  field_expression: evaluatePlace,
  subscript_expression: evaluatePlace,
  call_expression: (machine, node) => machine.ops.call(machine, node),
  parenthesized_expression: (machine, node) => evaluate(machine, first(node)),
  assignment_expression: assign,
  update_expression: update,
  binary_expression: binary,
  unary_expression: unary,
  pointer_expression: pointerExpression,
  cast_expression: (machine, node) => {
    const type = typeOfSpecifier(node.child("type"), machine.program.types);
    const value = evaluate(machine, node.child("value") ?? first(node));
    return type.k === "void" ? { type } : convert(machine, value, type.k === "struct" ? value.type : type);
  },
  sizeof_expression: (machine, node) => sizeof(machine, node),
  conditional_expression: conditional,
  comma_expression: (machine, node) => {
    evaluate(machine, node.child("left") ?? first(node));
    return evaluate(machine, node.child("right") ?? first(node));
  },
  compound_literal_expression: (machine, node) => {
    const type = typeOfSpecifier(node.child("type"), machine.program.types);
    const region = machine.region({ name: "", kind: "variable", type, nullness: "no" });
    const value = node.child("value");
    if (value !== undefined) initialise(machine, region, value);
    return type.k === "struct" ? load(machine, region) : machine.pointer(region, type);
  },
  delete_expression: (machine, node) => {
    release(machine, evaluate(machine, first(node)), node);
    return { type: { k: "void" } };
  },
  lambda_expression: () => ({ type: UNKNOWN }),
  new_expression: (machine, node) => {
    const type = typeOfSpecifier(node.child("type"), machine.program.types);
    const length = node.child("declarator")?.child("length");
    const count = length === undefined ? constant(1) : (evaluate(machine, length).lin ?? undefined);
    const one = sizeOf(type);
    const size = one === undefined || count === undefined ? undefined : times(count, one);
    const argumentsNode = node.child("arguments");
    if (argumentsNode !== undefined) evaluateParts(machine, argumentsNode);
    const region = machine.region({
      name: "new",
      kind: "heap",
      type,
      size,
      nullness: /nothrow/.test(node.text) ? "maybe" : "no",
      node,
    });
    return machine.pointer(region, { k: "pointer", to: type });
  },
};

function textOfLiteral(node: SyntaxNode): string {
  let text = "";
  for (const part of node.namedChildren) {
    text +=
      part.type === "escape_sequence"
        ? String.fromCodePoint(readCharacter(`'${part.text}'`) ?? 63)
        : part.text;
  }
  return text;
}

function evaluateName(machine: Machine, node: SyntaxNode): Value {
  const name = node.text.split("::").at(-1) ?? node.text;
  const region = find(machine, name) ?? declareGlobal(machine, name);
  if (region !== undefined)
    return region.type.k === "pointer" && region.type.ref
      ? evaluatePlace(machine, node)
      : load(machine, region);
  const { program } = machine;
  const body = program.macros.get(name)?.parameters === undefined ? program.macroBody(name) : undefined;
  if (body !== undefined) return inMacro(machine, node, () => evaluate(machine, body));
  const known = program.enumerators.get(name) ?? machine.model.constants.get(name);
  if (name === "NULL" || name === "nullptr")
    return machine.pointer(machine.nullRegion, { k: "pointer", to: UNKNOWN });
  if (known !== undefined)
    return {
      type:
        Math.abs(known) > 2147483647 ? (known > 2 ** 63 ? SIZE : { k: "int", size: 8, signed: true }) : INT,
      lin: constant(known),
    };
  const model = machine.model.function(name);
  // A macro that is a statement of its own: `RETURN_FALSE;`.
  if (model?.exits === true && node.parent?.type === "expression_statement") machine.die();
  if (
    model?.source !== undefined &&
    model.fills === undefined &&
    model.scans === undefined &&
    name === "optarg"
  ) {
    const taint = source(machine, node, model.source);
    return machine.pointer(
      machine.region({ name, kind: "outside", type: CHAR, born: taint, nullness: "no" }),
      STRING,
    );
  }
  if (name === "cin") {
    const taint = source(machine, node, { kind: "local", says: "standard input" });
    return taint === undefined ? { type: UNKNOWN } : { type: UNKNOWN, taint };
  }
  return functionValue(machine, name) ?? { type: UNKNOWN };
}

function evaluatePlace(machine: Machine, node: SyntaxNode): Value {
  const place = placeOf(machine, node, "read");
  if (place === undefined) return { type: UNKNOWN };
  const held = load(machine, place.region);
  const opaque = held.lin === undefined && held.to === undefined && place.type.k === "int";
  const value = opaque ? machine.unknown(place.type, { taint: held.taint }) : held;
  if (opaque) machine.state.cells.set(place.region.id, value);
  const typed = asSeen(machine, value, place.type);
  if (place.within !== undefined && typed.lin !== undefined) {
    const taint = contentTaint(machine, place.within.region);
    const tainted =
      taint !== undefined && (taintOf(typed)?.cleared.size ?? -1) < taint.cleared.size
        ? machine.unknown(typed.type, { taint })
        : typed;
    // The same character is the same number when it is asked for again.
    if (tainted !== typed) machine.state.cells.set(place.region.id, tainted);
    return { ...tainted, origin: place.within };
  }
  return typed;
}

function assign(machine: Machine, node: SyntaxNode): Value {
  const left = node.child("left");
  const right = node.child("right");
  const operator = node.child("operator")?.text ?? "=";
  if (left === undefined || right === undefined) return { type: UNKNOWN };
  let value: Value;
  if (operator === "=") value = evaluate(machine, right);
  else {
    if (left.type === "subscript_expression") placeOf(machine, left, "write");
    const before = evaluate(machine, left);
    value = combine(machine, node, {
      operator: operator.slice(0, -1),
      a: before,
      b: evaluate(machine, right),
    });
    if (before.type.k === "unknown" && before.taint !== undefined) value = { ...value, taint: before.taint };
  }
  const place = placeOf(machine, left, "write");
  if (place === undefined) return value;
  checkWidening(machine, value, place.type);
  checkNarrowing(machine, value, { node: right, type: place.type });
  return writeTo(machine, place, value, node);
}

function update(machine: Machine, node: SyntaxNode): Value {
  const argument = node.child("argument") ?? first(node);
  // An element that does not exist is written, more than read.
  if (argument.type === "subscript_expression") placeOf(machine, argument, "write");
  const operator = node.child("operator")?.text ?? (node.text.includes("++") ? "++" : "--");
  const before = evaluate(machine, argument);
  // C++: an iterator that leads to nothing cannot go on.
  if (before.to?.region.holder !== undefined || isGone(machine, before, argument))
    checkPointer(machine, before, node);
  const prefix = node.children[0]?.type === "++" || node.children[0]?.type === "--";
  const one: Value = { type: INT, lin: constant(1) };
  const after =
    before.to !== undefined
      ? combine(machine, node, { operator: operator[0] ?? "+", a: before, b: one })
      : before.lin === undefined
        ? before
        : { type: before.type, lin: counted(machine, node, { before, operator }).lin ?? before.lin };
  const place = placeOf(machine, argument, "address");
  if (place !== undefined) store(machine, place.region, after);
  return prefix ? after : before;
}

/** One more or less: a sum like any other where it is a number that somebody chose, and no counter. */
function counted(
  machine: Machine,
  node: SyntaxNode,
  { before, operator }: { before: Value; operator: string },
): Value {
  const by = constant(operator === "++" ? 1 : -1);
  const terms = before.lin?.terms ?? [];
  const chosen = terms.length === 0 || terms.some(({ sym }) => sym.taint !== undefined && !sym.joined);
  if (chosen) return combine(machine, node, { operator: "+", a: before, b: { type: INT, lin: by } });
  return { type: before.type, lin: plus(before.lin ?? by, by) ?? by };
}

function isGone(machine: Machine, { to }: Value, node: SyntaxNode): boolean {
  return (
    to !== undefined && node.type === "identifier" && machine.state.freed.get(to.region.id)?.erased === true
  );
}

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">=", "&&", "||", "and", "or"]);

function binary(machine: Machine, node: SyntaxNode): Value {
  const operator = node.child("operator")?.text ?? "";
  const left = node.child("left");
  const right = node.child("right");
  if (left === undefined || right === undefined) return { type: UNKNOWN };
  if (COMPARISONS.has(operator)) return truth(machine, node);
  const a = evaluate(machine, left);
  if (operator === ">>" && a.lin === undefined && a.to === undefined)
    return extract(machine, streamValue(machine, a, node), right);
  const b = evaluate(machine, right);
  if (operator === "<<" && a.lin === undefined && a.to === undefined) {
    insert(machine, left, b);
    if (b.lin === undefined) return a;
  }
  return combine(machine, node, { operator, a, b });
}

/** C++: what is read from a file's stream comes from outside. */
function streamValue(machine: Machine, stream: Value, node: SyntaxNode): Value {
  if (classOf(stream.copyOf)?.behaves !== "input" || stream.taint !== undefined) return stream;
  const taint = source(machine, node, { kind: "local", says: "data from a file" });
  return taint === undefined ? stream : { type: stream.type, taint };
}

/** C++: `stream << value`. */
function insert(machine: Machine, stream: SyntaxNode, value: Value): void {
  if (value.to?.region.kind === "heap" || value.to?.region.kind === "outside") {
    const { type } = value;
    if (type.k === "pointer" && type.to.k === "int" && type.to.size === 1)
      checkPointer(machine, value, stream);
  }
  const taint =
    taintOf(value) ?? (value.to === undefined ? undefined : contentTaint(machine, value.to.region));
  const region = taint === undefined ? undefined : holderOf(machine, stream);
  if (region === undefined || taint === undefined) return;
  if (classOf(region) !== undefined) setTaint(machine, region, taint);
  else machine.state.cells.set(region.id, { type: region.type, taint });
}

/** A condition as a value: both ways are followed. */
function truth(machine: Machine, node: SyntaxNode): Value {
  return { type: INT, lin: constant(machine.ops.decide(machine, node) ? 1 : 0) };
}

/** C++: `stream >> target`. */
function extract(machine: Machine, stream: Value, target: SyntaxNode): Value {
  const place = placeOf(machine, target, target.type === "subscript_expression" ? "write" : "address");
  if (place === undefined) return stream;
  if (classOf(place.region) !== undefined) {
    assignObject(machine, place.region, { ...stream, type: place.type }, target);
    return stream;
  }
  if (place.region.type.k === "array") {
    if (stream.taint !== undefined && !/\bsetw\b/.test(target.parent?.text ?? "")) {
      machine.report("write", target.parent ?? target, { taint: stream.taint });
    }
    if (stream.taint !== undefined) machine.state.taints.set(place.region.id, stream.taint);
    return stream;
  }
  const value = machine.unknown(place.region.type, { taint: stream.taint });
  machine.state.cells.set(place.region.id, value);
  return stream;
}

function unary(machine: Machine, node: SyntaxNode): Value {
  const argument = node.child("argument") ?? first(node);
  const operator = node.child("operator")?.text ?? "";
  if (operator === "!" || operator === "not") return truth(machine, node);
  const value = evaluate(machine, argument);
  if (value.lin === undefined) return value;
  if (operator === "-") return { type: value.type, lin: times(value.lin, -1) };
  if (operator === "+") return value;
  const known = constantOf(value.lin);
  if (known !== undefined) return { type: value.type, lin: constant(calculate("-", -1, known) ?? 0) };
  return machine.unknown(value.type, { taint: taintOf(value) });
}

function pointerExpression(machine: Machine, node: SyntaxNode): Value {
  const argument = node.child("argument") ?? first(node);
  if (node.child("operator")?.text === "*") return evaluatePlace(machine, node);
  if (argument.type === "subscript_expression") return addressOfElement(machine, argument);
  const place = placeOf(machine, argument, "address");
  if (place === undefined) {
    const named = argument.type === "identifier" ? functionValue(machine, argument.text) : undefined;
    return named ?? { type: { k: "pointer", to: UNKNOWN } };
  }
  if (place.within !== undefined) return { type: { k: "pointer", to: place.type }, to: place.within };
  return machine.pointer(place.region, { k: "pointer", to: place.type });
}

/** `&a[i]` is `a + i`: the end of an array may be pointed to. */
function addressOfElement(machine: Machine, node: SyntaxNode): Value {
  const base = evaluate(machine, node.child("argument") ?? first(node));
  const indexNode = node.child("index") ?? node.child("indices")?.namedChildren[0];
  if (indexNode === undefined) return base;
  return combine(machine, node, { operator: "+", a: base, b: evaluate(machine, indexNode) });
}

function sizeof(machine: Machine, node: SyntaxNode): Value {
  const typeNode = node.child("type");
  const value = node.child("value");
  let type = typeNode === undefined ? UNKNOWN : typeOfSpecifier(typeNode, machine.program.types);
  if (value !== undefined) type = typeOfExpression(machine, value);
  else if (typeNode !== undefined && type.k === "unknown") {
    // `sizeof(name)` reads as a type: it may be a variable.
    const region = find(machine, typeNode.text);
    if (region !== undefined) {
      const size = constantOf(region.size);
      if (size !== undefined) return { type: SIZE, lin: constant(size) };
      type = region.type;
    }
  }
  const size = sizeOf(type);
  if (size !== undefined) return { type: SIZE, lin: constant(size) };
  const dynamic =
    value?.type === "identifier" || value?.type === "parenthesized_expression"
      ? find(machine, value.text.replace(/[()\s]/g, ""))
      : undefined;
  if (dynamic?.size !== undefined) return { type: SIZE, lin: dynamic.size };
  const key = `sizeof ${typeNode?.text ?? value?.text}`;
  const before = machine.state.terms.get(key);
  if (before !== undefined) return before;
  const made: Value = { type: SIZE, lin: symbolic(machine.symbol(SIZE, { lo: 1, hi: 65536 })) };
  machine.state.terms.set(key, made);
  return made;
}

function conditional(machine: Machine, node: SyntaxNode): Value {
  const condition = node.child("condition");
  if (condition === undefined) return { type: UNKNOWN };
  const way = machine.ops.decide(machine, condition);
  if (machine.state.dead) return { type: UNKNOWN };
  const branch = way ? node.child("consequence") : node.child("alternative");
  return branch === undefined ? { type: UNKNOWN } : evaluate(machine, branch);
}
