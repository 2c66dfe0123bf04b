// Calls: macros are run in place, functions of the file once for each call with what it passes,
// library functions by what their model says, others by what may have happened.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { checkPointer } from "./bounds.ts";
import { calleeName, functionBehind } from "./callees.ts";
import { castTo, makeOfClass } from "./class-calls.ts";
import { assume } from "./conditions.ts";
import { classOf } from "./containers.ts";
import type { Region, State, Value } from "./domain.ts";
import { taintOf } from "./domain.ts";
import { evaluate } from "./expressions.ts";
import { fallibleCallees } from "./fallible.ts";
import { forgetSymbols, forgetVariables } from "./forget.ts";
import { applyModel } from "./library.ts";
import { leaving, runInitialisers } from "./lives.ts";
import type { Frame, Machine } from "./machine.ts";
import { contentTaint, convert, fill, rootOf, setTaint, step, store } from "./memory.ts";
import { mayHaveChanged, objectMethod } from "./methods.ts";
import { declare, find } from "./names.ts";
import { holderOf, readsLine, selfOf } from "./objects.ts";
import { ownerMethod } from "./owners.ts";
import { inMacro, objectAt, placeOf, referenceTo } from "./places.ts";
import type { FunctionUnit } from "./program.ts";
import { type CType, UNKNOWN } from "./types.ts";

const MOST_DEPTH = 6;

/** What a call gives. */
export function call(machine: Machine, node: SyntaxNode): Value {
  machine.spend(2);
  const callee = node.child("function");
  const list = node.child("arguments");
  const argumentNodes = withRest(machine, list?.namedChildren ?? []);
  if (callee === undefined) return { type: UNKNOWN };
  const name = calleeName(machine, callee) ?? functionBehind(machine, callee);
  if (name === undefined) {
    if (callee.type === "field_expression") return method(machine, node, { callee, argumentNodes });
    return opaque(
      machine,
      node,
      argumentNodes.map((argument) => evaluate(machine, argument)),
    );
  }
  const macro = machine.program.macros.get(name);
  if (macro?.parameters !== undefined)
    return runMacro(machine, node, { name, parameters: macro.parameters, argumentNodes });
  if (name === "assert" && argumentNodes[0] !== undefined) {
    assume(machine, argumentNodes[0]);
    return { type: { k: "void" } };
  }
  if (CASTS.test(callee.text) && argumentNodes[0] !== undefined)
    return castTo(machine, callee, argumentNodes[0]);
  if (name === "getline" && argumentNodes.length >= 2 && readsLine(machine, node, argumentNodes))
    return { type: UNKNOWN };
  const unit = machine.program.functions.get(name);
  const values = argumentNodes.map((argument) => evaluate(machine, argument));
  const special =
    callee.type === "identifier" ? undefined : makeOfClass(machine, { node, callee, name, values });
  if (special !== undefined) return special;
  if (unit !== undefined && unit.parameters.length <= values.length) {
    const self = unit.method ? machine.frame.self : undefined;
    if (mayRun(machine, unit))
      return invoke(machine, unit, {
        values: asPassed(machine, unit, { values, argumentNodes }),
        node,
        self,
      });
    machine.called.delete(unit.node);
    mayHaveChanged(machine, values);
    return opaque(machine, node, values, unit.returns);
  }
  const model = machine.model.function(name) ?? machine.model.function(callee.text);
  if (model === undefined) {
    if (find(machine, name)?.type.k === "pointer") evaluate(machine, callee);
    return opaque(machine, node, values, machine.program.declared.get(name));
  }
  return applyModel(machine, { node, name, model, values, nodes: argumentNodes }, () =>
    opaque(machine, node, values, machine.program.declared.get(name)),
  );
}

/** Arguments, those of a macro that takes any number of them in their place. */
function withRest(machine: Machine, nodes: readonly SyntaxNode[]): SyntaxNode[] {
  return nodes.flatMap((node) => {
    if (node.type === "comment") return [];
    return node.type === "identifier" && node.text === "__VA_ARGS__" ? machine.rest : [node];
  });
}

