// What the abstract machine computes with: values, regions of memory, and states that say what is
// known of them at one point of one path. States are forked cheaply and joined where paths meet.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { addScaled, type Lin, type Sym, sameLin, type Taint, taintOfLin } from "./linear.ts";
import type { CType } from "./types.ts";

/** Whether a pointer to a region may be null: `maybe` counts on a dereference, `unknown` does not. */
export type Nullness = "no" | "maybe" | "yes" | "unknown";

/** A piece of memory: a variable, an allocation, a literal, what a parameter points to. */
export interface Region {
  readonly id: number;
  readonly name: string;
  readonly kind: "variable" | "heap" | "literal" | "outside" | "null";
  readonly type: CType;
  /** Bytes; undefined where not known. */
  readonly size: Lin | undefined;
  readonly parent: Region | undefined;
  /** Where in its parent an element is, in bytes. */
  readonly offset: Lin | undefined;
  /** Fields and elements, made when first asked for. */
  readonly children: Map<string, Region>;
  /** Null-ness of a pointer to it, until a state says otherwise. */
  readonly nullness: Nullness;
  /** Untrusted data that it holds from the start. */
  readonly born: Taint | undefined;
  /** Where it was made. */
  readonly node: SyntaxNode | undefined;
  /** The value that it holds before anything was written. */
  initial: Value | undefined;
  /** The length of the text that it holds before anything was written. */
  initialLength: Lin | undefined;
  /** The text of a literal. */
  readonly text?: string;
  /** How deep it hangs below what is known. */
  readonly depth: number;
  /** C++: the object whose contents it is. */
  readonly holder: Region | undefined;
  /** Whether it leads to texts that end with a zero, as the arguments of a program do. */
  readonly ends: boolean;
  /** Whether it holds what came through a parameter of a function that is entered from outside. */
  readonly parameter: boolean;
}

/** The value of an expression. */
export interface Value {
  readonly type: CType;
  /** A number. */
  readonly lin?: Lin;
  /** A pointer: a region and bytes behind its start. */
  readonly to?: { readonly region: Region; readonly at: Lin };
  /** Untrusted data in a value that is neither. */
  readonly taint?: Taint;
  /** The text that a character was read from. */
  readonly origin?: { readonly region: Region; readonly at: Lin };
  /** What it says of a text where it is not zero (or is): that there are so many characters from a place on. */
  readonly says?: {
    readonly region: Region;
    readonly at: Lin;
    readonly count: number;
    readonly whenZero?: boolean;
  };
  /** The structure of which it is a copy. */
  readonly copyOf?: Region;
  /** A product in a narrow type that may be too great for it. */
  readonly product?: SyntaxNode;
}

/** A range of numbers, ends included. */
export interface Range {
  readonly lo: number;
  readonly hi: number;
}

const NOTHING: ReadonlyMap<never, never> = new Map<never, never>();

/** A map that is copied when it is written to after a fork. */
export class Layer<K, V> {
  #map: ReadonlyMap<K, V>;
  #own: Map<K, V> | undefined;

  constructor(map: ReadonlyMap<K, V> = NOTHING) {
    this.#map = map;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    this.#writable().set(key, value);
  }

  delete(key: K): void {
    if (!this.#map.has(key)) return;
    this.#writable().delete(key);
  }

  /** Deletes several at once. */
  deleteAll(keys: readonly K[]): void {
    if (keys.length === 0) return;
    const map = this.#writable();
    for (const key of keys) map.delete(key);
  }

  get size(): number {
    return this.#map.size;
  }

  entries(): Iterable<readonly [K, V]> {
    return this.#map.entries();
  }

  fork(): Layer<K, V> {
    this.#own = undefined;
    return new Layer(this.#map);
  }

  /** Whether both are one map. */
  is(other: Layer<K, V>): boolean {
    return this.#map === other.#map;
  }

  #writable(): Map<K, V> {
    if (this.#own === undefined) {
      this.#own = new Map(this.#map);
      this.#map = this.#own;
    }
    return this.#own;
  }
}

/** Where a region was freed. */
export interface Freed {
  readonly node: SyntaxNode;
  /** The calls that were going on, the outermost first; compared by identity. */
  readonly frames: readonly object[];
  /** The helper that did so by its name alone; undefined for what is known to free. */
  readonly helper?: string;
  /** C++: an element that was erased: an iterator to it cannot go on. */
  readonly erased?: boolean;
  /** Whether a use of it was reported: it is not said again, but that it is freed twice is. */
  readonly told?: boolean;
}

/** What is known at one point of one path. */
export class State {
  /** Values of scalar regions. */
  readonly cells: Layer<number, Value>;
  /** Ranges of symbols, narrower than those that they were made with. */
  readonly ranges: Layer<number, Range>;
  /** Greatest difference `a - b` of two symbols, by `a:b`. */
  readonly differences: Layer<string, number>;
  /** Symbols that were compared with something unknown: 1 from above, 2 from below. */
  readonly guards: Layer<number, number>;
  /** Sums of several symbols that are at most zero. */
  readonly facts: Layer<string, Lin>;
  readonly nulls: Layer<number, Nullness>;
  /** Regions that were freed, and where. */
  readonly freed: Layer<number, Freed>;
  /** C++: regions that a smart pointer will give back, and the variable that it is. */
  readonly owned: Layer<number, number>;
  /** Untrusted contents; null says that there is none, whatever holds around it. */
  readonly taints: Layer<number, Taint | null>;
  /** Lengths of texts; null says that no zero ends it. */
  readonly lengths: Layer<number, Lin | null>;
  /** Symbols for a product, remainder and the like of the same operands. */
  readonly terms: Layer<string, Value>;
  /** Whether the path ends here. */
  dead = false;

