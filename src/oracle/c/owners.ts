// C++: smart pointers. They are pointers to the machine; besides, the state says which of them gives back
// what: a second owner, or a `delete` by hand, frees it twice, and what they led to is gone with them.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { release } from "./allocation.ts";
import { OWNERS } from "./classes.ts";
import type { Region, Value } from "./domain.ts";
import { constant, times } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { rootOf, store } from "./memory.ts";
import { type CType, sizeOf, typeOfSpecifier, UNKNOWN } from "./types.ts";

/** Whether a type is a smart pointer's. */
export function isOwner(type: CType): type is CType & { k: "pointer" } {
  return type.k === "pointer" && type.owner !== undefined;
}

/** A smart pointer takes over what it is given: there must be no owner yet. */
export function adopt(machine: Machine, owner: Region, value: Value, node: SyntaxNode): void {
  const root =
    value.to === undefined || value.to.region.kind === "null" ? undefined : rootOf(value.to.region);
  if (root !== undefined && machine.state.owned.has(root.id)) machine.report("double-free", node);
  store(machine, owner, value);
  if (root !== undefined) machine.state.owned.set(root.id, owner.id);
}

/** `make_unique<T>(…)`, `unique_ptr<T>(p)`; undefined for other calls. */
export function makeOwned(
  machine: Machine,
  { node, name, values }: { node: SyntaxNode; name: string; values: readonly Value[] },
): Value | undefined {
  const made = /^(?:make|allocate)_(unique|shared)(?:_for_overwrite)?$/.exec(name)?.[1];
  const owner =
    made === "unique" || made === "shared" ? made : Object.hasOwn(OWNERS, name) ? OWNERS[name] : undefined;
  const argument = node.child("function")?.descendants();
  if (owner === undefined || argument === undefined) return undefined;
  const of = [...argument].find(({ type }) => type === "type_descriptor");
  const held = typeOfSpecifier(of, machine.program.types);
  const to = held.k === "array" ? held.of : held;
  const type: CType = { k: "pointer", to, owner };
  if (made === undefined) return takenOver(machine, node, { type, value: values[0] });
  const one = sizeOf(to);
  const count = held.k === "array" ? values[0]?.lin : constant(1);
  const region = machine.region({
    name: "new",
    kind: "heap",
    type: held.k === "array" ? UNKNOWN : to,
    size: one === undefined || count === undefined ? undefined : times(count, one),
    nullness: "no",
    node,
  });
  return machine.pointer(region, type);
}

function takenOver(
  machine: Machine,
  node: SyntaxNode,
  { type, value }: { type: CType; value: Value | undefined },
): Value {
  if (value?.to === undefined) return machine.pointer(machine.nullRegion, type);
  const root = rootOf(value.to.region);
  if (machine.state.owned.has(root.id)) machine.report("double-free", node);
  machine.state.owned.set(root.id, -1);
  return { type, to: value.to };
}

/** What a smart pointer's method does; undefined for other methods. */
export function ownerMethod(
  machine: Machine,
  {
    name,
    value,
    place,
    values,
    node,
  }: {
    name: string;
    value: Value;
    place: Region | undefined;
    values: readonly Value[];
    node: SyntaxNode;
  },
): Value | undefined {
  if (!isOwner(value.type)) return undefined;
  const plain: CType = { k: "pointer", to: value.type.to };
  if (name === "get") return value.to === undefined ? undefined : { type: plain, to: value.to };
  if (name === "lock") {
    const shared: CType = { ...plain, owner: "shared" };
    return machine.pointer(
      machine.region({ name: "lock", kind: "outside", type: plain.to, nullness: "maybe", node }),
      shared,
    );
  }
  if (name !== "release" && name !== "reset") return undefined;
  if (value.to !== undefined) {
    const { region } = value.to;
    machine.state.owned.delete(rootOf(region).id);
    if (name === "reset" && value.type.owner === "unique") release(machine, value, node);
  }
  if (place !== undefined) {
    const next = name === "reset" ? values[0] : undefined;
    if (next?.to !== undefined) adopt(machine, place, next, node);
    else store(machine, place, machine.pointer(machine.nullRegion, plain));
  }
  return name === "release" && value.to !== undefined
    ? { type: plain, to: value.to }
    : { type: { k: "void" } };
}

/** A smart pointer that goes takes what it owns along. */
export function dispose(machine: Machine, owner: Region, node: SyntaxNode): void {
  const { state } = machine;
  const held = state.cells.get(owner.id);
  if (held?.to === undefined || !isOwner(owner.type) || owner.type.owner !== "unique") return;
  const root = rootOf(held.to.region);
  if (state.owned.get(root.id) !== owner.id || state.freed.has(root.id)) return;
  state.owned.delete(root.id);
  state.freed.set(root.id, { node, frames: [...machine.frames] });
}
