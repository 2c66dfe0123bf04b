// What a helper proves of its parameters: `def is_allowed(name): return name in NAMES` proves, where
// it returns something true, that its argument is one of the names; `def check(name)` that raises
// for all others proves it by returning. Joined over all ways out of the function.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type CallSite, chooseArguments } from "./call-site.ts";
import type { FunctionRef, FunctionUnit, Proofs, Value } from "./domain.ts";
import type { Env, Refinement } from "./env.ts";
import type { Frame, Machine } from "./machine.ts";

const NOTHING_PROVEN = 0;
const ALL = -1;

/** Notes what one way out of a function proves; `guard` is what the returned expression proves by its truth. */
export function noteExit(
  machine: Machine,
  frame: Frame,
  exit: {
    env: Env;
    value: Value | undefined;
    guard: { whenTrue: readonly Refinement[]; whenFalse: readonly Refinement[] };
  },
): void {
  const { unit, proofs } = frame;
  if (!isAsked(machine, unit)) return;
  const { env, value, guard } = exit;
  const outcome = value === undefined ? false : truthOf(value);
  unit.parameters.forEach((parameter, index) => {
    if (parameter.style !== "plain") return;
    const held = provenHere(env, unit, index);
    const byTruth = (refinements: readonly Refinement[]): number =>
      refinements.reduce((mask, one) => mask | provenBy(machine, env, { one, unit, index }), held);
    narrow(proofs.returning, index, held);
    if (outcome !== false) narrow(proofs.whenTrue, index, byTruth(guard.whenTrue));
    if (outcome !== true) narrow(proofs.whenFalse, index, byTruth(guard.whenFalse));
  });
}

/** Whether anybody may ask what a function proves. */
export function isAsked(machine: Machine, unit: FunctionUnit): boolean {
  if (unit.parent === undefined || unit.isGenerator || machine.settings.everythingPasses) return false;
  return unit.parameters.length > 0 && machine.units.mentioned.has(unit.name);
}

function narrow(masks: Map<number, number>, index: number, mask: number): void {
  masks.set(index, (masks.get(index) ?? ALL) & mask);
}

/** Whether a returned value is surely true or surely false. */
function truthOf({ lit }: Value): boolean | undefined {
  if (lit === undefined) return undefined;
  return lit.value !== null && lit.value !== false && lit.value !== 0 && lit.value !== "";
}

/** Kinds that checks on the way here have cleared of a parameter; a parameter that was assigned to proves nothing. */
function provenHere(env: Env, unit: FunctionUnit, index: number): number {
  const name = unit.parameters[index]?.name ?? "";
  if (unit.assigned.has(name)) return NOTHING_PROVEN;
  let left = 0;
  for (const { origin, mask } of env.values.get(name)?.facts ?? []) {
    if (origin.kind === "parameter" && origin.unit === unit && origin.index === index) left |= mask;
  }
  return ~left;
}

/** What a check of a variable proves of the parameter that it is, or whose canonical form it is. */
function provenBy(
  machine: Machine,
  env: Env,
  { one, unit, index }: { one: Refinement; unit: FunctionUnit; index: number },
): number {
  const name = unit.parameters[index]?.name ?? "";
  if (one.key === name) return unit.assigned.has(name) ? NOTHING_PROVEN : one.clearMask;
  let proven = NOTHING_PROVEN;
  for (const { origin, mask } of env.values.get(one.key)?.facts ?? []) {
    if (origin.kind !== "parameter" || origin.unit !== unit || origin.index !== index) continue;
    for (const [plain, after] of machine.model.stages) {
      if ((mask & plain) === 0 && (mask & after & one.clearMask) !== 0) proven |= plain | after;
    }
  }
  return proven;
}

/** Proofs of a run as the summary keeps them; undefined where nothing is proven. */
export function settle({ whenTrue, whenFalse, returning }: Frame["proofs"]): Proofs | undefined {
  const proven = (masks: Map<number, number>): boolean => [...masks.values()].some((mask) => mask !== 0);
  return proven(whenTrue) || proven(whenFalse) || proven(returning)
    ? { whenTrue, whenFalse, returning }
    : undefined;
}

/** Whether two functions' proofs are the same. */
export function sameProofs(a: Proofs | undefined, b: Proofs | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const same = (x: ReadonlyMap<number, number>, y: ReadonlyMap<number, number>): boolean =>
    x.size === y.size && [...x].every(([index, mask]) => y.get(index) === mask);
  return same(a.whenTrue, b.whenTrue) && same(a.whenFalse, b.whenFalse) && same(a.returning, b.returning);
}

/** What a call of functions of the file proves of the arguments: what all that it may call prove. */
export function provenByHelper(
  call: CallSite,
  by: { outcome: keyof Proofs; keyOf: (node: SyntaxNode) => string | undefined },
): Refinement[] {
  const helpers = call.callee.refs.filter((ref): ref is FunctionRef => ref.kind === "function");
  const [first] = helpers;
  if (first === undefined || helpers.length !== call.callee.refs.length) return [];
  const skipped = first.self === undefined ? 0 : 1;
  return first.unit.parameters.flatMap(({ name }, index): Refinement[] => {
    if (index < skipped) return [];
    const clearMask = helpers.reduce(
      (mask, { unit }) => mask & (unit.summary.proofs?.[by.outcome].get(index) ?? NOTHING_PROVEN),
      ALL,
    );
    if (clearMask === NOTHING_PROVEN) return [];
    const [argument] = chooseArguments(call, [index - skipped, name]);
    const key = argument === undefined ? undefined : by.keyOf(argument.node);
    return key === undefined ? [] : [{ key, clearMask }];
  });
}
