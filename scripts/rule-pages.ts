// Writes docs/rules/: a page for each rule, made of the rule itself, the CWE catalogue, the models and
// a fixture in which the rule finds something. A test fails where a page is out of date.
// npx tsx scripts/rule-pages.ts
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { type CweId, cweIdSchema, cweNumber } from "../src/core/cwe.ts";
import type { Finding, SourceFile } from "../src/core/finding.ts";
import { type Language, languageOf } from "../src/core/language.ts";
import { loadLanguage } from "../src/lang/registry.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { loadRules } from "../src/oracle/load.ts";
import type { Rule } from "../src/oracle/rule-schema.ts";
import { rulePageName } from "../src/oracle/sarif.ts";
import { writeFileAtomic } from "../src/util/files.ts";
import { resource } from "../src/util/resources.ts";
import { parseYaml } from "../src/util/yaml.ts";

const FOLDER = resource("docs", "rules");
const MAX_LINES = 24;

/** Every page of the folder, by file name. */
export async function rulePages(): Promise<Map<string, string>> {
  const rules = (await loadRules([])).sort((a, b) => (a.id < b.id ? -1 : 1));
  const weaknesses = readWeaknesses();
  const examples = await findExamples(rules);
  const models = { python: readModels(""), c: readModels("c") };
  const pages = rules.map((rule): [string, string] => {
    const about = { weaknesses, example: examples.get(rule.id), models: models[rule.language] };
    return [rulePageName(rule.id), pageOf(rule, about)];
  });
  return new Map([["README.md", indexOf(rules) + sourcesOf(models)], ...pages]);
}

// ---- pages ----

const GENERATED =
  "<!-- Written by scripts/rule-pages.ts: change data/rules, data/taint or the fixtures, and run it again. -->";

function indexOf(rules: readonly Rule[]): string {
  const rows = rules.map(
    (rule) =>
      `| [${rule.name}](${rulePageName(rule.id)}) | \`${rule.id}\` | ${rule.cwes[0]} | ${rule.language} | ${rule.level} |`,
  );
  const table = ["| Rule | Id | Weakness | Language | Level |", "|---|---|---|---|---|", ...rows].join("\n");
  return `${GENERATED}\n# The ${rules.length} rules of the builtin oracle\n\nFindings count for the rule's first weakness. Level \`note\` is advice and no verdict.\n\n${table}\n`;
}

/** Where untrusted data comes from, by language and threat model. */
function sourcesOf(models: Readonly<Record<Language, readonly ModelEntry[]>>): string {
  const parts = Object.entries(models).flatMap(([language, entries]) => {
    const found = new Map<string, Set<string>>();
    for (const { section, labels, kinds, source } of entries) {
      for (const kind of section === "sources" ? kinds : source) addAll(found, kind, labels);
    }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, labels]) => `**${language}, \`${kind}\`.** ${quoted([...labels].sort())}`);
  });
  return `\n## Sources\n\nExpressions and functions that hold or bring data of a kind; \`remote\` and \`local\` are threat models. What frameworks pass to handlers comes on top.\n\n${parts.join("\n\n")}\n`;
}

interface About {
  readonly weaknesses: ReadonlyMap<CweId, Weakness>;
  readonly example: string | undefined;
  readonly models: readonly ModelEntry[];
}

