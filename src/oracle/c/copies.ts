// Copies, formatted output and input: how much is written where, and what the destination holds then.
import { checkBounds, checkPointer } from "./bounds.ts";
import { rangeOfLin, type Value } from "./domain.ts";
import { digitsOf, readPrintFormat, readScanFormat } from "./formats.ts";
import { addScaled, constant, constantOf, type Lin, plus, symbolic, type Taint } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, fill, lengthOf, setLength, step, store, taintBehind } from "./memory.ts";
import { bytesFrom, checkText, type ModelCall, orNull } from "./model-call.ts";
import type { FunctionModel } from "./model-schema.ts";
import { type CType, INT, LONG, SIZE, STRING, UNKNOWN } from "./types.ts";

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
  const bytes = bytesFrom(machine, values, about.bytes);
  const before = about.append ? (lengthOf(machine, to) ?? undefined) : constant(0);
  const extent = extentOf(about, { length, bytes, before });
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

interface Extents {
  readonly length: Lin | undefined;
  readonly bytes: Lin | undefined;
  readonly before: Lin | undefined;
}

function extentOf(
  about: NonNullable<FunctionModel["copies"]>,
  { length, bytes, before }: Extents,
): Lin | undefined {
  if (about.how === "string") {
    const copied = length === undefined ? undefined : plus(length, ONE);
    return copied === undefined || before === undefined ? undefined : plus(copied, before);
  }
  if (bytes === undefined || before === undefined) return undefined;
  return about.append ? plus(plus(before, bytes) ?? bytes, ONE) : bytes;
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
    if (length !== undefined && own.hi < most.lo) return length;
    // Full to the last byte, without a zero: whoever reads it as a text reads on.
    if (room !== undefined && most.lo >= room && own.hi >= room && to.to?.region.kind !== "outside")
      return null;
  }
  if (before === undefined) return undefined;
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
    machine.state.taints.set(region.id, { ...step(taint, node, "is copied"), cleared });
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
  const bytes = bytesFrom(machine, values, about.bytes);
  if (about.allocates) return fillAllocated(machine, call, about.taint);
  if (to.to !== undefined) {
    if (bytes !== undefined) checkBounds(machine, { value: to, bytes, kind: "write", node, how: "copy" });
    fill(machine, to.to.region, about.taint);
    setLength(machine, to, about.terminated ? lineLength(machine, bytes) : unterminated(to, bytes));
  }
  if (about.terminated) return orNull(machine, to);
  const most = about.items === undefined ? bytes : values[about.items]?.lin;
  return counted(machine, most, about.counts);
}

