// CWE-20 in URL checks: decides on the parsed host name, exactly or with a leading dot, instead of
// searching the URL's text.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { insertBefore } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { argument, bare, runsWithStatement, statementOf } from "../python/nodes.ts";
import { literalValue } from "../python/strings.ts";
import { type Codemod, edits, type Rewrite, type Site } from "../rewrite.ts";
import { patternRewrite } from "./host-pattern.ts";

/** See the file's head. */
export const hostCheck: Codemod = {
  name: "host-check",
  cwes: [parseCweId("CWE-20")],
  rewrite(site) {
    return substringCheck(site) ?? patternRewrite(site);
  },
};

/** What a check on a URL's text asks. */
interface Question {
  /** The whole check. */
  readonly node: SyntaxNode;
  /** The URL. */
  readonly url: SyntaxNode;
  /** The text that is looked for. */
  readonly text: string;
  readonly kind: "contains" | "starts" | "ends";
  /** Whether the check asks that the text is not there. */
  readonly negated: boolean;
}

function substringCheck(site: Site): Rewrite | undefined {
  const question = questionOf(site.node);
  const target = question === undefined ? undefined : targetOf(question);
  if (question === undefined || target === undefined) return undefined;
  const { program } = site;
  const names = new Names(program);
  const parse = names.byName("urllib.parse.urlsplit");
  const url = question.url.text;
  const parsed =
    target.scheme !== undefined
      ? `${parse}(${url})`
      : `${parse}(${url} if "//" in ${url} else "//" + ${url})`;
  const known = knownHost(question.url);
  if (known !== undefined && target.scheme === undefined && target.path === "") {
    return edits([replace(question.node, negate(question, conditions(target, known)))]);
  }
  const statement = statementOf(question.node);
  const inserted = statement !== undefined && runsWithStatement(question.node) && !isGuarded(question.node);
  const before = inserted ? parsedBefore(site, question, target, parsed) : undefined;
  const name = program.freshName(question.node, "parsed_url", "url_parts");
  const check = before === undefined ? inPlace(target, name, parsed) : conditions(target, before);
  const list = [replace(question.node, negate(question, check))];
  return edits(before === undefined ? list : [before.edit, ...list], { imports: names.needs });
}

/** The check as it stands in its place: negated and in parentheses where they are needed. */
function negate({ negated, node }: Question, check: string): string {
  if (negated) return `not (${check})`;
  return needsGroup(node) && / (and|or) /.test(check) ? `(${check})` : check;
}

/** `parsed.netloc` and `parsed.hostname` have been parsed already. */
function knownHost(url: SyntaxNode): Parts | undefined {
  const object = url.type === "attribute" ? url.child("object")?.text : undefined;
  if (object === undefined || !/^(netloc|hostname)$/.test(url.child("attribute")?.text ?? ""))
    return undefined;
  return inline(object);
}

/** How the parts of the parsed URL are spelled in the check. */
interface Parts {
  readonly scheme: string;
  readonly path: string;
  /** The host name, maybe None: for `==`. */
  readonly host: string;
  /** The host name as text, where it has a name of its own. */
  readonly named: string | undefined;
}

/** The check without a statement of its own: the URL is parsed by an assignment expression. */
function inPlace(target: Target, name: string, parsed: string): string {
  const check = conditions(target, inline(name));
  const uses = check.split(`${name}.`).length - 1;
  return check.replace(`${name}.`, uses > 1 ? `(${name} := ${parsed}).` : `${parsed}.`);
}

function inline(parsed: string): Parts {
  const part = `${parsed}.`;
  return { scheme: `${part}scheme`, path: `${part}path`, host: `${part}hostname`, named: undefined };
}

/** Parses the URL in front of the statement, once for all checks of it in the function. */
function parsedBefore(
  { program }: Site,
  { node }: Question,
  { scheme, path, subdomains }: Target,
  parsed: string,
): (Parts & { edit: Edit }) | undefined {
  const statement = statementOf(node) ?? node;
  const url = program.freshName(statement, "parsed_url", "url_parts");
  const host = program.freshName(statement, "hostname", "url_host");
  const wanted = scheme !== undefined || path !== "";
  const lines = wanted ? [`${url} = ${parsed}`] : [];
  if (subdomains !== "none") lines.push(`${host} = ${wanted ? url : parsed}.hostname or ""`);
  else if (!wanted) lines.push(`${host} = ${parsed}.hostname`);
  const edit = insertBefore(program, node, lines);
  if (edit === undefined) return undefined;
  const named = subdomains !== "none" || !wanted ? host : undefined;
  return { edit, scheme: `${url}.scheme`, path: `${url}.path`, host: named ?? `${url}.hostname`, named };
}

