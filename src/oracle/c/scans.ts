// scanf and its kin: what each conversion writes, and whether the place is large enough for it.
import { checkBounds, checkPointer } from "./bounds.ts";
import { rangeOfLin, type Value } from "./domain.ts";
import { readScanFormat } from "./formats.ts";
import { constant, constantOf, type Lin, plus, symbolic, type Taint } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { fill, lengthOf, setLength, step, store, taintBehind } from "./memory.ts";
import type { ModelCall } from "./model-call.ts";
import { type CType, INT, SIZE, STRING, sizeOf, UNKNOWN } from "./types.ts";

const ONE = constant(1);

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
    const bytes = sizeOf(type);
    if (bytes !== undefined && letter !== "n")
      checkBounds(machine, {
        value: target,
        bytes: constant(bytes),
        kind: "write",
        node: call.node,
        how: "index",
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
