// Places in memory that expressions name: variables, fields, elements, what pointers lead to.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { combine } from "./arithmetic.ts";
import { checkBounds, checkPointer } from "./bounds.ts";
import { assignObject, classOf, contentsOf } from "./containers.ts";
import { type Region, taintOf, type Value } from "./domain.ts";
import { knownElement, setElements } from "./elements.ts";
import { constant, constantOf, type Lin } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { anyElement, elementAt, fieldOf, load, rootOf, store } from "./memory.ts";
import { declareGlobal, find } from "./names.ts";
import { type CType, endOfField, INT, sizeOf, targetOf, UNKNOWN } from "./types.ts";

/** A place in memory, and what is checked when it is used. */
export interface Place {
  readonly region: Region;
  readonly type: CType;
  /** Untrusted text that an element belongs to. */
  readonly within?: { readonly region: Region; readonly at: Lin };
}

type Mode = "read" | "write" | "address";

/** The first part of a node that is no comment. */
export function firstOf(node: SyntaxNode): SyntaxNode {
  return node.namedChildren.find(({ type }) => type !== "comment") ?? node;
}

/** Runs something in a macro's body: what it finds is found at the macro's use. */
export function inMacro<T>(machine: Machine, node: SyntaxNode, run: () => T): T {
  const before = machine.site;
  machine.site ??= node;
  machine.spend(4);
  try {
    return run();
  } finally {
    machine.site = before;
  }
}

/** The place that an expression names; undefined where that is not known. */
export function placeOf(machine: Machine, node: SyntaxNode, mode: Mode): Place | undefined {
  machine.spend();
  switch (node.type) {
    case "identifier":
    case "type_identifier":
    case "qualified_identifier": {
      const name = node.text.split("::").at(-1) ?? node.text;
      const region = find(machine, name) ?? declareGlobal(machine, name);
      if (region !== undefined) return throughReference(machine, region, { node, mode });
      const body = machine.program.macros.has(name) ? machine.program.macroBody(name) : undefined;
      return body === undefined ? undefined : inMacro(machine, node, () => placeOf(machine, body, mode));
    }
    case "parenthesized_expression":
      return placeOf(machine, firstOf(node), mode);
    case "field_expression":
      return fieldPlace(machine, node, mode);
    case "subscript_expression":
      return subscriptPlace(machine, node, mode);
    case "pointer_expression": {
      if (node.child("operator")?.text !== "*") return undefined;
      const value = machine.ops.evaluate(machine, node.child("argument") ?? firstOf(node));
      return dereference(machine, value, { node, mode });
    }
    case "call_expression": {
      const element = elementOf(machine, node);
      if (element !== undefined) return element;
      const value = machine.ops.evaluate(machine, node);
      if (value.copyOf !== undefined) return { region: value.copyOf, type: value.copyOf.type };
      return value.to === undefined ? undefined : { region: value.to.region, type: value.to.region.type };
    }
    case "conditional_expression":
    case "assignment_expression":
    case "comma_expression":
    case "cast_expression": {
      const value = machine.ops.evaluate(machine, node);
      return value.to === undefined ? undefined : { region: value.to.region, type: value.to.region.type };
    }
    default:
      return undefined;
  }
}

/** C++: a reference stands for what it leads to. */
function throughReference(
  machine: Machine,
  region: Region,
  { node, mode }: { node: SyntaxNode; mode: Mode },
): Place | undefined {
  const { type } = region;
  if (type.k !== "pointer" || type.ref !== true) return { region, type };
  const value = load(machine, region);
  if (value.to === undefined) return undefined;
  if (mode !== "address") checkPointer(machine, value, node);
  const target = elementAt(machine, value.to.region, value.to.at, type.to);
  return { region: target, type: isOpaque(target.type) ? type.to : target.type };
}

function isOpaque(type: CType): boolean {
  return type.k === "unknown" && type.object === undefined;
}

/** A character that is looked at as one with a sign, or without. */
function isByte(held: CType, seen: CType): boolean {
  return held.k === "int" && seen.k === "int" && held.size === 1 && seen.size === 1;
}

