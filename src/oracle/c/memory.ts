// Memory: fields and elements of regions, what they hold, untrusted contents, lengths of texts.
// An element is known by its offset; what is written to one is joined into "any element" too.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { leastOf, type Region, rangeOfLin, type Value } from "./domain.ts";
import { constant, constantOf, keyOfLin, type Lin, minus, symbolic, type Taint, ZERO } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { around, quotedTaint } from "./quoting.ts";
import { CHAR, type CType, sizeOf, UNKNOWN, WIDE } from "./types.ts";

/** A step of a way of untrusted data, after those that it has gone. */
export function step(taint: Taint, node: SyntaxNode, message: string): Taint {
  return { ...taint, step: { start: node.start, end: node.end, message, previous: taint.step } };
}

/** The start of a way; undefined where the source's threat model is not asked for. */
export function source(
  machine: Machine,
  node: SyntaxNode,
  about: { kind: string; says: string },
): Taint | undefined {
  if (!machine.settings.labels.has(about.kind)) return undefined;
  const { start, end } = machine.site ?? node;
  return {
    label: about.kind,
    step: { start, end, message: about.says, previous: undefined },
    cleared: new Set(),
  };
}

/** A field of a region. */
export function fieldOf(machine: Machine, region: Region, name: string): Region {
  const type = region.type.k === "struct" ? (region.type.fields.get(name) ?? UNKNOWN) : UNKNOWN;
  return childOf(machine, region, { key: `.${name}`, type });
}

/** The element at an offset; the region itself at the start of what is no array. */
export function elementAt(machine: Machine, region: Region, at: Lin, type: CType): Region {
  if (region.type.k !== "array" && constantOf(at) === 0) return region;
  return childOf(machine, region, { key: `@${keyOfLin(at)}`, type, offset: at });
}

/** Any element of a region. */
export function anyElement(machine: Machine, region: Region, type: CType): Region {
  return childOf(machine, region, { key: "[]", type });
}

/** A part of a region, made when it is first asked for. */
export function childOf(
  machine: Machine,
  region: Region,
  { key, type, offset }: { key: string; type: CType; offset?: Lin },
): Region {
  const known = region.children.get(key);
  if (known !== undefined) return known;
  const size = sizeOf(type);
  const child = machine.region({
    name: key.startsWith(".") ? `${region.name}${key}` : region.name,
    kind: region.kind === "null" ? "outside" : region.kind,
    type,
    size: size === undefined ? undefined : constant(size),
    parent: region,
    offset,
    nullness: "no",
    depth: region.depth,
    parameter: region.parameter,
    ends: region.ends,
  });
  region.children.set(key, child);
  return child;
}

/** Untrusted contents of a region: its own, or those of what it is part of. */
export function contentTaint(machine: Machine, region: Region): Taint | undefined {
  for (let at: Region | undefined = region; at !== undefined; at = at.parent) {
    const own = machine.state.taints.get(at.id);
    if (own !== undefined) return own ?? undefined;
    if (at.born !== undefined) return at.born;
  }
  return undefined;
}

/** Says what a region holds; what goes into one element may be read from any. */
export function setTaint(machine: Machine, region: Region, taint: Taint | null): void {
  const { taints } = machine.state;
  taints.set(region.id, taint);
  if (taint === null) return;
  if (region.holder !== undefined) taints.set(region.holder.id, taint);
  for (let at = region; at.parent !== undefined && at.offset !== undefined; at = at.parent) {
    taints.set(at.parent.id, taint);
  }
}

/** The text's taint that a pointer leads to, or the value's own. */
export function taintBehind(machine: Machine, value: Value): Taint | undefined {
  if (value.to !== undefined) return contentTaint(machine, value.to.region);
  return value.taint ?? value.lin?.terms.find(({ sym }) => sym.taint !== undefined)?.sym.taint;
}

