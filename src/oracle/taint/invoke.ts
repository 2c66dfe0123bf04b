// Calls of the file's own functions, through summaries: the callee is analysed once for all calls
// with symbolic parameters, and each call puts its own arguments' data in their place.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { CallSite } from "./call-site.ts";
import {
  Cell,
  type Fact,
  type FunctionUnit,
  type Items,
  NOTHING,
  type Parameter,
  type Step,
  UNKNOWN,
  type Value,
} from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { addToArgument, storeField } from "./mutation.ts";
import {
  addStep,
  deepFacts,
  elementOf,
  fieldOf,
  grow,
  join,
  joinFacts,
  makeValue,
  withFacts,
  withField,
} from "./values.ts";

interface Request {
  readonly unit: FunctionUnit;
  readonly self: Value | undefined;
  readonly call: CallSite;
}

/** An argument bound to a parameter. */
interface Bound {
  readonly value: Value;
  readonly node: SyntaxNode | undefined;
}

/** Calls a function of the file. */
export function invokeUnit(machine: Machine, request: Request, frame: Frame): Value {
  const { unit, call } = request;
  machine.spend();
  const bound = unit.parameters.map((parameter, index) => bind(machine, request, { parameter, index }));
  growContexts(machine, unit, bound);
  unit.summary.readers.add(frame.unit);
  if (!unit.analysed && !unit.running) machine.analyse(unit);
  const { summary } = unit;
  for (const sink of summary.sinks) {
    const facts = argumentFacts(machine, bound, { origin: sink.origin, at: call.node, frame });
    const composed = facts.flatMap((fact) =>
      compose(machine, fact, { mask: sink.mask, inner: sink.step, call, unit }),
    );
    machine.reach(sink.bit, composed, sink.node);
  }
  for (const [index, written] of summary.writes) {
    const node = bound[index]?.node;
    if (node !== undefined)
      writeBack(machine, { node, written: substitute(machine, written, { bound, request, frame }), frame });
  }
  return substitute(machine, summary.returns, { bound, request, frame });
}

function bind(machine: Machine, request: Request, at: { parameter: Parameter; index: number }): Bound {
  const { self, unit, call } = request;
  const { parameter, index } = at;
  const skipped = self === undefined ? 0 : 1;
  if (index < skipped) return { value: self ?? UNKNOWN, node: call.receiver?.node };
  const given = givenArgument(call, parameter, index - skipped);
  if (given === undefined) return { value: fallbackValue(machine, parameter, unit), node: undefined };
  return given;
}

function givenArgument(call: CallSite, parameter: Parameter, position: number): Bound | undefined {
  if (parameter.style === "star") {
    const rest = call.positional.slice(position);
    if (rest.length === 0 && call.spread === undefined) return undefined;
    const fields = new Map(rest.map(({ value }, i) => [String(i), value]));
    const spread = call.spread === undefined ? undefined : elementOf(call.spread.value);
    return { value: makeValue({ items: { shape: "tuple", fields, rest: spread } }), node: undefined };
  }
  if (parameter.style === "double-star") {
    const fields = new Map([...call.keywords].map(([name, { value }]) => [name, value]));
    const rest = call.spreadKeywords === undefined ? undefined : elementOf(call.spreadKeywords.value);
    return { value: makeValue({ items: { shape: "dict", fields, rest } }), node: undefined };
  }
  const named = call.keywords.get(parameter.name);
  if (named !== undefined) return named;
  if (!parameter.keywordOnly) {
    const positional = call.positional[position];
    if (positional !== undefined) return positional;
    if (call.spread !== undefined) return { value: elementOf(call.spread.value), node: undefined };
  }
  if (call.spreadKeywords === undefined) return undefined;
  return { value: fieldOf(call.spreadKeywords.value, parameter.name), node: undefined };
}

function fallbackValue(machine: Machine, parameter: Parameter, unit: FunctionUnit): Value {
  return parameter.fallback === undefined ? UNKNOWN : machine.constant(parameter.fallback, unit);
}

/** What calls pass besides taint (types, constants, shapes) is joined over all calls. */
function growContexts(machine: Machine, unit: FunctionUnit, bound: readonly Bound[]): void {
  let grew = false;
  bound.forEach(({ value, node }, index) => {
    if (node === undefined && value.items === undefined) unit.defaulted.add(index);
    const cell = unit.contexts[index] ?? new Cell();
    unit.contexts[index] = cell;
    if (grow(cell, withoutFacts(value))) grew = true;
  });
  if (grew && (unit.analysed || unit.running)) machine.schedule([unit]);
}

function withoutFacts(value: Value, depth = 0): Value {
  const { items } = value;
  if (value.facts.length === 0 && items === undefined) return value;
  if (items === undefined || depth > 2)
    return makeValue({ refs: value.refs, lit: value.lit, oneOf: value.oneOf });
  const fields = new Map([...items.fields].map(([key, field]) => [key, withoutFacts(field, depth + 1)]));
  const rest = items.rest === undefined ? undefined : withoutFacts(items.rest, depth + 1);
  const { refs, lit, oneOf } = value;
  return makeValue({ refs, lit, oneOf, items: { shape: items.shape, fields, rest } });
}

