// What a tool's rules mean to us, as data (data/oracles/NAME.yml): tools file the same weakness under
// different CWEs, and not all that they report is a verdict. A rule that the map does not name is no
// verdict: it becomes advice (level `note`) where the tool gives it a CWE that the map covers.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type CweId, compareCwe, cweIdSchema } from "../../core/cwe.ts";
import type { Level } from "../../core/finding.ts";
import { levelSchema } from "../../core/finding.ts";
import { type Language, languageSchema } from "../../core/language.ts";
import { shortHashOf } from "../../util/hash.ts";
import { resource } from "../../util/resources.ts";
import { parseYaml } from "../../util/yaml.ts";
import type { Report } from "./tool-report.ts";

/** What a report counts as: a verdict, advice, or nothing. */
const roleSchema = z.enum(["verdict", "advice", "none"]);
type Role = z.infer<typeof roleSchema>;

const entrySchema = z.strictObject({
  /** The tool's rule; `*` at the end stands for any rest. */
  rule: z.string().min(1),
  /** Only reports whose message matches this regular expression. */
  message: z.string().optional(),
  /** Our CWEs, the primary one first; the tool's own where it is absent. */
  cwes: z.array(cweIdSchema).min(1).optional(),
  level: levelSchema.exclude(["note"]).default("warning"),
  as: roleSchema.default("verdict"),
  /** What it counts as where the tool calls it low. */
  weak: roleSchema.optional(),
  /** Why it is mapped so, for those who read the map. */
  why: z.string().optional(),
});
type Entry = z.infer<typeof entrySchema>;

const fileSchema = z.strictObject({
  /** The engine's name. */
  engine: z.string().min(1),
  /** The tool's licence, SPDX or a word. */
  licence: z.string().min(1),
  /** What the licence allows and what not, in a sentence. */
  conditions: z.string().min(1),
  /** How to get it. */
  get: z.string().min(1),
  /** Where the licence stands. */
  link: z.url(),
  /** What a report counts as by default where the tool calls it low. */
  weak: roleSchema.default("advice"),
  rules: z.partialRecord(languageSchema, z.array(entrySchema)),
});
/** A rule map as it stands in its file. */
export type RuleMapFile = z.output<typeof fileSchema>;

/** What a report means. */
export interface Meaning {
  readonly cwes: readonly CweId[];
  readonly level: Level;
}

/** A rule map for use. */
export interface RuleMap {
  /** Languages that the tool reads. */
  readonly languages: readonly Language[];
  /** Changes with every change of the map. */
  readonly hash: string;
  /** CWEs on which the tool has a verdict. */
  covers(language: Language): readonly CweId[];
  /** What a report means; undefined where it means nothing to us. */
  meaningOf(report: Report, language: Language): Meaning | undefined;
}

/** Reads the shipped map of an engine. */
export async function readRuleMap(engine: string): Promise<RuleMapFile> {
  const text = await readFile(resource("data", "oracles", `${engine}.yml`), "utf8");
  return fileSchema.parse(parseYaml(text));
}

/** Arranges a map for use. */
export function arrangeRuleMap(file: Pick<RuleMapFile, "rules" | "weak">): RuleMap {
  const tables = new Map<Language, Table>();
  for (const [language, entries] of Object.entries(file.rules)) {
    if (entries !== undefined) tables.set(languageSchema.parse(language), new Table(entries, file.weak));
  }
  return {
    languages: [...tables.keys()],
    hash: shortHashOf({ rules: file.rules, weak: file.weak }),
    covers: (language) => tables.get(language)?.covers ?? [],
    meaningOf: (report, language) => tables.get(language)?.meaningOf(report),
  };
}

/** The rules of one language. */
class Table {
  readonly covers: readonly CweId[];
  readonly #entries: readonly (Entry & { readonly pattern: RegExp | undefined })[];
  readonly #weak: Role;

  constructor(entries: readonly Entry[], weak: Role) {
    this.#entries = entries.map((entry) => ({
      ...entry,
      pattern: entry.message === undefined ? undefined : new RegExp(entry.message, "u"),
    }));
    this.#weak = weak;
    const verdicts = entries.filter((entry) => entry.as === "verdict");
    this.covers = [...new Set(verdicts.flatMap(({ cwes = [] }) => cwes))].sort(compareCwe);
  }

  meaningOf(report: Report): Meaning | undefined {
    const entry = this.#entries.find(
      ({ rule, pattern }) => named(rule, report.rule) && (pattern?.test(report.message) ?? true),
    );
    const cwes = entry?.cwes ?? report.cwes;
    const [primary] = cwes;
    // No verdict on what is not covered, and no advice either: coverage is what an engine stands for.
    if (primary === undefined || !this.covers.includes(primary)) return undefined;
    const role = entry === undefined ? "advice" : this.#roleOf(entry, report);
    if (role === "none") return undefined;
    return { cwes, level: role === "advice" || entry === undefined ? "note" : entry.level };
  }

  #roleOf({ as, weak = this.#weak }: Entry, report: Report): Role {
    return as === "verdict" && report.weak ? weak : as;
  }
}

function named(pattern: string, rule: string): boolean {
  return pattern.endsWith("*") ? rule.startsWith(pattern.slice(0, -1)) : rule === pattern;
}
