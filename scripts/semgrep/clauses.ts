// Pieces of Semgrep rules: clauses for places, calls, and the conditions that models put on arguments.
import type { Condition } from "../../src/oracle/taint/model-schema.ts";
import { callWith, literal, type Place, type Places } from "./places.ts";

/** A clause of a rule, as it is written in YAML. */
export type Clause = Readonly<Record<string, unknown>>;

/** One pattern, or one of several. */
export function either(texts: readonly string[]): Clause {
  const clauses = folded(texts);
  const [only, second] = clauses;
  return only !== undefined && second === undefined ? only : { "pattern-either": clauses };
}

/** `os.popen($SINK)` and `os.system($SINK)` as `os.$CALLED($SINK)` with a condition: fewer to try. */
function folded(texts: readonly string[]): Clause[] {
  const groups = new Map<string, string[]>();
  for (const text of new Set(texts)) {
    const [, before, name, after] = /^([\w$.]+\.)(\w+)(\(.*|)$/s.exec(text) ?? [];
    const key = before === undefined ? text : `${before}$CALLED${after}`;
    groups.set(key, [...(groups.get(key) ?? []), name ?? text]);
  }
  return [...groups].map(([key, names]) => {
    const [only = "", second] = names;
    if (second === undefined) return { pattern: key.replace("$CALLED", () => only) };
    return { patterns: [{ pattern: key }, textMatches("$CALLED", `^(?:${names.join("|")})$`)] };
  });
}

/** Several clauses as one: those that say the same are said once, those under the same imports together. */
export function eitherOf(clauses: readonly Clause[]): Clause {
  const different = [...new Map(clauses.map((clause) => [JSON.stringify(clause), clause])).values()];
  const plain = different.flatMap(({ pattern, ...others }) =>
    typeof pattern === "string" && Object.keys(others).length === 0 ? [pattern] : [],
  );
  const rest = different.filter(
    (clause) => typeof clause.pattern !== "string" || Object.keys(clause).length > 1,
  );
  const unique = [...folded(plain), ...underOneScope(rest)];
  const [only, second] = unique;
  return only !== undefined && second === undefined ? only : { "pattern-either": unique };
}

/** Joins clauses that are nothing but a scope and alternatives in it. */
function underOneScope(clauses: readonly Clause[]): Clause[] {
  const groups = new Map<string, { scope: Clause; inner: Clause[] }>();
  const others: Clause[] = [];
  for (const clause of clauses) {
    const { patterns } = clause;
    const [scope, inner, more]: Clause[] = Array.isArray(patterns) ? patterns : [];
    if (scope?.["pattern-inside"] === undefined || inner === undefined || more !== undefined) {
      others.push(clause);
      continue;
    }
    const key = JSON.stringify(scope);
    const group = groups.get(key) ?? { scope, inner: [] };
    groups.set(key, group);
    const several = inner["pattern-either"];
    group.inner.push(...(Array.isArray(several) ? several : [inner]));
  }
  const joined = [...groups.values()].map(({ scope, inner }) => ({ patterns: [scope, eitherOf(inner)] }));
  return [...others, ...joined];
}

/** The file imports one of these modules. */
export function importing(modules: readonly string[]): Clause {
  const names = modules.map((name) => name.replaceAll(".", "\\.")).join("|");
  return {
    "pattern-inside": { "pattern-regex": `(?s)\\A.*(?m:^)[ \\t]*(?:from|import)[ \\t]+(?:${names})\\b.*\\Z` },
  };
}

/** What a metavariable's text must look like. */
export function textMatches(variable: string, regex: string): Clause {
  return { "metavariable-regex": { metavariable: variable, regex } };
}

/** Patterns of several places, under the imports that they need. */
export function atPlaces(places: readonly Place[], textOf: (place: Place) => readonly string[]): Clause[] {
  const groups = new Map<string, { imports: readonly string[]; texts: string[] }>();
  for (const place of places) {
    const key = place.imports.join();
    const group = groups.get(key) ?? { imports: place.imports, texts: [] };
    groups.set(key, group);
    group.texts.push(...textOf(place));
  }
  return [...groups.values()].flatMap(({ imports, texts }): Clause[] => {
    const unique = [...new Set(texts)];
    if (unique.length === 0) return [];
    if (imports.length === 0) return unique.map((pattern) => ({ pattern }));
    return [{ patterns: [importing(imports), either(unique)] }];
  });
}

const LITERAL = "[rRbBuU]*[\"']|-?\\d|True$|False$|None$|\\[|\\{";
const QUOTE = "[rRbBuU]*[\"']";

/** Conditions on a call as clauses beside its pattern; undefined where Semgrep cannot say one of them. */
export function conditionsOn(
  head: string,
  when: readonly Condition[] | undefined,
  places: Places,
): Clause[] | undefined {
  const clauses: Clause[] = [];
  for (const [index, condition] of (when ?? []).entries()) {
    const some =
      condition.refers === undefined
        ? byText(head, condition, `$V${index + 1}`)
        : byReference(head, condition, places);
    if (some === undefined) return undefined;
    clauses.push(...some);
  }
  return clauses;
}

function byText(head: string, condition: Condition, variable: string): Clause[] | undefined {
  const accepted = acceptedText(condition);
  const present = condition.arg.flatMap((one) => callWith(head, one, variable) ?? []);
  if (accepted === undefined || condition.arg.includes("self") || present.length === 0) return undefined;
  const meets = valuesThatMeet(condition, accepted);
  return condition.orAbsent
    ? [{ "pattern-not": { patterns: [either(present), textMatches(variable, `(?s)^(?!${meets})`)] } }]
    : [either(present), textMatches(variable, `(?s)^(?:${meets})`)];
}

function valuesThatMeet({ not, orUnknown, text }: Condition, accepted: string): string {
  const known = text === undefined;
  if (!not) return orUnknown && known ? `${accepted}|(?!${LITERAL})` : accepted;
  return orUnknown || !known ? `(?!${accepted})` : `(?=${LITERAL})(?!${accepted})`;
}

/** A regular expression for the source text of values that a condition names. */
function acceptedText({
  is,
  matches,
  text,
  below,
  anyBits,
  shape,
  superlinear,
}: Condition): string | undefined {
  if (superlinear !== undefined) return undefined;
  if (is !== undefined) return `(?:${is.map(literalText).join("|")})`;
  if (matches !== undefined) return `(?i:${quotedText(matches)})`;
  if (text !== undefined) return `(?:.*(?:${text}))`;
  if (anyBits !== undefined) return bitsText(anyBits);
  if (below !== undefined) return belowText(below);
  if (shape !== undefined) return { list: "\\[", dict: "\\{", string: QUOTE }[shape];
  return undefined;
}

function literalText(value: string | number | boolean | null): string {
  return typeof value === "string" ? `${QUOTE}${escapeRegex(value)}["']$` : `${escapeRegex(literal(value))}$`;
}

/** A regular expression for a string's value, for its source text: quotes around it, escapes written out. */
export function quotedText(regex: string): string {
  const alternatives = regex.split(/\|(?=\^)/).map((one) => {
    const written = one.replaceAll("\\r", "\\\\r").replaceAll("\\n", "\\\\n");
    const start = written.startsWith("^") ? `${QUOTE}${written.slice(1)}` : `${QUOTE}.*(?:${written})`;
    return start.endsWith("$") ? `${start.slice(0, -1)}["']$` : start;
  });
  return `(?:${alternatives.join("|")})`;
}

/** Octal numbers that have one of some bits. */
function bitsText(bits: number): string {
  const digits = [...bits.toString(8)].map((digit) => Number.parseInt(digit, 8));
  const choices = digits.map((mask, place) => {
    const hits = [1, 2, 3, 4, 5, 6, 7].filter((digit) => (digit & mask) !== 0).join("");
    return hits === "" ? undefined : `0[oO]?[0-7]*[${hits}][0-7]{${digits.length - place - 1}}$`;
  });
  return `(?:${choices.filter(Boolean).join("|")})`;
}

/** Decimal numbers below a bound: those with fewer digits, and digit by digit those with as many. */
function belowText(bound: number): string {
  const digits = String(bound);
  const same = [...digits].flatMap((digit, place) =>
    digit === "0"
      ? []
      : [`${digits.slice(0, place)}[0-${Number(digit) - 1}]\\d{${digits.length - place - 1}}$`],
  );
  return `(?:\\d{1,${digits.length - 1}}$|${same.join("|")})`;
}

function byReference(head: string, condition: Condition, places: Places): Clause[] | undefined {
  const values = condition.refers?.flatMap((path) => places.made(path)) ?? [];
  const calls = condition.arg.flatMap((one) => values.flatMap((value) => callWith(head, one, value) ?? []));
  if (calls.length === 0 || condition.arg.includes("self")) return undefined;
  if (!condition.not) return condition.orAbsent ? undefined : [either(calls)];
  const required = condition.arg.flatMap((one) => callWith(head, one, "$_") ?? []);
  return [
    ...(condition.orAbsent ? [] : [either(required)]),
    ...calls.map((call) => ({ "pattern-not": call })),
  ];
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
