// Carries out calls: API functions by their models, functions and classes of the file by their
// summaries, methods of values of which nothing is known by name.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiNode } from "./api.ts";
import { apiBases, methodOf } from "./attributes.ts";
import { readCall } from "./call-reader.ts";
import { type CallSite, chooseArgument, chooseArguments } from "./call-site.ts";
import { runCallbacks } from "./callbacks.ts";
import { meets } from "./conditions.ts";
import { classFor } from "./copies.ts";
import { findCredentials } from "./credentials.ts";
import {
  type ClassUnit,
  type Fact,
  NOTHING,
  type PartialRef,
  type Ref,
  UNKNOWN,
  type Value,
} from "./domain.ts";
import { registerHandlers } from "./handlers.ts";
import type { Frame, Machine } from "./machine.ts";
import { propagate } from "./propagate.ts";
import { reachNamedArguments, reachSinks } from "./sinks.ts";
import { deepFacts, join, joinFacts, makeValue, withFacts } from "./values.ts";

/** Evaluates a call expression. */
export function evaluateCall(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const call = readCall(machine, node, frame);
  const above = call.name === "super" ? superOf(frame) : undefined;
  if (above !== undefined) return above;
  const value = machine.call(call, frame);
  return machine.named(value, tellingName(machine, call), node);
}

/** `super()`: an instance of what the class derives from. */
function superOf({ unit }: Frame): Value | undefined {
  if (unit.owner === undefined) return undefined;
  const refs = unit.owner.bases.refs.flatMap((base): Ref[] => {
    if (base.kind === "class") return [{ kind: "instance", unit: base.unit }];
    const instance = base.kind === "api" ? base.step("()") : undefined;
    return instance === undefined ? [] : [instance];
  });
  return refs.length === 0 ? undefined : makeValue({ refs });
}

/** The name that tells what a call gives: its own, or a key: `get_password()`, `form.get("password")`. */
function tellingName(machine: Machine, call: CallSite): string {
  if (!machine.model.readers.has(call.name)) return call.name;
  const key = call.positional[0]?.value.lit?.value;
  return typeof key === "string" ? key : call.name;
}

/** Runs what a call calls; the result is what it returns. */
export function carryOut(machine: Machine, call: CallSite, frame: Frame): Value {
  let result = NOTHING;
  let modelled = false;
  for (const ref of call.callee.refs) {
    const outcome = callRef(machine, ref, { call, frame });
    result = join(result, outcome.value);
    modelled ||= outcome.modelled;
  }
  findCredentials(machine, call);
  reachNamedArguments(machine, call);
  reachSinks(machine, call, machine.model.methodSinks.get(call.name) ?? []);
  if (!modelled) result = join(result, callByName(machine, call, frame));
  if (machine.settings.everythingPasses) result = passEverything(machine, result, { call, frame });
  return result === NOTHING ? UNKNOWN : result;
}

/** Over-approximates: the result and every variable that takes part hold data of all of them. */
function passEverything(machine: Machine, result: Value, at: { call: CallSite; frame: Frame }): Value {
  const { call, frame } = at;
  if (call.callee.refs.some((ref) => ref.kind === "api" && ref.lineage().some(({ opaque }) => opaque)))
    return result;
  const all = chooseArguments(call, ["self", "*", "**"]);
  const facts = all.reduce<readonly Fact[]>((sum, { value }) => joinFacts(sum, deepFacts(value)), []);
  if (facts.length === 0) return result;
  for (const { node, value } of all) {
    const isFunction = value.refs.some((ref) => ref.kind !== "api");
    if (node.type !== "identifier" || isFunction || frame.env === undefined) continue;
    const tainted = withFacts(value, facts);
    if (tainted !== value) machine.assign(node, tainted, frame);
  }
  return withFacts(result === NOTHING ? UNKNOWN : result, facts);
}

/** What a call gives; `modelled` where it is known how data passes through it. */
interface Outcome {
  readonly value: Value;
  readonly modelled: boolean;
}

function callRef(machine: Machine, ref: Ref, at: { call: CallSite; frame: Frame }): Outcome {
  switch (ref.kind) {
    case "api":
      return callApi(machine, ref, at);
    case "function":
      return known(machine.invoke({ unit: ref.unit, self: ref.self, call: at.call }, at.frame));
    case "class":
      return known(construct(machine, ref.unit, at));
    case "instance": {
      const place = { node: at.call.node, frame: at.frame };
      const [method] = methodOf(machine, ref.unit, { name: "__call__", at: place });
      const self = makeValue({ refs: [ref] });
      if (method === undefined) return { value: NOTHING, modelled: false };
      return known(machine.invoke({ unit: method, self, call: at.call }, at.frame));
    }
    case "partial":
      return known(machine.call(completed(ref, at.call), at.frame));
    default:
      return ref satisfies never;
  }
}