/** What a scalar region holds. */
export function load(machine: Machine, region: Region): Value {
  const { state } = machine;
  if (region.type.k === "unknown" && region.type.object !== undefined) return structure(machine, region);
  const held = state.cells.get(region.id);
  if (held !== undefined) return held;
  if (region.type.k === "array" || region.type.k === "function") return machine.pointer(region, region.type);
  if (region.type.k === "struct") return structure(machine, region);
  const any = region.parent?.children.get("[]");
  const summary = any === undefined || any === region ? undefined : state.cells.get(any.id);
  if (summary?.to === undefined) return summary ?? initialOf(machine, region);
  // It is one of the elements, but which one is not known: nothing that happens to it happened to all.
  const one = machine.region({
    name: region.name,
    kind: "outside",
    type: summary.to.region.type,
    born: contentTaint(machine, summary.to.region),
  });
  const value = machine.pointer(one, summary.type);
  state.cells.set(region.id, value);
  return value;
}

function structure(machine: Machine, region: Region): Value {
  const taint = contentTaint(machine, region);
  return { type: region.type, copyOf: region, ...(taint === undefined ? {} : { taint }) };
}

/** Takes over what a structure holds, field by field. */
function copyStructure(machine: Machine, from: Region, to: Region): void {
  const { state } = machine;
  for (const [key, field] of from.children) {
    if (!key.startsWith(".")) continue;
    machine.spend();
    const own = fieldOf(machine, to, key.slice(1));
    if (field.type.k === "struct" || isObject(field.type)) copyStructure(machine, field, own);
    else if (field.type.k === "array") {
      const length = state.lengths.get(field.id);
      if (length !== undefined) state.lengths.set(own.id, length);
    } else state.cells.set(own.id, load(machine, field));
    const taint = state.taints.get(field.id);
    if (taint !== undefined) state.taints.set(own.id, taint);
  }
}

function isObject(type: CType): boolean {
  return type.k === "unknown" && type.object !== undefined;
}

const DEEPEST = 5;

function initialOf(machine: Machine, region: Region): Value {
  const taint = contentTaint(machine, region);
  if (region.initial !== undefined && region.initial.taint === taint && taint === undefined)
    return region.initial;
  const value = makeInitial(machine, region, taint);
  if (value.lin !== undefined) machine.pin(value.lin);
  if (taint === undefined) region.initial = value;
  else if (region.type.k !== "struct") machine.state.cells.set(region.id, value);
  return value;
}

function makeInitial(machine: Machine, region: Region, taint: Taint | undefined): Value {
  const { type } = region;
  const kind = region.parameter ? "parameter" : "other";
  if (type.k === "int") return { type, lin: symbolic(machine.symbol(type, { taint, kind })) };
  if (type.k === "pointer") {
    if (region.depth > DEEPEST) return { type, ...(taint === undefined ? {} : { taint }) };
    const to = machine.region({
      name: region.name,
      kind: "outside",
      type: type.to,
      born: taint,
      depth: region.depth + 1,
      parameter: region.parameter,
      ends: region.ends,
    });
    return machine.pointer(to, type);
  }
  return taint === undefined ? { type } : { type, taint };
}

/** Writes a value to a region. */
export function store(machine: Machine, region: Region, value: Value): void {
  const { state } = machine;
  if (region.type.k === "struct" && value.copyOf !== undefined) {
    state.cells.delete(region.id);
    if (value.copyOf !== region) copyStructure(machine, value.copyOf, region);
    setTaint(machine, region, contentTaint(machine, value.copyOf) ?? null);
    return;
  }
  if (region.type.k === "struct" && value.to === undefined && value.lin === undefined) {
    state.cells.set(region.id, value);
    return;
  }
  const typed = convert(machine, value, region.type);
  state.cells.set(region.id, typed);
  if (region.type.k === "pointer" && region.type.owner === "unique" && typed.to !== undefined)
    state.owned.set(rootOf(typed.to.region).id, region.id);
  const parent = region.parent;
  if (parent !== undefined && !isField(parent, region)) {
    const any = anyElement(machine, parent, region.type);
    if (any !== region) {
      const before = state.cells.get(any.id);
      state.cells.set(
        any.id,
        before === undefined || typed.to !== undefined ? typed : weaker(machine, before, typed),
      );
    }
    const stored = storedTaint(machine, typed);
    const taint =
      stored && quotedTaint(state, { value: typed, taint: stored, ...around(state, parent, region) });
    const before = state.taints.get(parent.id);
    if (taint !== undefined && (taint.cleared.has("decoded") || before?.cleared.has("decoded") !== true))
      state.taints.set(parent.id, taint);
    storeCharacter(machine, parent, region, typed);
  }
}

