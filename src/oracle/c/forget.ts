// Forgetting: numbers that nothing holds any more, and variables of functions that have returned.
// States are copied at every step, so that what is dead costs as much as what is alive.
import type { Region, State, Value } from "./domain.ts";
import type { Lin } from "./linear.ts";
import type { Machine } from "./machine.ts";

/** Drops variables that went out of scope, with their fields and elements. */
export function forgetVariables(state: State, variables: Iterable<Region>): void {
  for (const variable of variables) {
    if (variable.kind !== "variable") continue;
    const stack = [variable];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      state.cells.delete(at.id);
      state.taints.delete(at.id);
      state.lengths.delete(at.id);
      for (const child of at.children.values()) stack.push(child);
    }
  }
}

/** Below this, looking for what is dead costs more than it saves. */
const WORTH_IT = 12;

/**
 * Drops what is known of symbols from `since` on that no variable, text, result or memory holds.
 * Only between statements: an expression that is being worked out holds values of its own.
 */
export function forgetSymbols(
  machine: Machine,
  state: State,
  about: { since: number; result?: Value | undefined },
): void {
  if (state.ranges.size + state.guards.size + state.differences.size + state.facts.size < WORTH_IT) return;
  const { since, result } = about;
  const held = heldSymbols(machine, state, result);
  const alive = (id: number): boolean => id < since || held.has(id) || machine.pinned.has(id);
  keepElements(machine, state, { alive, held });
  keepTerms(state, alive, held);
  for (const layer of [state.ranges, state.guards])
    layer.deleteAll([...layer.entries()].map(([id]) => id).filter((id) => !alive(id)));
  state.differences.deleteAll(
    [...state.differences.entries()]
      .map(([key]) => key)
      .filter((key) => !key.split(":").every((id) => alive(Number(id)))),
  );
  state.facts.deleteAll(
    [...state.facts.entries()]
      .filter(([, { terms }]) => !terms.every(({ sym }) => alive(sym.id)))
      .map(([key]) => key),
  );
}

function heldSymbols(machine: Machine, state: State, result: Value | undefined): Set<number> {
  const held = new Set<number>();
  for (const [id, value] of state.cells.entries()) if (!machine.elements.has(id)) noteValue(held, value);
  for (const [, length] of state.lengths.entries()) note(held, length);
  if (result !== undefined) noteValue(held, result);
  return held;
}

function note(held: Set<number>, lin: Lin | null | undefined): void {
  for (const { sym } of lin?.terms ?? []) held.add(sym.id);
}

function noteValue(held: Set<number>, { lin, to, origin }: Value): void {
  note(held, lin);
  note(held, to?.at);
  note(held, origin?.at);
}

/** An element whose place nobody can name any more cannot be asked for. */
function keepElements(
  machine: Machine,
  state: State,
  { alive, held }: { alive: (id: number) => boolean; held: Set<number> },
): void {
  const dead: number[] = [];
  for (const [id, value] of state.cells.entries()) {
    const offset = machine.elements.get(id);
    if (offset === undefined) continue;
    if (offset.terms.every(({ sym }) => alive(sym.id))) noteValue(held, value);
    else dead.push(id);
  }
  state.cells.deleteAll(dead);
}

/** A product is alive while its factors are: it may be asked for again. */
function keepTerms(state: State, alive: (id: number) => boolean, held: Set<number>): void {
  const dead: string[] = [];
  for (const [key, { lin }] of state.terms.entries()) {
    const operands = [...key.matchAll(/(?<=\ds)\d+/g)];
    if (!operands.every(([id]) => alive(Number(id)))) dead.push(key);
    else for (const { sym } of lin?.terms ?? []) held.add(sym.id);
  }
  state.terms.deleteAll(dead);
}