/** A call with the arguments that `functools.partial` was given before. */
function completed({ callee, positional, keywords }: PartialRef, call: CallSite): CallSite {
  return {
    ...call,
    callee,
    name: "",
    receiver: undefined,
    positional: [...positional, ...call.positional],
    keywords: new Map([...keywords, ...call.keywords]),
  };
}

function known(value: Value): Outcome {
  return { value, modelled: true };
}

function construct(machine: Machine, made: ClassUnit, at: { call: CallSite; frame: Frame }): Value {
  const { call, frame } = at;
  const unit = classFor(made, { node: call.node, within: frame.unit.owner });
  const instance = makeValue({ refs: [{ kind: "instance", unit }] });
  const [init] = methodOf(machine, unit, { name: "__init__", at: { node: call.node, frame } });
  if (init !== undefined) {
    machine.invoke({ unit: init, self: instance, call }, frame);
    return instance;
  }
  if (unit.isRecord) fillRecord(machine, unit, call);
  // Without an __init__ of its own it is filled as its base says: data classes, models, tuples.
  let result = instance;
  const overrides = (method: string): boolean => (unit.attributes.get(method)?.value ?? NOTHING) !== NOTHING;
  for (const base of apiBases(unit)) {
    result = withFacts(result, callApi(machine, base, { ...at, overrides }).value.facts);
  }
  return result;
}

/** The constructor of a data class sets the annotated attributes in their order. */
function fillRecord(machine: Machine, unit: ClassUnit, call: CallSite): void {
  recordFields(unit).forEach((name, position) => {
    const given = chooseArgument(call, name) ?? chooseArgument(call, position);
    if (given !== undefined) machine.write(unit.cell(name), given.value);
  });
}

/** Annotated names of a class and of the classes of the file that it derives from, theirs first. */
function recordFields(unit: ClassUnit, depth = 0): string[] {
  const inherited = unit.bases.refs.flatMap((base) =>
    base.kind === "class" && depth < MAX_BASES ? recordFields(base.unit, depth + 1) : [],
  );
  if (unit.fields.length > 0) return [...unit.fields];
  const own = (unit.node.child("body")?.namedChildren ?? []).flatMap((statement) => {
    const [inner] = statement.namedChildren;
    const isField = inner?.type === "assignment" && inner.child("type") !== undefined;
    return isField ? [inner.child("left")?.text ?? ""] : [];
  });
  return [...new Set([...inherited, ...own])];
}

const MAX_BASES = 8;

function callApi(
  machine: Machine,
  api: ApiNode,
  at: { call: CallSite; frame: Frame; overrides?: (method: string) => boolean },
): Outcome {
  const { call, frame } = at;
  const result = api.step("()");
  let value = result === undefined ? NOTHING : machine.api(result, call.node, call);
  let modelled = false;
  for (const node of api.lineage()) {
    reachSinks(machine, call, node.sinks, at.overrides);
    for (const misuse of node.misuses) {
      if (misuse.on === "call" && meets(call, misuse.when)) machine.listener.misuse(misuse.kind, call.node);
    }
    if (node.propagators.length > 0) {
      modelled = true;
      const passedOn = propagate(machine, node.propagators, at);
      value = { ...join(value, passedOn), lit: passedOn.lit, oneOf: passedOn.oneOf };
    }
    if (node.callbacks.length > 0) {
      modelled = true;
      value = join(value, runCallbacks(machine, node.callbacks, at));
    }
    if (node.registers.length > 0) registerHandlers(machine, node.registers, at);
    changeReceiver(machine, node, at);
    if (node.exits) frame.env = undefined;
  }
  return { value, modelled };
}

/** Some calls make their object another: a parser that has been told to read external entities. */
function changeReceiver(
  machine: Machine,
  node: ApiNode,
  { call, frame }: { call: CallSite; frame: Frame },
): void {
  const change = node.changes.find(({ when }) => meets(call, when));
  if (change === undefined || call.receiver?.node.type !== "identifier") return;
  machine.assign(call.receiver.node, { ...call.receiver.value, refs: [change.node] }, frame);
}

function callByName(machine: Machine, call: CallSite, frame: Frame): Value {
  const propagators = machine.model.methodPropagators.get(call.name);
  if (propagators === undefined || call.receiver === undefined) return NOTHING;
  return propagate(machine, propagators, { call, frame });
}
