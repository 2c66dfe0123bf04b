// Copies, formatted output and input: how much is written where, and what the destination holds then.
import { checkBounds } from "./bounds.ts";
import { leastOf, rangeOfLin, type Value } from "./domain.ts";
import {
  addScaled,
  constant,
  constantOf,
  keyOfLin,
  type Lin,
  plus,
  symbolic,
  type Taint,
  times,
} from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, fill, lengthOf, setLength, setTaint, step, taintBehind } from "./memory.ts";
import { bytesFrom, type ModelCall, orNull } from "./model-call.ts";
import type { FunctionModel } from "./model-schema.ts";
import { LONG, SIZE, STRING, UNKNOWN } from "./types.ts";

const ONE = constant(1);

/** strcpy, strncat, memcpy and the like. */
export function copyInto(
  machine: Machine,
  call: ModelCall,
  about: NonNullable<FunctionModel["copies"]>,
): void {
  const { values, node } = call;
  const to = values[about.to];
  const from = values[about.from];
  if (to === undefined || from === undefined) return;
  const length = lengthOf(machine, from) ?? undefined;
  const unit = call.model.wide ? 4 : 1;
  const asked = bytesFrom(machine, values, about.bytes);
  const bytes = asked === undefined ? undefined : times(asked, unit);
  const before = about.append ? (lengthOf(machine, to) ?? undefined) : constant(0);
  // A text that is known to be no longer than the bytes that are allowed is copied as it is.
  const fits =
    about.append && about.how === "bounded" && length !== undefined && bytes !== undefined
      ? atLeast(machine, bytes, length, 0)
      : false;
  const extent = extentOf(about, { length, bytes: fits ? length : bytes, before, zero: constant(unit) });
  const known = from.to?.region.kind === "literal" || length !== undefined;
  if (extent !== undefined && known)
    checkBounds(machine, { value: to, bytes: extent, kind: "write", node, how: "copy" });
  else if (extent !== undefined && about.how !== "string")
    checkBounds(machine, { value: to, bytes: extent, kind: "write", node, how: "copy" });
  if (about.how === "bytes" && bytes !== undefined) {
    checkBounds(machine, { value: from, bytes, kind: "read", node, how: "index" });
  }
  passTaint(machine, { to, from, node, append: about.append, resolved: call.name === "realpath" });
  setLength(machine, to, lengthAfter(machine, about, { length, bytes, before, to }));
  if (about.how === "bytes") copyCells(machine, to, from);
}

/** Whether one number is greater than another by so much, with all that is known of both. */
function atLeast(machine: Machine, great: Lin, small: Lin, by: number): boolean {
  const difference = addScaled(great, small, -1);
  return difference !== undefined && leastOf(machine.state, difference) >= by;
}

interface Extents {
  /** Bytes of a zero. */
  readonly zero?: Lin;
  readonly length: Lin | undefined;
  readonly bytes: Lin | undefined;
  readonly before: Lin | undefined;
}

function extentOf(
  about: NonNullable<FunctionModel["copies"]>,
  { length, bytes, before, zero = ONE }: Extents,
): Lin | undefined {
  if (about.how === "string") {
    const copied = length === undefined ? undefined : plus(length, zero);
    return copied === undefined || before === undefined ? undefined : plus(copied, before);
  }
  if (bytes === undefined || before === undefined) return undefined;
  return about.append ? plus(plus(before, bytes) ?? bytes, zero) : bytes;
}

function lengthAfter(
  machine: Machine,
  about: NonNullable<FunctionModel["copies"]>,
  { length, bytes, before, to }: Extents & { to: Value },
): Lin | null | undefined {
  if (about.how === "bytes") {
    const most = bytes === undefined || length === undefined ? undefined : addScaled(bytes, length, -1);
    // The zero was copied as well.
    return most !== undefined && rangeOfLin(machine.state, most).lo > 0 ? length : undefined;
  }
  if (about.how === "string")
    return length === undefined || before === undefined ? undefined : plus(length, before);
  if (bytes === undefined) return undefined;
  const most = rangeOfLin(machine.state, bytes);
  const own = length === undefined ? { lo: 0, hi: Infinity } : rangeOfLin(machine.state, length);
  const room = constantOf(to.to?.region.size);
  if (!about.terminated && !about.append) {
    if (length !== undefined && (own.hi < most.lo || atLeast(machine, bytes, length, 1))) return length;
    // Full to the last byte, without a zero: whoever reads it as a text reads on.
    if (room !== undefined && most.lo >= room && own.hi >= room && to.to?.region.kind !== "outside")
      return null;
  }
  if (before === undefined) return undefined;
  if (about.append && length !== undefined && atLeast(machine, bytes, length, 0)) return plus(before, length);
  const start = rangeOfLin(machine.state, before);
  const end = Math.min(most.hi, own.hi, room === undefined ? Infinity : Math.max(0, room - 1));
  const hi = Number.isFinite(end) ? start.hi + end : undefined;
  return symbolic(
    machine.symbol(SIZE, { lo: 0, ...(hi !== undefined && Number.isFinite(hi) ? { hi } : {}) }),
  );
}

