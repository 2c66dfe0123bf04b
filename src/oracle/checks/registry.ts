// Structural checks by the name that rules use.
import type { Check } from "./checks.ts";
import { incompleteHostnames } from "./hostnames.ts";
import { overlyLargeRanges } from "./ranges.ts";
import { incompleteUrlSubstrings } from "./url-substrings.ts";

/** All checks. */
export const checks: Readonly<Record<string, Check>> = {
  "incomplete-hostname-regexp": incompleteHostnames,
  "overly-large-range": overlyLargeRanges,
  "incomplete-url-substring": incompleteUrlSubstrings,
};
