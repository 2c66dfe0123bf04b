// Copies of classes: what one object of a class holds is not in another. Attributes are kept for a
// class; so each further place of the file that makes objects of it makes them of a copy, whose
// methods are analysed on their own. The first place has the class itself.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { ClassUnit, FunctionUnit, type Ref, type Value } from "./domain.ts";
import { makeValue } from "./values.ts";

const MAX_COPIES = 6;
const MAX_BASES = 4;

/** The class of the objects that a call makes; `within` is the class whose method the call stands in. */
export function classFor(
  unit: ClassUnit,
  at: { node: SyntaxNode; within: ClassUnit | undefined },
): ClassUnit {
  const { node, within } = at;
  // What makes objects of its own class makes them of its own kind.
  if (within !== undefined && (within === unit || within.copyOf === unit)) return within;
  const known = unit.places.get(node);
  if (known !== undefined) return known;
  const isFirst = unit.places.size === 0;
  const made = isFirst || unit.places.size > MAX_COPIES || !canCopy(unit) ? unit : copyOf(unit, node, 0);
  unit.places.set(node, made);
  return made;
}

/** Functions inside of methods belong to the method itself and cannot be shared with a copy of it. */
function canCopy(unit: ClassUnit): boolean {
  return methodsOf(unit).every(({ children }) => children.length === 0);
}

function methodsOf(unit: ClassUnit): FunctionUnit[] {
  return [...unit.attributes.values()].flatMap(({ value }) =>
    value.refs.flatMap((ref) => (ref.kind === "function" && ref.unit.owner === unit ? [ref.unit] : [])),
  );
}

function copyOf(unit: ClassUnit, node: SyntaxNode, depth: number): ClassUnit {
  const copy = new ClassUnit(unit.name, unit.node);
  copy.copyOf = unit;
  copy.isRecord = unit.isRecord;
  copy.fields = unit.fields;
  copy.bases = { ...unit.bases, refs: unit.bases.refs.map((base) => copiedBase(base, node, depth)) };
  const own = bodyNames(unit.node);
  for (const [name, cell] of unit.attributes) {
    if (own.has(name)) copy.cell(name).value = copiedMember(cell.value, { unit, copy });
  }
  return copy;
}

function copiedBase(base: Ref, node: SyntaxNode, depth: number): Ref {
  if (base.kind !== "class" || depth >= MAX_BASES || !canCopy(base.unit)) return base;
  const known = base.unit.inherited.get(node) ?? copyOf(base.unit, node, depth + 1);
  base.unit.inherited.set(node, known);
  return { ...base, unit: known };
}

/** A method of the copy's own, or a class attribute without what objects have put there. */
function copiedMember(value: Value, { unit, copy }: { unit: ClassUnit; copy: ClassUnit }): Value {
  const refs = value.refs.map((ref): Ref => {
    if (ref.kind !== "function" || ref.unit.owner !== unit) return ref;
    return { ...ref, unit: copiedFunction(ref.unit, copy) };
  });
  const facts = value.facts.filter(({ origin }) => origin.kind === "source");
  return makeValue({ ...value, refs, facts });
}

function copiedFunction(unit: FunctionUnit, owner: ClassUnit): FunctionUnit {
  const { index, name, node, parent } = unit;
  const copy = new FunctionUnit({ index, name, node, parent, owner });
  copy.parameters = unit.parameters;
  for (const set of ["locals", "assigned", "globals", "mentions", "rebound", "captured"] as const)
    for (const one of unit[set]) copy[set].add(one);
  copy.converted = unit.converted;
  copy.routed = unit.routed;
  copy.handlers.push(...unit.handlers);
  copy.isGenerator = unit.isGenerator;
  copy.binding = unit.binding;
  return copy;
}

/** Names that the body of a class defines. */
function bodyNames(node: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of node.child("body")?.namedChildren ?? []) {
    const definition = statement.child("definition") ?? statement;
    const [inner] = statement.namedChildren;
    names.add(definition.child("name")?.text ?? inner?.child("left")?.text ?? "");
  }
  return names;
}
