// What a codemod is: a deterministic rewrite for one kind of finding. It sees one finding with
// the program around it and answers with edits, with "this needs a design decision", or with
// nothing when the shape is not one that it knows.
import type { CweId } from "../core/cwe.ts";
import type { Finding } from "../core/finding.ts";
import type { SyntaxNode } from "../lang/syntax.ts";
import type { Edit } from "./edits.ts";
import type { ImportNeed } from "./python/imports.ts";
import type { Program } from "./python/program.ts";
import type { TaintView } from "./python/taint.ts";

/** A finding in its program. */
export interface Site {
  /** The program. */
  readonly program: Program;
  /** The finding to repair. */
  readonly finding: Finding;
  /** All findings of the weakness in the file, this one included. */
  readonly report: readonly Finding[];
  /** The smallest node that the finding's region spans. */
  readonly node: SyntaxNode;
  /** Which expressions carry the untrusted value. */
  readonly taint: TaintView;
}

/** A codemod's answer. */
export type Rewrite =
  | {
      readonly kind: "edits";
      readonly edits: readonly Edit[];
      /** Imports that the new code needs. */
      readonly imports: readonly ImportNeed[];
      /** Imports to remove if nothing uses them any more: `pickle`, `os`. */
      readonly drops: readonly string[];
    }
  | { readonly kind: "needs-design"; readonly detail: string };

/** A rewrite on the syntax tree. */
export interface Codemod {
  /** Its name, as in `codemod:<name>`. */
  readonly name: string;
  /** Weaknesses whose findings it looks at. */
  readonly cwes: readonly CweId[];
  /** Calls that make a value harmless here, by full name: their results are not rewritten again. */
  readonly sanitizers?: readonly string[];
  /** Rewrites one finding. */
  rewrite(site: Site): Rewrite | undefined;
}

/** Edits with what they import and no longer import. */
export function edits(
  list: readonly Edit[],
  more: { imports?: readonly ImportNeed[]; drops?: readonly string[] } = {},
): Rewrite {
  return { kind: "edits", edits: list, imports: more.imports ?? [], drops: more.drops ?? [] };
}

/** The answer for programs whose purpose is the weakness. */
export function needsDesign(detail: string): Rewrite {
  return { kind: "needs-design", detail };
}

/**
 * The call that a finding is about: the node itself, the nearest call around it, or the first one
 * in it, whichever `matches`; engines differ in whether a region is the call or an argument.
 */
export function callOf(
  site: Site,
  matches: (name: string, call: SyntaxNode) => boolean,
): SyntaxNode | undefined {
  const isMatch = (node: SyntaxNode): boolean => {
    if (node.type !== "call") return false;
    const target = node.child("function");
    const name = site.program.fullName(target) ?? (target === undefined ? "" : methodName(target));
    return matches(name, node);
  };
  for (let node: SyntaxNode | undefined = site.node; node !== undefined; node = node.parent) {
    if (isMatch(node)) return node;
    if (/_definition$|^block$|^module$/.test(node.type)) break;
  }
  for (const node of site.node.descendants()) if (isMatch(node)) return node;
  return undefined;
}

/** `.read` for a method of something that has no dotted name. */
export function methodName(target: SyntaxNode): string {
  const attribute = target.type === "attribute" ? target.child("attribute")?.text : undefined;
  return attribute === undefined ? "" : `.${attribute}`;
}
