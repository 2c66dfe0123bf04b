// Assignments and first values: what a place holds after something was written into it.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { assignObject, classOf } from "./containers.ts";
import { FAR, type Region, rangeOfLin, rangeOfSym, type Value } from "./domain.ts";
import { constant, constantOf } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { elementAt, fieldOf, load, store } from "./memory.ts";
import { assignable } from "./names.ts";
import { firstOf, type Place } from "./places.ts";
import { type CType, INT, rangeOf, sizeOf } from "./types.ts";

/** A product that is too great for its type before it is put into a wider one. */
export function checkWidening(machine: Machine, value: Value, type: CType): void {
  if (value.product === undefined || type.k !== "int" || type.size < 8) return;
  machine.report("widening", value.product);
}

/** A sum or product of 64 bits with a number that somebody outside chose, put into fewer without a cast. */
export function checkNarrowing(
  machine: Machine,
  value: Value,
  { node, type }: { node: SyntaxNode; type: CType },
): void {
  const made = node.type === "parenthesized_expression" ? firstOf(node) : node;
  if (made.type !== "binary_expression" || !/^[*+]$/.test(made.child("operator")?.text ?? "")) return;
  if (type.k !== "int" || type.size >= 8 || value.type.k !== "int" || value.type.size < 8) return;
  if (value.lin === undefined || rangeOfLin(machine.state, value.lin).hi <= rangeOf(type).hi) return;
  const { guards } = machine.state;
  for (const { sym, c } of value.lin.terms) {
    const free = sym.taint !== undefined && ((guards.get(sym.id) ?? 0) & 1) === 0;
    if (!free || c < 0 || rangeOfSym(machine.state, sym).hi < FAR || sym.joined) continue;
    if (sym.taint?.label === "random" || sym.taint?.cleared.has("arithmetic") === true) continue;
    machine.report("arithmetic", made, { taint: sym.taint });
    return;
  }
}

/** Writes into a place, structures field by field. */
export function writeTo(machine: Machine, place: Place, value: Value, node?: SyntaxNode): Value {
  const { region } = place;
  if (region.type.k === "array") return value;
  if (classOf(region) !== undefined) {
    assignObject(machine, region, value, node);
    return load(machine, region);
  }
  assignable(machine, region);
  if (region.type.k === "unknown" && value.type.k !== "unknown") {
    // What is not declared here takes the type of what it is given.
    (region as { type: CType }).type =
      value.type.k === "array" ? { k: "pointer", to: value.type.of } : value.type;
  }
  store(machine, region, value);
  // The first character of a block of which nothing else is known: the text in it is empty.
  if (region.parent === undefined && isCharacter(place.type) && constantOf(value.lin) === 0)
    machine.state.lengths.set(region.id, constant(0));
  return value.to !== undefined || value.lin !== undefined ? load(machine, region) : value;
}

function isCharacter(type: CType): boolean {
  return type.k === "int" && (type.size === 1 || type.wide === true);
}

/** Gives a variable its first value. */
export function initialise(machine: Machine, region: Region, value: SyntaxNode): void {
  if (value.type === "initializer_list") initialiseList(machine, region, value);
  else if (region.type.k === "array") {
    const given = machine.ops.evaluate(machine, value);
    if (given.to !== undefined) {
      const length = given.to.region.initialLength;
      if (length !== undefined) machine.state.lengths.set(region.id, length);
      // The one property that is set late: a constant array's text stands where it is declared.
      if (isConstant(region)) (region as { text?: string | undefined }).text = given.to.region.text;
    }
    machine.state.taints.set(region.id, null);
  } else {
    const given = machine.ops.evaluate(machine, value);
    checkWidening(machine, given, region.type);
    checkNarrowing(machine, given, { node: value, type: region.type });
    if (given.type.k === "struct" && given.to === undefined && given.copyOf === undefined)
      machine.state.cells.set(region.id, given);
    else writeTo(machine, { region, type: region.type }, given);
  }
}

function isConstant({ node }: Region): boolean {
  return node?.ancestor("declaration")?.children.some(({ text }) => text === "const") === true;
}

const MOST_ELEMENTS = 64;

function initialiseList(machine: Machine, region: Region, list: SyntaxNode): void {
  const items = list.namedChildren.filter(({ type }) => type !== "comment");
  const { type } = region;
  if (type.k === "array") machine.state.lengths.set(region.id, constant(0));
  machine.state.taints.set(region.id, null);
  const fields = type.k === "struct" ? [...type.fields.keys()] : [];
  items.slice(0, MOST_ELEMENTS).forEach((item, index) => {
    let part: Region | undefined;
    let value: SyntaxNode | undefined = item;
    if (item.type === "initializer_pair") {
      const designator = item.child("designator");
      const name = designator?.type === "field_designator" ? firstOf(designator).text : undefined;
      if (name !== undefined) part = fieldOf(machine, region, name);
      value = item.child("value");
    } else if (type.k === "struct") {
      const name = fields[index];
      if (name !== undefined) part = fieldOf(machine, region, name);
    } else if (type.k === "array") {
      part = elementAt(machine, region, constant(index * (sizeOf(type.of) ?? 8)), type.of);
    } else part = region;
    if (value === undefined) return;
    if (part === undefined) machine.ops.evaluate(machine, value);
    else initialise(machine, part, value);
  });
  if (type.k === "struct") zeroRest(machine, region, fields);
}

/** Fields that a list leaves out are zero. */
function zeroRest(machine: Machine, region: Region, fields: readonly string[]): void {
  for (const name of fields) {
    const field = fieldOf(machine, region, name);
    if (machine.state.cells.has(field.id)) continue;
    if (field.type.k === "int" || field.type.k === "pointer")
      store(machine, field, { type: INT, lin: constant(0) });
    else if (field.type.k === "array" && !machine.state.lengths.has(field.id))
      machine.state.lengths.set(field.id, constant(0));
  }
}
