// Runs a program of C from every function that nothing in the file calls, and gathers what is found.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import { OutOfBudget } from "../taint/machine.ts";
import { call, construct, runFunction } from "./calls.ts";
import { decide } from "./conditions.ts";
import { type Region, State, type Value } from "./domain.ts";
import { evaluate } from "./expressions.ts";
import { symbolic, type Taint } from "./linear.ts";
import { Machine, type Report } from "./machine.ts";
import type { Model } from "./model.ts";
import { type FunctionUnit, readProgram } from "./program.ts";
import { execute } from "./statements.ts";
import { CHAR, type CType } from "./types.ts";

/** How to look. */
export interface CSettings {
  /** Threat models that count. */
  readonly labels: ReadonlySet<string>;
  /** Steps for one program. */
  readonly budget: number;
  readonly parse: (text: string) => SyntaxTree;
}

/** What a program does wrong, in no order; throws OutOfBudget where that takes too many steps. */
export function findWeaknesses(tree: SyntaxTree, model: Model, settings: CSettings): Report[] {
  const program = readProgram(tree, model, settings.parse);
  const machine = new Machine({
    model,
    program,
    tree,
    settings,
    ops: {
      evaluate,
      decide,
      execute,
      call,
      construct,
      run: (own, unit, values) => runFunction(own, unit, { values, state: own.state }),
    },
  });
  const units = [...program.functions.values()];
  const calls = calledNames(tree.root);
  const entered = (unit: FunctionUnit): boolean =>
    !calls.has(unit.name) || unit.name === "main" || (settings.labels.has("parameters") && !unit.local);
  for (const unit of units.filter(entered)) enter(machine, unit);
  for (const unit of units) if (!machine.called.has(unit.node)) enter(machine, unit);
  return machine.reports;
}

function calledNames(root: SyntaxNode): Set<string> {
  const names = new Set<string>();
  for (const node of root.descendants()) {
    if (node.type !== "call_expression") continue;
    const callee = node.child("function");
    const name =
      callee?.type === "field_expression" ? callee.child("field")?.text : callee?.text.split("::").at(-1);
    if (name !== undefined && enclosing(node) !== name) names.add(name);
  }
  return names;
}

function enclosing(node: SyntaxNode): string | undefined {
  const definition = node.ancestor("function_definition");
  const declarator = definition?.child("declarator");
  return declarator === undefined ? undefined : /([\w~]+)\s*\(/.exec(declarator.text)?.[1];
}

/** Runs a function with arguments of which only the types are known. */
function enter(machine: Machine, unit: FunctionUnit): void {
  const state = new State(machine.symbols);
  machine.state = state;
  const values = unit.parameters.map(({ name, type, node }) =>
    parameterValue(machine, { name: name ?? "", type, node }),
  );
  try {
    runFunction(machine, unit, { values, state, self: selfFor(machine, unit) });
  } catch (error) {
    if (error instanceof OutOfBudget || !(error instanceof RangeError)) throw error;
    throw new OutOfBudget("the program is nested too deeply");
  }
}

/** C++: a method is entered for an object of which only the class is known. */
function selfFor(machine: Machine, unit: FunctionUnit): Region | undefined {
  const type = unit.owner === undefined ? undefined : machine.program.types.structs.get(unit.owner);
  if (type === undefined) return undefined;
  return machine.region({ name: "this", kind: "outside", type, nullness: "no" });
}

function parameterValue(
  machine: Machine,
  { name, type, node }: { name: string; type: CType; node: SyntaxNode },
): Value {
  const parameters = machine.settings.labels.has("parameters") ? parameterTaint(node) : undefined;
  if (isArgumentList(name, type)) {
    const taint = machine.settings.labels.has("local") ? argumentTaint(node) : parameters;
    const region = machine.region({
      name,
      kind: "outside",
      type: { k: "pointer", to: CHAR },
      nullness: "no",
      born: taint,
      ends: true,
    });
    return machine.pointer(region, { k: "pointer", to: region.type });
  }
  if (name === "argc" && type.k === "int") {
    const own = machine.settings.labels.has("local") ? argumentTaint(node) : undefined;
    const taint = own === undefined ? undefined : { ...own, cleared: new Set(["arithmetic"]) };
    return { type, lin: symbolic(machine.symbol(type, { lo: 0, taint })) };
  }
  if (type.k === "pointer" || type.k === "array") {
    const to = type.k === "pointer" ? type.to : type.of;
    const size = type.k === "array" && type.count !== undefined ? type : undefined;
    const region = machine.region({
      name,
      kind: "outside",
      type: size ?? to,
      size: size === undefined ? undefined : sizeOfArray(size),
      nullness: type.k === "pointer" && type.ref ? "no" : "unknown",
      born: parameters,
      parameter: true,
    });
    return machine.pointer(region, type.k === "pointer" ? type : { k: "pointer", to });
  }
  return machine.unknown(type, { taint: parameters, kind: "parameter" });
}

function sizeOfArray(type: CType & { k: "array" }): { k: number; terms: [] } | undefined {
  const one = type.of.k === "int" ? type.of.size : undefined;
  return one === undefined || type.count === undefined ? undefined : { k: one * type.count, terms: [] };
}

/** `char **argv`, in main and in what main hands it to. */
function isArgumentList(name: string, type: CType): boolean {
  const inner = type.k === "pointer" ? type.to : type.k === "array" ? type.of : undefined;
  return (
    inner?.k === "pointer" && inner.to.k === "int" && inner.to.size === 1 && /^(?:argv|args|av)$/.test(name)
  );
}

function argumentTaint({ start, end }: SyntaxNode): Taint {
  return {
    label: "local",
    cleared: new Set(),
    step: { start, end, message: "arguments of the command line", previous: undefined },
  };
}

function parameterTaint({ start, end }: SyntaxNode): Taint {
  return {
    label: "parameters",
    cleared: new Set(),
    step: { start, end, message: "a parameter", previous: undefined },
  };
}
