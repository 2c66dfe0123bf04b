// Propagators: what passes from the arguments of a call to its result, or to another argument.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiPropagator } from "./api.ts";
import { callMethod } from "./attributes.ts";
import { type CallArgument, type CallSite, chooseArguments } from "./call-site.ts";
import { meets } from "./conditions.ts";
import { ClassUnit, type Fact, type Items, NOTHING, UNKNOWN, type Value } from "./domain.ts";
import { moduleAt } from "./imports.ts";
import type { Frame, Machine } from "./machine.ts";
import type { PropagatorModel } from "./model-schema.ts";
import { addToArgument, nextPosition, storeField } from "./mutation.ts";
import { clearedByMatching, clearedByReplacing } from "./patterns.ts";
import { prefixed } from "./prefixes.ts";
import {
  addStep,
  clearFacts,
  deepFacts,
  elementOf,
  fieldOf,
  join,
  joinFacts,
  makeValue,
  mapFacts,
  moveOn,
  partOf,
  withoutField,
} from "./values.ts";

interface At {
  readonly call: CallSite;
  readonly frame: Frame;
}

/** What propagators make of a call: the result, and changes to arguments in place. */
export function propagate(machine: Machine, propagators: readonly ApiPropagator[], at: At): Value {
  let value = NOTHING;
  for (const propagator of propagators) {
    const { model } = propagator;
    if (!meets(at.call, model.when) || propagator.unlessNamed?.test(at.call.name) === true) continue;
    if (model.to !== "return") {
      changeArgument(machine, propagator, at);
      continue;
    }
    value = join(value, resultOf(machine, propagator, at));
    const [constant] =
      model.keepsConstant === undefined ? [] : chooseArguments(at.call, [model.keepsConstant]);
    if (constant !== undefined) value = { ...value, lit: constant.value.lit, oneOf: constant.value.oneOf };
  }
  return value;
}

/** What one propagator makes of the result. */
function resultOf(machine: Machine, propagator: ApiPropagator, at: At): Value {
  const { model } = propagator;
  const { call } = at;
  const chosen = chooseArguments(call, model.from);
  if (model.module) return moduleOf(machine, { ...at, chosen });
  if (model.attribute !== undefined) return attributeResult(machine, model.attribute, { ...at, chosen });
  if (model.gives !== undefined) {
    const given = partResult(model.gives, { ...at, chosen });
    if (given !== undefined) return given;
  }
  if (model.element) return elementResult(machine, propagator, { ...at, chosen });
  if (model.collects === "record") return recordClass(machine, { ...at, chosen });
  if (model.collects !== undefined) return collected(machine, propagator, { ...at, chosen });
  const facts = chosen.reduce<readonly Fact[]>(
    (sum, { value }) =>
      joinFacts(sum, joinFacts(deepFacts(value), specialFacts(machine, value, { model, ...at }))),
    [],
  );
  const value = makeValue({ facts: passed(machine, facts, { propagator, call }) });
  return model.itself ? chosen.reduce((sum, argument) => join(sum, argument.value), value) : value;
}

/** `namedtuple("Point", ["x", "y"])`: a class whose attributes are the arguments of its constructor. */
function recordClass(machine: Machine, { call, chosen }: Chosen): Value {
  let unit = machine.units.classAt.get(call.node);
  if (unit === undefined) {
    const given = chosen[0]?.value;
    const text = given?.lit?.value;
    const names =
      typeof text === "string"
        ? text.split(/[\s,]+/)
        : [...(given?.items?.fields.values() ?? [])].map(({ lit, items }) =>
            String(lit?.value ?? items?.fields.get("0")?.lit?.value ?? ""),
          );
    unit = new ClassUnit(call.name, call.node);
    unit.isRecord = true;
    unit.fields = names.filter((name) => name !== "");
    machine.units.classAt.set(call.node, unit);
  }
  return makeValue({ refs: [{ kind: "class", unit }] });
}

