// Carries out calls: API functions by their models, functions and classes of the file by their
// summaries, methods of values of which nothing is known by name.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiNode, ApiPropagator } from "./api.ts";
import { apiBases, methodOf } from "./attributes.ts";
import { readCall } from "./call-reader.ts";
import { type CallSite, chooseArguments } from "./call-site.ts";
import { runCallbacks } from "./callbacks.ts";
import { meets } from "./conditions.ts";
import { type ClassUnit, type Fact, NOTHING, type Ref, UNKNOWN, type Value } from "./domain.ts";
import { registerHandlers } from "./handlers.ts";
import type { Frame, Machine } from "./machine.ts";
import { addToArgument } from "./mutation.ts";
import { clearedByReplacing } from "./patterns.ts";
import { prefixed } from "./prefixes.ts";
import { findCredentials, reachSinks } from "./sinks.ts";
import {
  addStep,
  clearFacts,
  deepFacts,
  elementOf,
  join,
  joinFacts,
  makeValue,
  moveOn,
  withFacts,
} from "./values.ts";

/** Evaluates a call expression. */
export function evaluateCall(machine: Machine, node: SyntaxNode, frame: Frame): Value {
  const call = readCall(machine, node, frame);
  return machine.call(call, frame);
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
    default:
      return ref satisfies never;
  }
}

function known(value: Value): Outcome {
  return { value, modelled: true };
}

function construct(machine: Machine, unit: ClassUnit, at: { call: CallSite; frame: Frame }): Value {
  const { call, frame } = at;
  const instance = makeValue({ refs: [{ kind: "instance", unit }] });
  const [init] = methodOf(machine, unit, { name: "__init__", at: { node: call.node, frame } });
  if (init !== undefined) {
    machine.invoke({ unit: init, self: instance, call }, frame);
    return instance;
  }
  // Without an __init__ of its own it is filled as its base says: data classes, models, tuples.
  let result = instance;
  const overrides = (method: string): boolean => (unit.attributes.get(method)?.value ?? NOTHING) !== NOTHING;
  for (const base of apiBases(unit)) {
    result = withFacts(result, callApi(machine, base, { ...at, overrides }).value.facts);
  }
  return result;
}

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
      value = { ...join(value, passedOn), lit: passedOn.lit };
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

/** What propagators make of a call: the result, and changes to arguments in place. */
function propagate(
  machine: Machine,
  propagators: readonly ApiPropagator[],
  at: { call: CallSite; frame: Frame },
): Value {
  const { call, frame } = at;
  let value = NOTHING;
  for (const propagator of propagators) {
    const { model } = propagator;
    if (!meets(call, model.when)) continue;
    const chosen = chooseArguments(call, model.from);
    if (model.to === "return") {
      const facts = chosen.reduce<readonly Fact[]>((sum, { value: v }) => joinFacts(sum, deepFacts(v)), []);
      value = withFacts(value === NOTHING ? UNKNOWN : value, passed(machine, facts, { propagator, call }));
      const [constant] =
        model.keepsConstant === undefined ? [] : chooseArguments(call, [model.keepsConstant]);
      if (constant !== undefined) value = { ...value, lit: constant.value.lit };
      if (model.itself) for (const argument of chosen) value = join(value, argument.value);
      if (model.element) for (const argument of chosen) value = join(value, elementOf(argument.value));
    } else {
      const [target] = chooseArguments(call, [model.to]);
      if (target === undefined) continue;
      for (const { value: given } of chosen) {
        const added = model.elements ? elementOf(given) : given;
        const facts = passed(machine, added.facts, { propagator, call });
        addToArgument(machine, target.node, { value: { ...added, facts }, whole: model.whole, frame });
      }
    }
  }
  return value;
}

/** Facts after a propagator: cleared kinds go, a normalisation moves kinds on, the call becomes a step. */
function passed(
  machine: Machine,
  facts: readonly Fact[],
  by: { propagator: ApiPropagator; call: CallSite },
): readonly Fact[] {
  const { propagator, call } = by;
  if (facts.length === 0) return facts;
  if (machine.settings.everythingPasses) return facts;
  let kept = clearFacts(facts, propagator.keepMask);
  if (propagator.normalizes !== undefined) kept = moveOn(kept, propagator.normalizes);
  const { model } = propagator;
  if (model.pattern !== undefined) {
    const by = { pattern: model.pattern, replacement: model.replacement };
    kept = clearFacts(kept, ~clearedByReplacing(machine.model, call, by));
  }
  if (model.formats) kept = prefixed(machine.model, kept, constantBeginning(call));
  const message = `passes through ${call.name === "" ? "a call" : `${call.name}()`}`;
  return addStep(kept, call.node, message, model.beyond);
}

/** The text before the first field of a format string. */
function constantBeginning(call: CallSite): string | undefined {
  const template = call.receiver?.value.lit?.value;
  return typeof template === "string" ? template.slice(0, template.search(/\{|$/)) : undefined;
}