function pageOf(rule: Rule, { weaknesses, example, models }: About): string {
  const cwes = rule.cwes.map((cwe) => {
    const name = weaknesses.get(cwe)?.name;
    return `[${cwe}](https://cwe.mitre.org/data/definitions/${cweNumber(cwe)}.html)${name === undefined ? "" : ` ${name}`}`;
  });
  const facts = `\`${rule.id}\` · ${rule.language} · level ${rule.level} · precision ${rule.precision} · severity ${rule.severity.toFixed(1)}`;
  const sections = [
    GENERATED,
    `# ${rule.name}`,
    `${facts}\n\n${cwes.map((cwe) => `- ${cwe}`).join("\n")}`,
    `## What it finds\n\n${kindOf(rule)}\n\n> ${messageOf(rule)}`,
    `## Why, and what to do\n\n${rule.help.trim()}`,
    ...(example === undefined ? [] : [`## Weak example\n\n\`\`\`${rule.language}\n${example}\n\`\`\``]),
    ...mitigation(rule, weaknesses),
    ...knowledge(rule, models),
    ...(rule.links.length === 0 ? [] : [`## More\n\n${rule.links.map((link) => `- <${link}>`).join("\n")}`]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function kindOf(rule: Rule): string {
  if (rule.sinks !== undefined) {
    const data = (rule.sources ?? []).map((name) =>
      name === "untrusted" ? "untrusted data (what the threat model says)" : `data of the kind \`${name}\``,
    );
    return `Flows of ${data.join(" or ")} to a sink of the kind ${quoted(rule.sinks)}, followed through the whole file.`;
  }
  if (rule.misuses !== undefined)
    return `Calls that are wrong by their form, of the kind ${quoted(rule.misuses)}.`;
  return `A form of the program: the check \`${rule.check}\`.`;
}

function messageOf(rule: Rule): string {
  return rule.message.replaceAll("{source}", "*the source*").replaceAll("{detail}", "*the place*");
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function mitigation(rule: Rule, weaknesses: ReadonlyMap<CweId, Weakness>): string[] {
  const [primary] = rule.cwes;
  const known = primary === undefined ? undefined : weaknesses.get(primary);
  if (known === undefined) return [];
  const own = known.hints?.[rule.language];
  return [
    `## How the weakness is usually mitigated\n\n${[known.hint, own].filter(Boolean).join("\n\n").trim()}`,
  ];
}

// ---- what the models know ----

/** A part of a model that speaks of a kind. */
interface ModelEntry {
  readonly section: string;
  readonly labels: readonly string[];
  readonly kinds: readonly string[];
  readonly clears: readonly string[];
  /** Kinds of data that a function brings. */
  readonly source: readonly string[];
}

/** Sections as a page names them; those not named here are not shown. */
const SECTIONS: Readonly<Record<string, string>> = {
  sources: "Sources",
  sinks: "Sinks",
  stores: "Assignments that are sinks",
  handlers: "What handlers return",
  functions: "Functions that are sinks",
  misuses: "Calls",
  credentials: "Credentials",
  clears: "Sanitizers",
};

function knowledge(rule: Rule, models: readonly ModelEntry[]): string[] {
  const wanted = [...(rule.sinks ?? []), ...(rule.misuses ?? []), ...(rule.sources ?? [])];
  const found = new Map<string, Set<string>>();
  for (const { section, labels, kinds, clears } of models) {
    if (kinds.some((kind) => wanted.includes(kind))) addAll(found, section, labels);
    if (clears.some((kind) => rule.sinks?.includes(kind))) addAll(found, "clears", labels);
  }
  const parts = Object.keys(SECTIONS).flatMap((section) => {
    const labels = [...(found.get(section) ?? [])].sort();
    return labels.length === 0 ? [] : [`**${SECTIONS[section]}.** ${quoted(labels)}`];
  });
  return parts.length === 0 ? [] : [`## What it knows\n\n${parts.join("\n\n")}`];
}

function addAll(found: Map<string, Set<string>>, section: string, labels: readonly string[]): void {
  const set = found.get(section) ?? new Set();
  found.set(section, set);
  for (const label of labels) set.add(label);
}

/** Entries of the model files of a folder, whatever else they say. */
function readModels(folder: string): ModelEntry[] {
  const path = resource("data", "taint", folder);
  const names = readdirSync(path).filter((name) => name.endsWith(".yml") && name !== "operations.yml");
  return names.sort().flatMap((name) => {
    const file = z.record(z.string(), z.unknown()).parse(parseYaml(readFileSync(join(path, name), "utf8")));
    return Object.entries(file).flatMap(([section, entries]) =>
      section in SECTIONS || section === "propagators"
        ? z
            .array(z.unknown())
            .parse(entries)
            .map((entry) => entryOf(section, entry))
        : [],
    );
  });
}

function entryOf(section: string, entry: unknown): ModelEntry {
  const shape = z.record(z.string(), z.unknown()).safeParse(entry).data ?? {};
  const labels = ["path", "names", "decorator", "registration", "base"].flatMap((key) => texts(shape[key]));
  const nested = [shape.sinks, shape.returns].flatMap((value) => (Array.isArray(value) ? value : [value]));
  const kinds = [shape, ...nested].flatMap((one) => (typeof one === "string" ? [one] : kindIn(one)));
  return {
    section,
    labels: labels.length === 0 && typeof entry === "string" ? [entry] : labels,
    kinds,
    clears: texts(shape.clears),
    source: kindIn(shape.source),
  };
}

function kindIn(value: unknown): string[] {
  return typeof value === "object" && value !== null && "kind" in value ? texts(value.kind) : [];
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

// ---- the catalogue ----

const weaknessSchema = z.looseObject({
  id: cweIdSchema,
  name: z.string(),
  hint: z.string(),
  hints: z.record(z.string(), z.string()).optional(),
});
type Weakness = z.infer<typeof weaknessSchema>;

function readWeaknesses(): Map<CweId, Weakness> {
  const text = readFileSync(resource("data", "cwe", "catalogue.yml"), "utf8");
  const { entries } = z.looseObject({ entries: z.array(weaknessSchema) }).parse(parseYaml(text));
  return new Map(entries.map((entry) => [entry.id, entry]));
}

// ---- examples ----

/**
 * For each rule a place where it finds something: in the fixture of its own name, or else in the first
 * program by name, so that other fixtures may change without changing its page.
 */
async function findExamples(rules: readonly Rule[]): Promise<Map<string, string>> {
  const oracle = await createBuiltinOracle({ threatModels: ["remote", "local"] });
  const programs = [resource("test", "fixtures", "oracle"), resource("data", "seeds")].flatMap(programsIn);
  const examples = new Map<string, string>();
  const searched = new Map<SourceFile, readonly Finding[]>();
  const search = async (file: SourceFile, wanted: readonly Rule[]): Promise<void> => {
    const open = wanted.filter(({ id, language }) => language === file.language && !examples.has(id));
    if (open.length === 0) return;
    const [result] = searched.has(file) ? [] : await oracle.scan([file]);
    if (result !== undefined) searched.set(file, result.status === "scanned" ? result.findings : []);
    for (const { id } of open) {
      const places = (searched.get(file) ?? []).filter(
        ({ ruleId, region }) => ruleId === id && !isFalseAlarm(file, region.startLine),
      );
      const texts = await Promise.all(places.map(({ region }) => placeOf(file, region.startLine)));
      const [best] = texts.sort((a, b) => cost(a) - cost(b));
      if (best !== undefined) examples.set(id, best);
    }
  };
  for (const file of programs) {
    const own = basename(file.path).replace(/\.\w+$/, "");
    await search(
      file,
      rules.filter(({ id }) => own.startsWith(id.slice(id.indexOf("/") + 1).replaceAll("/", "-"))),
    );
  }
  for (const file of programs) await search(file, rules);
  return examples;
}

/** Whether our tests mark a line as flagged for nothing: such a place is no weak example. */
function isFalseAlarm(file: SourceFile, line: number): boolean {
  return file.text.split("\n")[line - 1]?.includes("SPURIOUS") ?? false;
}

/** Short, but not so short that nothing can be seen of where the data comes from. */
function cost(place: string): number {
  return place.length + (place.split("\n").length < 4 ? 10_000 : 0);
}

function programsIn(folder: string): SourceFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.flatMap((name) => {
    const language: Language | undefined = languageOf(name);
    return language === undefined
      ? []
      : [{ path: name, language, text: readFileSync(join(folder, name), "utf8") }];
  });
}

/** The function or statement around a line, without the marks of our tests. */
async function placeOf(file: SourceFile, line: number): Promise<string> {
  const lines = file.text.split("\n");
  const lineAt = (offset: number): number => file.text.slice(0, offset).split("\n").length;
  const { root } = (await loadLanguage(file.language)).parse(file.text);
  const node = root.children.find(({ start, end }) => lineAt(start) <= line && line <= lineAt(end));
  let [first, last] = node === undefined ? [line, line] : [lineAt(node.start), lineAt(node.end)];
  if (last - first >= MAX_LINES)
    [first, last] = [Math.max(first, line - MAX_LINES / 2), Math.min(last, line + MAX_LINES / 4)];
  const comment = file.language === "python" ? "#" : "//";
  const shown = lines
    .slice(first - 1, last)
    .map((text, index) => withoutMarks(text, first + index === line ? comment : undefined));
  return shown.join("\n").trimEnd();
}

function withoutMarks(line: string, comment: string | undefined): string {
  const mark = /\s*(?:#|\/\/|\/\*) \$ .*$/.exec(line);
  const code = mark === null ? line.trimEnd() : line.slice(0, mark.index);
  return comment === undefined ? code : `${code}  ${comment} found here`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const pages = await rulePages();
  for (const name of readdirSync(FOLDER)) if (!pages.has(name)) rmSync(join(FOLDER, name));
  for (const [name, text] of pages) await writeFileAtomic(join(FOLDER, name), text);
  process.stdout.write(`${pages.size} pages in docs/rules\n`);
}
