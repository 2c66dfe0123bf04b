// What regular expressions prove: a replacement removes characters, a match excludes them.
import { excludedBy, removedBy } from "../regex/chars.ts";
import { type CallSite, chooseArguments } from "./call-site.ts";
import type { Model } from "./model.ts";

/** Kinds that are harmless after the replacement that a call makes. */
export function clearedByReplacing(
  model: Model,
  call: CallSite,
  by: { pattern: number | string; replacement: number | string | undefined },
): number {
  const pattern = constantOf(call, by.pattern);
  const replacement = by.replacement === undefined ? "" : constantOf(call, by.replacement);
  if (pattern === undefined || replacement === undefined) return 0;
  const isRemoved = removedBy(pattern);
  return clearedKinds(model, (char) => !replacement.includes(char) && isRemoved(char));
}

/** Kinds that a value is harmless to that matches the pattern of a call. */
export function clearedByMatching(
  model: Model,
  call: CallSite,
  by: { pattern: number | string; whole: boolean },
): number {
  const pattern = constantOf(call, by.pattern);
  if (pattern === undefined) return 0;
  return clearedKinds(model, excludedBy(pattern, by));
}

function clearedKinds(model: Model, isGone: (char: string) => boolean): number {
  let mask = 0;
  for (const { bit, needs } of model.kinds.values()) {
    if (needs?.some((chars) => [...chars].every(isGone)) === true) mask |= bit;
  }
  return mask;
}

function constantOf(call: CallSite, argument: number | string): string | undefined {
  const [chosen] = chooseArguments(call, [argument]);
  const value = chosen?.value.lit?.value;
  return typeof value === "string" ? value : undefined;
}
