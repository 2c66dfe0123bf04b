// Gives what is made of a value a name, in a statement of its own right before the one that uses
// it: `clean_user = user.replace(...)`. A call around a call is hard to read.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { insertBefore } from "./insert.ts";
import { statementOf } from "./nodes.ts";
import type { Program } from "./program.ts";

/**
 * Binds `value` to `prefix_word` in front of the statement and puts the name where the uses were; the word is the
 * last one of what was used. Uses are expressions of one spelling in one statement. Undefined where no
 * statement can be put in front.
 */
export function nameBefore(
  program: Program,
  uses: readonly SyntaxNode[],
  { prefix, value }: { readonly prefix: string; readonly value: string },
): Edit[] | undefined {
  const [first] = uses;
  if (first === undefined || insertBefore(program, first, []) === undefined) return undefined;
  const word = /(\w+)\W*$/.exec(first.text)?.[1]?.toLowerCase() ?? "value";
  const name = program.nameFor(statementOf(first) ?? first, `${prefix}_${word}`, value);
  const before = insertBefore(program, first, [`${name} = ${value}`]);
  return before === undefined ? undefined : [before, ...uses.map((use) => replace(use, name))];
}
