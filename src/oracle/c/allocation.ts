// Memory that is asked for and given back: sizes, failure, double free.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { isOrderedBefore } from "./asked.ts";
import { lineOf } from "./bounds.ts";
import type { Value } from "./domain.ts";
import { constant, type Lin, plus } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { lengthOf, rootOf, taintBehind } from "./memory.ts";
import { bytesFrom, type ModelCall } from "./model-call.ts";
import type { FunctionModel } from "./model-schema.ts";
import { STRING, UNKNOWN } from "./types.ts";

/**
 * Frees a block: once, and only its start. Of a `helper` only the name says so: the block itself may be
 * freed after it, but not given to the same helper again.
 */
export function release(machine: Machine, value: Value | undefined, node: SyntaxNode, helper?: string): void {
  if (value?.to === undefined || value.to.region.kind === "null") return;
  const { state } = machine;
  const { region } = value.to;
  if (region.parent !== undefined && region.kind === "outside") return;
  const root = rootOf(region);
  if ((state.nulls.get(root.id) ?? root.nullness) === "yes") return;
  if (state.owned.has(root.id)) {
    machine.report("double-free", node);
    return;
  }
  if (state.freed.has(root.id)) {
    const before = state.freed.get(root.id);
    if (before?.helper !== helper) return;
    const place = before === undefined ? node : whereTwice(machine, before.frames, node);
    machine.report("double-free", place, { detail: lineOf(machine, before?.node) });
    return;
  }
  if (root.kind === "heap" || root.kind === "outside")
    state.freed.set(root.id, {
      node,
      frames: [...machine.frames],
      ...(helper === undefined ? {} : { helper }),
    });
}

/** In the function that leads to both: the second call, where a helper that frees is called twice. */
function whereTwice(machine: Machine, before: readonly object[], node: SyntaxNode): SyntaxNode {
  const { frames } = machine;
  let common = 0;
  while (common < frames.length && frames[common] === before[common]) common++;
  return frames[common]?.call ?? node;
}

/** malloc, realloc, strdup and their kin. */
export function allocate(
  machine: Machine,
  call: ModelCall,
  about: NonNullable<FunctionModel["allocates"]>,
): Value {
  const { values, node } = call;
  const copied = about.copyOf === undefined ? undefined : values[about.copyOf];
  const length = copied === undefined ? undefined : lengthOf(machine, copied);
  const asked = bytesFrom(machine, values, about.bytes);
  for (const position of about.bytes ?? []) {
    const product = values[position]?.product;
    if (product !== undefined) machine.report("widening", product);
  }
  if (about.copyOf === undefined && about.bytes?.length === 1) {
    if (asked !== undefined) checkSize(machine, asked, node);
    else checkUnknownSize(machine, call, about.bytes[0] ?? 0);
  }
  const size =
    about.copyOf !== undefined
      ? length == null
        ? undefined
        : (plus(length, constant(1)) ?? undefined)
      : asked;
  const old = about.resizes === undefined ? undefined : values[about.resizes];
  if (old !== undefined) checkResized(machine, old, node);
  const make = (nullness: "no" | "maybe"): Value => {
    const region = machine.region({
      name: call.name,
      kind: "heap",
      type: UNKNOWN,
      size,
      nullness,
      node,
      born: copied === undefined ? undefined : taintBehind(machine, copied),
    });
    const value = machine.pointer(
      region,
      copied === undefined ? { k: "pointer", to: { k: "void" } } : STRING,
    );
    if (length != null && copied !== undefined) {
      region.initialLength = length;
      machine.pin(length);
    }
    if (about.zeroed) region.initialLength = constant(0);
    if (old?.to !== undefined) moveContents(machine, old, value);
    return value;
  };
  if (old?.to === undefined || old.to.region.kind === "null") return make(about.never ? "no" : "maybe");
  const works = about.never || machine.choose(() => [true, false]) === true;
  if (!works)
    return machine.pointer(
      machine.region({ name: call.name, kind: "heap", type: UNKNOWN, nullness: "yes", node }),
      { k: "pointer", to: { k: "void" } },
    );
  const value = make("no");
  release(machine, old, node);
  return value;
}

function checkResized(machine: Machine, old: Value, node: SyntaxNode): void {
  if (old.to === undefined) return;
  const root = rootOf(old.to.region);
  const freed = machine.state.freed.get(root.id);
  if (freed === undefined || freed.told === true) return;
  machine.report("use-after-free", node, { detail: lineOf(machine, freed.node) });
  machine.state.freed.set(root.id, { ...freed, told: true });
}

function moveContents(machine: Machine, from: Value, to: Value): void {
  if (from.to === undefined || to.to === undefined) return;
  const { state } = machine;
  const taint = state.taints.get(from.to.region.id) ?? from.to.region.born;
  if (taint !== undefined) state.taints.set(to.to.region.id, taint);
  // Of a block that came from elsewhere as well, whose text was measured before.
  const length = state.lengths.get(from.to.region.id) ?? from.to.region.initialLength;
  if (length !== undefined) state.lengths.set(to.to.region.id, length);
}

/** A product with a number of which not even the type is known, but that someone outside chooses. */
function checkUnknownSize(machine: Machine, { values, nodes, node }: ModelCall, position: number): void {
  const taint = values[position]?.taint;
  const argument = nodes[position];
  if (taint === undefined || argument === undefined) return;
  for (const product of argument.descendants()) {
    if (product.type !== "binary_expression" || product.child("operator")?.text !== "*") continue;
    for (const factor of [product.child("left"), product.child("right")]) {
      const isField = factor?.type === "field_expression";
      if (factor === undefined || !isField || isOrderedBefore(machine, factor)) continue;
      const own = machine.ops.evaluate(machine, factor);
      if (own.lin !== undefined || own.to !== undefined || own.taint === undefined) continue;
      machine.report("allocation-size", node, { taint });
      return;
    }
  }
}

/** A size that someone outside chooses, held against nothing. */
function checkSize(machine: Machine, asked: Lin, node: SyntaxNode): void {
  for (const { sym, c } of asked.terms) {
    const range = machine.state.ranges.get(sym.id) ?? sym;
    const guarded = ((machine.state.guards.get(sym.id) ?? 0) & 1) !== 0;
    if (sym.taint === undefined || guarded || sym.taint.label === "random") continue;
    // A number of 32 bits times the size of an element fits into 64.
    if (range.hi * Math.abs(c) <= 2 ** 64 || Math.abs(c) === 1) continue;
    machine.report("allocation-size", node, { taint: sym.taint });
    return;
  }
}
