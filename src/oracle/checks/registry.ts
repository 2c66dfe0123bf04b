// Structural checks by the name that rules use.
import type { Check } from "./checks.ts";
import { exponentialPatterns } from "./exponential.ts";
import { incompleteHostnames } from "./hostnames.ts";
import { overlyLargeRanges } from "./ranges.ts";
import { badTagFilters } from "./tag-filters.ts";
import { incompleteUrlSubstrings } from "./url-substrings.ts";

/** All checks. */
export const checks: Readonly<Record<string, Check>> = {
  "incomplete-hostname-regexp": incompleteHostnames,
  "overly-large-range": overlyLargeRanges,
  "bad-tag-filter": badTagFilters,
  "exponential-regex": exponentialPatterns,
  "incomplete-url-substring": incompleteUrlSubstrings,
};
