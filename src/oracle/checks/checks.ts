// Structural checks: weaknesses that show in the form of a program, not in a flow. Rules name them.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import type { CallSite } from "../taint/call-site.ts";
import type { Literal } from "../taint/domain.ts";

/** What a check looks at. */
export interface CheckInput {
  readonly tree: SyntaxTree;
  /** Constants that are compiled as regular expressions, with the call that does it. */
  readonly patterns: readonly { readonly literal: Literal; readonly call: CallSite }[];
}

/** A place that a check finds, with particulars for the message. */
export interface CheckHit {
  readonly node: SyntaxNode;
  readonly detail: string;
}

/** A structural check. */
export type Check = (input: CheckInput) => CheckHit[];
