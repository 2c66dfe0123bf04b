// C++: how objects begin and end. Constructors of the file's classes are run where a variable is declared,
// destructors where it goes; smart pointers and containers take along what they hold.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { initialise, writeTo } from "./assignments.ts";
import { checkPointer } from "./bounds.ts";
import { assignObject, beginEmpty, classOf, contentsOf, setCount, textTaint } from "./containers.ts";
import type { Region, State, Value } from "./domain.ts";
import { elementAs, setElements } from "./elements.ts";
import { applyModel } from "./library.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, fieldOf, rootOf, setTaint } from "./memory.ts";
import { adopt, dispose, isOwner } from "./owners.ts";
import type { FunctionUnit } from "./program.ts";
import { type CType, UNKNOWN } from "./types.ts";

/** What a variable is begun with: `x(1)`, `x{1}`, nothing. True where that was all. */
export function begin(
  machine: Machine,
  region: Region,
  { value, node }: { value: SyntaxNode | undefined; node: SyntaxNode },
): boolean {
  const list = value !== undefined && LISTS.has(value.type) ? value : undefined;
  const nodes = (list?.namedChildren ?? [])
    .filter(({ type }) => type !== "comment")
    .map((item) => (item.type === "parameter_declaration" ? (item.child("type") ?? item) : item));
  if (isOwner(region.type)) {
    if (value !== undefined && list === undefined) return false;
    const given = nodes.map((item) => machine.ops.evaluate(machine, item))[0];
    adopt(machine, region, given ?? machine.pointer(machine.nullRegion, region.type), node);
    return true;
  }
  if (classOf(region) !== undefined) return beginObject(machine, region, { value, nodes, list, node });
  if (region.type.k !== "struct") return false;
  const unit = machine.program.functions.get(region.type.name);
  if (unit?.method !== true || unit.owner !== region.type.name) return false;
  if (value !== undefined && list === undefined) return false;
  if (unit.parameters.length !== nodes.length) return false;
  machine.ops.construct(machine, unit, { self: region, nodes, node });
  return true;
}

/** What stands in brackets behind a name; `in(line)` reads as the parameters of a function. */
const LISTS = new Set(["argument_list", "initializer_list", "parameter_list"]);

function beginObject(
  machine: Machine,
  object: Region,
  {
    value,
    nodes,
    list,
    node,
  }: {
    value: SyntaxNode | undefined;
    nodes: readonly SyntaxNode[];
    list: SyntaxNode | undefined;
    node: SyntaxNode;
  },
): boolean {
  const about = classOf(object);
  if (value !== undefined && list === undefined) {
    const given = machine.ops.evaluate(machine, value);
    textOf(machine, given, value);
    assignObject(machine, object, given);
    return true;
  }
  const values = nodes.map((item) => machine.ops.evaluate(machine, item));
  const model = machine.model.function(`std::${about?.name ?? ""}`);
  if (model !== undefined && values.length > 0)
    applyModel(machine, { node, name: about?.name ?? "", model, values, nodes }, () => ({ type: UNKNOWN }));
  beginEmpty(machine, object);
  const [first] = values;
  if (first === undefined) return true;
  if (about?.behaves === "sequence" && list?.type !== "initializer_list" && first.lin !== undefined)
    setCount(machine, object, first.lin);
  else if (about?.behaves === "sequence" || about?.behaves === "fixed") {
    if (list?.type === "initializer_list") {
      setElements(machine, object, values);
    } else setCount(machine, object, undefined);
  } else if (about?.behaves === "text" && values.length === 1) {
    textOf(machine, first, node);
    assignObject(machine, object, first);
  } else setCount(machine, object, undefined);
  const taint =
    about?.behaves === "file" || about?.behaves === "input" ? undefined : taintAmong(machine, values);
  if (taint !== undefined) setTaint(machine, object, taint);
  return true;
}

function taintAmong(machine: Machine, values: readonly Value[]): ReturnType<typeof textTaint> {
  return values.map((value) => textTaint(machine, value)).find((found) => found !== undefined);
}

/** A string is made of a text, which must be there. */
function textOf(machine: Machine, value: Value, node: SyntaxNode): void {
  if (value.to !== undefined && classOf(value.to.region) === undefined) checkPointer(machine, value, node);
}

