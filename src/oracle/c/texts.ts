// What conditions say of texts: characters that were looked at one by one, names that end where a folder
// does, texts that are gone through to a zero that they may not have.

import type { SyntaxNode } from "../../lang/syntax.ts";
import { walksAlong } from "./asked.ts";
import { classOf, clearObject, textTaint } from "./containers.ts";
import { type Region, rangeOfSym, TYPE_END, type Value } from "./domain.ts";
import { constant, constantOf, type Lin, sameLin } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, convert, lengthOf, taintBehind } from "./memory.ts";
import { find } from "./names.ts";
import { CHAR, type CType } from "./types.ts";

/** A loop that looks for the zero of what was read without one, and is held by nothing else. */
export function seeksNoZero(machine: Machine, region: Region, at: Lin): void {
  const { asked, state } = machine;
  const held = at.terms.some(({ sym }) =>
    [...state.differences.entries()].some(([key]) => key.startsWith(`${sym.id}:`)),
  );
  const bounded = at.terms.some(({ sym }) => rangeOfSym(state, sym).hi < TYPE_END);
  if (held || bounded || asked === undefined) return;
  machine.report("read", asked, { taint: contentTaint(machine, region) });
}

/** In a loop each character is looked at: one that is let through as it is does no harm. */
export function harmlessCharacter(machine: Machine, a: Value, b: Value): void {
  const code = constantOf(b.lin);
  if (a.origin === undefined || code === undefined) return;
  const character = String.fromCharCode(Math.max(0, code));
  if (!/[\w@:,=+.-]/.test(character) || !walksAlong(machine)) return;
  // Dots mean something in paths alone.
  const kinds = character === "." ? ALL.filter((kind) => kind !== "path") : ALL;
  clear(machine, { type: CHAR, origin: a.origin }, { kinds });
}

/** In a loop that ends the function at a slash, what goes on has none. */
export function refusedSlash(machine: Machine, a: Value, b: Value): void {
  if (a.origin === undefined || constantOf(b.lin) !== SLASH || !walksAlong(machine)) return;
  const branch = machine.asked?.ancestor("if_statement")?.child("consequence");
  const first = branch?.type === "compound_statement" ? branch.namedChildren[0] : branch;
  if (first?.type === "return_statement" || first?.type === "goto_statement")
    clear(machine, { type: CHAR, origin: a.origin }, { kinds: ["path"] });
}

const SLASH = 47;

/** Behind the name of a folder that a path begins with, the name ends. */
export function endOfFolder(machine: Machine, a: Value, b: Value): void {
  const code = constantOf(b.lin);
  if (a.origin === undefined || (code !== SLASH && code !== 0)) return;
  const taint = contentTaint(machine, a.origin.region);
  if (taint?.cleared.has("path-prefix") === true)
    clear(machine, { type: CHAR, origin: a.origin }, { kinds: ["path"] });
}

/** Makes a text harmless to kinds of sink. */
export function clear(
  machine: Machine,
  value: Value,
  { kinds, node }: { kinds: readonly string[]; node?: SyntaxNode | undefined },
): void {
  const { origin } = value;
  const taint =
    origin === undefined
      ? (textTaint(machine, value) ?? taintBehind(machine, value))
      : contentTaint(machine, origin.region);
  if (taint === undefined) return;
  const add = kinds.flatMap((kind) =>
    kind !== "path-resolved" ? [kind] : taint.cleared.has("resolved") ? ["path"] : [],
  );
  if (add.length === 0) return;
  const cleaned = { ...taint, cleared: new Set([...taint.cleared, ...add]) };
  const region = value.to?.region ?? value.origin?.region;
  const object = region?.holder ?? (classOf(value.copyOf) === undefined ? undefined : value.copyOf);
  if (object !== undefined) clearObject(machine, object, add);
  if (region !== undefined) {
    machine.state.taints.set(region.id, cleaned);
    return;
  }
  if (object !== undefined) return;
  const variable = node?.type === "identifier" ? find(machine, node.text) : undefined;
  if (variable !== undefined) machine.state.cells.set(variable.id, { type: variable.type, taint: cleaned });
}

/** Kinds to which a checked text does no harm. */
export const ALL = ["command", "shell-argument", "path", "format"];

/** A text of which all characters are of a set. */
export function wholeSpan(machine: Machine, lin: Lin | undefined, of?: Lin): void {
  const [term] = lin?.terms ?? [];
  const region = term === undefined ? undefined : machine.spans.get(term.sym.id);
  if (region === undefined || lin?.terms.length !== 1) return;
  const value = { type: CHAR, to: { region, at: constant(0) } };
  const length = lengthOf(machine, value);
  if (of !== undefined && (length == null || !sameLin(length, of))) return;
  clear(machine, value, { kinds: ALL });
}

/** A value as the type of its place says: what is not known takes it, and a byte its sign. */
export function asSeen(machine: Machine, value: Value, type: CType): Value {
  if (value.type.k === "unknown") return { ...value, type };
  const byte = value.type.k === "int" && value.type.size === 1 && type.k === "int" && type.size === 1;
  return byte && value.type.signed !== type.signed ? convert(machine, value, type) : value;
}
