// Operations on abstract values. A value joined with itself (or with less) is the same object,
// so that a fixpoint is cheap to see.
import type { SyntaxNode } from "../../lang/syntax.ts";
import {
  type Cell,
  type Fact,
  type Items,
  type Literal,
  NOTHING,
  type Ref,
  UNKNOWN,
  type Value,
} from "./domain.ts";

const MAX_REFS = 12;
const MAX_FACTS = 24;
const MAX_FIELDS = 64;
const MAX_DEPTH = 3;
const MAX_TEXTS = 8;

/** Joins a value into a shared variable; true where it grew. */
export function grow(cell: Cell, value: Value): boolean {
  const joined = join(cell.value, value);
  if (joined === cell.value) return false;
  cell.value = joined;
  return true;
}

/** A value with parts given. */
export function makeValue(parts: Partial<Value>): Value {
  return { ...UNKNOWN, ...parts };
}

/** The value that is one or the other. */
export function join(a: Value, b: Value, depth = 0): Value {
  if (a === b || b === NOTHING) return a;
  if (a === NOTHING) return b;
  const facts = joinFacts(a.facts, b.facts);
  const refs = joinRefs(a.refs, b.refs);
  const lit = sameLiteral(a.lit, b.lit) ? a.lit : undefined;
  const oneOf = lit === undefined ? joinTexts(a, b) : undefined;
  const items = joinItems(a.items, b.items, depth);
  if (facts === a.facts && refs === a.refs && lit === a.lit && oneOf === a.oneOf && items === a.items)
    return a;
  return { facts, refs, lit, oneOf, items };
}

/** The constant texts that a value may be; undefined where it may be others. */
export function textsOf({ lit, oneOf }: Value): readonly string[] | undefined {
  return typeof lit?.value === "string" ? [lit.value] : oneOf;
}

function joinTexts(a: Value, b: Value): readonly string[] | undefined {
  const known = textsOf(a);
  const more = textsOf(b);
  if (known === undefined || more === undefined) return undefined;
  const fresh = more.filter((text) => !known.includes(text));
  if (fresh.length === 0) return known;
  return known.length + fresh.length > MAX_TEXTS ? undefined : [...known, ...fresh];
}

function sameLiteral(a: Literal | undefined, b: Literal | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.value === b.value);
}

/** Facts of both; the first seen way from an origin is kept unless the other is dangerous to more. */
export function joinFacts(a: readonly Fact[], b: readonly Fact[]): readonly Fact[] {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  let joined: Fact[] | undefined;
  for (const fact of b) {
    const list: readonly Fact[] = joined ?? a;
    const at = list.findIndex((other) => other.origin === fact.origin);
    const known = list[at];
    if (known === undefined) {
      if (list.length >= MAX_FACTS) continue;
      joined ??= [...a];
      joined.push(fact);
    } else if ((known.mask | fact.mask) !== known.mask) {
      joined ??= [...a];
      const step = (known.mask & ~fact.mask) === 0 ? fact.step : known.step;
      joined[at] = { origin: fact.origin, mask: known.mask | fact.mask, step };
    }
  }
  return joined ?? a;
}

function joinRefs(a: readonly Ref[], b: readonly Ref[]): readonly Ref[] {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  let joined: Ref[] | undefined;
  for (const ref of b) {
    const list: readonly Ref[] = joined ?? a;
    if (list.length >= MAX_REFS || list.some((other) => sameRef(other, ref))) continue;
    joined ??= [...a];
    joined.push(ref);
  }
  return joined ?? a;
}

function sameRef(a: Ref, b: Ref): boolean {
  if (a === b) return true;
  if (a.kind === "api" || b.kind === "api") return false;
  if (a.kind === "partial") return b.kind === "partial" && a.node === b.node;
  if (b.kind === "partial") return false;
  return a.kind === b.kind && a.unit === b.unit;
}

