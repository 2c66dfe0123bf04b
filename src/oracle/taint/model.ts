// Compiles model files into a trie of API paths and tables for methods of any receiver.
// Kinds of sink become bits of a mask, labels of sources become numbers.
import { HexacoderError } from "../../core/errors.ts";
import {
  type ApiGuard,
  type ApiHandler,
  ApiNode,
  type ApiPropagator,
  type ApiSink,
  expandBraces,
  pathSteps,
} from "./api.ts";
import type {
  Condition,
  GuardModel,
  HandlerModel,
  ModelFile,
  PropagatorModel,
  SinkModel,
} from "./model-schema.ts";

/** A kind of sink. */
export interface Kind {
  readonly name: string;
  readonly says: string;
  /** Its bit in masks. */
  readonly bit: number;
  /** Whether elements of returned dictionaries count. */
  readonly deep: boolean;
  /** Characters without which a value is harmless to it. */
  readonly needs: readonly string[] | undefined;
  /** Quotes without which a value is harmless in a quoted text. */
  readonly quotes: string | undefined;
}

/** A kind of data that counts as checked where a condition looks at a later stage of it. */
export interface Looks {
  readonly bit: number;
  readonly stage: number;
  /** What the text of such a condition has in it. */
  readonly by: RegExp;
  /** Types of objects that hold many. */
  readonly whole: readonly ApiNode[];
  /** Modules, one of which the program imports. */
  readonly imports: readonly string[];
  /** Sources of this label are then harmless to `alsoMask`. */
  readonly label: number;
  readonly alsoMask: number;
}

/** What a name tells of a value. */
export interface Named {
  readonly names: RegExp;
  readonly except: RegExp | undefined;
  readonly label: number;
  readonly says: string;
  /** Kinds of sink that it is dangerous to. */
  readonly mask: number;
}

/** A kind is a bit of a mask, and the operators of masks work on 32 bits; the last one is the sign, which is a bit too. */
const MAX_KINDS = 32;
// Programs have ever new names; what is remembered of them has a bound.
const MAX_NAMES = 20_000;

/** All that is known of libraries, ready for use. */
export class Model {
  readonly root = new ApiNode("");
  readonly kinds = new Map<string, Kind>();
  readonly labels = new Map<string, number>();
  readonly methodSinks = new Map<string, ApiSink[]>();
  readonly methodPropagators = new Map<string, ApiPropagator[]>();
  readonly methodGuards = new Map<string, ApiGuard[]>();
  /** Calls that, as a default, have the framework inject something (`Depends`). */
  readonly injectors = new Set<string>();
  /** What checks of an attribute prove of its object. */
  readonly attributeGuards = new Map<
    string,
    { readonly by: "contains" | "constant" | "empty"; readonly clearMask: number }[]
  >();
  /** Last names of functions that are guards. */
  readonly guardNames = new Set<string>();
  /** Handlers known by the name of their first parameter. */
  readonly namedHandlers: ApiHandler[] = [];
  /** Kinds that a fresh source is dangerous to. */
  freshMask = 0;
  /** The kind of sink that compiles regular expressions. */
  readonly patternBit: number | undefined;
  /** Constants that are misuses where they are given to arguments of certain names. */
  readonly credentials: {
    readonly names: RegExp;
    readonly compared: RegExp | undefined;
    readonly assigned: RegExp | undefined;
    readonly literal: RegExp;
    readonly kind: string;
  }[] = [];
  /** Modules of the project that are known by their names. */
  readonly modules: { readonly names: RegExp; readonly node: ApiNode }[] = [];
  /** Names that make what they get a sink. */
  readonly receivers: {
    readonly names: RegExp;
    readonly except: RegExp | undefined;
    readonly bit: number;
  }[] = [];
  /** Names that tell what a value is. */
  readonly named: Named[] = [];
  /** Calls whose constant first argument names what they give. */
  readonly readers = new Set<string>();
  /** Data that counts as checked where a condition looks at it. */
  readonly looks: Looks[] = [];
  /** Keys of dictionaries under which a value moves on to a later stage. */
  readonly entries = new Map<string, readonly [number, number]>();
  /** Keys of dictionaries under which a value is harmless, with the kinds. */
  readonly wrappers = new Map<string, number>();
  /** Kinds to which a slice with constant bounds is harmless. */
  slicesMask = 0;
  /** Attributes that hold what a form has checked, with the types of fields that are harmless. */
  readonly records = new Map<string, ReadonlySet<ApiNode>>();
  /** Kinds to which values of a length that a constant holds are harmless. */
  lengthsMask = 0;
  /** The kind of sink that both sides of a comparison are. */
  comparisonBit: number | undefined;
  /** What texts in front of a value make of it. */
  readonly prefixes: { readonly by: RegExp | undefined; readonly bit: number; readonly becomes: number }[] =
    [];
  /** Pairs of bits `[plain, after]`. */
  readonly stages: (readonly [number, number])[] = [];