/** What a character brings along: nothing where it is known, and no check where it was made by arithmetic. */
function storedTaint(machine: Machine, { taint, lin }: Value): Taint | undefined {
  if (lin === undefined) return taint;
  const { lo, hi } = rangeOfLin(machine.state, lin);
  const own = lo === hi ? undefined : lin.terms.find(({ sym }) => sym.taint)?.sym.taint;
  const copied = lin.terms.length === 1 && lin.k === 0 && lin.terms[0]?.c === 1;
  if (own === undefined || copied) return own;
  // Put together of two numbers, as a decoder does: what was looked at before was another text.
  return { ...own, cleared: lin.terms.length > 1 ? DECODED : new Set() };
}

const DECODED: ReadonlySet<string> = new Set(["decoded"]);

function isField(parent: Region, region: Region): boolean {
  return (
    parent.type.k === "struct" || parent.children.get(`.${region.name.split(".").at(-1) ?? ""}`) === region
  );
}

/** A zero written into a text ends it there. */
function storeCharacter(machine: Machine, parent: Region, region: Region, value: Value): void {
  const character = region.type.k === "int" && (region.type.size === 1 || region.type.wide === true);
  if (!character) return;
  if (constantOf(value.lin) !== 0) return;
  const at = constantOf(region.offset);
  const before = machine.state.lengths.get(parent.id);
  if (at !== undefined) machine.state.lengths.set(parent.id, shorter(machine, before ?? undefined, at));
  else if (before === null) machine.state.lengths.delete(parent.id);
}

/** The length after a zero was written: where it stands, unless the text ended before. */
function shorter(machine: Machine, before: Lin | undefined, at: number): Lin {
  if (before === undefined) {
    return symbolic(machine.symbol({ k: "int", size: 8, signed: false }, { lo: 0, hi: at }));
  }
  const range = rangeOfLin(machine.state, before);
  if (range.hi <= at) return before;
  return range.lo >= at
    ? constant(at)
    : symbolic(machine.symbol({ k: "int", size: 8, signed: false }, { lo: 0, hi: at }));
}

function weaker(machine: Machine, a: Value, b: Value): Value {
  if (a.lin === undefined || b.lin === undefined) return b;
  const taint = a.lin.terms[0]?.sym.taint ?? b.lin.terms[0]?.sym.taint;
  return machine.unknown(a.type.k === "int" ? a.type : b.type, { taint });
}

/** A value as it arrives in a place of a type. */
export function convert(machine: Machine, value: Value, type: CType): Value {
  if (type.k === "pointer" && constantOf(value.lin) === 0) return machine.pointer(machine.nullRegion, type);
  if (type.k === "unknown" || type.k === "struct") return value;
  if (type.k === "int" && value.lin !== undefined) {
    const lin = wrap(machine, value.lin, type);
    return value.origin === undefined ? { type, lin } : { type, lin, origin: value.origin };
  }
  if (type.k === "int" && value.to === undefined) return machine.unknown(type, { taint: value.taint });
  if (type.k === "pointer" && value.to !== undefined) return { type, to: value.to };
  if (type.k === "pointer" && value.lin !== undefined) return { type };
  if (type.k === "float") {
    const taint = value.taint ?? value.lin?.terms.find(({ sym }) => sym.taint)?.sym.taint;
    return taint === undefined ? { type } : { type, taint };
  }
  return value;
}