/** C++: what a function takes by reference is passed as where it lies. */
function asPassed(
  machine: Machine,
  unit: FunctionUnit,
  { values, argumentNodes }: { values: readonly Value[]; argumentNodes: readonly SyntaxNode[] },
): Value[] {
  return values.map((value, index) => {
    const type = unit.parameters[index]?.type;
    const node = argumentNodes[index];
    if (type?.k !== "pointer" || type.ref !== true || node === undefined) return value;
    return referenceTo(machine, { type, node, value });
  });
}

/** C++: runs a constructor or destructor for an object. */
export function construct(
  machine: Machine,
  unit: FunctionUnit,
  { self, nodes, node }: { self: Region; nodes: readonly SyntaxNode[]; node: SyntaxNode },
): void {
  const values = nodes.map((argument) => evaluate(machine, argument));
  if (!mayRun(machine, unit)) return;
  invoke(machine, unit, { values: asPassed(machine, unit, { values, argumentNodes: nodes }), node, self });
}

function mayRun(machine: Machine, unit: FunctionUnit): boolean {
  return (
    machine.frames.length <= MOST_DEPTH &&
    !machine.frames.some(({ definition }) => definition === unit.node) &&
    machine.left > 0.15
  );
}

const CASTS = /^(?:static|reinterpret|const|dynamic)_cast\b|^std::(?:move|forward)\b|^move$/;

function runMacro(
  machine: Machine,
  node: SyntaxNode,
  {
    name,
    parameters,
    argumentNodes,
  }: { name: string; parameters: readonly string[]; argumentNodes: readonly SyntaxNode[] },
): Value {
  const values = argumentNodes.map((argument) => evaluate(machine, argument));
  const body = machine.program.macroBody(name);
  if (body === undefined || machine.frames.length > MOST_DEPTH) return opaque(machine, node, values);
  return inMacro(machine, node, () => {
    const rest = machine.rest;
    machine.rest = parameters.includes("...") ? argumentNodes.slice(parameters.indexOf("...")) : [];
    const scope = new Map<string, ReturnType<typeof declare>>();
    machine.frame.scopes.push(scope);
    parameters.forEach((parameter, index) => {
      const value = values[index];
      if (value === undefined) return;
      const own = argumentNodes[index];
      const named = own?.type === "identifier" ? find(machine, own.text) : undefined;
      if (named !== undefined) scope.set(parameter, named);
      else {
        const region = declare(machine, parameter, { type: value.type, node });
        machine.state.cells.set(region.id, value);
      }
    });
    const result = body.type === "compound_statement" ? runBlock(machine, body) : evaluate(machine, body);
    machine.frame.scopes.pop();
    machine.rest = rest;
    return result;
  });
}

/** A macro that is a statement: each way through it is a way to go on. */
function runBlock(machine: Machine, body: SyntaxNode): Value {
  const after = machine.choose(() => machine.ops.execute(machine, body, [machine.state.fork()]));
  if (after !== undefined) machine.state = after.fork();
  return { type: UNKNOWN };
}

/** Runs a function of the file for a call: each way that it may end is a way to go on. */
function invoke(
  machine: Machine,
  unit: FunctionUnit,
  { values, node, self }: { values: readonly Value[]; node: SyntaxNode; self?: Region | undefined },
): Value {
  const outcome = machine.choose(() => {
    const state = machine.state.fork();
    return runFunction(machine, unit, { values, state, call: machine.site ?? node, self });
  });
  if (outcome === undefined) return { type: unit.returns };
  machine.state = outcome.state.fork();
  return outcome.value ?? { type: unit.returns };
}

