// Writes data/semgrep/: our rules for Semgrep, made of data/rules and data/taint. They look at less than
// the builtin oracle does (no types, no summaries, no stages), and they are ours: no independent judge.
// A test fails where they are out of date. npx tsx scripts/semgrep-rules.ts
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { loadRules } from "../src/oracle/load.ts";
import type { Rule } from "../src/oracle/rule-schema.ts";
import { type ModelFile, modelFileSchema } from "../src/oracle/taint/model-schema.ts";
import { writeFileAtomic } from "../src/util/files.ts";
import { resource } from "../src/util/resources.ts";
import { parseYaml } from "../src/util/yaml.ts";
import { atPlaces, type Clause, conditionsOn, either, eitherOf, textMatches } from "./semgrep/clauses.ts";
import { type Book, propagatorsOf, sanitizersOf, sinksOf, sourcesOf } from "./semgrep/parts.ts";
import { Places } from "./semgrep/places.ts";

const FOLDER = resource("data", "semgrep");
const THREAT_MODELS = ["remote", "local"] as const;
const SAID = { remote: "data of a request", local: "data from outside the program" };

/** Every file of the folder, by name. */
export async function semgrepFiles(): Promise<Map<string, string>> {
  const rules = (await loadRules([]))
    .filter(({ language }) => language === "python")
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const model = readModel();
  const book: Book = { model, places: new Places([model]) };
  const files = new Map<string, string>();
  const done = new Set<string>();
  const add = (name: string, written: readonly Written[]): void => {
    for (const { of } of written) done.add(of.id);
    files.set(name, fileOf(written.map(({ rule }) => rule)));
  };
  for (const threat of THREAT_MODELS) {
    add(
      `python-${threat}.yml`,
      rules
        .filter(({ sources }) => sources?.includes("untrusted"))
        .flatMap((rule) => taintRule(rule, book, { labels: [threat], said: SAID[threat], threat })),
    );
  }
  add("python.yml", [
    ...rules
      .filter(({ sources }) => sources !== undefined && !sources.includes("untrusted"))
      .flatMap((rule) => taintRule(rule, book, { labels: rule.sources ?? [] })),
    ...rules.flatMap((rule) => formRule(rule, book)),
  ]);
  files.set("README.md", readme(rules, done));
  return files;
}

interface Written {
  readonly of: Rule;
  readonly rule: Clause;
}

function readModel(): ModelFile {
  const folder = resource("data", "taint");
  const names = readdirSync(folder).filter((name) => name.endsWith(".yml") && name !== "operations.yml");
  const files = names
    .sort()
    .map((name) => modelFileSchema.parse(parseYaml(readFileSync(join(folder, name), "utf8"))));
  const [first = modelFileSchema.parse({}), ...others] = files;
  return others.reduce(joinModels, first);
}

function joinModels(a: ModelFile, b: ModelFile): ModelFile {
  return {
    ...a,
    kinds: [...a.kinds, ...b.kinds],
    types: [...a.types, ...b.types],
    sources: [...a.sources, ...b.sources],
    sinks: [...a.sinks, ...b.sinks],
    stores: [...a.stores, ...b.stores],
    propagators: [...a.propagators, ...b.propagators],
    attributes: [...a.attributes, ...b.attributes],
    guards: [...a.guards, ...b.guards],
    attributeGuards: [...a.attributeGuards, ...b.attributeGuards],
    handlers: [...a.handlers, ...b.handlers],
    misuses: [...a.misuses, ...b.misuses],
    credentials: [...a.credentials, ...b.credentials],
    named: [...a.named, ...b.named],
    readers: [...a.readers, ...b.readers],
  };
}

interface Flow {
  readonly labels: readonly string[];
  /** What the message calls the data; what the models say, where absent. */
  readonly said?: string;
  readonly threat?: string;
}

function taintRule(rule: Rule, book: Book, { labels, said, threat }: Flow): Written[] {
  const kinds = new Set(rule.sinks ?? []);
  const sources = labels.flatMap((label) =>
    remembered(`${label} ${needed(book, kinds)}`, () => sourcesOf(book, label, kinds)),
  );
  const sinks = sinksOf(book, kinds);
  if (sources.length === 0 || sinks.length === 0) return [];
  const heads = headOf(rule, {
    suffix: threat === undefined || threat === "remote" ? "" : `.${threat}`,
    said: said ?? saidOf(book, labels),
    threat,
  });
  const body = {
    mode: "taint",
    options: { taint_assume_safe_functions: true, symbolic_propagation: true },
    "pattern-sources": sources,
    "pattern-propagators": propagatorsOf(book, kinds).map(same),
    "pattern-sanitizers": sanitizersOf(book, kinds).map(same),
    "pattern-sinks": sinks,
  };
  return [{ of: rule, rule: { ...heads, ...body } }];
}

/** Calls, mentions, assignments and constants that are wrong by their form. */
function formRule(rule: Rule, { model, places }: Book): Written[] {
  const clauses = (rule.misuses ?? []).flatMap((kind) => [
    ...model.misuses.filter((misuse) => misuse.kind === kind).flatMap((misuse) => formsOf(misuse, places)),
    ...model.credentials
      .filter((credential) => credential.kind === kind)
      .map(({ names, literal }) => ({
        patterns: [
          { pattern: '$F(..., $NAME="$TEXT", ...)' },
          textMatches("$NAME", `(?i)^(?:${names})`),
          textMatches("$TEXT", `^(?:${literal.replace(/^\^/, "")})`),
        ],
      })),
  ]);
  if (clauses.length === 0) return [];
  const suffix = rule.sinks === undefined ? "" : ".form";
  const options = { symbolic_propagation: true };
  return [
    { of: rule, rule: { ...headOf(rule, { suffix, said: "data" }), options, patterns: [eitherOf(clauses)] } },
  ];
}