function passTaint(
  machine: Machine,
  {
    to,
    from,
    node,
    append,
    resolved,
  }: { to: Value; from: Value; node: ModelCall["node"]; append: boolean; resolved: boolean },
): void {
  const taint = taintBehind(machine, from);
  if (to.to === undefined) return;
  const { region } = to.to;
  if (taint !== undefined) {
    const cleared = resolved ? new Set([...taint.cleared, "resolved"]) : taint.cleared;
    setTaint(machine, region, { ...step(taint, node, "is copied"), cleared });
    for (const child of region.children.values()) {
      if (child.type.k !== "pointer") machine.state.cells.delete(child.id);
    }
  } else if (!append && constantOf(to.to.at) === 0) machine.state.taints.set(region.id, null);
}

/** memcpy of a structure or number takes its value along where both are known pieces. */
function copyCells(machine: Machine, to: Value, from: Value): void {
  if (to.to === undefined || from.to === undefined) return;
  const target = to.to.region;
  if (target.type.k !== "int" && target.type.k !== "struct") return;
  const taint = contentTaint(machine, from.to.region);
  fill(machine, target, taint);
}

/** fgets, read, recv, fread, getline. */
export function fillFrom(
  machine: Machine,
  call: ModelCall,
  about: NonNullable<FunctionModel["fills"]> & { taint: Taint | undefined },
): Value | undefined {
  const { values, node } = call;
  const to = values[about.to];
  if (to === undefined) return undefined;
  const asked = bytesFrom(machine, values, about.bytes);
  const bytes = asked === undefined ? undefined : times(asked, call.model.wide ? 4 : 1);
  if (about.allocates) return fillAllocated(machine, call, about.taint);
  if (to.to !== undefined) {
    if (bytes !== undefined) checkBounds(machine, { value: to, bytes, kind: "write", node, how: "copy" });
    fill(machine, to.to.region, about.taint);
    setLength(machine, to, about.terminated ? lineLength(machine, to, bytes) : unterminated(to, bytes));
  }
  if (about.terminated) return orNull(machine, to);
  const most = about.items === undefined ? bytes : values[about.items]?.lin;
  return counted(machine, most, about.counts);
}

/** A line that was read has one character at least, and no more than there is room for. */
function lineLength(machine: Machine, to: Value, bytes: Lin | undefined): Lin | undefined {
  if (bytes === undefined) return undefined;
  const room = constantOf(to.to?.region.size) ?? Infinity;
  const hi = Math.min(rangeOfLin(machine.state, bytes).hi, room);
  return symbolic(
    machine.symbol(SIZE, { lo: hi > 1 ? 1 : 0, ...(Number.isFinite(hi) && hi > 0 ? { hi: hi - 1 } : {}) }),
  );
}

/** Bytes that fill a place to its end leave no room for a zero. */
function unterminated(to: Value, bytes: Lin | undefined): null | undefined {
  const size = to.to?.region.size;
  if (size === undefined || bytes === undefined || to.to === undefined) return undefined;
  const room = constantOf(addScaled(size, plus(to.to.at, bytes) ?? bytes, -1) ?? undefined);
  return room !== undefined && room <= 0 ? null : undefined;
}

function counted(machine: Machine, most: Lin | undefined, signed: boolean): Value {
  const range = most === undefined ? undefined : rangeOfLin(machine.state, most);
  const type = signed ? LONG : SIZE;
  const hi = range !== undefined && Number.isFinite(range.hi) && range.hi < 2 ** 62 ? range.hi : undefined;
  const sym = machine.symbol(type, { lo: signed ? -1 : 0, ...(hi === undefined ? {} : { hi }) });
  const [term] = most?.terms ?? [];
  if (most !== undefined && term?.c === 1 && most.terms.length === 1) {
    machine.state.differences.set(`${sym.id}:${term.sym.id}`, most.k);
  } else if (most !== undefined && most.terms.length > 1) {
    const fact = addScaled(symbolic(sym), most, -1);
    if (fact !== undefined) machine.state.facts.set(keyOfLin(fact), fact);
  }
  return { type, lin: symbolic(sym) };
}

function fillAllocated(machine: Machine, { values }: ModelCall, taint: Taint | undefined): Value {
  const where = values[0]?.to?.region;
  if (where !== undefined) {
    const region = machine.region({
      name: "line",
      kind: "heap",
      type: UNKNOWN,
      nullness: "unknown",
      born: taint,
    });
    machine.state.cells.set(where.id, machine.pointer(region, STRING));
  }
  return { type: LONG, lin: symbolic(machine.symbol(LONG, { lo: -1 })) };
}
