// What users may write in data/rules/*.yml: one rule a file. A rule says which data may not reach
// which kind of sink, or which misuse or structural check it stands for, and how to say so.
import { z } from "zod";
import { cweIdSchema } from "../core/cwe.ts";
import { levelSchema } from "../core/finding.ts";
import { languageSchema } from "../core/language.ts";

const manyOf = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const names = manyOf.transform((value) => (typeof value === "string" ? [value] : value));

/** A rule file. */
export const ruleSchema = z.strictObject({
  /** As CodeQL names the same rule, where it has one: `py/path-injection`. */
  id: z.string().regex(/^[a-z]+\/[a-z0-9/-]+$/),
  /** A short title. */
  name: z.string().min(1),
  /** Languages that it looks at. */
  language: languageSchema,
  /** CWEs, the primary one first. */
  cwes: z.array(cweIdSchema).min(1),
  level: levelSchema,
  /** How often a finding is right. */
  precision: z.enum(["very-high", "high", "medium", "low"]),
  /** From 0 to 10, as CVSS. */
  severity: z.number().min(0).max(10),
  /** Data of these labels (`untrusted` is what the threat models say) … */
  sources: names.optional(),
  /** … may not reach these kinds of sink. */
  sinks: names.optional(),
  /** Or: calls that are wrong by their form. */
  misuses: names.optional(),
  /** Or: a check in code. */
  check: z.string().optional(),
  /** One sentence; `{source}` is what the data is and where it came from. */
  message: z.string().min(1),
  /** What is wrong, why, and how to mend it, in Markdown. */
  help: z.string().min(1),
  links: z.array(z.url()).default([]),
});
/** A rule. */
export type Rule = z.infer<typeof ruleSchema>;
