// What arms, weaknesses and reasons are called on a page.
import type { ArmSummary, Headline } from "../core/evaluation.ts";

/** `Base, one-step` or `LoRA, two-step`. */
export function armTitle(arm: Pick<ArmSummary, "adapter" | "strategy">): string {
  return `${arm.adapter === null ? "Base" : "LoRA"}, ${arm.strategy}`;
}

/** The colour of an arm's bars: before and after stand out where there is a headline. */
export function toneOf(arm: ArmSummary, headline: Headline | undefined): "before" | "after" | "other" {
  if (arm.name === headline?.before) return "before";
  return arm.name === headline?.after ? "after" : "other";
}

/** The name of a model without the hash: `tiny` of `tiny@3f2a…`. */
export function shortModel(identity: string): string {
  return identity.split(/[@+]/)[0] ?? identity;
}

/** The name of an oracle without its version and settings: `builtin` of `builtin@0.1.0(remote)`. */
export function shortOracle(identity: string): string {
  return identity.split(/[@(]/)[0] ?? identity;
}

const REASONS: Readonly<Record<string, string>> = {
  "parse-error": "the program does not parse",
  "not-text": "not text",
  "too-large": "too large",
  timeout: "took too long",
  "tool-failed": "the tool failed",
  "unsupported-language": "language not supported",
  "not-covered": "the oracle does not look for the weakness",
  "no-completion": "the model gave nothing",
  "no-tests": "no tests",
  "tool-missing": "a tool is missing",
  "own-solution-fails": "the benchmark's own solution fails here",
  "sandbox-failed": "the sandbox failed",
};

/** Why there is no verdict, for people. */
export function reasonWords(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** Whether an arm, or a part of it, has no verdict at all: a rate of 0 would look like safety. */
export function hasNoVerdict({
  of,
  unscanned,
}: {
  readonly of: number;
  readonly unscanned: number;
}): boolean {
  return of > 0 && unscanned === of;
}
