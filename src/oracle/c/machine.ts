// The abstract machine's heart: the state of the path that is being followed, the choices that part
// paths, the budget, and the report of what is found. Expressions, statements and library calls are
// functions over it.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import { OutOfBudget } from "../taint/machine.ts";
import { type Maker, type Region, type RegionInit, State, type Value } from "./domain.ts";
import { reduceStates } from "./join.ts";
import { type Lin, type Sym, symbolic, type Taint } from "./linear.ts";
import type { Model } from "./model.ts";
import type { FunctionUnit, Program } from "./program.ts";
import { type CType, rangeOf, UNKNOWN } from "./types.ts";

/** One thing that was found. */
export interface Report {
  /** What rules name: `write`, `null`, `command` … */
  readonly kind: string;
  readonly node: SyntaxNode;
  readonly taint: Taint | undefined;
  readonly detail: string;
}

/** A function that is being run. */
export interface Frame {
  readonly scopes: Map<string, Region>[];
  readonly returns: { state: State; value: Value | undefined }[];
  /** Paths that left for a label. */
  readonly gotos: Map<string, State[]>;
  readonly loops: { breaks: State[]; continues?: State[] }[];
  readonly definition: SyntaxNode;
  /** C++: the object whose method it is. */
  readonly self: Region | undefined;
  /** The call that it is run for. */
  readonly call: SyntaxNode | undefined;
  readonly depth: number;
  /** Symbols with greater numbers were made for it. */
  readonly since: number;
  /** Pointers that it compared with null. */
  readonly asked: Set<number>;
}

/** What is untrusted, and how much work is allowed. */
export interface Settings {
  readonly labels: ReadonlySet<string>;
  readonly budget: number;
}

/** Paths kept apart at one point. */
export const MOST_PATHS = 8;
const MOST_CHOICES = 32;
const FEWER_CHOICES = 8;

/** The parts of the machine that call one another. */
export interface Operations {
  /** The value of an expression. */
  evaluate(machine: Machine, node: SyntaxNode): Value;
  /** Follows one way of a condition, and says which. */
  decide(machine: Machine, node: SyntaxNode): boolean;
  /** Runs a statement in several states; what falls through. */
  execute(machine: Machine, node: SyntaxNode, states: readonly State[]): State[];
  /** What a call gives. */
  call(machine: Machine, node: SyntaxNode): Value;
  /** Runs a function of the file with arguments; every way that it may end. */
  run(
    machine: Machine,
    unit: FunctionUnit,
    values: readonly Value[],
  ): { state: State; value: Value | undefined }[];
  /** C++: runs a constructor or destructor for an object. */
  construct(
    machine: Machine,
    unit: FunctionUnit,
    about: { self: Region; nodes: readonly SyntaxNode[]; node: SyntaxNode },
  ): void;
}

interface Choice {
  readonly options: readonly unknown[];
  index: number;
}

