// A trie of API paths, such as `flask.request.args` or `tarfile.open().extractall`. Values carry
// nodes of it; what a library does with data hangs on the nodes. Steps: a name, `()` for what a
// call returns (or an instance of a class), `[]` for an element.
import type {
  CallbackModel,
  Condition,
  GuardModel,
  HandlerModel,
  MisuseModel,
  PropagatorModel,
} from "./model-schema.ts";

/** A source hanging on a path. */
export interface ApiSource {
  /** Index of its label. */
  readonly label: number;
  /** What the value is. */
  readonly says: string;
  /** Kinds of sink that the value is dangerous to. */
  readonly mask: number;
  /** What must hold of the call. */
  readonly when: readonly Condition[];
  /** What the name of the called function must match. */
  readonly named: RegExp | undefined;
}

/** A sink argument of a function. */
export interface ApiSink {
  /** Alternatives for the argument. */
  readonly arg: readonly (number | string)[];
  /** The kind's bit. */
  readonly bit: number;
  /** A method that a derived class overrides to be safe. */
  readonly unless: string | undefined;
  /** Which part of the argument counts. */
  readonly part: "whole" | "program" | "keys";
  /** What must hold of the call. */
  readonly when: readonly Condition[];
}

/** A propagator with its kinds as a mask. */
export interface ApiPropagator {
  readonly model: PropagatorModel;
  /** Names of called functions for which it does not hold. */
  readonly unlessNamed: RegExp | undefined;
  /** Kinds that stay dangerous. */
  readonly keepMask: number;
  /** Kinds that are dangerous again. */
  readonly restoreMask: number;
  /** Bits `[from, to]` of a normalisation. */
  readonly normalizes: readonly [number, number] | undefined;
}

/** A guard with its kinds as a mask. */
export interface ApiGuard {
  readonly model: GuardModel;
  /** Kinds that are harmless where it holds. */
  readonly clearMask: number;
  /** Bits of a stage that it moves on where it holds. */
  readonly weakens: readonly [number, number] | undefined;
}

/** A request handler registration. */
export interface ApiHandler {
  readonly model: HandlerModel;
  /** Label of the other parameters. */
  readonly label: number | undefined;
  /** Types of the first parameters. */
  readonly parameters: readonly ApiNode[];
  /** Kinds that returned values reach; deep ones take elements of dictionaries, too. */
  /** Texts of functions whose returned values reach nothing. */
  readonly unlessWithin: RegExp | undefined;
  readonly returns: readonly { readonly bit: number; readonly deep: boolean }[];
}

/** A type that depends on the call. */
export interface ApiVariant {
  readonly node: ApiNode;
  readonly when: readonly Condition[];
}

/** A node of the trie. */
export class ApiNode {
  readonly kind = "api";
  /** The whole path. */
  readonly path: string;
  readonly children = new Map<string, ApiNode>();
  /** Paths whose attributes and models this one has as well. */
  readonly bases: ApiNode[] = [];
  /** What a call is as well, if it meets conditions. */
  readonly variants: ApiVariant[] = [];
  /** What the object of a method becomes by calling it. */
  readonly changes: ApiVariant[] = [];
  readonly sources: ApiSource[] = [];
  readonly sinks: ApiSink[] = [];
  readonly stores: { readonly bit: number; readonly when: readonly Condition[] }[] = [];
  readonly propagators: ApiPropagator[] = [];
  readonly guards: ApiGuard[] = [];
  readonly misuses: MisuseModel[] = [];
  readonly callbacks: CallbackModel[] = [];
  readonly decorates: ApiHandler[] = [];
  readonly registers: ApiHandler[] = [];
  readonly subclasses: ApiHandler[] = [];
  /** Attributes that taint passes to (`*` for all), with the bits of a stage that they move on. */
  readonly passes = new Map<string, readonly [number, number] | undefined>();
  /** Types of annotated fields of derived classes to which taint does not pass. */
  readonly harmlessTypes: string[] = [];
  /** Whether a call's result holds nothing of its arguments, even where everything passes. */
  opaque = false;
  /** The constant that it is. */
  constant: string | number | boolean | null | undefined = undefined;
  /** Whether a call never returns. */
  exits = false;

  constructor(path: string) {
    this.path = path;
  }

  /** The node one step further, through bases as well; undefined where nothing is known. */
  step(token: string, depth = 0): ApiNode | undefined {
    const own = this.children.get(token);
    if (own !== undefined) return own;
    if (token !== "()" && token !== "[]") {
      const any = this.children.get("*");
      if (any !== undefined) return any;
    }
    if (depth < MAX_BASES) {
      for (const base of this.bases) {
        const found = base.step(token, depth + 1);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** The node one step further, made where it is missing; only while models are loaded. */
  grow(token: string): ApiNode {
    let child = this.children.get(token);
    if (child === undefined) {
      const separator = this.path === "" || token === "()" || token === "[]" ? "" : ".";
      child = new ApiNode(`${this.path}${separator}${token}`);
      this.children.set(token, child);
    }
    return child;
  }

  /** Lets own children have what children of the same name under bases have; once, after loading. */
  inherit(): void {
    for (const [token, child] of this.children) {
      for (const base of this.bases) {
        const same = base.step(token);
        if (same !== undefined && same !== child && !child.bases.includes(same)) child.bases.push(same);
      }
      child.inherit();
    }
  }

  /** This node and its bases, nearest first. */
  lineage(): readonly ApiNode[] {
    if (this.bases.length === 0) return [this];
    const seen: ApiNode[] = [this];
    for (let i = 0; i < seen.length && seen.length < MAX_LINEAGE; i++) {
      for (const base of seen[i]?.bases ?? []) if (!seen.includes(base)) seen.push(base);
    }
    return seen;
  }
}

const MAX_BASES = 6;
const MAX_LINEAGE = 24;

/** Cuts a path into steps: `a.b().c[]` → a, b, (), c, []. */
export function pathSteps(path: string): string[] {
  return path.match(/\(\)|\[\]|[^.()[\]]+/g) ?? [];
}

/** Expands `a.{b,c}.d` into its alternatives. */
export function expandBraces(path: string): string[] {
  const match = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path);
  if (match === null) return [path];
  const [, before = "", inner = "", after = ""] = match;
  return inner.split(",").flatMap((choice) => expandBraces(`${before}${choice.trim()}${after}`));
}
