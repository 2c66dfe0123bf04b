// Request handlers: functions that a framework calls with data of the request. They are known by
// decorator, by registration, by base class, or by the name of their first parameter.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiHandler } from "./api.ts";
import { apiBases } from "./attributes.ts";
import { type CallSite, chooseArguments } from "./call-site.ts";
import { meets } from "./conditions.ts";
import type { FunctionUnit, Parameter, Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { isHarmlessType } from "./typed-fields.ts";
import { deepFacts, elementOf, join, makeValue, withFacts } from "./values.ts";

/** Marks the functions that a registering call is given. */
export function registerHandlers(
  machine: Machine,
  handlers: readonly ApiHandler[],
  at: { call: CallSite; frame: Frame },
): void {
  for (const handler of handlers) {
    if (!meets(at.call, handler.model.when)) continue;
    for (const { value } of chooseArguments(at.call, handler.model.arg ?? [])) {
      for (const ref of value.refs) if (ref.kind === "function") markHandler(machine, ref.unit, handler);
    }
  }
}

/** Marks the function under a decorator. */
export function decorate(
  machine: Machine,
  unit: FunctionUnit,
  by: { decorator: Value; call: CallSite | undefined },
): void {
  const { decorator, call } = by;
  for (const ref of decorator.refs) {
    if (ref.kind !== "api") continue;
    for (const node of ref.lineage()) {
      for (const handler of node.decorates) {
        if (!meets(call, handler.model.when)) continue;
        noteConverted(unit, handler, call);
        noteRouted(unit, handler, call);
        markHandler(machine, unit, handler);
      }
    }
  }
}

/** `/user/<int:number>` makes a number of it before the function is called. */
function noteConverted(unit: FunctionUnit, handler: ApiHandler, call: CallSite | undefined): void {
  const route = call?.positional[0]?.value.lit?.value;
  const { converted } = handler.model;
  if (converted === undefined || typeof route !== "string") return;
  unit.converted = new Set([...unit.converted, ...namesIn(route, converted)]);
}

/** `/user/<name>` gives a parameter `name`, and no other. */
function noteRouted(unit: FunctionUnit, handler: ApiHandler, call: CallSite | undefined): void {
  const route = (call?.positional[0] ?? call?.keywords.get("rule"))?.value.lit?.value;
  const { routed } = handler.model;
  if (routed === undefined || typeof route !== "string") {
    unit.routed = undefined;
    return;
  }
  if (unit.routed !== undefined) unit.routed = new Set([...unit.routed, ...namesIn(route, routed)]);
}

function namesIn(route: string, pattern: string): string[] {
  return [...route.matchAll(new RegExp(pattern, "g"))].map((match) => match[1] ?? "");
}

/** Marks methods of a class that derives from a framework's handler class. */
export function markMethods(machine: Machine, frame: Frame): void {
  const { owner } = frame;
  if (owner === undefined) return;
  const handlers = apiBases(owner).flatMap((base) => base.lineage().flatMap(({ subclasses }) => subclasses));
  for (const handler of handlers) {
    for (const name of handler.model.names ?? []) {
      for (const ref of owner.attributes.get(name)?.value.refs ?? []) {
        if (ref.kind === "function") markHandler(machine, ref.unit, handler);
      }
    }
  }
}

/** Marks a function by its first parameter, where the file imports the framework. */
export function markByParameter(machine: Machine, unit: FunctionUnit): void {
  const first = unit.parameters[unit.owner === undefined ? 0 : 1];
  if (first === undefined) return;
  for (const handler of machine.model.namedHandlers) {
    const { firstParameter, imports } = handler.model;
    if (first.name === firstParameter && (imports === undefined || machine.imports.has(imports)))
      markHandler(machine, unit, handler);
  }
}

function markHandler(machine: Machine, unit: FunctionUnit, handler: ApiHandler): void {
  if (unit.handlers.includes(handler)) return;
  unit.handlers.push(handler);
  if (unit.analysed || unit.running) machine.schedule([unit]);
}

/** What a framework passes for a parameter, added to what calls in the file pass. */
export function handlerValue(
  machine: Machine,
  unit: FunctionUnit,
  parameter: { index: number; parameter: Parameter; value: Value },
): Value {
  let { value } = parameter;
  const skipped = unit.owner !== undefined && unit.binding !== "static" ? 1 : 0;
  const position = parameter.index - skipped;
  if (position < 0) return value;
  for (const handler of unit.handlers) {
    const type = handler.parameters[position];
    if (type !== undefined && !parameter.parameter.keywordOnly)
      value = join(value, machine.api(type, parameter.parameter.node));
    else if (!unit.converted.has(parameter.parameter.name) && isRouted(unit, parameter.parameter)) {
      value = restValue(machine, handler, { unit, ...parameter, value });
    }
  }
  return value;
}

/** Whether a route may give a parameter. */
function isRouted({ routed, handlers }: FunctionUnit, { name, style }: Parameter): boolean {
  const areKnown = routed !== undefined && handlers.every(({ model }) => model.routed !== undefined);
  return !areKnown || style !== "plain" || routed.has(name);
}

function restValue(
  machine: Machine,
  handler: ApiHandler,
  { unit, parameter, value }: { unit: FunctionUnit; parameter: Parameter; value: Value },
): Value {
  const { label, model } = handler;
  if (label === undefined || !machine.settings.labels.has(label)) return value;
  if (isHarmlessType(parameter.annotation?.text ?? "", model.harmless)) return value;
  if (isInjected(machine, parameter, value))
    return injectedValue(machine, handler, { unit, parameter, value });
  const origin = machine.source(parameter.node, label, model.says);
  const step = { node: parameter.node, message: model.says, previous: undefined, inner: undefined };
  return withFacts(value, [{ origin, mask: machine.model.freshMask, step }]);
}

/** `Depends(function)` gives what the function makes of the request. */
function injectedValue(
  machine: Machine,
  handler: ApiHandler,
  { unit, parameter, value }: { unit: FunctionUnit; parameter: Parameter; value: Value },
): Value {
  const given = dependencyOf(machine, parameter);
  let result = value;
  // `Depends()` stands for the class that the annotation names.
  const refs = given === undefined ? value.refs : machine.constant(given, unit).refs;
  for (const ref of refs) {
    if (ref.kind === "class" || ref.kind === "instance") {
      for (const { refs: members } of [ref.unit.cell("__init__").value])
        for (const init of members) if (init.kind === "function") markHandler(machine, init.unit, handler);
      result = join(result, makeValue({ refs: [{ kind: "instance", unit: ref.unit }] }));
      continue;
    }
    if (ref.kind !== "function" || ref.unit === unit) continue;
    markHandler(machine, ref.unit, handler);
    if (!ref.unit.analysed) machine.analyse(ref.unit);
    ref.unit.summary.readers.add(unit);
    const { returns } = ref.unit.summary;
    const outcome = ref.unit.isGenerator ? elementOf(returns) : returns;
    const facts = deepFacts(outcome).filter(({ origin }) => origin.kind === "source");
    result = withFacts(result, facts);
  }
  return result;
}

/** Parameters that hold an object of the framework, or what a dependency gives, are no user data themselves. */
function isInjected(machine: Machine, parameter: Parameter, value: Value): boolean {
  if (value.refs.some((ref) => ref.kind === "api" && machine.model.isInjected(ref))) return true;
  return injectorOf(machine, parameter) !== undefined;
}

/** `Depends(…)`: as the default, or inside of `Annotated[…]`. */
function injectorOf(machine: Machine, { fallback, annotation }: Parameter): SyntaxNode | undefined {
  const calls = fallback?.type === "call" ? [fallback] : [];
  if (annotation?.text.includes("Annotated[") === true)
    calls.push(...[...annotation.descendants()].filter(({ type }) => type === "call"));
  return calls.find((call) => machine.model.injectors.has(calledText(call)));
}

/** What a dependency calls; undefined for `Depends()`. */
function dependencyOf(machine: Machine, parameter: Parameter): SyntaxNode | undefined {
  return injectorOf(machine, parameter)?.child("arguments")?.namedChildren[0];
}

function calledText(call: SyntaxNode): string {
  const text = call.child("function")?.text ?? "";
  return text.slice(text.lastIndexOf(".") + 1);
}