function formsOf(misuse: ModelFile["misuses"][number], places: Places): Clause[] {
  return misuse.path
    .flatMap((path) => places.of(path))
    .flatMap((place) => {
      if (misuse.on === "mention") return atPlaces([place], ({ text }) => [text]);
      if (misuse.on === "store") return storeForms(misuse, place.text, places);
      const conditions = conditionsOn(place.text, misuse.when, places);
      const [call] = atPlaces([place], ({ text }) => [`${text}(...)`]);
      return call === undefined || conditions === undefined
        ? []
        : [conditions.length === 0 ? call : { patterns: [call, ...conditions] }];
    });
}

/** `settings[KEY] = value` and `object.attribute = value`. */
function storeForms({ when }: ModelFile["misuses"][number], place: string, places: Places): Clause[] {
  const value = when?.find(({ arg }) => arg.includes(0));
  const key = when?.find(({ arg }) => arg.includes(1));
  const values =
    value?.is?.map((one) => (one === false ? "False" : JSON.stringify(one))) ??
    value?.refers?.flatMap((path) => places.made(path)) ??
    [];
  const targets =
    key?.is === undefined
      ? [place]
      : key.is.map((one) => place.replace(/\[\.\.\.\]$/, `[${JSON.stringify(one)}]`));
  const texts = targets.flatMap((target) => values.map((one) => `${target} = ${one}`));
  return texts.length === 0 ? [] : [either(texts)];
}

const SEVERITIES = { error: "ERROR", warning: "WARNING", note: "INFO" };

function headOf(
  rule: Rule,
  { suffix, said, threat }: { suffix: string; said: string; threat?: string | undefined },
): Clause {
  return {
    id: `hexacoder.${rule.id.replaceAll("/", ".")}${suffix}`,
    languages: [rule.language],
    severity: SEVERITIES[rule.level],
    message: rule.message.replaceAll("{source}", said),
    metadata: {
      cwe: rule.cwes,
      rule: rule.id,
      ...(threat === undefined ? {} : { "threat-model": threat }),
      category: "security",
      license: "MIT",
      references: rule.links,
    },
  };
}

function saidOf({ model }: Book, labels: readonly string[]): string {
  const said = [...model.sources, ...model.named]
    .filter(({ kind }) => labels.includes(kind))
    .map(({ says }) => says);
  return [...new Set(said)].join(" or ");
}

/** Sources that some rules cannot take (what clears a kind) make a list of their own. */
function needed({ model }: Book, kinds: ReadonlySet<string>): string {
  const cleared = model.sources.filter(({ clears }) => clears?.some((kind) => kinds.has(kind))).length;
  return `${cleared} ${model.named.some(({ dangers }) => dangers.some((kind) => kinds.has(kind)))}`;
}

// The same object twice is written as an anchor and an alias.
const known = new Map<string, Clause>();
const lists = new Map<string, Clause[]>();

function remembered(key: string, make: () => Clause[]): Clause[] {
  const list = lists.get(key) ?? make().map(same);
  lists.set(key, list);
  return list;
}

function same(clause: Clause): Clause {
  const key = JSON.stringify(clause);
  const first = known.get(key) ?? clause;
  known.set(key, first);
  return first;
}

const GENERATED =
  " Written by scripts/semgrep-rules.ts out of data/rules and data/taint: change those, and run it again.";

function fileOf(rules: readonly Clause[]): string {
  return `#${GENERATED}\n# MIT, as hexacoder. For Semgrep's free engine.\n${stringify({ rules }, { lineWidth: 0, anchorPrefix: "part", indentSeq: false })}`;
}

function readme(rules: readonly Rule[], done: ReadonlySet<string>): string {
  const left = rules.filter(({ id }) => !done.has(id)).map(({ id }) => `- \`${id}\``);
  return `<!--${GENERATED} -->
# Rules for Semgrep

${done.size} of the builtin oracle's ${rules.length} Python rules, for Semgrep's taint mode (free engine), MIT.

| File | Holds |
|---|---|
| \`python-remote.yml\` | what data of requests may not reach (threat model \`remote\`) |
| \`python-local.yml\` | the same for arguments, environment and standard input (threat model \`local\`) |
| \`python.yml\` | rules without a threat model: secrets, archives, settings |

\`\`\`sh
semgrep scan --metrics=off --config data/semgrep/python-remote.yml --config data/semgrep/python.yml PATH
\`\`\`

They are made of the same models as the builtin oracle. Where both agree, one author agrees with himself:
they are no independent judge. They look at less: no types of receivers (a method counts in files that
import its library), no calls between functions, no order of checks; of regular expressions that check
or replace, the simple ones.

Not expressed, because they need a check in code, an order of steps, or the meaning of a pattern:

${left.join("\n")}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const files = await semgrepFiles();
  for (const name of readdirSync(FOLDER)) if (!files.has(name)) rmSync(join(FOLDER, name));
  for (const [name, text] of files) await writeFileAtomic(join(FOLDER, name), text);
  process.stdout.write(`${files.size} files in data/semgrep\n`);
}
