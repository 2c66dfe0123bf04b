// CWE-20 in URL checks: decides on the parsed host name, exactly or with a leading dot, instead of
// searching the URL's text. Several checks of one URL share the parsing.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { insertBefore } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { blockOf, runsWithStatement, scopeOf, within } from "../python/nodes.ts";
import { type Codemod, edits, type Rewrite, type Site } from "../rewrite.ts";
import { patternRewrite } from "./host-pattern.ts";
import { type Question, questionOf, type Target, targetOf } from "./host-question.ts";

/** See the file's head. */
export const hostCheck: Codemod = {
  name: "host-check",
  cwes: [parseCweId("CWE-20")],
  rewrite(site) {
    return substringCheck(site) ?? patternRewrite(site);
  },
};

/** A check with what it means. */
interface Check {
  readonly question: Question;
  readonly target: Target;
}

function substringCheck(site: Site): Rewrite | undefined {
  const check = checkAt(site.node);
  if (check === undefined) return undefined;
  const { question, target } = check;
  const known = knownHost(question.url, question, target);
  if (known !== undefined)
    return edits([replace(question.node, placed(question, conditions(target, known)))]);
  const names = new Names(site.program);
  const shared = parsedBefore(site, check, names);
  const text = shared === undefined ? inPlace(site, check, names) : conditions(target, shared);
  const list = [replace(question.node, placed(question, text))];
  return edits(shared === undefined ? list : [shared.edit, ...list], { imports: names.needs });
}

function checkAt(node: SyntaxNode): Check | undefined {
  const question = questionOf(node);
  const target = question === undefined ? undefined : targetOf(question);
  return question === undefined || target === undefined ? undefined : { question, target };
}

/** The check as it stands in its place: negated and in parentheses where they are needed. */
function placed({ negated, node }: Question, text: string): string {
  if (negated) return `not (${text})`;
  return needsGroup(node) && / (and|or) /.test(text) ? `(${text})` : text;
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

/** `parsed.netloc` has been parsed already, and a variable called `domain` holds no URL. */
function knownHost(url: SyntaxNode, { kind }: Question, { scheme, path }: Target): Parts | undefined {
  if (scheme !== undefined || path !== "") return undefined;
  if (url.type === "identifier" && kind === "ends" && /(^|_)(host|hostname|domain|netloc)$/.test(url.text)) {
    return { scheme: "", path: "", host: url.text, named: url.text };
  }
  const object = url.type === "attribute" ? url.child("object")?.text : undefined;
  const isParsed = /^(netloc|hostname)$/.test(url.child("attribute")?.text ?? "");
  return object === undefined || !isParsed ? undefined : inline(object);
}

/** The check without a statement of its own: the URL is parsed by an assignment expression. */
function inPlace({ program }: Site, { question, target }: Check, names: Names): string {
  const parsed = parsedUrl(program, [{ question, target }], names);
  const name = program.freshName(question.node, "parsed_url", "url_parts");
  const text = conditions(target, inline(name));
  const uses = text.split(`${name}.`).length - 1;
  return text.replace(`${name}.`, uses > 1 ? `(${name} := ${parsed}).` : `${parsed}.`);
}

function inline(parsed: string): Parts {
  const part = `${parsed}.`;
  return { scheme: `${part}scheme`, path: `${part}path`, host: `${part}hostname`, named: undefined };
}

/** The parsing call; a text without a scheme is a host with or without a path. */
function parsedUrl(program: Site["program"], checks: readonly Check[], names: Names): string {
  const known = program.imports.spelling("urllib.parse.urlparse");
  const parse = known ?? names.byName("urllib.parse.urlsplit");
  const url = checks[0]?.question.url.text ?? "";
  if (checks.every(({ target }) => target.scheme !== undefined)) return `${parse}(${url})`;
  return `${parse}(${url} if "//" in ${url} else "//" + ${url})`;
}

/** Parses the URL in front of the first check of it in the block, for all of them. */
function parsedBefore(site: Site, check: Check, names: Names): (Parts & { edit: Edit }) | undefined {
  const { program } = site;
  const group = groupOf(site, check);
  const [first] = group;
  if (first === undefined) return undefined;
  const parsed = parsedUrl(program, group, names);
  const anchor = first.question.node;
  const url = program.freshName(anchor, "parsed_url", "url_parts");
  const host = program.freshName(anchor, "hostname", "url_host");
  const wanted = group.some(({ target }) => target.scheme !== undefined || target.path !== "");
  const below = group.some(({ target }) => target.subdomains !== "none");
  const lines = wanted ? [`${url} = ${parsed}`] : [];
  if (below || !wanted) lines.push(`${host} = ${wanted ? url : parsed}.hostname or ""`);
  const edit = insertBefore(program, anchor, lines);
  if (edit === undefined) return undefined;
  const named = below || !wanted ? host : undefined;
  return { edit, scheme: `${url}.scheme`, path: `${url}.path`, host: named ?? `${url}.hostname`, named };
}

/** The checks of the same URL that one parsing can serve, the given one among them; none where that cannot be. */
function groupOf(site: Site, { question }: Check): Check[] {
  const scope = scopeOf(question.node);
  const checks = site.report
    .flatMap(({ region }) => checkAt(site.program.nodeAt(region)) ?? [])
    .filter(({ question: other }) => other.url.text === question.url.text && scopeOf(other.node) === scope)
    .sort((a, b) => a.question.node.start - b.question.node.start);
  const [first] = checks;
  if (first === undefined || !runsWithStatement(first.question.node) || isGuarded(first.question)) return [];
  const block = blockOf(first.question.node);
  const definitions = site.program.definitionsIn(scope, question.url.text);
  const group = checks.filter(({ question: { node } }) => {
    const changed = definitions.some(
      (made) => made.node.start > first.question.node.start && made.node.start < node.start,
    );
    return block !== undefined && within(node, block) && !changed;
  });
  return group.some((other) => other.question.node === question.node) ? group : [];
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

/** After `url is not None and …` the parsing must wait for its turn; after another check of it it need not. */
function isGuarded({ node, url }: Question): boolean {
  for (let current = node; current.parent !== undefined; current = current.parent) {
    const { parent } = current;
    if (parent.type === "conditional_expression" && current !== parent.namedChildren[1]) return true;
    if (parent.type === "boolean_operator" && current.field === "right") {
      const left = parent.child("left");
      const isCheck = left?.text.startsWith(`${url.text} == `);
      if (!isCheck && (left === undefined || questionOf(left)?.url.text !== url.text)) return true;
    }
    if (/_statement$/.test(parent.type)) return false;
  }
  return false;
}

function needsGroup(node: SyntaxNode): boolean {
  return /^(boolean_operator|not_operator|conditional_expression|comparison_operator)$/.test(
    node.parent?.type ?? "",
  );
}
