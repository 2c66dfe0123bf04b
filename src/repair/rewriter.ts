// A language's rewrites: findings in, one new version of the text out. One a language; the repairer
// runs them in rounds and the gates judge what comes of it.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import type { RepairOutcome } from "./repairer.ts";

/** What is to be rewritten in a round. */
export interface RewriteTask {
  /** The program. */
  readonly file: SourceFile;
  /** The weakness. */
  readonly cwe: CweId;
  /** Its findings. */
  readonly report: readonly Finding[];
}

/** What came of a round. */
export interface Round {
  /** The program after it; the same text when nothing could be done. */
  readonly text: string;
  /** The codemods that had a hand in it. */
  readonly names: readonly string[];
  /** Why findings were left, when some were. */
  readonly left: readonly Extract<RepairOutcome, { kind: "none" }>[];
}

/** Rewrites programs of one language. */
export interface Rewriter {
  /** The language. */
  readonly language: LanguageSupport;
  /** Whether there are rewrites for a weakness. */
  knows(cwe: CweId): boolean;
  /** Repairs what can be repaired in one go. */
  rewrite(task: RewriteTask): Round;
}

/** Why a finding was left: it needs a design, or nobody knows its shape. */
export function leftAlone(
  rewrite: { kind: string; detail?: string } | undefined,
  { region }: Finding,
): Round["left"][number] {
  if (rewrite?.kind === "needs-design" && rewrite.detail !== undefined)
    return { kind: "none", reason: "needs-design", detail: rewrite.detail };
  return {
    kind: "none",
    reason: "no-rewrite",
    detail: `No rewrite knows the shape at line ${region.startLine}.`,
  };
}
