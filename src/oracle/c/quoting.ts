// Quotes of a shell. Between single quotes only a single quote does harm, between double ones four characters
// do. A character of which it is known that it is none of them, or that follows a backslash, is copied into
// a text as `no-single` or `no-double`; where the text began with that quote, it is harmless to a shell.
import type { Region, State, Value } from "./domain.ts";
import { constantOf, keyOfLin, type Lin, type Taint, ZERO } from "./linear.ts";

/** Bits of guards: a number is not the code of these characters. */
const BITS: Readonly<Record<string, number>> = { "'": 128, '"': 256, "\\": 512, $: 1024, "`": 2048 };
const DOUBLE = 256 | 512 | 1024 | 2048;

/** Notes that a number is none of some characters. */
export function excludes(state: State, lin: Lin | undefined, characters: string): void {
  const [term] = lin?.terms ?? [];
  if (lin === undefined || term === undefined || lin.terms.length !== 1 || lin.k !== 0 || term.c !== 1)
    return;
  const bits = [...characters].reduce((all, each) => all | (BITS[each] ?? 0), 0);
  if (bits !== 0) state.guards.set(term.sym.id, (state.guards.get(term.sym.id) ?? 0) | bits);
}

/** The taint of a character that is put into a text which begins with `first`, behind `previous`. */
export function quotedTaint(
  state: State,
  {
    value,
    taint,
    first,
    previous,
  }: { value: Value; taint: Taint; first: Lin | undefined; previous: Lin | undefined },
): Taint {
  const [term] = value.lin?.terms ?? [];
  const bits = term === undefined ? 0 : (state.guards.get(term.sym.id) ?? 0);
  const escaped = constantOf(previous) === BACKSLASH;
  const single = (bits & 128) !== 0;
  const double = escaped || (bits & DOUBLE) === DOUBLE;
  if (!single && !double) return taint;
  const cleared = new Set(taint.cleared);
  if (single) cleared.add("no-single");
  if (double) cleared.add("no-double");
  const quote = constantOf(first);
  if ((single && quote === SINGLE) || (double && quote === DOUBLE_QUOTE)) cleared.add("command");
  return { ...taint, cleared };
}

const SINGLE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;

/** The taint of a text that is printed: between the quotes of the format it may be harmless. */
export function printedTaint(format: string | undefined, position: number, taint: Taint): Taint {
  if (format === undefined || taint.cleared.has("command")) return taint;
  let [index, open] = [0, ""];
  for (const [part] of format.matchAll(/%%|%[^a-zA-Z%]*(?:hh|ll|[hlzjtL])?[a-zA-Z]|['"]/g)) {
    if (part === "'" || part === '"') {
      if (open === "") open = part;
      else if (open === part) open = "";
    } else if (part !== "%%") {
      if (index === position) break;
      index += 1;
    }
  }
  const marked =
    (open === "'" && taint.cleared.has("no-single")) || (open === '"' && taint.cleared.has("no-double"));
  return marked ? { ...taint, cleared: new Set([...taint.cleared, "command"]) } : taint;
}

/** What a text begins with, and what stands before one of its characters. */
export function around(
  state: State,
  text: Region,
  { offset }: Region,
): { first: Lin | undefined; previous: Lin | undefined } {
  const at = (lin: Lin): Lin | undefined => {
    const child = text.children.get(`@${keyOfLin(lin)}`);
    return child === undefined ? undefined : state.cells.get(child.id)?.lin;
  };
  return { first: at(ZERO), previous: offset && at({ k: offset.k - 1, terms: offset.terms }) };
}