/** Every way that a function may end. */
export function runFunction(
  machine: Machine,
  unit: FunctionUnit,
  {
    values,
    state,
    call: from,
    self,
  }: {
    values: readonly (Value | undefined)[];
    state: State;
    call?: SyntaxNode;
    self?: Region | undefined;
  },
): { state: State; value: Value | undefined }[] {
  machine.called.add(unit.node);
  const frame: Frame = {
    scopes: [new Map()],
    returns: [],
    gotos: new Map(),
    loops: [],
    definition: unit.node,
    self,
    call: from,
    depth: machine.frames.length,
    since: machine.made + 1,
    asked: new Set(),
  };
  const before = { state: machine.state, site: machine.site };
  machine.frames.push(frame);
  machine.site = undefined;
  machine.state = state;
  unit.parameters.forEach(({ name, type, node }, index) => {
    const value = values[index];
    if (name === undefined) return;
    const own: CType = type.k === "array" ? { k: "pointer", to: type.of } : type;
    const region = declare(machine, name, { type: own, node });
    if (value === undefined) return;
    if (own.k === "struct") store(machine, region, value);
    else machine.state.cells.set(region.id, convert(machine, value, own));
  });
  const begun =
    self === undefined
      ? [machine.state]
      : machine.each([machine.state], () => runInitialisers(machine, unit));
  const after = leaving(machine, machine.ops.execute(machine, unit.body, begun), {
    variables: [...(frame.scopes[0]?.values() ?? [])],
    kept: undefined,
    node: unit.node,
  });
  machine.frames.pop();
  machine.state = before.state;
  machine.site = before.site;
  for (const falling of after) frame.returns.push({ state: falling, value: undefined });
  const outcomes = mostTelling(frame.returns);
  const variables = [...(frame.scopes[0]?.values() ?? [])];
  for (const { state: left, value } of outcomes) {
    if (value?.to !== undefined && isGone(machine, frame, value.to.region))
      left.freed.set(rootOf(value.to.region).id, { node: unit.node, frames: [...machine.frames, frame] });
    forgetVariables(left, variables);
    forgetSymbols(machine, left, { since: frame.since, result: value });
  }
  return outcomes;
}

/** A variable of a function that has returned: a pointer to it leads nowhere. */
function isGone(machine: Machine, frame: Frame, region: Region): boolean {
  const root = rootOf(region);
  const own = root.kind === "variable" && root.id >= frame.since && root.node !== undefined;
  return (
    own && frame.depth > 0 && !machine.statics.has(root.id) && ![...machine.globals.values()].includes(root)
  );
}

const MOST_OUTCOMES = 8;

function mostTelling(outcomes: Frame["returns"]): Frame["returns"] {
  if (outcomes.length <= MOST_OUTCOMES) return outcomes;
  // One of each kind of result first: failure and success are what callers tell apart.
  const kinds = new Map<string, Frame["returns"]>();
  for (const outcome of outcomes) {
    const { value } = outcome;
    const lin = value?.lin;
    const key =
      value?.to !== undefined
        ? value.to.region.kind
        : lin !== undefined && lin.terms.length === 0
          ? `${lin.k}`
          : "other";
    kinds.set(key, [...(kinds.get(key) ?? []), outcome]);
  }
  const chosen: Frame["returns"] = [];
  for (let round = 0; chosen.length < MOST_OUTCOMES && round < MOST_OUTCOMES; round++) {
    for (const group of kinds.values()) {
      const next = group[round];
      if (next !== undefined && chosen.length < MOST_OUTCOMES) chosen.push(next);
    }
  }
  return chosen;
}

/** A call of which nothing is known: what it was given may have changed. */
export function opaque(
  machine: Machine,
  node: SyntaxNode,
  values: readonly Value[],
  returns: CType = UNKNOWN,
): Value {
  for (const value of values) {
    if (value.to === undefined || value.to.region.kind === "literal" || value.to.region.kind === "null")
      continue;
    const root = rootOf(value.to.region);
    const freed = machine.state.freed.get(root.id);
    if (freed !== undefined && freed.helper === undefined) checkPointer(machine, value, node);
    if (value.to.region.kind === "variable") havoc(machine, value);
    machine.state.lengths.delete(value.to.region.id);
    machine.changed.add(value.to.region.id);
  }
  const name = node.child("function")?.text ?? "";
  const fallible = returns.k === "pointer" || returns.k === "unknown" ? fallibleCallees(machine.tree) : NONE;
  if (!fallible.has(name)) return machine.unknown(returns);
  const type = returns.k === "pointer" ? returns.to : UNKNOWN;
  const made = machine.region({ name, kind: "outside", type, nullness: "maybe", node });
  return machine.pointer(made, { k: "pointer", to: type });
}

