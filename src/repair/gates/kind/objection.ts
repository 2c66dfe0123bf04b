// An objection to a kind of fix: a sentence when it applies, and nothing when it does not.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import type { RepairSides } from "../gate.ts";
import { newNodes } from "../tokens.ts";

/** See the file's head. */
export type Objection = (sides: RepairSides) => string | undefined;

/** Calls of the repaired side that the vulnerable one does not have. */
export function newCalls({ before, after }: RepairSides): SyntaxNode[] {
  return newNodes(before.tree.root, after.tree.root, (node) => node.type === "call");
}

/** The method that a call calls: `startswith` of `a.b.startswith(c)`. */
export function methodOf(call: SyntaxNode): string | undefined {
  const target = call.child("function");
  return target?.type === "attribute" ? target.child("attribute")?.text : undefined;
}

/** The last part of what a call calls, method or function. */
export function lastName(call: SyntaxNode): string {
  return methodOf(call) ?? call.child("function")?.text ?? "";
}