/** C++: where something lies that is taken by reference; what has no name lies somewhere. */
export function referenceTo(
  machine: Machine,
  { type, node, value }: { type: CType & { k: "pointer" }; node: SyntaxNode; value: Value | undefined },
): Value {
  const place = LVALUES.has(node.type) ? placeOf(machine, node, "address") : elementOf(machine, node);
  if (place !== undefined) {
    if (place.within !== undefined) return { type, to: place.within };
    return machine.pointer(place.region, type);
  }
  const given = value ?? machine.ops.evaluate(machine, node);
  if (given.copyOf !== undefined) return machine.pointer(given.copyOf, type);
  const made = machine.region({ name: "", kind: "variable", type: type.to, nullness: "no" });
  if (node.type === "initializer_list" && classOf(made)?.behaves === "sequence")
    setElements(
      machine,
      made,
      node.namedChildren.map((item) => machine.ops.evaluate(machine, item)),
    );
  else if (classOf(made) === undefined) store(machine, made, given);
  else assignObject(machine, made, given);
  return machine.pointer(made, type);
}

const LVALUES = new Set([
  "identifier",
  "field_expression",
  "subscript_expression",
  "pointer_expression",
  "this",
]);

/** C++: the object of a known class that an expression names. */
export function objectAt(machine: Machine, node: SyntaxNode): Region | undefined {
  if (!machine.program.hasObjects) return undefined;
  const inner = node.type === "parenthesized_expression" ? firstOf(node) : node;
  if (LVALUES.has(inner.type) || inner.type === "qualified_identifier") {
    const place = placeOf(machine, inner, "read");
    return classOf(place?.region) === undefined ? undefined : place?.region;
  }
  if (inner.type !== "call_expression" && inner.type !== "binary_expression") return undefined;
  const value = machine.ops.evaluate(machine, inner);
  return classOf(value.copyOf) === undefined ? undefined : value.copyOf;
}

/** C++: the element that `front()`, `back()` or `at()` gives a reference to. */
function elementOf(machine: Machine, node: SyntaxNode): Place | undefined {
  const callee = node.type === "call_expression" ? node.child("function") : undefined;
  const object = callee?.type === "field_expression" ? callee.child("argument") : undefined;
  if (object === undefined || !/^(?:front|back|at)$/.test(callee?.child("field")?.text ?? ""))
    return undefined;
  const holder = objectAt(machine, object);
  const about = classOf(holder);
  if (holder === undefined || about?.of === undefined) return undefined;
  const { to } = contentsOf(machine, holder);
  if (to === undefined) return undefined;
  return { region: anyElement(machine, to.region, about.of), type: about.of };
}

function fieldPlace(machine: Machine, node: SyntaxNode, mode: Mode): Place | undefined {
  const argument = node.child("argument");
  const name = node.child("field")?.text;
  if (argument === undefined || name === undefined) return undefined;
  const arrow = node.child("operator")?.text === "->" || node.children.some(({ type }) => type === "->");
  if (!arrow) {
    const element = mode === "address" && argument.type === "subscript_expression";
    const base = placeOf(machine, argument, element ? modeOfAddress(machine, node) : mode);
    return base === undefined ? undefined : fieldIn(machine, base.region, name);
  }
  const value = machine.ops.evaluate(machine, argument);
  if (value.to === undefined) return undefined;
  // The address of a field may be taken before it is asked whether there is anything.
  if (mode !== "address" || !mayBeAnything(machine, value)) checkPointer(machine, value, node);
  const region = elementAt(machine, value.to.region, value.to.at, targetOf(value.type));
  const structure = region.type.k === "struct" ? region : retype(region, targetOf(value.type));
  checkField(machine, { value, name, mode, node });
  return fieldIn(machine, structure, name);
}

/** A block may be too small for the structure that it is taken for: `malloc(sizeof(p))`. */
function checkField(
  machine: Machine,
  { value, name, mode, node }: { value: Value; name: string; mode: Mode; node: SyntaxNode },
): void {
  const type = targetOf(value.type);
  const root = value.to?.region;
  if (root?.kind !== "heap" || root.parent !== undefined || type.k !== "struct") return;
  const room = constantOf(root.size);
  const at = constantOf(value.to?.at);
  const end = endOfField(type, name);
  if (room === undefined || at === undefined || end === undefined || at + end <= room) return;
  const told = `${root.id}:`;
  if (machine.told.has(told)) return;
  // An array of which the address is taken is most often filled.
  const filled = mode !== "read" || type.fields.get(name)?.k === "array";
  machine.report(filled ? "write" : "read", node);
  const report = machine.reports.at(-1);
  if (report !== undefined) machine.told.set(told, report);
}