function lineLength(machine: Machine, bytes: Lin | undefined): Lin | undefined {
  if (bytes === undefined) return undefined;
  const { hi } = rangeOfLin(machine.state, bytes);
  return symbolic(machine.symbol(SIZE, { lo: 0, ...(Number.isFinite(hi) && hi > 0 ? { hi: hi - 1 } : {}) }));
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

/** printf and its kin; undefined where the result is of no account. */
export function formatInto(
  machine: Machine,
  call: ModelCall,
  about: NonNullable<FunctionModel["formats"]>,
): Value | undefined {
  const { values, node } = call;
  const text = values[about.format]?.to?.region.text;
  const size =
    text === undefined || about.list
      ? undefined
      : formattedLength(machine, call, { text, first: about.format + 1 });
  const taint = values
    .slice(about.format)
    .map((value) => (value.lin === undefined ? taintBehind(machine, value) : undefined))
    .find((found) => found !== undefined && found.label !== "random");
  if (about.allocates !== undefined) {
    const where = values[about.allocates]?.to?.region;
    if (where !== undefined) {
      const region = machine.region({
        name: "text",
        kind: "heap",
        type: UNKNOWN,
        nullness: "unknown",
        born: taint,
      });
      machine.state.cells.set(where.id, machine.pointer(region, STRING));
    }
    return undefined;
  }
  if (about.to === undefined) return undefined;
  const to = values[about.to];
  if (to === undefined) return undefined;
  const unit = about.wide ? 4 : 1;
  const limit = about.bytes === undefined ? undefined : values[about.bytes]?.lin;
  if (limit !== undefined)
    checkBounds(machine, { value: to, bytes: scaled(limit, unit), kind: "write", node, how: "copy" });
  else if (about.bytes === undefined && size !== undefined) {
    const all = plus(size, ONE);
    if (all !== undefined) checkBounds(machine, { value: to, bytes: all, kind: "write", node, how: "copy" });
  }
  if (to.to !== undefined) {
    for (const child of to.to.region.children.values()) machine.state.cells.delete(child.id);
    const own = taint === undefined ? null : step(taint, node, "is put into a text");
    if (own !== null || constantOf(to.to.at) === 0) machine.state.taints.set(to.to.region.id, own);
  }
  setLength(machine, to, printedLength(machine, size, limit));
  return {
    type: INT,
    lin: size !== undefined && limit === undefined ? size : symbolic(machine.symbol(INT, { lo: 0 })),
  };
}

function scaled(lin: Lin, factor: number): Lin {
  return factor === 1 ? lin : (addScaled(constant(0), lin, factor) ?? lin);
}

function printedLength(machine: Machine, size: Lin | undefined, limit: Lin | undefined): Lin | undefined {
  if (limit === undefined) return size;
  const most = rangeOfLin(machine.state, limit).hi;
  if (size !== undefined && rangeOfLin(machine.state, size).hi < rangeOfLin(machine.state, limit).lo)
    return size;
  return Number.isFinite(most) && most > 0 && most < 2 ** 40
    ? symbolic(machine.symbol(SIZE, { lo: 0, hi: most - 1 }))
    : undefined;
}

/** The length of what a format prints: exact parts, and the greatest width of the others. */
function formattedLength(
  machine: Machine,
  call: ModelCall,
  { text, first }: { text: string; first: number },
): Lin | undefined {
  const { conversions, literal } = readPrintFormat(text);
  let length: Lin | undefined = constant(literal);
  let next = first;
  for (const conversion of conversions) {
    next += conversion.stars;
    const value = call.values[next++];
    if (value === undefined || length === undefined) return undefined;
    const own = conversionLength(machine, conversion, value);
    if (own === undefined) return undefined;
    if (conversion.letter === "s") checkText2(machine, conversion, { value, call });
    length = plus(length, own);
  }
  return length;
}

function checkText2(
  machine: Machine,
  conversion: { precision: number | undefined; precisionFromArgument: boolean },
  about: { value: Value; call: ModelCall },
): void {
  if (conversion.precision !== undefined || conversion.precisionFromArgument) return;
  checkText(machine, about.value, about.call.node);
}

function conversionLength(
  machine: Machine,
  conversion: ReturnType<typeof readPrintFormat>["conversions"][number],
  value: Value,
): Lin | undefined {
  const { letter, width = 0, precision, stars } = conversion;
  if (letter === "c") return constant(Math.max(1, width));
  if (letter === "s") {
    if (stars > 0) return undefined;
    const length = lengthOf(machine, value) ?? undefined;
    if (precision !== undefined)
      return symbolic(machine.symbol(SIZE, { lo: 0, hi: Math.max(width, precision) }));
    return length;
  }
  if (/[diuxXo]/.test(letter)) {
    if (value.lin === undefined || stars > 0) return undefined;
    const range = rangeOfLin(machine.state, value.lin);
    const hi = Math.max(width, precision ?? 0, digitsOf(letter, range));
    return symbolic(machine.symbol(SIZE, { lo: 1, hi }));
  }
  if (/[fF]/.test(letter))
    return symbolic(machine.symbol(SIZE, { lo: 3, hi: Math.max(width, 311 + (precision ?? 6)) }));
  if (/[eEgGaA]/.test(letter))
    return symbolic(machine.symbol(SIZE, { lo: 1, hi: Math.max(width, 16 + (precision ?? 6)) }));
  return letter === "p" ? symbolic(machine.symbol(SIZE, { lo: 3, hi: 18 })) : undefined;
}

/** scanf and its kin. */
export function scanInto(
  machine: Machine,
  call: ModelCall,
  about: { format: number; from?: number | undefined; taint: Taint | undefined },
): Value {
  const { values, node } = call;
  const text = values[about.format]?.to?.region.text;
  const input = about.from === undefined ? undefined : values[about.from];
  const inner = input === undefined ? undefined : taintBehind(machine, input);
  const taint = about.taint ?? (inner === undefined ? undefined : step(inner, node, "is read from a text"));
  const conversions = text === undefined ? [] : readScanFormat(text);
  let next = about.format + 1;
  for (const conversion of conversions) {
    if (conversion.suppressed) continue;
    const target = values[next++];
    if (target?.to === undefined) continue;
    if (conversion.letter !== "n") checkPointer(machine, target, node);
    scanOne(machine, { conversion, target, taint, input, call });
  }
  const count = conversions.filter(({ suppressed, letter }) => !suppressed && letter !== "n").length;
  return { type: INT, lin: symbolic(machine.symbol(INT, { lo: -1, hi: Math.max(0, count) })) };
}

function scanOne(
  machine: Machine,
  about: {
    conversion: ReturnType<typeof readScanFormat>[number];
    target: Value;
    taint: Taint | undefined;
    input: Value | undefined;
    call: ModelCall;
  },
): void {
  const { conversion, target, taint, input, call } = about;
  const { letter, width, allocated } = conversion;
  const { region } = target.to ?? {};
  if (region === undefined) return;
  if (letter !== "s" && letter !== "[" && letter !== "c") {
    const type: CType =
      region.type.k === "int" || region.type.k === "float" ? region.type : scanType(conversion);
    const value: Value =
      type.k === "float" || /[feg]/i.test(letter)
        ? { type, ...(taint === undefined ? {} : { taint }) }
        : machine.unknown(type, {
            taint: letter === "n" ? undefined : taint,
            kind: input?.to?.region.parameter === true ? "parameter" : "other",
          });
    if (target.to !== undefined && region.type.k !== "array" && constantOf(target.to.at) === 0)
      store(machine, region, value);
    else machine.state.taints.set(region.id, taint ?? null);
    return;
  }
  if (allocated) {
    const made = machine.region({
      name: "text",
      kind: "heap",
      type: UNKNOWN,
      nullness: "unknown",
      born: taint,
    });
    machine.state.cells.set(region.id, machine.pointer(made, STRING));
    return;
  }
  const length = width ?? undefined;
  const bytes =
    letter === "c"
      ? constant(length ?? 1)
      : length === undefined
        ? unboundedBytes(machine, input)
        : constant(length + 1);
  if (bytes === undefined) {
    if (region.size !== undefined) machine.report("write", call.node, { taint });
  } else checkBounds(machine, { value: target, bytes, kind: "write", node: call.node, how: "copy" });
  if (region.type.k === "int" && constantOf(target.to?.at) === 0) {
    store(machine, region, machine.unknown(region.type, { taint }));
    return;
  }
  fill(machine, region, scannedTaint(conversion.set, taint));
  if (letter !== "c")
    setLength(
      machine,
      target,
      symbolic(machine.symbol(SIZE, { lo: 0, ...(length === undefined ? {} : { hi: length }) })),
    );
}

/** Characters of a set without slash or quote do no harm. */
function scannedTaint(set: string | undefined, taint: Taint | undefined): Taint | undefined {
  if (set === undefined || taint === undefined || set.startsWith("^")) return taint;
  const cleared = new Set(taint.cleared);
  if (!/[/]|[!-/]-[0-~]/.test(set)) cleared.add("path");
  if (!/[;&|$`'"<>()*?~#\\ ]/.test(set)) cleared.add("command");
  if (!set.includes("%")) cleared.add("format");
  return { ...taint, cleared };
}

/** A word read out of a text is no longer than the text. */
function unboundedBytes(machine: Machine, input: Value | undefined): Lin | undefined {
  const length = input === undefined ? undefined : lengthOf(machine, input);
  if (length == null) return undefined;
  return Number.isFinite(rangeOfLin(machine.state, length).hi) &&
    rangeOfLin(machine.state, length).hi < 2 ** 40
    ? plus(length, ONE)
    : undefined;
}

function scanType({ letter, modifier }: { letter: string; modifier: string }): CType {
  const size = modifier === "hh" ? 1 : modifier === "h" ? 2 : modifier === "" ? 4 : 8;
  return { k: "int", size, signed: !/[uxXo]/.test(letter) };
}