/** What a special method of an object of a class of the file gives. */
function specialFacts(
  machine: Machine,
  value: Value,
  { model, call, frame }: At & { readonly model: ApiPropagator["model"] },
): readonly Fact[] {
  if (model.special === undefined || !value.refs.some(({ kind }) => kind === "instance")) return [];
  const given = callMethod(machine, value, { names: [model.special], node: call.node, frame });
  return given === undefined ? [] : deepFacts(given);
}

/** `d.items()` of a dictionary that is known, `len("abc")`; undefined where nothing is known. */
function partResult(
  gives: NonNullable<PropagatorModel["gives"]>,
  { call, chosen }: Chosen,
): Value | undefined {
  const [only] = chosen;
  if (only === undefined) return undefined;
  if (gives !== "length") {
    const rest = partOf(only.value, gives, call.node);
    return rest && makeValue({ items: { shape: "set", fields: new Map(), rest } });
  }
  const text = only.value.lit?.value;
  return typeof text === "string" ? makeValue({ lit: { value: text.length, node: call.node } }) : UNKNOWN;
}

/** `importlib.import_module("os")`. */
function moduleOf(machine: Machine, { call, chosen }: Chosen): Value {
  const name = chosen[0]?.value.lit?.value;
  return typeof name === "string" ? moduleAt(machine, name, call.node) : UNKNOWN;
}

type Chosen = At & { readonly chosen: readonly CallArgument[] };

/** `getattr(object, "name")`. */
function attributeResult(machine: Machine, named: number | string, { call, chosen, frame }: Chosen): Value {
  const name = chooseArguments(call, [named])[0]?.value.lit?.value;
  if (typeof name !== "string") return UNKNOWN;
  return chosen.reduce(
    (sum, { value }) => join(sum, machine.attribute(value, name, { node: call.node, frame })),
    UNKNOWN,
  );
}

/** `d.get(key)`, `l.pop()`: an element, with what taints the whole. */
function elementResult(machine: Machine, propagator: ApiPropagator, at: Chosen): Value {
  const { call, chosen, frame } = at;
  const named = constantKey(call, propagator.model.keys);
  let value = UNKNOWN;
  for (const { node, value: holder } of chosen) {
    const isLast = call.name === "pop" && call.positional.length === 0;
    const key = named ?? (isLast ? lastPosition(holder, frame) : undefined);
    const element = key === undefined ? elementOf(holder) : fieldOf(holder, key);
    const kept = mapFacts(element, (facts) => passed(machine, facts, { propagator, call }));
    value = join(value, kept);
    if (call.name !== "pop" || key === undefined || node.type !== "identifier") continue;
    if (frame.loops.length === 0) machine.assign(node, withoutField(holder, key), frame);
  }
  return value;
}

/** Where a list whose elements are all known ends. */
function lastPosition(holder: Value, frame: Frame): string | undefined {
  const next = nextPosition(holder, frame);
  return next === undefined || next === "0" ? undefined : String(Number(next) - 1);
}

/** The key that constant arguments name; undefined where one is not constant or missing. */
function constantKey(call: CallSite, keys: readonly (number | string)[] | undefined): string | undefined {
  if (keys === undefined) return undefined;
  const parts = keys.map((key) => chooseArguments(call, [key])[0]?.value.lit?.value);
  return parts.some((part) => part === undefined || part === null) ? undefined : parts.join(".");
}

/** `set([a, b])`, `dict(name=a)`: a container of what it is given, whose elements stay apart. */
function collected(machine: Machine, propagator: ApiPropagator, at: Chosen): Value {
  const { call, chosen } = at;
  let value = UNKNOWN;
  for (const argument of chosen) {
    const facts = passed(machine, argument.value.facts, { propagator, call });
    const given = argument.value.items ?? charactersOf(argument.value);
    const items = propagator.model.collects === "set" ? unordered(given) : given;
    value = join(value, makeValue({ refs: argument.value.refs, items, facts }));
  }
  const isEmpty = call.keywords.size === 0 && call.spreadKeywords === undefined;
  if (propagator.model.collects !== "dict" || isEmpty) return value;
  const fields = new Map([...call.keywords].map(([name, given]) => [name, given.value]));
  const rest = call.spreadKeywords === undefined ? undefined : elementOf(call.spreadKeywords.value);
  return join(value, makeValue({ items: { shape: "dict", fields, rest } }));
}

