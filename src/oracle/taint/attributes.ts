// Attributes: of API objects, of instances and classes of the file, and of plain values.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiNode } from "./api.ts";
import { type CallSite, emptyCall } from "./call-site.ts";
import {
  type ClassUnit,
  type Fact,
  type FunctionUnit,
  NOTHING,
  type Ref,
  UNKNOWN,
  type Value,
} from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { annotationOf, checkedFields, isHarmlessType } from "./typed-fields.ts";
import { join, joinFacts, makeValue, moveOn, parameterFields, withFacts } from "./values.ts";

interface Place {
  readonly node: SyntaxNode;
  readonly frame: Frame;
}

const MAX_BASES = 8;

/** What an attribute holds. */
export function attributeOf(machine: Machine, object: Value, access: { name: string; at: Place }): Value {
  const { name, at } = access;
  let value = object.items?.fields.get(`.${name}`) ?? NOTHING;
  let passed: readonly Fact[] = [];
  for (const ref of object.refs) {
    value = join(value, attributeOfRef(machine, ref, { object, name, at }));
    if (object.facts.length > 0) passed = joinFacts(passed, passedTo(ref, { name, facts: object.facts }));
  }
  if (machine.settings.everythingPasses) passed = object.facts;
  if (passed.length > 0) value = withFacts(value, passed);
  if (object.facts.length > 0) value = withFacts(value, parameterFields(object, `.${name}`));
  return value === NOTHING ? UNKNOWN : value;
}

function attributeOfRef(
  machine: Machine,
  ref: Ref,
  access: { object: Value; name: string; at: Place },
): Value {
  const { object, name, at } = access;
  switch (ref.kind) {
    case "api": {
      const node = ref.step(name);
      return node === undefined ? NOTHING : machine.api(node, at.node);
    }
    case "instance":
    case "class": {
      const found = memberOf(machine, ref.unit, { name, at });
      if (ref.kind === "class") return bound(found, { self: UNKNOWN, keepPlain: true, klass: ref });
      const member = checkedFields(machine, useProperties(machine, found, { object, at }), {
        unit: ref.unit,
        name,
      });
      return bound(member, {
        self: object,
        keepPlain: false,
        klass: ref,
      });
    }
    case "function":
    case "partial":
      return NOTHING;
    default:
      return ref satisfies never;
  }
}

/** Looks a name up in a class and what it derives from. */
function memberOf(machine: Machine, unit: ClassUnit, access: { name: string; at: Place }, depth = 0): Value {
  const cell = unit.cell(access.name);
  let value = machine.read(cell, access.at.frame);
  if (depth >= MAX_BASES) return value;
  for (const base of unit.bases.refs) {
    if (base.kind === "class" && value === NOTHING) value = memberOf(machine, base.unit, access, depth + 1);
    if (base.kind === "api") {
      const node = base.step("()")?.step(access.name);
      if (node !== undefined) value = join(value, machine.api(node, access.at.node));
    }
  }
  return value;
}

function bound(value: Value, how: { self: Value; keepPlain: boolean; klass: Ref }): Value {
  if (!value.refs.some((ref) => ref.kind === "function" && ref.self === undefined)) return value;
  const refs = value.refs.map((ref): Ref => {
    if (ref.kind !== "function" || ref.self !== undefined) return ref;
    if (ref.unit.owner === undefined || ref.unit.binding === "static") return ref;
    if (ref.unit.binding === "class") return { ...ref, self: makeValue({ refs: [how.klass] }) };
    return how.keepPlain ? ref : { ...ref, self: how.self };
  });
  return { ...value, refs };
}

/** Properties are read by calling them. */
function useProperties(machine: Machine, value: Value, access: { object: Value; at: Place }): Value {
  let result = value;
  for (const ref of value.refs) {
    if (ref.kind !== "function" || ref.unit.binding !== "property") continue;
    const call = emptyCall(access.at.node);
    result = join(result, machine.invoke({ unit: ref.unit, self: access.object, call }, access.at.frame));
  }
  return result;
}

/** Calls a special method (`__enter__`, `__iter__`) of an instance of the file, without arguments; undefined where there is none. */
export function callMethod(
  machine: Machine,
  object: Value,
  by: { names: readonly string[]; node: SyntaxNode; frame: Frame; positional?: CallSite["positional"] },
): Value | undefined {
  const { names, node, frame } = by;
  let result: Value | undefined;
  for (const ref of object.refs) {
    if (ref.kind !== "instance") continue;
    const units = names.flatMap((name) => methodOf(machine, ref.unit, { name, at: { node, frame } }));
    for (const unit of units) {
      const call = { ...emptyCall(node), positional: by.positional ?? [] };
      const value = machine.invoke({ unit, self: object, call }, frame);
      result = result === undefined ? value : join(result, value);
    }
  }
  return result;
}

/** Facts that pass from an object to its attribute. */
function passedTo(ref: Ref, access: { name: string; facts: readonly Fact[] }): readonly Fact[] {
  if (ref.kind === "api") return passedByApi(ref, access);
  if (ref.kind !== "instance") return [];
  const annotation = annotationOf(ref.unit, access.name);
  return apiBases(ref.unit).reduce<readonly Fact[]>((facts, base) => {
    const instance = base.step("()");
    if (instance === undefined) return facts;
    const types = instance.lineage().flatMap(({ harmlessTypes }) => harmlessTypes);
    if (annotation !== undefined && isHarmlessType(annotation, types)) return facts;
    return joinFacts(facts, passedByApi(instance, access));
  }, []);
}

function passedByApi(node: ApiNode, access: { name: string; facts: readonly Fact[] }): readonly Fact[] {
  for (const { passes } of node.lineage()) {
    const name = passes.has(access.name) ? access.name : "*";
    if (!passes.has(name)) continue;
    const stage = passes.get(name);
    return stage === undefined ? access.facts : moveOn(access.facts, stage);
  }
  return [];
}

/** API classes that a class of the file derives from, directly or through others of the file. */
export function apiBases(unit: ClassUnit, depth = 0): ApiNode[] {
  return unit.bases.refs.flatMap((base) => {
    if (base.kind === "api") return [base];
    return base.kind === "class" && depth < MAX_BASES ? apiBases(base.unit, depth + 1) : [];
  });
}

/** A method of a class of the file or of its bases. */
export function methodOf(
  machine: Machine,
  unit: ClassUnit,
  access: { name: string; at: Place },
): FunctionUnit[] {
  const member = memberOf(machine, unit, access);
  return member.refs.flatMap((ref) => (ref.kind === "function" ? [ref.unit] : []));
}
