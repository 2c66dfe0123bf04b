// Short names of weaknesses from the catalogue: what MITRE puts in quotes, such as
// "OS Command Injection", or else the whole name.
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { type CweId, cweIdSchema } from "../core/cwe.ts";
import { resource } from "../util/resources.ts";

const catalogueSchema = z.looseObject({
  entries: z.array(z.looseObject({ id: cweIdSchema, name: z.string() })),
});

/** Short names by weakness. */
export async function readCweNames(): Promise<ReadonlyMap<CweId, string>> {
  const text = await readFile(resource("data", "cwe", "catalogue.yml"), "utf8");
  const { entries } = catalogueSchema.parse(parse(text));
  return new Map(entries.map(({ id, name }) => [id, shortName(name)]));
}

/** The quoted part of a name, or all of it. */
export function shortName(name: string): string {
  return /\('([^']+)'\)/.exec(name)?.[1] ?? name;
}
