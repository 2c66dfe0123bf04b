// CWE-79: escapes untrusted values where they enter HTML, with the escape function that the
// program's framework brings, once, and only where escaping fits the place in the page.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { groupBy } from "../../util/group.ts";
import { type Edit, wrap } from "../edits.ts";
import { escapable, htmlContext } from "../html-context.ts";
import { type Leaf, leavesOf, textBefore } from "../python/leaves.ts";
import { nameBefore } from "../python/named-value.ts";
import { Names } from "../python/names.ts";
import { argument, argumentsOf, bare, statementOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { isSurelyString } from "../python/types.ts";
import { type Codemod, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";
import { autoescape } from "./jinja-autoescape.ts";

/** Calls whose first argument becomes the page. */
export const responseCalls: ReadonlySet<string> = new Set([
  "flask.make_response",
  "flask.Response",
  "flask.Markup",
  "markupsafe.Markup",
  "werkzeug.wrappers.Response",
  "django.http.HttpResponse",
  "django.utils.safestring.mark_safe",
  "fastapi.responses.HTMLResponse",
  "fastapi.responses.Response",
  "fastapi.Response",
  "starlette.responses.HTMLResponse",
  "starlette.responses.Response",
  "aiohttp.web.Response",
  "bottle.HTTPResponse",
  "sanic.response.html",
  "sanic.html",
  "str",
  "bytes",
]);

/** Functions that escape HTML, by full name. */
export const escapeFunctions = [
  "html.escape",
  "markupsafe.escape",
  "flask.escape",
  "cgi.escape",
  "django.utils.html.escape",
  "django.utils.html.conditional_escape",
  "tornado.escape.xhtml_escape",
  "bottle.html_escape",
  "xml.sax.saxutils.escape",
  "werkzeug.utils.escape",
  "bleach.clean",
  "urllib.parse.quote",
  "urllib.parse.quote_plus",
] as const;

/** See the file's head. */
export const htmlEscape: Codemod = {
  name: "html-escape",
  cwes: [parseCweId("CWE-79")],
  sanitizers: escapeFunctions,
  rewrite(site) {
    const environment = autoescape(site);
    if (environment !== undefined) return environment;
    // Template code is no page: escaping it would not keep it from running.
    if (isTemplateCode(site)) return undefined;
    const page = pageExpression(site);
    if (page === undefined) return undefined;
    const leaves = leavesOf(page, { program: site.program, taint: site.taint, wrappers: responseCalls });
    if (leaves.length === 0) return undefined;
    if (leaves.some(({ node }) => isFilteredHtml(site.program, node))) {
      return needsDesign("The page shows HTML that users write: which of it may stay is a design decision.");
    }
    return jsonResponse(site, page, leaves) ?? escapeAll(site.program, leaves);
  },
};

function isTemplateCode({ node, program }: Site): boolean {
  const call = node.parent?.type === "argument_list" ? node.parent.parent : undefined;
  const name = call === undefined ? "" : (program.fullName(call.child("function")) ?? "");
  return /(^|\.)(render_template_string|from_string|Template)$/.test(name);
}

/** The expression that becomes the page. */
function pageExpression(site: Site): SyntaxNode | undefined {
  let { node } = site;
  if (node.type === "return_statement") node = node.namedChildren[0] ?? node;
  node = bare(node);
  // `self.write(page)`, `response.write(page)`: the argument. Flask's helpers are gone through later.
  if (node.type === "call" && !responseCalls.has(site.program.callee(node) ?? "")) {
    const target = node.child("function");
    const method = target?.type === "attribute" ? target.child("attribute")?.text : undefined;
    if (method === "write" || method === "set_data" || method === "send") return argument(node, 0);
    const { keywords } = argumentsOf(node);
    const text = keywords.get("text") ?? keywords.get("body") ?? keywords.get("content");
    if (text !== undefined) return text.child("value");
  }
  return node;
}

function escapeAll(program: Program, leaves: readonly Leaf[]): Rewrite | undefined {
  const places = leaves.map((leaf) => htmlContext(textBefore(leaf)));
  const unfit = places.find((place) => !escapable.has(place));
  if (unfit !== undefined) {
    return needsDesign(`A value stands in a place of the page (${unfit}) where escaping does not help.`);
  }
  const names = new Names(program);
  const escaper = escapeFor(program, names);
  const groups = groupBy(leaves, ({ node }) => `${statementOf(node)?.start}:${node.text}`);
  const list = [...groups.values()].flatMap((group) => {
    return escapedBefore(program, group, escaper) ?? group.flatMap((leaf) => escaped(program, leaf, escaper));
  });
  return list.length === 0 ? undefined : edits(list, { imports: names.needs });
}

/** Values that are data for programs: escaping them would spoil them. */
const DATA =
  /^(\{|\[|(json|simplejson|ujson|orjson)\.(dumps|loads)\(|jsonify\()|\.json\(\)$|\.(text|content)$/;
/** Text in JSON, and values that flask.jsonify turns into it. */
const JSON_TEXT = /^(json|simplejson|ujson)\.dumps\(/;
const JSON_VALUE =
  /^((json|pickle|cPickle|marshal|dill)\.loads?|ast\.literal_eval|yaml\.\w*load)\(|\.json\(\)$|^(dict|list)\(|^\{.*\}$/s;

/** A page that is JSON gets JSON's content type (Flask); other data is not escaped. */
function jsonResponse(site: Site, page: SyntaxNode, leaves: readonly Leaf[]): Rewrite | undefined {
  const { program } = site;
  const values = leaves
    .filter(({ template }) => template.length === 0)
    .flatMap(({ node }) => valuesAt(program, node));
  const is = (kind: RegExp): boolean => values.some(({ text }) => kind.test(text));
  if (!is(DATA) && !is(JSON_VALUE)) return undefined;
  const [only] = leaves;
  const body = bodyOf(page);
  const isPage = only !== undefined && leaves.length === 1 && unencoded(body) === only.node;
  const names = new Names(program);
  if (isPage && program.imports.has("flask") && is(JSON_TEXT)) {
    const response = names.byName("flask.Response");
    return edits(wrap(body, `${response}(`, ', mimetype="application/json")'), { imports: names.needs });
  }
  if (isPage && body === only.node && program.imports.has("flask") && is(JSON_VALUE)) {
    return edits(wrap(body, `${names.byName("flask.jsonify")}(`, ")"), { imports: names.needs });
  }
  return needsDesign("The response is data of another kind: it needs its own content type.");
}

/** The text of `text.encode()`; anything else is itself. */
function unencoded(node: SyntaxNode): SyntaxNode {
  const target = node.type === "call" ? node.child("function") : undefined;
  return (target?.child("attribute")?.text === "encode" ? target.child("object") : undefined) ?? node;
}

/** What `self.name` is given in its class. */
function fieldValues(field: SyntaxNode): SyntaxNode[] {
  const owner = field.ancestor("class_definition");
  const name = field.child("attribute")?.text;
  if (owner === undefined || field.child("object")?.text !== "self") return [];
  return [...owner.descendants()].flatMap((node) => {
    const left = node.type === "assignment" ? node.child("left")?.text : undefined;
    const value = node.child("right");
    return value !== undefined && (left === name || left === field.text) ? [value] : [];
  });
}

/** `re.sub("<script.*", "", text)`: what is left is meant to be HTML. */
function isFilteredHtml(program: Program, node: SyntaxNode): boolean {
  return valuesAt(program, node).some((value) => {
    const name = value.type === "call" ? (value.child("function")?.text ?? "") : "";
    const isFilter = /(^|\.)(sub|subn|replace)$/.test(name);
    return isFilter && (/["'][^"']*<[^"']*["']/.test(value.text) || filtersByName(program, value));
  });
}

/** `SCRIPT.sub("", text)`, where SCRIPT was compiled from a pattern for tags. */
function filtersByName(program: Program, call: SyntaxNode): boolean {
  const parts = [call.child("function")?.child("object"), argument(call, 0)];
  return parts.some((part) => {
    const value = part?.type === "identifier" ? program.valueOf(part) : undefined;
    return value !== undefined && /<\W*\w*script|<\[/i.test(value.text);
  });
}

/** What an expression may be: itself, or what its name was given. */
function valuesAt(program: Program, node: SyntaxNode): SyntaxNode[] {
  if (node.type === "attribute") return [node, ...fieldValues(node)];
  if (node.type !== "identifier") return [node];
  const values = program
    .reaching(node)
    .flatMap(({ value, kind }) => (kind === "assign" && value !== undefined ? [value] : []));
  return values.length === 0 ? [node] : values;
}

/** The body in `return body` and `return body, 200`. */
function bodyOf(page: SyntaxNode): SyntaxNode {
  const node = bare(page);
  const first = /^(tuple|expression_list)$/.test(node.type) ? node.namedChildren[0] : undefined;
  return bare(first ?? node);
}

interface EscapeFunction {
  /** Its spelling. */
  readonly spelled: string;
  /** Whether it takes anything, None included; html.escape takes strings only. */
  readonly takesAnything: boolean;
  /** Whether it returns Markup, which escapes plain text that is added to it. */
  readonly makesMarkup: boolean;
}

function escapeFor(program: Program, names: Names): EscapeFunction {
  for (const full of ["markupsafe.escape", "flask.escape", "werkzeug.utils.escape", "html.escape"]) {
    // Only what the program imports by name: flask.escape is gone from Flask 3.
    const known = program.imports.names.some((name) => name.full === full && name.topLevel);
    if (known) return escapeFunction(full, names.byName(full));
  }
  // Plain text stays plain text: what markupsafe returns escapes the tags that are added to it later. By its name,
  // since many a page is called `html`.
  const full = program.imports.has("django") ? "django.utils.html.escape" : "html.escape";
  return escapeFunction(full, names.byName(full));
}

function escapeFunction(full: string, spelled: string): EscapeFunction {
  const makesMarkup = /^(markupsafe|flask)\./.test(full);
  return { spelled, takesAnything: makesMarkup || full.startsWith("django."), makesMarkup };
}

/** How a value is escaped: the calls around it, outermost first, and whether it is bytes. */
interface Escaping {
  readonly calls: readonly string[];
  readonly bytes: boolean;
}

/** Undefined where no escaping is needed. */
function escapingOf(program: Program, leaf: Leaf, escaper: EscapeFunction): Escaping | undefined {
  const { node, format } = leaf;
  // `{x:.1f}` and `%d` only take numbers, which need no escaping.
  if (/^%[^s]/.test(format) || /:[^}]*[bcdeEfFgGnoxX%,]$/.test(format)) return undefined;
  const calls: string[] = [escaper.spelled];
  const bytes = isBytes(program, node);
  const isString = isSurelyString(program, node) || emptyByDefault(leaf).length > 0;
  if (!escaper.takesAnything && !bytes && !isString) calls.push("str");
  // Markup + "<b>" would escape the page's own tags.
  if (escaper.makesMarkup && isInSum(leaf) && !isInStr(node)) calls.unshift("str");
  return { calls, bytes };
}

/**
 * `safe_name = escape(name)` in front of the statement, and the new name in the page: for a value that the
 * statement shows more than once, or that needs a call around a call, which is hard to read and to learn.
 */
function escapedBefore(
  program: Program,
  leaves: readonly Leaf[],
  escaper: EscapeFunction,
): Edit[] | undefined {
  const ways = leaves.map((leaf) => escapingOf(program, leaf, escaper));
  const [leaf] = leaves;
  const [way] = ways;
  if (leaf === undefined || way === undefined || way.bytes) return undefined;
  if (ways.some((other) => other?.calls.join() !== way.calls.join())) return undefined;
  if (leaves.length === 1 && way.calls.length === 1) return undefined;
  const { node } = leaf;
  const uses = leaves.map((each) => each.node);
  return nameBefore(program, uses, { prefix: "safe", value: around(way.calls, node.text) });
}

function around(calls: readonly string[], text: string): string {
  return `${calls.join("(")}(${text}${")".repeat(calls.length)}`;
}

function escaped(program: Program, leaf: Leaf, escaper: EscapeFunction): Edit[] {
  const way = escapingOf(program, leaf, escaper);
  if (way === undefined) return [];
  const open = `${way.calls.join("(")}(`;
  const closed = ")".repeat(way.calls.length);
  if (!way.bytes) return [...wrap(leaf.node, open, closed), ...emptyByDefault(leaf)];
  // Bytes stay bytes where they are a page or a piece of one: what takes them takes no text.
  const back = leaf.by === "bare" || isInSum(leaf) ? ".encode()" : "";
  return wrap(leaf.node, open, `.decode()${closed}${back}`);
}

/** Whether the value is added to other text. */
function isInSum({ node, by }: Leaf): boolean {
  return by === "concat" || by === "join" || isAdded(node);
}

/** `str(x)` around the value is there already. */
function isInStr(node: SyntaxNode): boolean {
  const call = node.parent?.type === "argument_list" ? node.parent.parent : undefined;
  return call?.child("function")?.text === "str";
}

/** Calls whose result is bytes, by full name. */
const BYTES_CALLS =
  /^(base64\.\w+(en|de)code|binascii\.((un)?hexlify|a2b_\w+|b2a_\w+)|bytes\.fromhex|zlib\.(de)?compress|subprocess\.check_output)$/;

/** Output of a process and the like: bytes, which escaping would spell as `b'…'`. */
function isBytes(program: Program, node: SyntaxNode): boolean {
  return valuesAt(program, node).some((value) => {
    const { text } = value;
    if (/\b(text|universal_newlines)=True|\b(encoding|errors)=/.test(text)) return false;
    if (/\.get_data\(\)$|\brequest\.data$|\.encode\([^()]*\)$/s.test(text)) return true;
    return value.type === "call" && BYTES_CALLS.test(program.callee(value) ?? "");
  });
}

/** Parts of a request that give None for what is not there. */
const ABSENT_IS_NONE =
  /\.(args|form|forms|values|headers|cookies|query|query_params|params|match_info|GET|POST|COOKIES|META)\.get$/;

/** `.get(name)` alone in a page, which is empty where there is none; an escape function would write "None" there. */
function emptyByDefault({ node, by }: Leaf): Edit[] {
  if (by !== "bare" || node.type !== "call") return [];
  const { positional, keywords, list } = argumentsOf(node);
  const [only] = positional;
  const isGet = ABSENT_IS_NONE.test(node.child("function")?.text ?? "");
  if (!isGet || positional.length !== 1 || only === undefined || keywords.size > 0 || list === undefined)
    return [];
  return [{ start: only.end, end: only.end, text: ', ""' }];
}

/** Whether the node is an operand of a `+`, or of `+=`. */
function isAdded(node: SyntaxNode): boolean {
  const { parent } = node;
  return (
    parent?.type === "augmented_assignment" ||
    (parent?.type === "binary_operator" && parent.child("operator")?.type === "+")
  );
}
