// Whether an access stays inside its region. What is not known is not reported: a finding needs a
// size that is known and an extent that is too great, or that someone outside chooses.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { guard } from "./arithmetic.ts";
import {
  FAR,
  FORGIVEN,
  greatestOf,
  leastOf,
  rangeOfLin,
  rangeOfSym,
  type State,
  taintedEnd,
  tightest,
  type Value,
  WALKS,
} from "./domain.ts";
import { beyondText } from "./ends.ts";
import { keyOfLin, type Lin, minus, plus, type Taint, type Term } from "./linear.ts";
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
  } else if (nullness === "unknown") {
    state.nulls.set(root.id, "no");
    noteUse(machine, root.id, node);
  } else if (machine.frame.depth > 0 && !machine.frame.asked.has(root.id)) noteUse(machine, root.id, node);
  const freed = state.freed.get(root.id);
  if (freed !== undefined && freed.told !== true) {
    machine.report("use-after-free", node, { detail: lineOf(machine, freed.node) });
    state.freed.set(root.id, { ...freed, told: true });
  }
}

/** The first use of a pointer in a function, whatever its callers know of it. */
function noteUse(machine: Machine, id: number, node: SyntaxNode): void {
  const { frame, used, site } = machine;
  if (site === undefined && used.get(id)?.frame !== frame) used.set(id, { node, frame });
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
  if (to === undefined) return false;
  if (to.region.size === undefined) {
    if (access.kind === "write") machine.changed.add(to.region.id);
    return access.how === "index" && (beforeText(machine, access) || beyondText(machine, access));
  }
  const { state } = machine;
  const end = plus(to.at, access.bytes);
  const slack = end === undefined ? undefined : minus(to.region.size, end);
  // What was said of an index is not said again wherever the same one is used.
  const key =
    access.how === "index" && to.at.terms.length > 0 ? `${to.region.id}:${keyOfLin(to.at)}` : undefined;
  if (key !== undefined && wasTold(machine, key, access)) {
    if (slack !== undefined) forgiven(machine, slack);
    return true;
  }
  if (slack !== undefined) {
    const verdict = judge(machine, slack, access);
    if (verdict !== undefined) {
      if (access.kind === "read" && access.how === "copy" && wasOverrun(machine, to.region, slack))
        return true;
      machine.report(access.kind, access.node, verdict);
      const report = machine.reports.at(-1);
      if (access.kind === "write" && report !== undefined) machine.overrun.set(to.region.id, report);
      if (key !== undefined && report !== undefined) machine.told.set(key, report);
      return true;
    }
  }
  if (access.how === "copy") return checkNegative(machine, access);
  const below = rangeOfLin(state, to.at);
  if (leastOf(state, to.at) >= 0) return false;
  const culprit = unboundedTaint(machine, to.at);
  const meant = below.lo >= -MOST_BEFORE && everyBoundIsMeant(machine, to.at);
  if (below.hi < 0 || culprit !== undefined || meant) {
    machine.report(access.kind, access.node, { taint: culprit });
    return true;
  }
  return false;
}

/** Whoever reads what was written beyond the end makes the same mistake, and not another one. */
function wasOverrun(machine: Machine, { id }: { id: number }, slack: Lin): boolean {
  const report = machine.overrun.get(id);
  return report !== undefined && machine.reports.includes(report) && slack.terms.some(({ c }) => c < 0);
}

/** Whether it was said elsewhere, and what was said still counts. */
function wasTold(machine: Machine, key: string, { node, kind }: Access): boolean {
  const report = machine.told.get(key);
  const elsewhere = report?.node !== (machine.site ?? node) || report.kind !== kind;
  return report !== undefined && elsewhere && machine.reports.includes(report);
}

/** `text[strlen(text) - 1]`, and the text may be empty. */
function beforeText(machine: Machine, { value, kind, node }: Access): boolean {
  const [term] = value.to?.at.terms ?? [];
  if (value.to === undefined || term?.c !== 1 || term.sym.kind !== "length") return false;
  const { at } = value.to;
  if (at.terms.length > 1 || at.k >= 0 || leastOf(machine.state, at) >= 0) return false;
  if (rangeOfSym(machine.state, term.sym).lo > 0) return false;
  machine.report(kind, node);
  return true;
}

/** An index below zero by more than this comes from something that is not understood. */
const MOST_BEFORE = 16;

/** A number of bytes below zero is a great one. */
function checkNegative(machine: Machine, access: Access): boolean {
  const taint = unboundedTaint(machine, access.bytes);
  if (taint === undefined || rangeOfLin(machine.state, access.bytes).lo >= 0) return false;
  machine.report(access.kind, access.node, { taint });
  return true;
}

interface Verdict {
  readonly taint: Taint | undefined;
}

