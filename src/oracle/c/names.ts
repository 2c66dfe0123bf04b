// Names: variables of the scopes that are open, then global ones.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import type { Region, Value } from "./domain.ts";
import { constant, type Lin } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { fieldOf } from "./memory.ts";
import { type CType, sizeOf } from "./types.ts";

/** The region of a variable in scope; undefined for none. */
export function find(machine: Machine, name: string): Region | undefined {
  const scopes = machine.frames.at(-1)?.scopes ?? [];
  for (let i = scopes.length - 1; i >= 0; i--) {
    const region = scopes[i]?.get(name);
    if (region !== undefined) return region;
  }
  return memberOf(machine, name) ?? machine.globals.get(name);
}

/** C++: a field of the object whose method is being run. */
function memberOf(machine: Machine, name: string): Region | undefined {
  const self = machine.frames.at(-1)?.self;
  return self?.type.k === "struct" && self.type.fields.has(name) ? fieldOf(machine, self, name) : undefined;
}

/** Makes a variable in the innermost scope. */
export function declare(
  machine: Machine,
  name: string,
  about: { type: CType; node: SyntaxNode; size?: Lin | undefined },
): Region {
  const bytes = sizeOf(about.type);
  const region = machine.region({
    name,
    kind: "variable",
    type: about.type,
    size: about.size ?? (bytes === undefined ? undefined : constant(bytes)),
    nullness: "no",
    node: about.node,
  });
  machine.frame.scopes.at(-1)?.set(name, region);
  return region;
}

/** Makes a global variable when it is first named. */
export function declareGlobal(machine: Machine, name: string): Region | undefined {
  const global = machine.program.globals.get(name);
  if (global === undefined) return undefined;
  const type = withLength(global.type, global.value);
  const bytes = sizeOf(type);
  const region = machine.region({
    name,
    kind: "variable",
    type,
    size: bytes === undefined ? undefined : constant(bytes),
    nullness: "no",
    node: global.node,
  });
  machine.globals.set(name, region);
  region.initial = fixedValue(machine, name, region);
  return region;
}

/** What a global variable holds from the start, where nothing ever changes it. */
function fixedValue(machine: Machine, name: string, { type }: Region): Value | undefined {
  const value = type.k === "int" ? lastingValue(machine, name) : undefined;
  const known = value === undefined ? undefined : machine.program.types.constant(value);
  return known === undefined ? undefined : { type, lin: constant(known) };
}

/** What a global variable is begun with, where it is the file's own and nothing ever changes it. */
export function lastingValue(machine: Machine, name: string): SyntaxNode | undefined {
  const global = machine.program.globals.get(name);
  const declaration = global?.node.ancestor("declaration");
  if (global?.value === undefined || declaration === undefined) return undefined;
  const marks = declaration.children.map(({ text }) => text);
  const own = marks.includes("const") || (marks.includes("static") && !machine.program.hasObjects);
  return own && !changedNames(machine.tree).has(name) ? global.value : undefined;
}

const remembered = new WeakMap<SyntaxTree, ReadonlySet<string>>();

/** Names that are assigned to, counted up or down, or whose address is taken anywhere. */
function changedNames(tree: SyntaxTree): ReadonlySet<string> {
  const known = remembered.get(tree);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const node of tree.root.descendants()) {
    const target =
      node.type === "assignment_expression"
        ? node.child("left")
        : node.type === "update_expression" || node.type === "pointer_expression"
          ? node.child("argument")
          : undefined;
    if (target?.type === "identifier") names.add(target.text);
  }
  remembered.set(tree, names);
  return names;
}

/** `int a[] = {1, 2}`: as long as what it is given. */
export function withLength(type: CType, value: SyntaxNode | undefined): CType {
  if (type.k !== "array" || type.count !== undefined || type.length !== undefined || value === undefined)
    return type;
  if (value.type === "initializer_list") {
    const items = value.namedChildren.filter(({ type: kind }) => kind !== "comment");
    if (items.some(({ type: kind }) => kind === "initializer_pair")) return type;
    return { k: "array", of: type.of, count: items.length };
  }
  if (value.type !== "string_literal") return type;
  const length = value.namedChildren.reduce(
    (sum, part) => sum + (part.type === "escape_sequence" ? 1 : part.end - part.start),
    1,
  );
  return { k: "array", of: type.of, count: length };
}

/** A place that is written to is not what it was before. */
export function assignable(machine: Machine, region: Region): void {
  machine.state.taints.delete(region.id);
  machine.state.lengths.delete(region.id);
}