function joinItems(a: Items | undefined, b: Items | undefined, depth: number): Items | undefined {
  if (a === b || b === undefined) return a;
  if (a === undefined) return b;
  if (depth >= MAX_DEPTH) return a;
  let fields: Map<string, Value> | undefined;
  for (const [key, value] of b.fields) {
    const known = a.fields.get(key);
    const joined = known === undefined ? value : join(known, value, depth + 1);
    if (joined === known) continue;
    fields ??= new Map(a.fields);
    fields.set(key, joined);
  }
  const rest =
    a.rest === undefined || b.rest === undefined ? (a.rest ?? b.rest) : join(a.rest, b.rest, depth + 1);
  if (fields === undefined && rest === a.rest) return a;
  return capFields({ shape: a.shape, fields: fields ?? a.fields, rest });
}

function capFields(items: Items): Items {
  if (items.fields.size <= MAX_FIELDS) return items;
  let rest = items.rest;
  for (const value of items.fields.values()) rest = rest === undefined ? value : join(rest, value);
  return { shape: items.shape, fields: new Map(), rest };
}

/** A value with more facts. */
export function withFacts(value: Value, facts: readonly Fact[]): Value {
  const joined = joinFacts(value.facts, facts);
  return joined === value.facts && value !== NOTHING ? value : { ...value, facts: joined };
}

/** All facts of a value and of its elements. */
export function deepFacts(value: Value, depth = 0): readonly Fact[] {
  const { items } = value;
  if (items === undefined || depth > MAX_DEPTH) return value.facts;
  let facts = value.facts;
  for (const [key, field] of items.fields) {
    // Attributes of an object are not its content.
    if (!key.startsWith(".")) facts = joinFacts(facts, deepFacts(field, depth + 1));
  }
  return items.rest === undefined ? facts : joinFacts(facts, deepFacts(items.rest, depth + 1));
}

/** Any element of a value, with what taints the whole. */
export function elementOf(value: Value): Value {
  const { items } = value;
  let element = NOTHING;
  for (const field of items?.fields.values() ?? []) element = join(element, field);
  if (items?.rest !== undefined) element = join(element, items.rest);
  for (const ref of value.refs) {
    const node = ref.kind === "api" ? ref.step("[]") : undefined;
    if (node !== undefined) element = join(element, makeValue({ refs: [node] }));
  }
  if (element === NOTHING) return value.facts.length === 0 ? UNKNOWN : makeValue({ facts: value.facts });
  return withFacts(element, value.facts);
}

/** A dictionary all of whose keys are known; undefined for anything else. */
function knownDictionary({ items }: Value): Items | undefined {
  if (items === undefined || items.rest !== undefined || items.fields.size === 0) return undefined;
  if (items.shape === "dict") return items;
  const isTable = items.shape === "object" && [...items.fields.keys()].every((key) => /^[^.\d]/.test(key));
  return isTable ? items : undefined;
}

/** What a loop over a value goes through: the keys of a dictionary that is known, else its elements. */
export function iteratedOf(value: Value, node: SyntaxNode): Value {
  return knownDictionary(value) === undefined ? elementOf(value) : keyOf(value, node);
}

/** A part of a dictionary whose keys are all known: any key, any value, or any pair of both. */
export function partOf(value: Value, part: "keys" | "values" | "pairs", node: SyntaxNode): Value | undefined {
  const known = knownDictionary(value);
  if (known === undefined) return undefined;
  if (part === "values") return elementOf(value);
  if (part === "keys") return keyOf(value, node);
  const fields = new Map([
    ["0", keyOf(value, node)],
    ["1", elementOf(value)],
  ]);
  return makeValue({ items: { shape: "tuple", fields, rest: undefined } });
}

function keyOf(value: Value, node: SyntaxNode): Value {
  let key = NOTHING;
  for (const name of value.items?.fields.keys() ?? [])
    key = join(key, makeValue({ lit: { value: name, node } }));
  return withFacts(key, value.facts);
}

/** The element with a constant key, or any element where the key is not a known field. */
export function fieldOf(value: Value, key: string | undefined): Value {
  const field = key === undefined ? undefined : value.items?.fields.get(key);
  if (field === undefined) return elementOf(value);
  return withFacts(field, value.facts);
}