/** `&points[i].x` is taken to be used: written to where a function reads values into it. */
function modeOfAddress(machine: Machine, node: SyntaxNode): Mode {
  const callee = node.ancestor("call_expression")?.child("function")?.text ?? "";
  return machine.model.function(callee)?.scans === undefined ? "read" : "write";
}

function mayBeAnything(machine: Machine, { to }: Value): boolean {
  const root = to === undefined ? undefined : rootOf(to.region);
  return root !== undefined && (machine.state.nulls.get(root.id) ?? root.nullness) === "unknown";
}

/** A region seen as another type: an allocation as the structure that a pointer says. */
function retype(region: Region, type: CType): Region {
  if (type.k !== "struct" || region.children.size > 0 || region.type.k === "struct") return region;
  // The one property that is set late: what an allocation holds shows when it is used.
  (region as { type: CType }).type = type;
  return region;
}

function fieldIn(machine: Machine, region: Region, name: string): Place {
  const field = fieldOf(machine, region, name);
  return { region: field, type: field.type };
}

function subscriptPlace(machine: Machine, node: SyntaxNode, mode: Mode): Place | undefined {
  const argument = node.child("argument");
  const indexNode = node.child("index") ?? node.child("indices")?.namedChildren[0];
  if (argument === undefined || indexNode === undefined) return undefined;
  const object = objectAt(machine, argument);
  if (classOf(object)?.behaves === "nodes" && object !== undefined) return nodeOf(machine, object, indexNode);
  const base =
    (object === undefined ? rowOf(machine, argument, mode) : contentsOf(machine, object)) ??
    machine.ops.evaluate(machine, argument);
  const index = machine.ops.evaluate(machine, indexNode);
  const known =
    object === undefined || index.lin === undefined ? undefined : knownElement(machine, object, index.lin);
  if (known !== undefined && mode !== "address") return { region: known, type: known.type };
  // Whoever has its address may write to it unseen.
  if (known !== undefined) machine.state.cells.delete(known.id);
  if (base.to === undefined) {
    const taint = taintOf(base);
    if (taint === undefined) return undefined;
    const region = machine.region({ name: "", kind: "outside", type: UNKNOWN, born: taint });
    return { region, type: UNKNOWN };
  }
  const value = combine(machine, node, {
    operator: "+",
    a: base,
    b: index.lin === undefined ? machine.unknown(INT, { taint: taintOf(index) }) : index,
  });
  return dereference(machine, value, { node, mode });
}

/** C++: `map[key]`. */
function nodeOf(machine: Machine, object: Region, key: SyntaxNode): Place | undefined {
  machine.ops.evaluate(machine, key);
  const of = classOf(object)?.of ?? UNKNOWN;
  const { to } = contentsOf(machine, object);
  return to === undefined ? undefined : { region: anyElement(machine, to.region, of), type: of };
}

/** A row of an array of arrays is held to it like any element. */
function rowOf(machine: Machine, node: SyntaxNode, mode: Mode): Value | undefined {
  if (node.type !== "subscript_expression") return undefined;
  const outer = machine.ops.evaluate(machine, node.child("argument") ?? node);
  if (targetOf(outer.type).k !== "array") return undefined;
  const place = placeOf(machine, node, mode);
  return place === undefined ? undefined : load(machine, place.region);
}

function dereference(
  machine: Machine,
  value: Value,
  { node, mode }: { node: SyntaxNode; mode: Mode },
): Place | undefined {
  if (value.to === undefined) {
    if (value.taint === undefined) return undefined;
    return {
      region: machine.region({ name: "", kind: "outside", type: UNKNOWN, born: value.taint }),
      type: UNKNOWN,
    };
  }
  const type = targetOf(value.type);
  if (mode !== "address") {
    checkPointer(machine, value, node);
    const size = sizeOf(type);
    if (size !== undefined) {
      checkBounds(machine, { value, bytes: constant(size), kind: mode, node, how: "index" });
    }
  }
  const region = elementAt(machine, value.to.region, value.to.at, type);
  const place = { region, type: isOpaque(region.type) || isByte(region.type, type) ? type : region.type };
  return sizeOf(type) === 1 ? { ...place, within: value.to } : place;
}
