// Formatted output: how long what a format prints may be, where it goes, and what the place holds then.
import { checkBounds, checkPointer } from "./bounds.ts";
import { leastOf, rangeOfLin, type Value } from "./domain.ts";
import { digitsOf, readPrintFormat } from "./formats.ts";
import { addScaled, constant, constantOf, type Lin, plus, symbolic } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { lengthOf, setLength, setTaint, step, taintBehind } from "./memory.ts";
import { checkText, type ModelCall } from "./model-call.ts";
import type { FunctionModel } from "./model-schema.ts";
import { printedTaint } from "./quoting.ts";
import { INT, SIZE, STRING, UNKNOWN } from "./types.ts";

const ONE = constant(1);

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
  const taints = values
    .slice(about.format)
    .map((value) => (value.lin === undefined ? taintBehind(machine, value) : undefined))
    .map((found, index) => found && printedTaint(text, index - 1, found))
    .filter((found) => found !== undefined && found.label !== "random");
  const taint = taints.find((found) => found?.cleared.has("command") === false) ?? taints[0];
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
  if (limit !== undefined) {
    if (constantOf(limit) !== 0) checkPointer(machine, to, node);
    if (mayWrap(machine, limit)) machine.report("write", node, { taint });
    checkBounds(machine, { value: to, bytes: scaled(limit, unit), kind: "write", node, how: "copy" });
  } else if (about.bytes === undefined && size !== undefined) {
    const all = plus(size, ONE);
    if (all !== undefined) checkBounds(machine, { value: to, bytes: all, kind: "write", node, how: "copy" });
  }
  if (to.to !== undefined) {
    for (const child of to.to.region.children.values()) machine.state.cells.delete(child.id);
    const own = taint === undefined ? null : step(taint, node, "is put into a text");
    if (own !== null || constantOf(to.to.at) === 0) setTaint(machine, to.to.region, own);
  }
  setLength(machine, to, about.wide ? undefined : printedLength(machine, size, limit));
  return {
    type: INT,
    // What would have been printed, had there been room.
    lin: size ?? symbolic(machine.symbol(INT, { lo: 0 })),
  };
}

/** `sizeof line - used`, where `used` grows by what would have been printed. */
function mayWrap(machine: Machine, limit: Lin): boolean {
  return (
    leastOf(machine.state, limit) < 0 &&
    limit.terms.some(
      ({ sym, c }) => c < 0 && sym.grown && ((machine.state.guards.get(sym.id) ?? 0) & 1) === 0,
    )
  );
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
    if (conversion.letter === "s") checkWhole(machine, conversion, { value, call });
    const own = conversionLength(machine, conversion, value);
    if (own === undefined) return undefined;
    length = plus(length, own);
  }
  return length;
}

/** A text without a precision is read to its zero. */
function checkWhole(
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