  /** All symbols of the program, by their numbers; the same for all states. */
  readonly symbols: ReadonlyMap<number, Sym>;

  /** A state of which nothing is known, or a copy of another one. */
  constructor(symbols: ReadonlyMap<number, Sym>, from?: State) {
    this.symbols = symbols;
    this.cells = from?.cells.fork() ?? new Layer();
    this.ranges = from?.ranges.fork() ?? new Layer();
    this.differences = from?.differences.fork() ?? new Layer();
    this.guards = from?.guards.fork() ?? new Layer();
    this.facts = from?.facts.fork() ?? new Layer();
    this.nulls = from?.nulls.fork() ?? new Layer();
    this.freed = from?.freed.fork() ?? new Layer();
    this.owned = from?.owned.fork() ?? new Layer();
    this.taints = from?.taints.fork() ?? new Layer();
    this.lengths = from?.lengths.fork() ?? new Layer();
    this.terms = from?.terms.fork() ?? new Layer();
    this.dead = from?.dead ?? false;
  }

  fork(): State {
    return new State(this.symbols, this);
  }

  /** How much is known: what a copy costs. */
  get size(): number {
    return this.cells.size + this.ranges.size + this.nulls.size;
  }
}

/** What makes symbols and regions, and counts the work. */
export interface Maker {
  spend(steps?: number): void;
  symbol(
    type: CType,
    about?: {
      lo?: number | undefined;
      hi?: number | undefined;
      taint?: Taint | undefined;
      kind?: Sym["kind"];
      joined?: boolean;
      grown?: boolean;
      line?: number | undefined;
    },
  ): Sym;
  /** Says that memory holds a number, whatever variables do. */
  pin(lin: Lin): void;
  /** Numbers that a line of symbols was compared with: a bound that moves is likely to stop there. */
  readonly thresholds: ReadonlyMap<number, ReadonlySet<number>>;
  region(init: RegionInit): Region;
  pointer(region: Region, type: CType): Value;
}

/** What a region is made from. */
export type RegionInit = Pick<Region, "name" | "kind" | "type"> &
  Partial<
    Pick<
      Region,
      | "parent"
      | "offset"
      | "nullness"
      | "born"
      | "node"
      | "text"
      | "depth"
      | "parameter"
      | "size"
      | "holder"
      | "ends"
    >
  >;

/** A bit of guards: what a number grew by was held against something. */
export const STEPS = 4;

/** A bit of guards: the number is not zero. */
export const NONZERO = 8;

/** A bit of guards: that arithmetic with it may leave its type was said before. */
export const TOLD = 16;

/** A bit of guards: that an index with it may be too great was said before. */
export const FORGIVEN = 32;

/** A bit of guards: the place of a character of a text that ends, and that is gone through to its end. */
export const WALKS = 64;

/** Forgets what was said: where findings are taken back, so is that they need not be said again. */
export function unsay(state: State): void {
  const said = TOLD | FORGIVEN;
  for (const [id, bits] of [...state.guards.entries()])
    if ((bits & said) !== 0) state.guards.set(id, bits & ~said);
}

/** Range of a symbol in a state. */
export function rangeOfSym(state: State, sym: Sym): Range {
  return state.ranges.get(sym.id) ?? sym;
}

/** Range of a sum in a state, without regard to differences. */
export function rangeOfLin(state: State, lin: Lin): Range {
  let lo = lin.k;
  let hi = lin.k;
  for (const { sym, c } of lin.terms) {
    const range = rangeOfSym(state, sym);
    lo += c > 0 ? c * range.lo : c * range.hi;
    hi += c > 0 ? c * range.hi : c * range.lo;
  }
  return { lo, hi };
}

/** The least value of a sum, with what is known of its symbols' differences and sums. */
export function leastOf(state: State, lin: Lin): number {
  return tightest(state, lin).least;
}

/** The least value of a sum, and the sum that shows it: the same one, or one to which a fact was added. */
export function tightest(state: State, lin: Lin): { least: number; by: Lin } {
  let found = { least: leastByDifferences(state, lin), by: lin };
  if (found.least >= 0) return found;
  for (const [, fact] of state.facts.entries()) {
    // The fact is at most zero: what it is added to was no less.
    const by = addScaled(lin, fact, factorFor(lin, fact));
    const least = by === undefined ? -Infinity : leastByDifferences(state, by);
    if (by !== undefined && least > found.least) found = { least, by };
  }
  return found;
}

/** How often a fact has to be added to cancel a term. */
function factorFor(lin: Lin, fact: Lin): number {
  for (const { sym, c } of lin.terms) {
    const own = c < 0 ? fact.terms.find((term) => term.sym === sym && term.c > 0) : undefined;
    if (own !== undefined) return -c / own.c;
  }
  return 1;
}

/** The greatest value of a symbol, by its range or by another symbol that it is held against. */
export function greatestOf(state: State, sym: Sym): number {
  let { hi } = rangeOfSym(state, sym);
  const prefix = `${sym.id}:`;
  for (const [key, bound] of state.differences.entries()) {
    if (!key.startsWith(prefix)) continue;
    const id = Number(key.slice(prefix.length));
    const other = state.ranges.get(id) ?? state.symbols.get(id);
    if (other !== undefined) hi = Math.min(hi, other.hi + bound);
  }
  return hi;
}

function leastByDifferences(state: State, lin: Lin): number {
  const rest = lin.terms.map(({ sym, c }) => ({ sym, c }));
  let least = lin.k;
  for (const up of rest) {
    for (const down of rest) {
      if (up.c <= 0 || down.c >= 0) continue;
      const bound = state.differences.get(`${down.sym.id}:${up.sym.id}`);
      if (bound === undefined) continue;
      const shared = Math.min(up.c, -down.c);
      // down - up <= bound, so up - down >= -bound.
      least += -bound * shared;
      up.c -= shared;
      down.c += shared;
    }
  }
  for (const { sym, c } of rest) {
    if (c === 0) continue;
    least += c > 0 ? c * rangeOfSym(state, sym).lo : c * greatestOf(state, sym);
  }
  return least;
}

/** The taint of a value itself (not of what it points to). */
export function taintOf(value: Value): Taint | undefined {
  return value.taint ?? (value.lin === undefined ? undefined : taintOfLin(value.lin));
}

/** Whether two values are the same. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.taint !== b.taint) return false;
  if (a.lin !== undefined && b.lin !== undefined) return sameLin(a.lin, b.lin);
  if (a.to !== undefined && b.to !== undefined) {
    return a.to.region === b.to.region && sameLin(a.to.at, b.to.at);
  }
  return a.lin === undefined && b.lin === undefined && a.to === undefined && b.to === undefined;
}

/** A number as a value. */
export function number(lin: Lin, type: CType): Value {
  return { type, lin };
}

/** Ends of types lie beyond this, and numbers that came near them by steps. */
export const FAR = 2 ** 30;

/** Where the common numbers end: a bound that is no less comes from a type. */
export const TYPE_END = 2 ** 31 - 1;

/** `i < n`, where nothing else holds `i`, and nothing `n`, which somebody outside chose. */
export function taintedEnd(state: State, sym: Sym): Taint | undefined {
  if (rangeOfSym(state, sym).hi < FAR || sym.exact) return undefined;
  const prefix = `${sym.id}:`;
  let found: Taint | undefined;
  for (const [key] of state.differences.entries()) {
    if (!key.startsWith(prefix)) continue;
    const other = state.symbols.get(Number(key.slice(prefix.length)));
    if (other?.taint === undefined || other.taint.label === "random") return undefined;
    if (((state.guards.get(other.id) ?? 0) & 1) !== 0 || rangeOfSym(state, other).hi < FAR) return undefined;
    found = other.taint;
  }
  return found;
}
