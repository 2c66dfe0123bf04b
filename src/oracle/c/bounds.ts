// Whether an access stays inside its region. What is not known is not reported: a finding needs a
// size that is known and an extent that is too great, or that someone outside chooses.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { leastOf, rangeOfLin, rangeOfSym, type State, type Value } from "./domain.ts";
import { type Lin, minus, plus, type Sym, type Taint } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { rootOf } from "./memory.ts";

/** An access to memory. */
export interface Access {
  readonly value: Value;
  /** Bytes, counted from where the pointer points. */
  readonly bytes: Lin;
  readonly kind: "write" | "read";
  readonly node: SyntaxNode;
  /** `copy` for calls that say how many bytes; an index counts less, as callers may have checked it. */
  readonly how: "copy" | "index";
}

/** Checks a dereference: null, freed. */
export function checkPointer(machine: Machine, value: Value, node: SyntaxNode): void {
  if (value.to === undefined) return;
  const { region } = value.to;
  const { state } = machine;
  const root = rootOf(region);
  const nullness = state.nulls.get(root.id) ?? root.nullness;
  if (nullness === "maybe" || nullness === "yes") {
    const local =
      root.kind === "null" || root.node !== undefined || nullness === "maybe" || root.kind === "outside";
    if (local) machine.report("null", node, { detail: nullOrigin(machine, root) });
    if (root.kind !== "null") state.nulls.set(root.id, "no");
    else machine.die();
  } else if (nullness === "unknown") state.nulls.set(root.id, "no");
  if (state.freed.has(root.id)) {
    machine.report("use-after-free", node, { detail: lineOf(machine, state.freed.get(root.id)?.node) });
    state.freed.delete(root.id);
  }
}

function nullOrigin(machine: Machine, root: { node: SyntaxNode | undefined }): string {
  return root.node === undefined ? "" : lineOf(machine, root.node);
}

/** " (line 12)", for messages. */
export function lineOf(machine: Machine, node: SyntaxNode | undefined): string {
  if (node === undefined) return "";
  return ` (line ${machine.tree.source.slice(0, node.start).split("\n").length})`;
}

/** Checks the extent of an access; true where it was reported. */
export function checkBounds(machine: Machine, access: Access): boolean {
  const { to } = access.value;
  if (to === undefined || to.region.size === undefined) return false;
  const { state } = machine;
  const end = plus(to.at, access.bytes);
  const slack = end === undefined ? undefined : minus(to.region.size, end);
  if (slack !== undefined) {
    const verdict = judge(machine, slack, access);
    if (verdict !== undefined) {
      machine.report(access.kind, access.node, verdict);
      return true;
    }
  }
  const below = rangeOfLin(state, to.at);
  if (below.lo >= 0 || access.how !== "index") return false;
  const culprit = unboundedTaint(machine, to.at, "below");
  if (below.hi < 0 || culprit !== undefined) {
    machine.report(access.kind, access.node, { taint: culprit });
    return true;
  }
  return false;
}

interface Verdict {
  readonly taint: Taint | undefined;
}

/** What is wrong with an access that leaves so many bytes; undefined where nothing is known to be. */
function judge(machine: Machine, slack: Lin, access: Access): Verdict | undefined {
  const { state } = machine;
  const least = leastOf(state, slack);
  if (least >= 0) return undefined;
  const most = rangeOfLin(state, slack).hi;
  if (most < 0) return { taint: anyTaint(slack) };
  const taint = unboundedTaint(machine, slack, "below");
  if (taint !== undefined) return { taint };
  if (least === -Infinity || !everyBoundIsMeant(machine, slack)) {
    return access.how === "copy" && isUnchecked(state, slack) ? { taint: undefined } : undefined;
  }
  return { taint: undefined };
}

function anyTaint(lin: Lin): Taint | undefined {
  return lin.terms.find(({ sym }) => sym.taint !== undefined)?.sym.taint;
}

/** The taint of a symbol that nothing keeps from making the sum small. */
function unboundedTaint(machine: Machine, lin: Lin, _side: "below"): Taint | undefined {
  const { state } = machine;
  for (const { sym, c } of lin.terms) {
    if (sym.taint === undefined) continue;
    const up = c < 0;
    const range = rangeOfSym(state, sym);
    // Its end was set by a check, if not tightly enough: then `meant` decides.
    const bounded = up
      ? range.hi < sym.hi || (sym.exact && Number.isFinite(sym.hi))
      : range.lo > sym.lo || sym.lo >= 0;
    const guarded = ((state.guards.get(sym.id) ?? 0) & (up ? 1 : 2)) !== 0;
    if (!bounded && !guarded) return sym.taint;
    if (up && sym.exact && range.hi >= sym.hi && !guarded && Number.isFinite(sym.hi)) return sym.taint;
  }
  return undefined;
}

/** Whether each end that counts comes from a check or a making, not from a type. */
function everyBoundIsMeant(machine: Machine, slack: Lin): boolean {
  const { state } = machine;
  return slack.terms.every(({ sym, c }) => {
    const range = rangeOfSym(state, sym);
    const upper = c < 0;
    if (relates(state, sym, slack)) return true;
    return upper ? range.hi < sym.hi || sym.exact : range.lo > sym.lo || sym.exact;
  });
}

function relates(state: State, sym: Sym, slack: Lin): boolean {
  return slack.terms.some(
    ({ sym: other }) =>
      other !== sym &&
      (state.differences.has(`${sym.id}:${other.id}`) || state.differences.has(`${other.id}:${sym.id}`)),
  );
}

/** A length of a text, or a number that came through a parameter, that nothing was held against. */
function isUnchecked(state: State, slack: Lin): boolean {
  const [term, ...more] = slack.terms.filter(({ c }) => c < 0);
  if (term === undefined) return false;
  // Where the size is a symbol as well, the two may belong together.
  if (slack.terms.some(({ sym, c }) => c > 0 && sym.kind !== "length")) return false;
  return [term, ...more].some(({ sym }) => {
    const guarded = ((state.guards.get(sym.id) ?? 0) & 1) !== 0;
    const range = rangeOfSym(state, sym);
    return (
      !guarded && range.hi >= sym.hi && !sym.exact && (sym.kind === "length" || sym.kind === "parameter")
    );
  });
}
