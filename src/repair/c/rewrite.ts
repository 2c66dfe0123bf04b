// What a codemod for C is: a deterministic rewrite for one kind of finding, as for Python.
import type { CweId } from "../../core/cwe.ts";
import type { Finding } from "../../core/finding.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import type { CProgram } from "./program.ts";

/** A finding in its program. */
export interface CSite {
  /** The program. */
  readonly program: CProgram;
  /** The finding to repair. */
  readonly finding: Finding;
  /** All findings of the weakness in the file, this one included. */
  readonly report: readonly Finding[];
  /** The smallest node that the finding's region spans. */
  readonly node: SyntaxNode;
}

/** A codemod's answer. */
export type CRewrite =
  | {
      readonly kind: "edits";
      readonly edits: readonly Edit[];
      /** Headers that the new code needs. */
      readonly headers: readonly string[];
    }
  | { readonly kind: "needs-design"; readonly detail: string };

/** A rewrite on the syntax tree. */
export interface CCodemod {
  /** Its name, as in `codemod:<name>`. */
  readonly name: string;
  /** Weaknesses whose findings it looks at. */
  readonly cwes: readonly CweId[];
  /** Rewrites one finding. */
  rewrite(site: CSite): CRewrite | undefined;
}

/** Edits with the headers that they need; undefined where one of them could not be made. */
export function cEdits(
  list: readonly (readonly Edit[] | Edit | undefined)[],
  headers: readonly string[] = [],
): CRewrite | undefined {
  const edits: Edit[] = [];
  for (const item of list) {
    if (item === undefined) return undefined;
    edits.push(...("text" in item ? [item] : item));
  }
  return { kind: "edits", edits, headers };
}

/** The call that a finding is about: the node, or the nearest one around it. */
export function callAt(node: SyntaxNode): SyntaxNode | undefined {
  return node.type === "call_expression" ? node : node.ancestor("call_expression");
}

/** The answer for programs whose purpose is the weakness. */
export function needsDesign(detail: string): CRewrite {
  return { kind: "needs-design", detail };
}