/** See the head of the file. */
export class Machine implements Maker {
  readonly model: Model;
  readonly program: Program;
  readonly settings: Settings;
  readonly tree: SyntaxTree;
  readonly ops: Operations;
  /** Regions of global variables. */
  readonly globals = new Map<string, Region>();
  /** What stands for functions where they are values. */
  readonly functions = new Map<string, Region>();
  /** Variables that outlive the function in which they are declared. */
  readonly statics = new Set<number>();
  readonly reports: Report[] = [];
  /** Symbols by their numbers. */
  readonly symbols = new Map<number, Sym>();
  readonly thresholds = new Map<number, Set<number>>();
  state = new State(this.symbols);
  frames: Frame[] = [];
  /** The place that stands for whatever happens inside a macro. */
  site: SyntaxNode | undefined;
  /** Where pointers that may be anything were used first. */
  readonly used = new Map<number, { node: SyntaxNode; frame: Frame }>();
  /** Elements whose index was found to be wrong, and what was said of it. */
  readonly told = new Map<string, Report>();
  /** Blocks that were written to beyond their ends, and what was said of it. */
  readonly overrun = new Map<number, Report>();
  /** What a condition is asked of: its left side, or all of it. */
  asked: SyntaxNode | undefined;
  /** What the macro that is being run got for its `...`. */
  rest: readonly SyntaxNode[] = [];
  /** Symbols that another one was computed from. */
  readonly bases = new Map<number, readonly Sym[]>();
  /** Numbers of characters that a text begins with of a set, and the text. */
  readonly spans = new Map<number, Region>();
  /** Functions that were run for a call. */
  readonly called = new Set<SyntaxNode>();
  /** Symbols that regions hold: sizes, first values and first lengths. */
  readonly pinned = new Set<number>();
  /** Elements that are known by a sum of symbols, and that sum. */
  readonly elements = new Map<number, Lin>();
  /** Symbols that grow in a loop. */
  readonly growing = new Set<number>();
  /** Texts that are gone through to their zero: what is written into one meanwhile stays in it. */
  readonly walked = new Set<number>();
  /** Blocks that were written to, or given to functions of which nothing is known. */
  readonly changed = new Set<number>();
  /** Symbols that are lengths of texts which nothing bounds. */
  readonly lengths = new Set<number>();
  readonly nullRegion: Region;
  #ids = 0;
  #left: number;
  #choices: Choice[] = [];
  #at = 0;

  constructor(init: Pick<Machine, "model" | "program" | "settings" | "tree" | "ops">) {
    this.model = init.model;
    this.program = init.program;
    this.settings = init.settings;
    this.tree = init.tree;
    this.ops = init.ops;
    this.#left = init.settings.budget;
    this.nullRegion = this.region({ name: "NULL", kind: "null", type: UNKNOWN, nullness: "yes" });
  }