/** A number in a type that may be too narrow for it. */
function wrap(machine: Machine, lin: Lin, type: CType & { k: "int" }): Lin {
  const plain = rangeOfLin(machine.state, lin);
  // What is left of a number after a part of it was taken is not below zero.
  const range =
    lin.terms.length < 2 ? plain : { lo: Math.max(plain.lo, leastOf(machine.state, lin)), hi: plain.hi };
  const bits = type.size * 8;
  const [lo, hi] = type.signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  if (range.lo >= lo && range.hi <= hi) return lin;
  const known = constantOf(lin);
  if (known !== undefined && bits <= 32) {
    const low = ((known % 2 ** bits) + 2 ** bits) % 2 ** bits;
    return constant(type.signed && low > hi ? low - 2 ** bits : low);
  }
  const [term] = lin.terms;
  // A number of which nothing is known stays itself: whoever wrote this did not think of the ends.
  if (term !== undefined && term.sym.taint === undefined && bits >= 32 && range.lo >= lo) return lin;
  if (term === undefined || term.sym.taint === undefined) {
    if (bits >= 32 && !(range.lo < 0 && !type.signed && Number.isFinite(range.lo))) return lin;
  }
  const own = lin.terms.find(({ sym }) => sym.taint !== undefined)?.sym.taint;
  const taint = own !== undefined && bits === 8 && lin.terms.length > 1 ? { ...own, cleared: DECODED } : own;
  const key = `wrap${type.size}${type.signed}${keyOfLin(lin)}`;
  const before = machine.state.terms.get(key);
  if (before?.lin !== undefined) return before.lin;
  const kind = lin.terms[0]?.sym.kind ?? "other";
  const made = machine.symbol(type, { taint, kind });
  // Not as an end that was made so: the other one is that of the type.
  if (range.lo > made.lo) machine.state.ranges.set(made.id, { lo: range.lo, hi: made.hi });
  const wrapped = symbolic(made);
  machine.state.terms.set(key, { type, lin: wrapped });
  return wrapped;
}

/** Whatever stood in a region is replaced by data of which nothing is known but its taint. */
export function fill(machine: Machine, region: Region, taint: Taint | undefined): void {
  const { state } = machine;
  const stack = [region];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    machine.spend();
    state.cells.delete(at.id);
    state.lengths.delete(at.id);
    if (at !== region) state.taints.delete(at.id);
    at.initial = undefined;
    if (at.type.k === "int" || at.type.k === "pointer") {
      state.cells.set(at.id, makeInitial(machine, at, taint));
    }
    stack.push(...at.children.values());
  }
  setTaint(machine, region, taint ?? null);
}

/** The length of the text at a pointer; null where no zero ends it. */
export function lengthOf(machine: Machine, value: Value): Lin | null | undefined {
  const { to } = value;
  if (to === undefined) return undefined;
  const whole = lengthOfRegion(machine, to.region);
  if (whole === null) return null;
  const rest = minus(whole, to.at);
  if (rest === undefined || constantOf(to.at) === 0) return rest;
  return rangeOfLin(machine.state, rest).hi < 0 ? undefined : rest;
}

function lengthOfRegion(machine: Machine, region: Region): Lin | null {
  const held = machine.state.lengths.get(region.id);
  if (held !== undefined) return held;
  if (region.initialLength === undefined) {
    const room = constantOf(region.size);
    const bounded = room !== undefined && region.kind !== "outside";
    const sym = machine.symbol(
      { k: "int", size: 8, signed: false },
      bounded ? { lo: 0, hi: Math.max(0, room - 1), taint: undefined } : { kind: "length" },
    );
    region.initialLength = symbolic(sym);
    machine.pin(region.initialLength);
  }
  return region.initialLength;
}

/** Sets the length of the text that begins at a pointer. */
export function setLength(machine: Machine, value: Value, length: Lin | null | undefined): void {
  const { to } = value;
  if (to === undefined) return;
  if (length === undefined) machine.state.lengths.delete(to.region.id);
  else if (length === null) machine.state.lengths.set(to.region.id, null);
  else {
    const whole = { k: to.at.k + length.k, terms: length.terms };
    if (to.at.terms.length === 0) machine.state.lengths.set(to.region.id, whole);
    else machine.state.lengths.delete(to.region.id);
  }
}

/** A text literal. */
export function literal(machine: Machine, node: SyntaxNode, text: string): Value {
  const of = node.text.startsWith("L") ? WIDE : CHAR;
  const unit = sizeOf(of) ?? 1;
  const length = text.length * unit;
  const region = machine.region({
    name: "text",
    kind: "literal",
    type: { k: "array", of, count: text.length + 1 },
    size: constant(length + unit),
    nullness: "no",
    node,
    text,
  });
  region.initialLength = length === 0 ? ZERO : constant(length);
  return { type: { k: "pointer", to: of }, to: { region, at: ZERO } };
}

/** The region whose life decides over a part of it. */
export function rootOf(region: Region): Region {
  let root = region;
  while (root.parent !== undefined) root = root.parent;
  return root;
}
