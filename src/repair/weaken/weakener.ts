// What an inverse codemod is: a rewrite that takes one protection out of a clean program. It sees the
// whole program and answers with one rewrite a place; an oracle then says whether the program is weak.
import type { CweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import type { ImportNeed } from "../python/imports.ts";
import { scopeOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";

/** One protection that can be taken out. */
export interface Weakening {
  /** The place of the protection. */
  readonly at: SyntaxNode;
  /** What takes it out. */
  readonly edits: readonly Edit[];
  /** Imports that the weak program needs. */
  readonly imports?: readonly ImportNeed[];
  /** Imports that nothing may need any more: `html`, `shlex.quote`. */
  readonly drops?: readonly string[];
}

/** An inverse codemod. */
export interface Weakener {
  /** Its name, as in `weaken:<name>`. */
  readonly name: string;
  /** The weakness that it makes. */
  readonly cwe: CweId;
  /** Every place of a program where it can, in source order. */
  weaken(program: Program): Weakening[];
}

/** A weakener that looks at calls one by one. */
export function callWeakener(
  name: string,
  cwe: CweId,
  weaken: (call: SyntaxNode, program: Program, callee: string) => Omit<Weakening, "at"> | undefined,
): Weakener {
  return {
    name,
    cwe,
    weaken: (program) =>
      program.nodesOf("call").flatMap((call): Weakening[] => {
        const made = weaken(call, program, calleeOf(call, program));
        return made === undefined ? [] : [{ at: call, ...made }];
      }),
  };
}

/** What a call calls, through imports; `.name` for a method of something that has no dotted name. */
export function calleeOf(call: SyntaxNode, program: Program): string {
  const target = call.child("function");
  const name = program.fullName(target);
  if (name !== undefined) return name;
  const attribute = target?.type === "attribute" ? target.child("attribute")?.text : undefined;
  return attribute === undefined ? "" : `.${attribute}`;
}

/** The last part of a dotted name. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Whether the function around a node says a word of what the value could harm there. */
export function mentionsAround(node: SyntaxNode, words: RegExp): boolean {
  return words.test(scopeOf(node).text);
}
