// CWE-730: patterns that can take exponential time.
import { parseRegex } from "../regex/parse.ts";
import { growthOf } from "../regex/superlinear.ts";
import type { CheckHit, CheckInput } from "./checks.ts";

/** Patterns with a loop in a loop that both can eat the same text. */
export function exponentialPatterns({ patterns }: CheckInput): CheckHit[] {
  return patterns.flatMap(({ literal }) => {
    if (typeof literal.value !== "string" || !/[*+},]\)?[*+{]|\|/.test(literal.value)) return [];
    if (growthOf(parseRegex(literal.value), { anywhere: false }) !== "exponential") return [];
    return [{ node: literal.node, detail: "This regular expression can take exponential time" }];
  });
}
