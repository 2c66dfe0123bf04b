// What the variables of one activation hold at one place of the program. Keys are names, and
// dotted paths (`self.path`) that a check has refined. Copied where the flow branches.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { NOTHING, UNKNOWN, type Value } from "./domain.ts";
import { clearFacts, join, mapFacts, moveOn, sameValue } from "./values.ts";

/** What a check proves of a variable: it is harmless to these kinds. */
export interface Refinement {
  readonly key: string;
  readonly clearMask: number;
  /** Bits of a stage that it moves on, for weak checks. */
  readonly weakens?: readonly [number, number] | undefined;
  /** It clears only where another check has left its mark; it leaves one itself. */
  readonly together?: { readonly as: string; readonly with: string } | undefined;
}

/** What a condition proves, by outcome. */
export interface Guard {
  readonly whenTrue: readonly Refinement[];
  readonly whenFalse: readonly Refinement[];
}

/** A guard that proves nothing. */
export const NO_GUARD: Guard = { whenTrue: [], whenFalse: [] };

/** Variables and their values. */
export class Env {
  readonly values: Map<string, Value>;
  /** Checks whose outcome a variable holds. */
  readonly guards: Map<string, Guard>;
  /** The attribute expressions that variables were assigned (`host = parsed.hostname`). */
  readonly attributes: Map<string, SyntaxNode>;
  #dotted: boolean;

  constructor(from?: Env) {
    this.values = new Map(from?.values);
    this.guards = new Map(from?.guards);
    this.attributes = new Map(from?.attributes);
    this.#dotted = from?.hasDotted ?? false;
  }

  /** Whether there may be dotted paths. */
  get hasDotted(): boolean {
    return this.#dotted;
  }

  /** A copy that can be changed on its own. */
  copy(): Env {
    return new Env(this);
  }

  /** Binds a variable anew: what was known of its fields and from checks goes. */
  set(name: string, value: Value): void {
    this.values.set(name, value);
    this.#forget(name);
  }

  /** Refines a variable or dotted path without binding it anew. */
  refine(key: string, value: Value): void {
    this.values.set(key, value);
    if (key.includes(".")) this.#dotted = true;
  }

  #forget(name: string): void {
    this.attributes.delete(name);
    if (this.#dotted) {
      const prefix = `${name}.`;
      for (const key of this.values.keys()) if (key.startsWith(prefix)) this.values.delete(key);
    }
    if (this.guards.size === 0) return;
    this.guards.delete(name);
    for (const [holder, guard] of this.guards) {
      if ([...guard.whenTrue, ...guard.whenFalse].some(({ key }) => key === name)) this.guards.delete(holder);
    }
  }
}

/** The environment after either of two ways; undefined is a way that is never taken. */
export function joinEnv(a: Env | undefined, b: Env | undefined): Env | undefined {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  const joined = new Env();
  for (const [name, value] of a.values) {
    const other = b.values.get(name);
    if (other !== undefined) joined.refine(name, join(value, other));
    else if (!name.includes(".")) joined.values.set(name, value);
  }
  for (const [name, value] of b.values) {
    if (!name.includes(".") && !a.values.has(name)) joined.values.set(name, value);
  }
  for (const [name, node] of a.attributes)
    if (b.attributes.get(name) === node) joined.attributes.set(name, node);
  for (const [name, guard] of a.guards) if (b.guards.get(name) === guard) joined.guards.set(name, guard);
  return joined;
}

/** Whether two environments say the same. */
export function sameEnv(a: Env, b: Env): boolean {
  if (a.values.size !== b.values.size) return false;
  for (const [name, value] of a.values) {
    if (!sameValue(value, b.values.get(name) ?? NOTHING)) return false;
  }
  return true;
}

/** The environment where refinements hold; the same object where there are none. */
export function refined(env: Env, refinements: readonly Refinement[]): Env {
  if (refinements.length === 0) return env;
  const copy = env.copy();
  for (const { key, clearMask, weakens, together } of refinements) {
    const value = copy.values.get(key);
    if (value === undefined) continue;
    if (together !== undefined) {
      // A mark is kept like a refined attribute: it goes with the variable, and where ways meet without it.
      copy.refine(`${key}.#${together.as}`, UNKNOWN);
      if (!copy.values.has(`${key}.#${together.with}`)) continue;
    }
    const kept = mapFacts(value, (facts) => clearFacts(facts, ~clearMask));
    copy.refine(key, weakens === undefined ? kept : mapFacts(kept, (facts) => moveOn(facts, weakens)));
  }
  return copy;
}
