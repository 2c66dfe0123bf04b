// C++: elements of a vector that are known one by one. While it is known how many there are, and what was
// put at each place, the first is told apart from the second; where that is lost, any may be any.
import { classOf, countOf, setCount, textTaint } from "./containers.ts";
import type { Region, State, Value } from "./domain.ts";
import { constant, constantOf, type Lin } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { childOf, load, setTaint } from "./memory.ts";
import { UNKNOWN } from "./types.ts";

/** Beyond this, elements are one like the other. */
const MOST_KNOWN = 8;

function place(machine: Machine, object: Region, index: number): Region {
  return childOf(machine, object, { key: `#${index}`, type: classOf(object)?.of ?? UNKNOWN });
}

/** How many elements there are, where each of them is known. */
export function knownCount(machine: Machine, object: Region): number | undefined {
  if (classOf(object)?.behaves !== "sequence") return undefined;
  const count = constantOf(countOf(machine, object));
  if (count === undefined || count < 0 || count > MOST_KNOWN) return undefined;
  for (let i = 0; i < count; i++)
    if (!machine.state.cells.has(place(machine, object, i).id)) return undefined;
  return count;
}

/** The element at an index, counted from the end where that is below zero; undefined where it is not known. */
export function knownElement(machine: Machine, object: Region, index: Lin | number): Region | undefined {
  const at = typeof index === "number" ? index : constantOf(index);
  const count = at === undefined ? undefined : knownCount(machine, object);
  if (at === undefined || count === undefined || at >= count || at < -count) return undefined;
  return place(machine, object, at < 0 ? count + at : at);
}

/** What an element is worth; its untrusted data is its own, whatever is in the others. */
export function elementAs(machine: Machine, element: Region): Value {
  const held = machine.state.cells.get(element.id);
  return held ?? load(machine, element);
}

/** Puts a value at the place behind the elements that are known. */
export function putElement(machine: Machine, object: Region, index: number, value: Value | undefined): void {
  if (value === undefined || index >= MOST_KNOWN) return;
  const element = place(machine, object, index);
  const taint = value.copyOf === undefined ? undefined : machine.state.taints.get(value.copyOf.id);
  machine.state.cells.set(element.id, taint == null ? value : { ...value, taint });
}

/** Says what an object holds from now on. */
export function setElements(machine: Machine, object: Region, values: readonly Value[]): void {
  values.forEach((value, index) => {
    putElement(machine, object, index, value);
  });
  setCount(machine, object, constant(values.length));
  const taint = values.map((value) => textTaint(machine, value)).find((found) => found !== undefined);
  if (taint !== undefined) setTaint(machine, object, taint);
}

/** The first element goes, the others move up. */
export function dropFirst(machine: Machine, object: Region): void {
  const count = knownCount(machine, object) ?? 0;
  for (let i = 1; i < count; i++) {
    const next = machine.state.cells.get(place(machine, object, i).id);
    if (next !== undefined) machine.state.cells.set(place(machine, object, i - 1).id, next);
  }
}

/** How many rounds a loop over an object still has in a state, after so many. */
export function roundsLeft(
  machine: Machine,
  state: State,
  { object, counter }: { object: Region | undefined; counter: Region },
): number | undefined {
  const before = machine.state;
  machine.state = state;
  const count = object === undefined ? undefined : knownCount(machine, object);
  machine.state = before;
  const round = constantOf(state.cells.get(counter.id)?.lin);
  return count === undefined || round === undefined ? undefined : Math.max(0, count - round);
}

/** The element of the round that begins; undefined where it is not known which one. */
export function nextElement(
  machine: Machine,
  object: Region | undefined,
  counter: Region,
): Region | undefined {
  const held = machine.state.cells.get(counter.id);
  const round = constantOf(held?.lin);
  if (object === undefined || held === undefined || round === undefined) return undefined;
  machine.state.cells.set(counter.id, { ...held, lin: { k: round + 1, terms: [] } });
  return knownElement(machine, object, round);
}

/** What was written to a loop's variable that is a reference was written to the element of the round. */
export function writeBack(
  machine: Machine,
  { object, counter, variable }: { object: Region | undefined; counter: Region; variable: Region },
): void {
  const round = constantOf(machine.state.cells.get(counter.id)?.lin);
  const held = machine.state.cells.get(variable.id);
  if (object === undefined || round === undefined || round === 0 || held === undefined) return;
  const element = knownElement(machine, object, round - 1);
  if (element !== undefined) machine.state.cells.set(element.id, held);
}