/** `set("abc")`: elements that are all parts of one constant. */
function charactersOf({ lit, facts }: Value): Items | undefined {
  if (typeof lit?.value !== "string" || lit.value === "" || facts.length > 0) return undefined;
  return { shape: "set", fields: new Map([["~0", makeValue({ lit })]]), rest: undefined };
}

/** Elements without their places: no position finds one of them alone. */
function unordered(items: Items | undefined): Items | undefined {
  if (items === undefined) return undefined;
  if (items.shape === "dict" || items.shape === "object") return { ...items, shape: "set" };
  const fields = [...items.fields].map(([key, field]): [string, Value] => [`~${key}`, field]);
  return { shape: "set", fields: new Map(fields), rest: items.rest };
}

function changeArgument(machine: Machine, propagator: ApiPropagator, { call, frame }: At): void {
  const { model } = propagator;
  const [target] = model.to === "return" ? [] : chooseArguments(call, [model.to]);
  if (target === undefined) return;
  const key = constantKey(call, model.keys);
  for (const argument of chooseArguments(call, model.from)) {
    const pass = (given: Value): Value => ({
      ...given,
      facts: passed(machine, given.facts, { propagator, call }),
    });
    const name = model.elements ? keywordOf(call, argument) : key;
    if (name !== undefined) {
      storeField(machine, target.node, { key: name, value: pass(argument.value), frame });
    } else if (model.elements) {
      addElements(machine, target.node, { given: argument.value, pass, frame });
    } else {
      const value = pass(argument.value);
      const place = call.positional[0]?.value.lit?.value;
      const how = model.adds === "place" ? (typeof place === "number" ? place : "anywhere") : model.adds;
      addToArgument(machine, target.node, { value, how: model.whole ? "whole" : how, frame });
    }
  }
}

function keywordOf(call: CallSite, argument: CallArgument): string | undefined {
  for (const [name, given] of call.keywords) if (given === argument) return name;
  return undefined;
}

/** `d.update(other)` sets the keys that are known; of anything else all elements may be anywhere. */
function addElements(
  machine: Machine,
  target: SyntaxNode,
  { given, pass, frame }: { given: Value; pass: (value: Value) => Value; frame: Frame },
): void {
  const { items } = given;
  const isExact = items?.shape === "dict" && items.rest === undefined && given.facts.length === 0;
  if (!isExact) {
    addToArgument(machine, target, { value: pass(elementOf(given)), how: "anywhere", frame });
    return;
  }
  for (const [key, value] of items.fields) storeField(machine, target, { key, value: pass(value), frame });
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
  const { restoreMask } = propagator;
  if (restoreMask !== 0) kept = kept.map((fact) => ({ ...fact, mask: fact.mask | restoreMask }));
  if (propagator.normalizes !== undefined) kept = moveOn(kept, propagator.normalizes);
  const { model } = propagator;
  if (model.pattern !== undefined) {
    const by = { pattern: model.pattern, replacement: model.replacement };
    kept = clearFacts(kept, ~clearedByReplacing(machine.model, call, by));
  }
  if (model.matched !== undefined)
    kept = clearFacts(kept, ~clearedByMatching(machine.model, call, { pattern: model.matched, whole: true }));
  if (model.formats) kept = prefixed(machine.model, kept, constantBeginning(call));
  const message = `passes through ${call.name === "" ? "a call" : `${call.name}()`}`;
  return addStep(kept, call.node, message, model.beyond);
}

/** The text before the first field of a format string. */
function constantBeginning(call: CallSite): string | undefined {
  const template = call.receiver?.value.lit?.value;
  return typeof template === "string" ? template.slice(0, template.search(/\{|$/)) : undefined;
}
