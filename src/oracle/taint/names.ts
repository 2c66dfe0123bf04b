// Names: a unit's own variables, those of enclosing functions, globals, and Python's builtins.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type FunctionUnit, NOTHING, UNKNOWN, type Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { join } from "./values.ts";

/** What a name holds. */
export function lookUp(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const name = node.text;
  const own = frame.env?.values.get(name);
  const { unit } = frame;
  if (own !== undefined) {
    return unit.rebound.has(name) ? join(own, machine.read(unit.cell(name), frame)) : own;
  }
  const isModule = unit.parent === undefined;
  if (!isModule && !unit.locals.has(name)) {
    const owner = ownerOf(unit, name);
    if (owner !== undefined) return orUnknown(machine.read(owner.cell(name), frame));
  }
  if (isModule && unit.locals.has(name)) {
    // A global that a function sets, or that is set further down in a loop.
    const shared = machine.read(unit.cell(name), frame);
    if (shared !== NOTHING) return shared;
  }
  const builtin = machine.model.root.step("builtins")?.step(name);
  return builtin === undefined ? UNKNOWN : machine.api(builtin, node);
}

/** The enclosing unit whose variable a name is. */
function ownerOf(unit: FunctionUnit, name: string): FunctionUnit | undefined {
  for (let outer = unit.parent; outer !== undefined; outer = outer.parent) {
    if (outer.locals.has(name)) return outer;
  }
  return undefined;
}

function orUnknown(value: Value): Value {
  return value === NOTHING ? UNKNOWN : value;
}

/** Binds a name in a frame, and in the shared variable where others may read it. */
export function bindName(machine: Machine, name: string, at: { value: Value; frame: Frame }): void {
  const { value, frame } = at;
  const { unit, env, owner } = frame;
  if (env === undefined) return;
  if (owner !== undefined) {
    machine.write(owner.cell(name), value);
  } else if (unit.globals.has(name)) {
    const target = ownerOf(unit, name);
    if (target !== undefined) machine.write(target.cell(name), value);
    else machine.write(machine.units.module.cell(name), value);
  } else if (unit.parent === undefined || unit.captured.has(name)) {
    machine.write(unit.cell(name), value);
  }
  env.set(name, value);
  for (const open of frame.tries) {
    const seen = open.values.get(name);
    open.values.set(name, seen === undefined ? value : join(seen, value));
  }
}