  readonly #injected = new Set<ApiNode>();
  readonly #namedAs = new Map<string, readonly Named[]>();

  constructor(files: readonly ModelFile[]) {
    this.#addKinds(files);
    this.patternBit = this.kinds.get("regex")?.bit;
    for (const file of files) this.#add(file);
    this.root.inherit();
  }

  /** The bit of a kind; throws for a name that no file defines. */
  bit(kind: string): number {
    const known = this.kinds.get(kind);
    if (known === undefined) {
      throw new HexacoderError("bad-input", {
        message: `No model file defines the kind of sink "${kind}".`,
        remedy: `Use one of ${[...this.kinds.keys()].join(", ")}, or add it under "kinds".`,
      });
    }
    return known.bit;
  }

  /** The bits of a kind as a sink: those of its later stages as well. */
  sinkBit(kind: string): number {
    const bit = this.bit(kind);
    return this.stages.reduce((bits, [plain, after]) => ((plain & bits) !== 0 ? bits | after : bits), bit);
  }

  /** The number of a label, made at first use. */
  label(name: string): number {
    const known = this.labels.get(name);
    if (known !== undefined) return known;
    this.labels.set(name, this.labels.size);
    return this.labels.size - 1;
  }

  /** Whether a parameter of this type is given by the framework and is not itself user data. */
  isInjected(node: ApiNode): boolean {
    return node.lineage().some((part) => this.#injected.has(part));
  }

  /** What a name tells. */
  namedAs(name: string): readonly Named[] {
    let known = this.#namedAs.get(name);
    if (known === undefined) {
      known = this.named.filter(({ names, except }) => names.test(name) && except?.test(name) !== true);
      if (this.#namedAs.size >= MAX_NAMES) this.#namedAs.clear();
      this.#namedAs.set(name, known);
    }
    return known;
  }

  /** A mask of kinds; `*` is all. */
  mask(kinds: readonly string[]): number {
    return kinds.reduce((mask, kind) => mask | (kind === "*" ? -1 : this.bit(kind)), 0);
  }

  /** The node of a path, made where missing. */
  grow(path: string): ApiNode {
    return pathSteps(path).reduce((node, token) => node.grow(token), this.root);
  }

  #addKinds(files: readonly ModelFile[]): void {
    const kinds = files.flatMap((file) => file.kinds);
    for (const { name, says, needs, quotes, deep, slicesHarmless, lengthsHarmless, wrappers } of kinds) {
      if (this.kinds.has(name)) continue;
      if (this.kinds.size === MAX_KINDS) {
        throw new HexacoderError("bad-input", {
          message: `The model files define more than ${MAX_KINDS} kinds of sink; "${name}" is one too many.`,
          remedy: "Use kinds that exist already.",
        });
      }
      const bit = 1 << this.kinds.size;
      this.kinds.set(name, { name, says, bit, needs, quotes, deep });
      if (slicesHarmless) this.slicesMask |= bit;
      if (lengthsHarmless) this.lengthsMask |= bit;
      for (const key of wrappers) this.wrappers.set(key, (this.wrappers.get(key) ?? 0) | bit);
    }
    for (const { name, prefixed } of kinds) {
      if (prefixed === undefined) continue;
      const by = prefixed.by === undefined ? undefined : new RegExp(prefixed.by, "i");
      const becomes = prefixed.becomes === undefined ? 0 : this.bit(prefixed.becomes);
      this.prefixes.push({ by, bit: this.bit(name), becomes });
    }
    this.freshMask = -1;
    for (const { name, after, entries } of kinds) {
      if (after === undefined) continue;
      this.freshMask &= ~this.bit(name);
      const stage = [this.bit(after), this.bit(name)] as const;
      this.stages.push(stage);
      for (const key of entries) this.entries.set(key, stage);
    }
  }

  #add(file: ModelFile): void {
    for (const { path, is, when } of file.types) {
      const base = this.grow(is);
      for (const node of this.#nodes(path)) {
        if (when !== undefined) node.variants.push({ node: base, when: this.#conditions(when) });
        else if (node !== base) node.bases.push(base);
      }
    }
    for (const { path, becomes, when } of file.changes) {
      const change = { node: this.grow(becomes), when: this.#conditions(when) };
      for (const node of this.#nodes(path)) node.changes.push(change);
    }
    for (const { path, kind, says, clears, normalized, named, when } of file.sources) {
      const [plain, after] = normalized === undefined ? [0, 0] : this.#stage(normalized);
      const mask = (this.freshMask & ~this.mask(clears ?? []) & ~plain) | after;
      const conditions = { when: this.#conditions(when), named: patternOf(named) };
      const source = { label: this.label(kind), says, mask, ...conditions };
      for (const node of this.#nodes(path)) node.sources.push(source);
    }
    for (const model of file.sinks) this.#addSink(model);
    for (const { path, kind, when } of file.stores) {
      const store = { bit: this.sinkBit(kind), when: this.#conditions(when) };
      for (const node of this.#nodes(path)) node.stores.push(store);
    }
    for (const model of file.propagators) this.#addPropagator(model);
    this.#addFields(file);
    for (const { path, is } of file.constants) for (const node of this.#nodes(path)) node.constant = is;
    for (const { names, except, kind } of file.receivers) {
      const other = except === undefined ? undefined : new RegExp(except, "i");
      this.receivers.push({ names: new RegExp(names, "i"), except: other, bit: this.sinkBit(kind) });
    }
    for (const { names, compared, assigned, literal, kind } of file.credentials) {
      const patterns = { compared: patternOf(compared), assigned: patternOf(assigned) };
      this.credentials.push({
        names: new RegExp(names, "i"),
        ...patterns,
        literal: new RegExp(literal),
        kind,
      });
    }
    for (const { names, except, kind, says, dangers } of file.named) {
      const pattern = new RegExp(names, "i");
      const other = except === undefined ? undefined : new RegExp(except, "i");
      this.named.push({
        names: pattern,
        except: other,
        label: this.label(kind),
        says,
        mask: this.mask(dangers),
      });
    }
    for (const name of file.readers) this.readers.add(name);
    for (const { kind, stage, by, whole, imports, names, also } of file.looks) {
      const bits = { bit: this.bit(kind), stage: this.bit(stage), alsoMask: this.mask(also) };
      const label = this.label(names);
      this.looks.push({ ...bits, label, by: new RegExp(by), whole: this.#nodes(whole), imports });
    }
    for (const model of file.guards) this.#addGuard(model);
    for (const { attribute, by, clears } of file.attributeGuards) {
      for (const name of attribute) push(this.attributeGuards, name, { by, clearMask: this.mask(clears) });
    }
    for (const model of file.handlers) this.#addHandler(model);
    for (const model of file.misuses) {
      this.#conditions(model.when);
      for (const node of this.#nodes(model.path)) node.misuses.push(model);
    }
    for (const model of file.callbacks)
      for (const node of this.#nodes(model.path)) node.callbacks.push(model);
    for (const path of file.injected) for (const node of this.#nodes([path])) this.#injected.add(node);
    for (const name of file.injectors) this.injectors.add(name);
    for (const path of file.opaque) for (const node of this.#nodes([path])) node.opaque = true;
    if (file.comparisons !== undefined) this.comparisonBit = this.bit(file.comparisons);
    for (const path of file.exits) for (const node of this.#nodes([path])) node.exits = true;
  }

  #addFields(file: ModelFile): void {
    for (const { names, is } of file.modules)
      this.modules.push({ names: new RegExp(names, "i"), node: this.grow(is) });
    for (const { of, names, normalizes, unlessTyped } of file.attributes) {
      const stage = normalizes === undefined ? undefined : this.#stage(normalizes);
      for (const node of this.#nodes(of)) {
        node.harmlessTypes.push(...unlessTyped);
        for (const name of names) node.passes.set(name, stage);
      }
    }
    for (const { attribute, harmless } of file.records) {
      const types = this.#nodes(harmless);
      for (const name of attribute)
        this.records.set(name, new Set([...(this.records.get(name) ?? []), ...types]));
    }
  }

  /** API paths that conditions mention must be in the trie, so that values can refer to them. */
  #conditions(when: readonly Condition[] | undefined): readonly Condition[] {
    for (const { refers } of when ?? []) for (const path of refers ?? []) this.grow(path);
    return when ?? [];
  }

  #nodes(paths: readonly string[]): ApiNode[] {
    return paths.flatMap(expandBraces).map((path) => this.grow(path));
  }

  #addSink(model: SinkModel): void {
    const sink = {
      arg: model.arg,
      bit: model.kind.reduce((bits, kind) => bits | this.sinkBit(kind), 0),
      part: model.part,
      unless: model.unless,
      when: this.#conditions(model.when),
    };
    for (const node of this.#nodes(model.path ?? [])) node.sinks.push(sink);
    for (const name of model.method ?? []) push(this.methodSinks, name, sink);
  }

  #addPropagator(model: PropagatorModel): void {
    this.#conditions(model.when);
    const normalizes = model.normalizes === undefined ? undefined : this.#stage(model.normalizes);
    const restoreMask = this.mask(model.restores ?? []);
    const unlessNamed = patternOf(model.unlessNamed);
    const keepMask = ~this.mask(model.clears ?? []);
    const propagator = { model, unlessNamed, keepMask, restoreMask, normalizes };
    for (const node of this.#nodes(model.path ?? [])) node.propagators.push(propagator);
    for (const name of model.method ?? []) push(this.methodPropagators, name, propagator);
  }

  #stage(kind: string): readonly [number, number] {
    const bit = this.bit(kind);
    const stage = this.stages.find(([plain]) => plain === bit);
    if (stage !== undefined) return stage;
    throw new HexacoderError("bad-input", {
      message: `A model normalizes "${kind}", but no kind comes after it.`,
      remedy: `Add a kind with "after: ${kind}".`,
    });
  }

  #addGuard(model: GuardModel): void {
    this.#conditions(model.when);
    const weakens = model.weakens === undefined ? undefined : this.#stage(model.weakens);
    const guard = { model, clearMask: this.mask(model.clears), weakens };
    for (const node of this.#nodes(model.path ?? [])) {
      node.guards.push(guard);
      this.guardNames.add(node.path.slice(node.path.lastIndexOf(".") + 1));
    }
    for (const name of model.method ?? []) push(this.methodGuards, name, guard);
  }

  #addHandler(model: HandlerModel): void {
    this.#conditions(model.when);
    const handler: ApiHandler = {
      model,
      label: model.rest === undefined ? undefined : this.label(model.rest),
      parameters: model.parameters.map((path) => this.grow(path)),
      unlessWithin: model.unlessWithin === undefined ? undefined : new RegExp(model.unlessWithin, "is"),
      returns: model.returns.map((kind) => ({
        bit: this.sinkBit(kind),
        deep: this.kinds.get(kind)?.deep ?? false,
      })),
    };
    for (const node of this.#nodes(model.decorator ?? [])) node.decorates.push(handler);
    for (const node of this.#nodes(model.registration ?? [])) node.registers.push(handler);
    for (const node of this.#nodes(model.subclassOf ?? [])) node.subclasses.push(handler);
    if (model.firstParameter !== undefined) this.namedHandlers.push(handler);
  }
}

function patternOf(text: string | undefined): RegExp | undefined {
  return text === undefined ? undefined : new RegExp(text, "i");
}

function push<T>(table: Map<string, T[]>, key: string, item: T): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [item]);
  else list.push(item);
}