/** `Box(int n) : size_(n), data_(new char[n])`. */
export function runInitialisers(machine: Machine, unit: FunctionUnit): void {
  const list = unit.node.namedChildren.find(({ type }) => type === "field_initializer_list");
  const { self } = machine.frame;
  if (list === undefined || self === undefined) return;
  for (const item of list.namedChildren) {
    const [name, value] = item.namedChildren;
    if (item.type !== "field_initializer" || name?.type !== "field_identifier" || value === undefined)
      continue;
    const field = fieldOf(machine, self, name.text);
    const [first, ...more] = value.namedChildren;
    if (begin(machine, field, { value, node: item })) continue;
    if (first !== undefined && more.length === 0) {
      if (field.type.k === "array" || first.type === "initializer_list") initialise(machine, field, first);
      else writeTo(machine, { region: field, type: field.type }, machine.ops.evaluate(machine, first));
    }
  }
}

/** Variables of a scope go, the last one first. `kept` is what is given back. */
export function endLives(
  machine: Machine,
  variables: readonly Region[],
  { kept, node }: { kept: Region | undefined; node: SyntaxNode },
): void {
  for (let i = variables.length - 1; i >= 0; i--) {
    const variable = variables[i];
    if (variable === undefined || variable === kept) continue;
    if (isOwner(variable.type)) dispose(machine, variable, node);
    else if (classOf(variable) !== undefined) endObject(machine, variable, node);
    else if (variable.type.k === "struct") destroy(machine, variable);
  }
}

/** Whether there is anything to do when a variable of a type goes. */
export function hasLife(machine: Machine, { type }: Region): boolean {
  return (
    isOwner(type) ||
    (type.k === "unknown" && type.object !== undefined) ||
    (type.k === "struct" && machine.program.functions.has(`~${type.name}`))
  );
}

function endObject(machine: Machine, object: Region, node: SyntaxNode): void {
  const held = machine.state.cells.get(fieldOf(machine, object, "#data").id);
  if (held?.to === undefined) return;
  machine.state.freed.set(rootOf(held.to.region).id, { node, frames: [...machine.frames] });
}

function destroy(machine: Machine, object: Region): void {
  const name = object.type.k === "struct" ? object.type.name : "";
  const unit = machine.program.functions.get(`~${name}`);
  if (unit?.owner !== name || object.node === undefined) return;
  machine.ops.construct(machine, unit, { self: object, nodes: [], node: object.node });
}

/** The contents of an object that had no name are gone with the expression that made it. */
export function endTemporary(machine: Machine, value: Value, node: SyntaxNode): void {
  if (value.to?.region.holder?.name === "" && value.to.region.holder.kind === "variable")
    machine.state.freed.set(rootOf(value.to.region).id, { node, frames: [...machine.frames] });
}

/** What an element is worth on each round of `for (auto &x : xs)`. */
export function takeElement(
  machine: Machine,
  { variable, range, element }: { variable: Region; range: Value; element: Region | undefined },
): void {
  const object = range.copyOf;
  const about = classOf(object);
  const of: CType = about?.of ?? UNKNOWN;
  const known = element === undefined ? undefined : elementAs(machine, element);
  if (known !== undefined) {
    if (classOf(variable) !== undefined) assignObject(machine, variable, known);
    else machine.state.cells.set(variable.id, known);
    return;
  }
  const taint = textTaint(machine, range);
  if (classOf(variable) !== undefined) {
    assignObject(machine, variable, { type: variable.type, ...(taint === undefined ? {} : { taint }) });
    return;
  }
  const type = variable.type.k === "unknown" ? of : variable.type;
  if (object !== undefined && about?.behaves === "text" && type.k === "int") {
    const { to } = contentsOf(machine, object);
    const character = machine.unknown(type, { taint: contentTaint(machine, object) });
    machine.state.cells.set(variable.id, to === undefined ? character : { ...character, origin: to });
    return;
  }
  if (type.k === "struct" || type.k === "array") setTaint(machine, variable, taint ?? null);
  else machine.state.cells.set(variable.id, machine.unknown(type, { taint }));
}

/** Runs what ends lives in a state, where anything ends. */
export function leaving(
  machine: Machine,
  states: readonly State[],
  about: { variables: readonly Region[]; kept: Region | undefined; node: SyntaxNode },
): State[] {
  const lively = about.variables.filter((variable) => hasLife(machine, variable));
  if (lively.length === 0) return [...states];
  return machine.each(states, () => endLives(machine, lively, about));
}
