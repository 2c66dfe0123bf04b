// Where texts end. Of a text only the zero says how far it goes: a character that is not zero proves that
// there is one more, and whoever goes on by two proves nothing of the second. What is known of a text's end
// is a bound of its length; a read behind that bound is beyond the text.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { leastOf, NONZERO, type Region, rangeOfLin, rangeOfSym, type Value } from "./domain.ts";
import { addScaled, constant, constantOf, type Lin, minus } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, lengthOf } from "./memory.ts";
import type { FunctionModel } from "./model-schema.ts";
import { atMostZero } from "./narrowing.ts";

type Character = NonNullable<Value["origin"]>;

/** Reads of one text and its end that are further apart than this were not understood. */
const MOST_BEYOND = 16;

/** Reports a character that is read behind the zero, as far as that is known. */
export function beyondText(
  machine: Machine,
  { value, kind, node }: { value: Value; kind: "read" | "write"; node: SyntaxNode },
): boolean {
  if (value.to === undefined || kind !== "read" || !endsWithZero(machine, value.to.region)) return false;
  const { region, at } = value.to;
  const length = knownLength(machine, region);
  const rest = length === undefined ? undefined : minus(length, at);
  if (length === undefined || rest === undefined) return false;
  const least = leastOf(machine.state, rest);
  if (least >= 0 || least < -MOST_BEYOND || !wasLookedAt(machine, at, length)) return false;
  const key = `end:${region.id}:${machine.frame.definition.start}`;
  const told = machine.told.get(key);
  if (told === undefined || !machine.reports.includes(told) || told.node === (machine.site ?? node)) {
    machine.report("read", node, { taint: contentTaint(machine, region) });
    const report = machine.reports.at(-1);
    if (report !== undefined) machine.told.set(key, report);
  }
  atMostZero(machine, minus(at, length), false);
  return true;
}

/** Whether anything on this path says how far the text goes, or how far the place is from its end. */
function wasLookedAt({ state }: Machine, at: Lin, length: Lin): boolean {
  const [end] = length.terms;
  if (end === undefined) return true;
  if (at.terms.length === 0) return rangeOfSym(state, end.sym).lo > end.sym.lo;
  return at.terms.every(({ sym, c }) => c === 1 && state.differences.has(`${sym.id}:${end.sym.id}`));
}

function knownLength({ state }: Machine, region: Region): Lin | undefined {
  const length = state.lengths.get(region.id) ?? region.initialLength;
  if (length == null || length.terms.length > 1) return undefined;
  return length.terms.every(({ c }) => c === 1) ? length : undefined;
}

/**
 * Whether a block of which no size is known is a text: characters that are gone through to a zero, or that
 * a function takes without a number that may be their length. What was written to, or given away, may be
 * another text by now.
 */
function endsWithZero(machine: Machine, region: Region): boolean {
  const { type } = region;
  if (type.k !== "int" || type.size !== 1 || !type.signed || region.size !== undefined) return false;
  if (machine.changed.has(region.id) || region.parent !== undefined) return false;
  if (region.ends || machine.walked.has(region.id)) return true;
  if (region.parameter) return region.depth === 0 && !takesNumbers(machine);
  return region.kind === "heap" && region.born !== undefined;
}

/** Whether the function that was entered takes a number, or a second end, beside its texts. */
function takesNumbers({ frames, program }: Machine): boolean {
  const entered = frames[0]?.definition;
  for (const unit of program.functions.values()) {
    if (unit.node !== entered) continue;
    return unit.parameters.some(
      ({ type, name }) => (type.k === "int" && type.size > 1) || /end|limit|last|stop/i.test(name ?? ""),
    );
  }
  return true;
}

/** After a comparison: a character that cannot be zero now is one more of its text; one that is ends it. */
export function learnEnd(machine: Machine, value: Value, other: Value, operator: string): void {
  const { lin } = value;
  const says = value.says ?? (value.origin === undefined ? undefined : { ...value.origin, count: 1 });
  if (says === undefined || lin === undefined) return;
  const ends = endsWithZero(machine, says.region);
  // Where a zero was put in by a read or a copy, there is one whatever was written before it.
  if (!ends && machine.state.lengths.get(says.region.id) == null) return;
  if (says.whenZero === true) {
    if (operator === "==" && constantOf(other.lin) === 0) goesOn(machine, says);
    return;
  }
  if (isNonzero(machine, lin)) goesOn(machine, says);
  else if (ends && value.origin !== undefined && operator === "==" && constantOf(other.lin) === 0)
    endsHere(machine, value.origin);
}

function isNonzero({ state }: Machine, lin: Lin): boolean {
  const { lo, hi } = rangeOfLin(state, lin);
  const [term] = lin.terms;
  const asked = term !== undefined && lin.terms.length === 1 && lin.k === 0;
  return lo > 0 || hi < 0 || (asked && ((state.guards.get(term.sym.id) ?? 0) & NONZERO) !== 0);
}

/** From a place that is in the text on there are so many characters. */
function goesOn(machine: Machine, { region, at, count }: Character & { count: number }): void {
  const length = lengthOf(machine, { type: region.type, to: { region, at: constant(0) } });
  const rest = length == null ? undefined : minus(length, at);
  if (rest === undefined || leastOf(machine.state, rest) < 0) return;
  atMostZero(machine, addScaled(constant(count), rest, -1), false);
}

/** The zero is at a place that is in the text: it is no longer. */
function endsHere(machine: Machine, { region, at }: Character): void {
  const length = knownLength(machine, region);
  const rest = length === undefined ? undefined : minus(length, at);
  if (rest !== undefined && leastOf(machine.state, rest) >= 0) atMostZero(machine, rest, false);
}

/** What a call's result says of the texts that it was given: `isdigit(c)`, `strncmp(s, "ab", 2)`. */
export function saying(
  machine: Machine,
  { model, values }: { model: FunctionModel; values: readonly Value[] },
  result: Value,
): Value {
  const character = model.nonzeroOf === undefined ? undefined : values[model.nonzeroOf];
  const origin = character?.origin ?? character?.says;
  if (origin !== undefined && result.lin !== undefined) return { ...result, says: { count: 1, ...origin } };
  const [first, second] = model.equals?.texts ?? [];
  const [a, b] = [values[first ?? -1], values[second ?? -1]];
  if (result.lin === undefined || a?.to === undefined || b?.to === undefined) return result;
  const [text, known] = b.to.region.text === undefined ? [b.to, a.to] : [a.to, b.to];
  const given = model.equals?.bytes === undefined ? undefined : values[model.equals.bytes]?.lin;
  const most = given === undefined ? Infinity : rangeOfLin(machine.state, given).lo;
  const count = Math.min(known.region.text?.length ?? 0, most);
  if (!(count > 0) || constantOf(known.at) !== 0) return result;
  return { ...result, says: { region: text.region, at: text.at, count, whenZero: true } };
}