const NONE: ReadonlySet<string> = new Set();

/** What a pointer to a variable was given out for may be anything now, but is no worse than before. */
function havoc(machine: Machine, value: Value): void {
  if (value.to === undefined) return;
  const { region } = value.to;
  const taint = contentTaint(machine, region);
  fill(machine, region, taint);
}

const MUTATORS =
  /^(?:append|push_back|assign|insert|operator|emplace_back|replace|push|str|open|put|write|emplace|push_front)$/;

function placeFor(machine: Machine, object: SyntaxNode | undefined): Region | undefined {
  const named = object?.type === "identifier" || object?.type === "field_expression";
  return named ? placeOf(machine, object, "address")?.region : undefined;
}

/** C++: a method passes on what is untrusted in its object and arguments. */
function method(
  machine: Machine,
  node: SyntaxNode,
  { callee, argumentNodes }: { callee: SyntaxNode; argumentNodes: readonly SyntaxNode[] },
): Value {
  const object = callee.child("argument");
  const name = callee.child("field")?.text ?? "";
  const own = machine.program.functions.get(name);
  if (own?.method === true && object !== undefined) {
    const self = selfOf(machine, object, callee);
    const given = argumentNodes.map((argument) => evaluate(machine, argument));
    const known = own.parameters.length <= given.length && mayRun(machine, own);
    if (self !== undefined && known)
      return invoke(machine, own, {
        values: asPassed(machine, own, { values: given, argumentNodes }),
        node,
        self,
      });
  }
  const held = object === undefined ? undefined : objectAt(machine, object);
  if (held !== undefined) {
    const given = argumentNodes.map((argument) => evaluate(machine, argument));
    const known = objectMethod(machine, { node, name, object: held, values: given, nodes: argumentNodes });
    if (known !== undefined) return known;
  }
  const target = object === undefined ? undefined : evaluate(machine, object);
  const values = argumentNodes.map((argument) => evaluate(machine, argument));
  const dot = !callee.children.some(({ type }) => type === "->");
  const owner =
    target === undefined || !dot
      ? undefined
      : ownerMethod(machine, { name, value: target, place: placeFor(machine, object), values, node });
  if (owner !== undefined) return owner;
  if (target?.to !== undefined && callee.children.some(({ type }) => type === "->"))
    checkPointer(machine, target, callee);
  for (const value of values) if (value.to?.region.kind === "variable") havoc(machine, value);
  const ownTaint =
    target === undefined
      ? undefined
      : (taintOf(target) ?? (target.to === undefined ? undefined : contentTaint(machine, target.to.region)));
  const given = values
    .map(
      (value) =>
        taintOf(value) ?? (value.to === undefined ? undefined : contentTaint(machine, value.to.region)),
    )
    .find((taint) => taint !== undefined);
  const holder = object === undefined || given === undefined ? undefined : holderOf(machine, object);
  if (MUTATORS.test(name) && given !== undefined && holder !== undefined) {
    const taint = step(given, node, `goes into ${holder.name}`);
    if (classOf(holder) === undefined) machine.state.cells.set(holder.id, { type: holder.type, taint });
    else setTaint(machine, holder, taint);
  }
  if (
    /^(?:size|length|empty|count|find|good|fail|eof|is_open|compare|begin|end|capacity|rfind|find_first_of)$/.test(
      name,
    )
  )
    return { type: UNKNOWN };
  const taint = ownTaint ?? given;
  return taint === undefined ? { type: UNKNOWN } : { type: UNKNOWN, taint };
}