/** What is wrong with an access that leaves so many bytes; undefined where nothing is known to be. */
function judge(machine: Machine, slack: Lin, access: Access): Verdict | undefined {
  const { state } = machine;
  const { least, by } = tightest(state, slack);
  if (least >= 0) return undefined;
  const most = rangeOfLin(state, slack).hi;
  if (most < 0) return { taint: anyTaint(slack) };
  const taint = unboundedTaint(machine, slack);
  if (taint !== undefined) return { taint };
  const inPlace = access.value.to !== undefined && machine.walked.has(access.value.to.region.id);
  if (access.kind === "write" && access.how === "index" && !inPlace && growsUnbounded(machine, slack))
    return { taint: forgiven(machine, slack) };
  if (least === -Infinity || !(everyBoundIsMeant(machine, slack) || everyBoundIsMeant(machine, by))) {
    return access.how === "copy" && isUnchecked(state, slack) ? { taint: undefined } : undefined;
  }
  return { taint: undefined };
}

function anyTaint(lin: Lin): Taint | undefined {
  return lin.terms.find(({ sym }) => sym.taint !== undefined)?.sym.taint;
}

/** The taint of a symbol that nothing keeps from making the sum small. */
function unboundedTaint(machine: Machine, lin: Lin): Taint | undefined {
  const { state } = machine;
  for (const { sym, c } of lin.terms) {
    if (sym.taint === undefined) {
      const end = c < 0 ? taintedEnd(state, sym) : undefined;
      if (end !== undefined) return end;
      continue;
    }
    const up = c < 0;
    const range = rangeOfSym(state, sym);
    // Its end was set by a check, if not tightly enough: then `meant` decides.
    const bounded = up
      ? range.hi < sym.hi || (sym.exact && Number.isFinite(sym.hi))
      : range.lo > sym.lo || sym.lo >= 0;
    const guarded = ((state.guards.get(sym.id) ?? 0) & (up ? 1 | FORGIVEN : 2)) !== 0;
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
    if (relates(state, { sym, c }, slack)) return true;
    // A size that grows: what it was at least in the beginning says nothing of what fits into it now.
    if (!upper && sym.grown) return false;
    const greatest = upper ? greatestOf(state, sym) : Infinity;
    // Held against a number of which only the type is known: no bound that anybody meant.
    if (greatest < range.hi && greatest < FAR) return true;
    return upper ? range.hi < sym.hi || sym.exact : range.lo > sym.lo || sym.exact;
  });
}

/** Whether an index grows in a loop, and nothing that is known ends it before the place is full. */
function growsUnbounded(machine: Machine, slack: Lin): boolean {
  return (
    slack.terms.every(({ c }) => c < 0) &&
    slack.terms.some(({ sym }) => sym.grown && !isBounded(machine, sym.id))
  );
}

/** What was found once at an index is not found again wherever it is used. */
function forgiven(machine: Machine, slack: Lin): Taint | undefined {
  for (const { sym, c } of slack.terms) if (c < 0) guard(machine, sym, FORGIVEN, MOST_LINKS);
  return anyTaint(slack);
}

const MOST_LINKS = 4;

function isBounded(machine: Machine, id: number, from: readonly number[] = []): boolean {
  const { state } = machine;
  const depth = from.length;
  if (((state.guards.get(id) ?? 0) & (1 | FORGIVEN)) !== 0 && depth === 0) return true;
  if (((state.guards.get(id) ?? 0) & WALKS) !== 0) return true;
  const known = state.symbols.get(id);
  const range = state.ranges.get(id) ?? (known?.exact === true && known.hi < 2 ** 31 ? known : undefined);
  if (range !== undefined && (range === known || range.hi < (known?.hi ?? FAR))) return true;
  if (depth > MOST_LINKS) return true;
  for (const [, { terms }] of state.facts.entries()) if (holds(machine, terms, { id, from })) return true;
  // The text is as long as it likes: to be within it is no bound.
  if (machine.lengths.has(id)) return false;
  const others = [...state.differences.entries()]
    .map(([key]) => key)
    .filter((key) => key.startsWith(`${id}:`))
    .map((key) => Number(key.split(":")[1]))
    // Two that grow together hold each other, but not both.
    .filter((other) => !from.includes(other));
  if (others.length === 0) return depth > 0 && !machine.growing.has(id);
  return others.some((other) => isBounded(machine, other, [...from, id]));
}

/** Whether a fact bounds a number: one that it is held against does not go on growing itself. */
function holds(
  machine: Machine,
  terms: readonly Term[],
  { id, from }: { id: number; from: readonly number[] },
): boolean {
  if (!terms.some(({ sym, c }) => sym.id === id && c > 0)) return false;
  const against = terms.filter(({ c }) => c < 0).filter(({ sym }) => !from.includes(sym.id));
  return against.length !== 1 || against.some(({ sym }) => isBounded(machine, sym.id, [...from, id]));
}

/** Whether what is taken is held against what there is: `used <= capacity`, not the other way round. */
function relates(state: State, { sym, c }: Term, slack: Lin): boolean {
  return slack.terms.some(({ sym: other, c: more }) => {
    if (other === sym || c > 0 === more > 0) return false;
    const apart = state.differences.get(c < 0 ? `${sym.id}:${other.id}` : `${other.id}:${sym.id}`);
    // As far apart as their types allow: that says nothing of what there is room for.
    return apart !== undefined && Math.abs(apart) < FAR;
  });
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