/** A container with one element set; a key that is not constant joins the rest. */
export function withField(value: Value, key: string | undefined, element: Value, depth = 0): Value {
  const items = value.items ?? { shape: "object", fields: new Map<string, Value>(), rest: undefined };
  if (key === undefined || depth >= MAX_DEPTH) {
    const rest = items.rest === undefined ? element : join(items.rest, element);
    return rest === items.rest ? value : { ...value, items: { ...items, rest } };
  }
  const fields = new Map(items.fields).set(key, element);
  return { ...value, items: capFields({ ...items, fields }) };
}

/** A container without the element with a constant key; later elements of a list move up. */
export function withoutField(value: Value, key: string): Value {
  const { items } = value;
  if (items === undefined || !items.fields.has(key)) return value;
  const fields = new Map(items.fields);
  fields.delete(key);
  if (items.shape !== "list") return { ...value, items: { ...items, fields } };
  const moved = [...fields].map(([name, field]): [string, Value] => [
    Number(name) > Number(key) ? String(Number(name) - 1) : name,
    field,
  ]);
  return { ...value, items: { ...items, fields: new Map(moved) } };
}

/** Facts without some kinds; facts harmless to all kinds go. */
export function clearFacts(facts: readonly Fact[], keepMask: number): readonly Fact[] {
  if (facts.length === 0 || keepMask === -1) return facts;
  if (facts.every(({ mask }) => (mask & keepMask) === mask)) return facts;
  return facts.flatMap((fact): Fact[] => {
    const mask = fact.mask & keepMask;
    if (mask === 0) return [];
    return [mask === fact.mask ? fact : { ...fact, mask }];
  });
}

/** Facts whose kind `[plain, after]` has gone on to its later stage. */
export function moveOn(facts: readonly Fact[], [plain, after]: readonly [number, number]): readonly Fact[] {
  return facts.map((fact) =>
    (fact.mask & plain) === 0 ? fact : { ...fact, mask: (fact.mask & ~plain) | after },
  );
}

/** A value with its facts and those of its elements changed; the same object where nothing changes. */
export function mapFacts(
  value: Value,
  change: (facts: readonly Fact[]) => readonly Fact[],
  depth = 0,
): Value {
  const facts = value.facts.length === 0 ? value.facts : change(value.facts);
  const { items } = value;
  if (items === undefined || depth > MAX_DEPTH) return facts === value.facts ? value : { ...value, facts };
  let isSame = true;
  const mapped = (field: Value): Value => {
    const after = mapFacts(field, change, depth + 1);
    isSame &&= after === field;
    return after;
  };
  const fields = new Map([...items.fields].map(([key, field]) => [key, mapped(field)]));
  const rest = items.rest === undefined ? undefined : mapped(items.rest);
  if (isSame && facts === value.facts) return value;
  return { ...value, facts, items: isSame ? items : { shape: items.shape, fields, rest } };
}

/** Facts with a step added to each. */
export function addStep(
  facts: readonly Fact[],
  node: SyntaxNode,
  message: string,
  beyond = false,
): readonly Fact[] {
  if (facts.length === 0) return facts;
  return facts.map(({ origin, mask, step }) => ({
    origin,
    mask,
    step: { node, message, previous: step, inner: undefined, ...(beyond ? { beyond } : {}) },
  }));
}

/** Whether two values are the same for a fixpoint (how the data came does not matter). */
export function sameValue(a: Value, b: Value): boolean {
  return a === b || (join(a, b) === a && join(b, a) === b);
}

/** Facts of a field of a value that came in as a parameter. */
export function parameterFields(object: Value, field: string): Value["facts"] {
  const found = object.facts.flatMap((fact) => {
    const { origin } = fact;
    if (origin.kind !== "parameter" || origin.field !== "") return [];
    return [{ origin: origin.unit.origin(origin.index, field), mask: fact.mask, step: fact.step }];
  });
  return found;
}

/** A value with a step added to all its facts, for messages. */
export function stepped(value: Value, node: SyntaxNode, message: string): Value {
  return value.facts.length === 0 ? value : { ...value, facts: addStep(value.facts, node, message) };
}
