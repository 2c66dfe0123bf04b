// Pointers into texts that searches give: where in the text they may be, and whether they may be null.
import { rangeOfLin, type Value } from "./domain.ts";
import { constantOf, plus, symbolic } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { lengthOf, taintBehind } from "./memory.ts";
import type { ModelCall } from "./model-call.ts";
import { excludes } from "./quoting.ts";
import { CHAR, LONG, STRING } from "./types.ts";

/** Whose text a null argument stands for: that of the call before (strtok). */
const GOING_ON = "text that is gone through";

/** What a search in an argument's text gives: a place in it, or null. */
export function pointerInto(machine: Machine, call: ModelCall, position: number): Value {
  const given = call.values[position];
  const before = call.model.goesOn ? machine.state.terms.get(GOING_ON) : undefined;
  const value = given?.to?.region.kind === "null" ? (before ?? given) : given;
  if (call.model.goesOn && value !== undefined) machine.state.terms.set(GOING_ON, value);
  if (value?.to === undefined || value.to.region.kind === "null") {
    const region = machine.region({
      name: call.name,
      kind: "outside",
      type: CHAR,
      nullness: "maybe",
      node: call.node,
    });
    return machine.pointer(region, STRING);
  }
  const inside = machine.choose(() => [true, false]) === true;
  if (!inside && value.to.region.text !== undefined)
    excludes(machine.state, call.values[1]?.lin, value.to.region.text);
  return inside
    ? somewhereIn(machine, value, found(call))
    : machine.pointer(
        machine.region({ name: call.name, kind: "outside", type: CHAR, nullness: "yes", node: call.node }),
        STRING,
      );
}

/** How many characters there are at the least where a search finds something: those that it looks for. */
export function found({ name, values, model }: ModelCall): number {
  const [, sought] = values;
  const code = constantOf(sought?.lin);
  if (code !== undefined) return code === 0 ? 0 : 1;
  const text = sought?.to?.region.text;
  return /str$/.test(name) && !model.goesOn ? (text?.length ?? 0) : 1;
}

/** A pointer to some character of a text, from which on there are so many characters. */
export function somewhereIn(machine: Machine, value: Value, least = 0): Value {
  if (value.to === undefined) return value;
  const length = lengthOf(machine, value);
  const most = length == null ? Infinity : rangeOfLin(machine.state, length).hi;
  const sym = machine.symbol(LONG, {
    lo: 0,
    ...(Number.isFinite(most) && most < 2 ** 40 ? { hi: Math.max(0, most - least) } : {}),
  });
  const at = plus(value.to.at, symbolic(sym));
  if (length?.terms.length === 1 && length.terms[0]?.c === 1)
    machine.state.differences.set(`${sym.id}:${length.terms[0].sym.id}`, length.k - least);
  return { type: STRING, to: { region: value.to.region, at: at ?? value.to.at } };
}

/** What follows the last slash of a path names no folder. */
export function lastPart(machine: Machine, value: Value): Value {
  const taint = taintBehind(machine, value);
  if (taint === undefined) return value;
  const born = { ...taint, cleared: new Set([...taint.cleared, "path"]) };
  return machine.pointer(
    machine.region({ name: "", kind: "outside", type: CHAR, nullness: "no", born }),
    STRING,
  );
}
