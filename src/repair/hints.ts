// How a weakness is usually mitigated: the hints of the CWE catalogue, as the paper's security
// hint goes into the repair prompt.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { type CweId, cweIdSchema } from "../core/cwe.ts";
import type { Language } from "../core/language.ts";
import { resource } from "../util/resources.ts";

const catalogueSchema = z.object({
  entries: z.array(
    z.object({
      id: cweIdSchema,
      name: z.string(),
      hint: z.string(),
      hints: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** What the catalogue says of a weakness. */
export interface WeaknessHint {
  /** MITRE's name. */
  readonly name: string;
  /** How it is usually mitigated, the language's own hint after the general one. */
  readonly hint: string;
}

let catalogue: z.infer<typeof catalogueSchema> | undefined;

/** The hint for a weakness; undefined for one that the catalogue does not have. */
export function hintFor(cwe: CweId, language: Language): WeaknessHint | undefined {
  catalogue ??= catalogueSchema.parse(parse(readFileSync(resource("data", "cwe", "catalogue.yml"), "utf8")));
  const entry = catalogue.entries.find(({ id }) => id === cwe);
  if (entry === undefined) return undefined;
  const hint = [entry.hint, entry.hints?.[language]].filter((text) => text !== undefined).join(" ");
  return { name: entry.name, hint: hint.replace(/\s+/g, " ").trim() };
}
