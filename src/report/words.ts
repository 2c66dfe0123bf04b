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
