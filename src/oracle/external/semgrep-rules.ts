// The rules that Semgrep is run with: files of ours (data/semgrep) and of the user's (DIR/semgrep), never
// its registry. A rule's own metadata says its CWEs and, where it matters, its threat model. They are
// handed over as one JSON file: of the same rules as YAML, Semgrep needs half a minute to read them.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tryParseCweId } from "../../core/cwe.ts";
import { HexacoderError, systemErrorCode } from "../../core/errors.ts";
import { type Language, languages } from "../../core/language.ts";
import { sha256 } from "../../util/hash.ts";
import { parseYaml } from "../../util/yaml.ts";
import type { ThreatModel } from "../oracle.ts";
import type { RuleMapFile } from "./rule-map.ts";

const wordsSchema = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const ruleSchema = z.looseObject({
  id: z.string().min(1),
  languages: z.array(z.string()),
  severity: z.string(),
  metadata: z
    .looseObject({ cwe: wordsSchema.default([]), "threat-model": z.string().optional() })
    .default({ cwe: [] }),
});
type SemgrepRule = z.infer<typeof ruleSchema>;

const fileSchema = z.looseObject({ rules: z.array(ruleSchema) });

/** Rules for a run. */
export interface SemgrepRules {
  /** The configuration, as JSON. */
  readonly config: string;
  /** Changes with every change of a rule. */
  readonly hash: string;
  /** What each rule means. */
  readonly rules: RuleMapFile["rules"];
  /** Ids, to recognise a rule whatever Semgrep puts in front of its name. */
  readonly ids: ReadonlySet<string>;
}

/** Reads the rule files of folders; rules for other threat models are left out. */
export async function readSemgrepRules(
  folders: readonly string[],
  threatModels: readonly ThreatModel[],
): Promise<SemgrepRules> {
  const all = (await Promise.all(folders.map(readFolder))).flat();
  const wanted = all.filter(({ metadata }) => {
    const model = metadata["threat-model"];
    return model === undefined || threatModels.some((name) => name === model);
  });
  if (wanted.length === 0) throw noRules(folders);
  const config = JSON.stringify({ rules: wanted });
  return {
    config,
    hash: sha256(config),
    rules: rulesByLanguage(wanted),
    ids: new Set(wanted.map(({ id }) => id)),
  };
}

async function readFolder(folder: string): Promise<SemgrepRule[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  });
  const rules: SemgrepRule[] = [];
  for (const name of names.filter((one) => /\.ya?ml$/.test(one)).sort()) {
    const path = join(folder, name);
    const file = fileSchema.safeParse(parseYaml(await readFile(path, "utf8")));
    if (!file.success) throw badRules(path, file.error.issues[0]?.message);
    rules.push(...file.data.rules);
  }
  return rules;
}

const semgrepLanguages: Readonly<Record<Language, readonly string[]>> = {
  python: ["python", "py", "python3"],
  c: ["c", "cpp", "c++"],
};

function rulesByLanguage(rules: readonly SemgrepRule[]): RuleMapFile["rules"] {
  const lists = languages.map((language) => [language, entriesFor(language, rules)] as const);
  return Object.fromEntries(lists.filter(([, entries]) => entries.length > 0));
}

type Entries = NonNullable<RuleMapFile["rules"]["python"]>;

function entriesFor(language: Language, rules: readonly SemgrepRule[]): Entries {
  return rules.flatMap((rule): Entries => {
    if (!rule.languages.some((name) => semgrepLanguages[language].includes(name))) return [];
    const cwes = rule.metadata.cwe.flatMap((text) => tryParseCweId(/^[^:]*/.exec(text)?.[0] ?? "") ?? []);
    const [first] = cwes;
    if (first === undefined) return [{ rule: rule.id, level: "warning", as: "none" }];
    const severity = rule.severity.toUpperCase();
    const advice = ["INFO", "LOW"].includes(severity);
    const level = ["ERROR", "HIGH", "CRITICAL"].includes(severity) ? "error" : "warning";
    return [{ rule: rule.id, cwes: [first, ...cwes.slice(1)], level, as: advice ? "advice" : "verdict" }];
  });
}

function noRules(folders: readonly string[]): HexacoderError {
  return new HexacoderError("data-missing", {
    message: `There is no Semgrep rule to run in ${folders.join(", ")}.`,
    remedy: "Put rule files (.yml) into the folder semgrep of the one that you name with --models.",
  });
}

function badRules(path: string, why = "unknown"): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `${path} is no file of Semgrep rules: ${why}.`,
    remedy: "Check it with: semgrep --validate --config FILE",
  });
}