  /** Counts steps; throws OutOfBudget when there are none left. */
  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new OutOfBudget("the program takes too many steps");
  }

  /** Steps that are left, as a share of all. */
  get left(): number {
    return this.#left / this.settings.budget;
  }

  get frame(): Frame {
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new Error("no function is being run");
    return frame;
  }

  /** Loops around the statement that is being run, those of callers too. */
  get loopsAround(): number {
    return this.frames.reduce(
      (count, { loops }) => count + loops.filter(({ continues }) => continues !== undefined).length,
      0,
    );
  }

  /** Notes a finding; what is said on a path that has ended does not count. */
  report(kind: string, node: SyntaxNode, about: { taint?: Taint | undefined; detail?: string } = {}): void {
    if (this.state.dead) return;
    this.reports.push({ kind, node: this.site ?? node, taint: about.taint, detail: about.detail ?? "" });
  }

  /** A number of which only the type is known, or a range. */
  symbol(type: CType, about: Parameters<Maker["symbol"]>[1] = {}): Sym {
    const range = rangeOf(type);
    const exact = about.lo !== undefined || about.hi !== undefined;
    const id = ++this.#ids;
    const sym: Sym = {
      id,
      line: about.line ?? id,
      lo: Math.max(range.lo, about.lo ?? -Infinity),
      hi: Math.min(range.hi, about.hi ?? Infinity),
      exact,
      taint: about.taint,
      kind: about.kind ?? "other",
      joined: about.joined ?? false,
      grown: about.grown ?? false,
    };
    this.symbols.set(sym.id, sym);
    if (sym.grown) this.growing.add(sym.id);
    if (sym.kind === "length") this.lengths.add(sym.id);
    return sym;
  }

  /** The number that the next symbol or region comes after. */
  get made(): number {
    return this.#ids;
  }

  pin(lin: Lin): void {
    for (const { sym } of lin.terms) this.pinned.add(sym.id);
  }

  /** See {@link Machine.symbol}, as a value. */
  unknown(type: CType, about: NonNullable<Parameters<Maker["symbol"]>[1]> = {}): Value {
    if (type.k === "pointer" || type.k === "array") {
      const to = this.region({
        name: "",
        kind: "outside",
        type: type.k === "pointer" ? type.to : type.of,
        born: about.taint,
      });
      return this.pointer(to, type);
    }
    if (type.k === "int") return { type, lin: symbolic(this.symbol(type, about)) };
    return about.taint === undefined ? { type } : { type, taint: about.taint };
  }

  region(init: RegionInit): Region {
    if (init.size !== undefined) this.pin(init.size);
    const id = ++this.#ids;
    if (init.offset !== undefined && init.offset.terms.length > 0) this.elements.set(id, init.offset);
    return {
      id,
      size: undefined,
      parent: undefined,
      offset: undefined,
      nullness: "unknown",
      born: undefined,
      node: undefined,
      depth: 0,
      parameter: false,
      ends: false,
      holder: undefined,
      ...init,
      children: new Map(),
      initial: undefined,
      initialLength: undefined,
    };
  }

  pointer(region: Region, type: CType): Value {
    return { type, to: { region, at: { k: 0, terms: [] } } };
  }

  /** Ends the path. */
  die(): void {
    this.state.dead = true;
  }

  /** Follows one of several ways; each is followed in turn when the statement is run again. */
  choose<T>(make: () => readonly T[]): T | undefined {
    const made = this.#choices[this.#at];
    if (made !== undefined) {
      this.#at++;
      // The same place asks again, in the same order: the options are of its type.
      return made.options[made.index] as T | undefined;
    }
    const options = make();
    if (options.length === 0) this.die();
    if (options.length <= 1) {
      if (options.length === 1) {
        this.#choices.push({ options, index: 0 });
        this.#at++;
      }
      return options[0];
    }
    this.#choices.push({ options, index: 0 });
    this.#at++;
    return options[0];
  }

  /** Runs something in each state, once for each way through it. */
  each(states: readonly State[], run: () => void, limit = MOST_PATHS): State[] {
    const results: State[] = [];
    this.#everyWay(states, () => {
      run();
      return results;
    });
    return this.#fewer(results, limit);
  }

  /** Parts states by a condition, which is looked at once for both sides. */
  split(states: readonly State[], decide: () => boolean): { yes: State[]; no: State[] } {
    const [yes, no]: [State[], State[]] = [[], []];
    this.#everyWay(states, () => (decide() ? yes : no));
    return { yes: this.#fewer(yes, MOST_PATHS), no: this.#fewer(no, MOST_PATHS) };
  }

  #fewer(states: State[], limit: number): State[] {
    return reduceStates(this, states, this.left < 0.5 ? Math.min(2, limit) : limit);
  }

  #everyWay(states: readonly State[], run: () => State[]): void {
    const outer = { choices: this.#choices, at: this.#at, state: this.state };
    for (const state of states) {
      this.#choices = [];
      const most = this.left < 0.3 ? FEWER_CHOICES : MOST_CHOICES;
      for (let tries = 0; tries < most; tries++) {
        this.#at = 0;
        this.state = state.fork();
        this.spend(1 + (state.size >> 3));
        const results = run();
        if (!this.state.dead) results.push(this.state);
        // Where there are too many ways, some of them part early, and not all of them late.
        if (!(tries < most / 2 ? this.#nextChoice() : this.#firstChoice())) break;
      }
    }
    this.#choices = outer.choices;
    this.#at = outer.at;
    this.state = outer.state;
  }

  #firstChoice(): boolean {
    const at = this.#choices.findIndex(({ options, index }) => index + 1 < options.length);
    const first = this.#choices[at];
    if (first === undefined) return false;
    first.index++;
    this.#choices.length = at + 1;
    return true;
  }

  #nextChoice(): boolean {
    for (let last = this.#choices.at(-1); last !== undefined; last = this.#choices.at(-1)) {
      if (last.index + 1 < last.options.length) {
        last.index++;
        return true;
      }
      this.#choices.pop();
    }
    return false;
  }
}