/** The check around or in the finding's node. */
function questionOf(at: SyntaxNode): Question | undefined {
  for (let node: SyntaxNode | undefined = at; node !== undefined; node = node.parent) {
    const question = asComparison(node) ?? asMethod(node);
    if (question !== undefined) return question;
    if (/_statement$|^block$|_definition$/.test(node.type)) break;
  }
  for (const node of at.descendants()) {
    const question = asComparison(node) ?? asMethod(node);
    if (question !== undefined) return question;
  }
  return undefined;
}

function asComparison(node: SyntaxNode): Question | undefined {
  if (node.type !== "comparison_operator") return undefined;
  const [left, right, ...more] = node.namedChildren;
  const operator = node.children.find((child) => /^(in|not in|==|!=|>|>=|<)$/.test(child.type))?.type;
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  if (operator === "in" || operator === "not in") {
    const text = literalValue(left);
    if (text === undefined) return undefined;
    return { node, url: bare(right), text, kind: "contains", negated: operator === "not in" };
  }
  // `url.find("host") != -1`, `>= 0`, `== 0`.
  const found = bare(left);
  const method = found.type === "call" ? found.child("function")?.child("attribute")?.text : undefined;
  const url = found.child("function")?.child("object");
  const needle = found.type === "call" ? argument(found, 0) : undefined;
  const text = needle === undefined ? undefined : literalValue(needle);
  if (!/^(find|index|rfind)$/.test(method ?? "") || url === undefined || text === undefined) return undefined;
  const rest = `${operator} ${right.text}`;
  if (rest === "== 0") return { node, url, text, kind: "starts", negated: false };
  if (rest === "!= -1" || rest === ">= 0" || rest === "> -1")
    return { node, url, text, kind: "contains", negated: false };
  return rest === "== -1" || rest === "< 0"
    ? { node, url, text, kind: "contains", negated: true }
    : undefined;
}

function asMethod(node: SyntaxNode): Question | undefined {
  if (node.type !== "call") return undefined;
  const target = node.child("function");
  const method = target?.type === "attribute" ? target.child("attribute")?.text : undefined;
  const url = target?.child("object");
  const needle = argument(node, 0);
  const text = needle === undefined ? undefined : literalValue(needle);
  if (url === undefined || text === undefined) return undefined;
  if (method === "startswith") return { node, url, text, kind: "starts", negated: false };
  return method === "endswith" ? { node, url, text, kind: "ends", negated: false } : undefined;
}

/** What the check means, said of a parsed URL. */
interface Target {
  readonly scheme: string | undefined;
  readonly host: string;
  readonly subdomains: "none" | "also" | "only";
  /** A path that the text goes on with. */
  readonly path: string;
}

function targetOf({ text, kind }: Question): Target | undefined {
  const match = /^(?:([a-z][a-z0-9+]*):\/\/|\/\/)?(\.|\*\.)?((?:[\w-]+\.)+[a-zA-Z]{2,})(:\d+)?(\/.*)?$/.exec(
    text,
  );
  if (match === null || match[4] !== undefined) return undefined;
  const [, scheme, dot, host = "", , path = ""] = match;
  const subdomains = dot !== undefined ? "only" : kind === "starts" || scheme !== undefined ? "none" : "also";
  return {
    scheme,
    host: host.toLowerCase(),
    subdomains,
    path: kind === "contains" && path === "/" ? "" : path,
  };
}

function conditions({ scheme, host, subdomains, path }: Target, parts: Parts): string {
  const out = scheme === undefined ? [] : [`${parts.scheme} == "${scheme}"`];
  if (subdomains === "none") out.push(`${parts.host} == "${host}"`);
  else if (subdomains === "only") out.push(`${parts.named ?? `(${parts.host} or "")`}.endswith(".${host}")`);
  else out.push(hostOrBelow(parts, host, scheme === undefined && path === ""));
  if (path !== "" && path !== "/") out.push(`${parts.path}.startswith("${path}")`);
  else if (path === "/") out.push(`${parts.path} == "/"`);
  return out.join(" and ");
}

function hostOrBelow({ named, host }: Parts, wanted: string, alone: boolean): string {
  // With a dot in front, one test covers the host itself and everything below it.
  if (named === undefined) return `("." + (${host} or "")).endswith(".${wanted}")`;
  const test = `${named} == "${wanted}" or ${named}.endswith(".${wanted}")`;
  return alone ? test : `(${test})`;
}

/** After `url and …` the parsing must wait for its turn. */
function isGuarded(node: SyntaxNode): boolean {
  for (let current = node; current.parent !== undefined; current = current.parent) {
    const { parent } = current;
    if (parent.type === "boolean_operator" && current.field === "right") return true;
    if (parent.type === "conditional_expression") return true;
    if (/_statement$/.test(parent.type)) return false;
  }
  return false;
}

function needsGroup(node: SyntaxNode): boolean {
  return /^(boolean_operator|not_operator|conditional_expression|comparison_operator)$/.test(
    node.parent?.type ?? "",
  );
}
