// Assignment to names, attributes, subscripts and patterns.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type CallSite, emptyCall } from "./call-site.ts";
import { meets } from "./conditions.ts";
import { findAssignedCredential } from "./credentials.ts";
import { UNKNOWN, type Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { storeField } from "./mutation.ts";
import { bindName } from "./names.ts";
import { reachReceivers } from "./receivers.ts";
import { deepFacts, elementOf, fieldOf, makeValue, stepped } from "./values.ts";

/** Assigns a value to a target. */
export function assignTo(machine: Machine, target: SyntaxNode, at: { value: Value; frame: Frame }): void {
  machine.spend();
  const { value, frame } = at;
  switch (target.type) {
    case "identifier": {
      reachReceivers(machine, value, { name: target.text, at: target.parent?.child("right") ?? target });
      findAssignedCredential(machine, { name: target.text, value, target });
      const told = machine.named(value, target.text, target);
      bindName(machine, target.text, { value: stepped(told, target, `assigned to ${target.text}`), frame });
      return;
    }
    case "attribute":
      storeAttribute(machine, target, at);
      return;
    case "subscript":
      storeSubscript(machine, target, at);
      return;
    case "pattern_list":
    case "tuple_pattern":
    case "list_pattern":
    case "tuple":
    case "list":
      unpack(machine, target, at);
      return;
    case "list_splat_pattern":
    case "list_splat":
    case "as_pattern_target":
    case "parenthesized_expression": {
      const inner = target.namedChildren[0];
      if (inner !== undefined) assignTo(machine, inner, at);
      return;
    }
    default:
      return;
  }
}

function storeAttribute(
  machine: Machine,
  target: SyntaxNode,
  { value, frame }: { value: Value; frame: Frame },
): void {
  const object = target.child("object");
  const name = target.child("attribute")?.text ?? "";
  if (object === undefined) return;
  const holder = machine.evaluate(object, frame);
  const store = { token: name, value, node: target };
  reachStores(machine, holder, store);
  changeHolder(machine, object, { holder, store, frame });
  reachReceivers(machine, value, { name, at: target.parent?.child("right") ?? target });
  findAssignedCredential(machine, { name, value, target });
  storeField(machine, object, {
    key: `.${name}`,
    value: stepped(value, target, `stored in ${target.text}`),
    frame,
  });
}

function storeSubscript(
  machine: Machine,
  target: SyntaxNode,
  { value, frame }: { value: Value; frame: Frame },
): void {
  const object = target.child("value");
  const [subscript] = target.childrenOf("subscript").filter((child) => child.named);
  if (object === undefined || subscript === undefined) return;
  const holder = machine.evaluate(object, frame);
  const keyValue = machine.evaluate(subscript, frame);
  const key = keyValue.lit;
  reachStores(machine, holder, { token: "[]", value, key: keyValue, node: target });
  if (typeof key?.value === "string") {
    reachReceivers(machine, value, { name: key.value, at: target.parent?.child("right") ?? target });
    findAssignedCredential(machine, { name: key.value, value, target });
  }
  const stored = stepped(value, target, `stored in ${object.text}`);
  storeField(machine, object, {
    key: key === undefined ? undefined : String(key.value),
    value: stored,
    frame,
  });
}

interface Store {
  readonly token: string;
  readonly value: Value;
  /** The key of an element. */
  readonly key?: Value;
  readonly node: SyntaxNode;
}

/** Attributes and elements of API objects that are sinks when assigned to. */
function reachStores(machine: Machine, holder: Value, store: Store): void {
  for (const ref of holder.refs) {
    if (ref.kind !== "api") continue;
    const place = ref.step(store.token);
    const stores = place?.lineage().flatMap((node) => node.stores) ?? [];
    for (const { bit, when } of stores) {
      if (!meets(storing(store), when)) continue;
      machine.reach(bit, deepFacts(store.value), store.node.parent?.child("right") ?? store.node);
    }
    const misuses = place?.lineage().flatMap((node) => node.misuses) ?? [];
    for (const { kind, on, when } of misuses) {
      if (on === "store" && meets(storing(store), when)) machine.listener.misuse(kind, store.node);
    }
  }
}

/** Some assignments make their object another: a context that has been told not to check certificates. */
function changeHolder(
  machine: Machine,
  object: SyntaxNode,
  { holder, store, frame }: { holder: Value; store: Store; frame: Frame },
): void {
  if (object.type !== "identifier" || !holder.refs.some(({ kind }) => kind === "api")) return;
  for (const ref of holder.refs) {
    const place = ref.kind === "api" ? ref.step(store.token) : undefined;
    const changes = place?.lineage().flatMap((node) => node.changes) ?? [];
    const change = changes.find(({ when }) => meets(storing(store), when));
    if (change === undefined) continue;
    assignTo(machine, object, { value: { ...holder, refs: [change.node] }, frame });
    return;
  }
}

/** An assignment as a call, for conditions: the value is argument 0, the key argument 1. */
function storing({ value, key, node }: Store): CallSite {
  const positional = [{ node, value }];
  if (key !== undefined) positional.push({ node, value: key });
  return { ...emptyCall(node), positional };
}

function unpack(
  machine: Machine,
  target: SyntaxNode,
  { value, frame }: { value: Value; frame: Frame },
): void {
  let position = 0;
  let afterStar = false;
  for (const part of target.children) {
    if (!part.named || part.type === "comment") continue;
    const isStar = part.type === "list_splat_pattern" || part.type === "list_splat";
    afterStar ||= isStar;
    const element = afterStar ? elementOf(value) : fieldOf(value, String(position));
    const given = isStar
      ? makeValue({ items: { shape: "list", fields: new Map(), rest: element } })
      : element;
    assignTo(machine, part, { value: given === undefined ? UNKNOWN : given, frame });
    position++;
  }
}