/** The data that an argument brings to a parameter's origin. */
function argumentFacts(
  machine: Machine,
  bound: readonly Bound[],
  to: { origin: { index: number; field: string; unit: FunctionUnit }; at: SyntaxNode; frame: Frame },
): readonly Fact[] {
  const { origin, at, frame } = to;
  const argument = bound[origin.index];
  if (argument === undefined) return [];
  const { value } = argument;
  const parameter = origin.unit.parameters[origin.index]?.name ?? "";
  const facts = fieldFacts(machine, value, { field: origin.field, at: argument.node ?? at, frame });
  return addStep(facts, argument.node ?? at, `passed to ${origin.unit.name}() as ${parameter}`);
}

function fieldFacts(
  machine: Machine,
  value: Value,
  access: { field: string; at: SyntaxNode; frame: Frame },
): readonly Fact[] {
  const { field, at, frame } = access;
  if (field === "") return value.facts;
  if (field === "[]") return joinFacts(value.facts, deepFacts(elementOf(value)));
  if (field.startsWith(".")) return deepFacts(machine.attribute(value, field.slice(1), { node: at, frame }));
  return deepFacts(fieldOf(value, field.slice(1, -1)));
}

/** An argument's fact after what happens to it inside the callee. */
function compose(
  machine: Machine,
  fact: Fact,
  by: { mask: number; inner: Step; call: CallSite; unit: FunctionUnit },
): Fact[] {
  let mask = fact.mask & by.mask;
  for (const [plain, after] of machine.model.stages) {
    if ((by.mask & after) !== 0 && (by.mask & plain) === 0 && (fact.mask & plain) !== 0) mask |= after;
  }
  if (mask === 0) return [];
  const message = `inside ${by.unit.name}()`;
  return [
    {
      origin: fact.origin,
      mask,
      step: { node: by.call.node, message, previous: fact.step, inner: by.inner },
    },
  ];
}

interface Substitution {
  readonly bound: readonly Bound[];
  readonly request: Request;
  readonly frame: Frame;
}

/** A value of the callee with this call's data in place of the parameters'. */
function substitute(machine: Machine, value: Value, by: Substitution, depth = 0): Value {
  if (value === NOTHING) return UNKNOWN;
  const { unit, call } = by.request;
  let facts: readonly Fact[] = [];
  for (const fact of value.facts) {
    const { origin } = fact;
    if (origin.kind !== "parameter" || origin.unit !== unit) {
      facts = joinFacts(facts, [fact]);
      continue;
    }
    const given = argumentFacts(machine, by.bound, { origin, at: call.node, frame: by.frame });
    facts = joinFacts(
      facts,
      given.flatMap((one) => compose(machine, one, { mask: fact.mask, inner: fact.step, call, unit })),
    );
  }
  const { items } = value;
  if (items === undefined || depth > 2) return { ...value, facts };
  const fields = new Map(
    [...items.fields].map(([key, field]) => [key, substitute(machine, field, by, depth + 1)]),
  );
  const rest = items.rest === undefined ? undefined : substitute(machine, items.rest, by, depth + 1);
  return { ...value, facts, items: { shape: items.shape, fields, rest } };
}

/** What the callee stored into an argument. */
function writeBack(machine: Machine, change: { node: SyntaxNode; written: Value; frame: Frame }): void {
  const { node, written, frame } = change;
  for (const [key, value] of written.items?.fields ?? []) {
    if (deepFacts(value).length > 0) storeField(machine, node, { key, value, frame });
  }
  const rest = written.items?.rest;
  if (rest !== undefined && deepFacts(rest).length > 0)
    addToArgument(machine, node, { value: rest, how: "anywhere", frame });
}

/** The value of a parameter inside its function: what calls pass, and the symbol for their data. */
export function parameterValue(unit: FunctionUnit, parameter: Parameter, index: number): Value {
  const context = unit.contexts[index]?.value ?? UNKNOWN;
  const known = context === NOTHING ? UNKNOWN : context;
  const step = (message: string): Step => ({
    node: parameter.node,
    message,
    previous: undefined,
    inner: undefined,
  });
  const itself: Fact = {
    origin: unit.origin(index, ""),
    mask: -1,
    step: step(`parameter ${parameter.name}`),
  };
  const element: Fact = {
    origin: unit.origin(index, "[]"),
    mask: -1,
    step: step(`an element of ${parameter.name}`),
  };
  const elements = makeValue({ facts: [element] });
  const base = { ...known, facts: [itself] };
  if (known.items !== undefined) {
    const { items } = known;
    // Where calls pass containers of which every element is known, each keeps its own data.
    if (items.rest === undefined && items.shape !== "object" && items.fields.size > 0) {
      return {
        ...base,
        items: { ...items, fields: ownFields(unit, { index, node: parameter.node, items }) },
      };
    }
    const rest = items.rest === undefined ? elements : join(items.rest, elements);
    return { ...base, items: { ...items, rest } };
  }
  return parameter.style === "plain" ? withField(base, undefined, elements) : base;
}

/** The elements of a container that every call passes, each with the symbol for its own data. */
function ownFields(
  unit: FunctionUnit,
  { index, node, items }: { index: number; node: SyntaxNode; items: Items },
): ReadonlyMap<string, Value> {
  const own = (key: string, field: Value): Value => {
    const origin = unit.origin(index, `[${key}]`);
    const message = `the element ${key}`;
    return withFacts(field, [
      { origin, mask: -1, step: { node, message, previous: undefined, inner: undefined } },
    ]);
  };
  return new Map([...items.fields].map(([key, field]) => [key, own(key, field)]));
}
