// CWE-611 (and 776): parses XML without outside entities. lxml gets a parser that resolves none;
// SAX gets its feature switched off; the standard library's parsers give way to defusedxml.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { insertBefore } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { argument, argumentsOf, blockOf, scopeOf, within } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";

/** Settings that an lxml parser must have, and what each one's safe value is. */
const SAFE = {
  resolve_entities: "False",
  no_network: "True",
  load_dtd: "False",
  dtd_validation: "False",
  huge_tree: "False",
};
/** Settings that are spelled out; the others are only put right where the program sets them. */
const SPELLED = ["resolve_entities", "no_network"] as const;

const LXML_PARSE =
  /^lxml\.(etree|objectify|html)\.(parse|fromstring|XML|fromstringlist|XMLID|parseid|iterparse)$/;
const LXML_PARSER = /^lxml\.etree\.(XMLParser|ETCompatXMLParser|XMLPullParser)$/;
/** Standard parsers and what defusedxml offers in the same place. */
const SAX = { module: "xml.sax", offers: new Set(["parse", "parseString", "make_parser"]) };
const DEFUSED: readonly { readonly module: string; readonly offers: ReadonlySet<string> }[] = [
  {
    module: "xml.etree.ElementTree",
    offers: new Set([
      "parse",
      "iterparse",
      "fromstring",
      "XML",
      "XMLParser",
      "XMLParse",
      "tostring",
      "ParseError",
    ]),
  },
  { module: "xml.dom.minidom", offers: new Set(["parse", "parseString"]) },
  { module: "xml.dom.pulldom", offers: new Set(["parse", "parseString"]) },
  SAX,
  { module: "xml.dom.expatbuilder", offers: new Set(["parse", "parseString"]) },
];

/** See the file's head. */
export const xmlEntities: Codemod = {
  name: "xml-entities",
  cwes: [parseCweId("CWE-611"), parseCweId("CWE-776")],
  rewrite(site) {
    const call = callOf(site, (name) => isXmlCall(name) || /\.(parse|feed|setFeature)$/.test(name));
    if (call === undefined) return undefined;
    const name = site.program.callee(call) ?? "";
    if (LXML_PARSER.test(name)) return edits(safeParser(call));
    if (LXML_PARSE.test(name)) return lxmlParse(site, call, name);
    const module = DEFUSED.find(({ module: known }) => name.startsWith(`${known}.`));
    const switched = saxFeature(site.program);
    const made = saxParser(site, call);
    if (switched.length === 0 && made !== undefined) return defuse(site, made, SAX);
    if (switched.length > 0) return edits(switched);
    if (module !== undefined) return defuse(site, call, module);
    return viaParser(site, call);
  },
};

function isXmlCall(name: string): boolean {
  return (
    LXML_PARSE.test(name) ||
    LXML_PARSER.test(name) ||
    DEFUSED.some(({ module }) => name.startsWith(`${module}.`))
  );
}

/** Edits that give an lxml parser's construction safe settings. */
function safeParser(call: SyntaxNode): Edit[] {
  const { keywords, list } = argumentsOf(call);
  if (list === undefined) return [];
  const out: Edit[] = [];
  for (const [name, safe] of Object.entries(SAFE)) {
    const value = keywords.get(name)?.child("value");
    if (value !== undefined && value.text !== safe) out.push(replace(value, safe));
  }
  const missing = SPELLED.filter((name) => !keywords.has(name)).map((name) => `${name}=${SAFE[name]}`);
  if (missing.length === 0) return out;
  const last = list.namedChildren.filter((child) => child.type !== "comment").at(-1);
  if (last === undefined) out.push(replace(list, `(${missing.join(", ")})`));
  else out.push({ start: last.end, end: last.end, text: `, ${missing.join(", ")}` });
  return out;
}

function lxmlParse(site: Site, call: SyntaxNode, name: string): Rewrite | undefined {
  if (name.endsWith(".iterparse")) return iterparse(call);
  if (name.startsWith("lxml.html.")) return undefined;
  const given = argument(call, 1, "parser");
  if (given !== undefined && given.text !== "None") {
    const made = constructionOf(site.program, given);
    return made === undefined ? undefined : edits(safeParser(made));
  }
  const names = new Names(site.program);
  const source = argument(call, 0, "source", "text");
  if (source === undefined) return undefined;
  const parser = parserFor(site, call, name, names);
  const text = `${parser}(${SPELLED.map((setting) => `${setting}=${SAFE[setting]}`).join(", ")})`;
  if (given !== undefined) return edits([replace(given, text)], { imports: names.needs });
  const last = call
    .child("arguments")
    ?.namedChildren.filter((child) => child.type !== "comment")
    .at(-1);
  const end = last?.end ?? source.end;
  const named = parserStatement(site, call, text);
  const handed = { start: end, end, text: `, parser=${named?.name ?? text}` };
  return edits(named === undefined ? [handed] : [named.edit, handed], { imports: names.needs });
}

/** One parser a function, made before the first call that needs it; undefined where no line can be added. */
function parserStatement(
  site: Site,
  call: SyntaxNode,
  text: string,
): { name: string; edit: Edit } | undefined {
  const { program } = site;
  const scope = scopeOf(call);
  const first = site.report
    .map(({ region }) => program.nodeAt(region))
    .filter((node) => node.start < call.start && scopeOf(node) === scope)
    .find((node) => within(call, blockOf(node) ?? node));
  const name = program.freshName(scope, "parser", "xml_parser", "safe_parser");
  const edit = insertBefore(program, first ?? call, [`${name} = ${text}`]);
  return edit === undefined ? undefined : { name, edit };
}

/** The parser class, spelled as the call is: `etree.parse` gives `etree.XMLParser`. */
function parserFor(site: Site, call: SyntaxNode, name: string, names: Names): string {
  const target = call.child("function");
  const module = target?.type === "attribute" ? target.child("object")?.text : undefined;
  if (module !== undefined && name.startsWith("lxml.etree.")) return `${module}.XMLParser`;
  if (name.startsWith("lxml.objectify.")) return `${module ?? "objectify"}.makeparser`;
  return site.program.imports.spelling("lxml.etree.XMLParser") ?? names.byName("lxml.etree.XMLParser");
}

function iterparse(call: SyntaxNode): Rewrite {
  return edits(safeParser(call));
}

function constructionOf(program: Program, parser: SyntaxNode): SyntaxNode | undefined {
  const made = parser.type === "identifier" ? program.valueOf(parser) : parser;
  if (made?.type !== "call") return undefined;
  const name = program.callee(made) ?? "";
  return LXML_PARSER.test(name) || name === "lxml.objectify.makeparser" ? made : undefined;
}

/** `parser.feed(x)` and `parser.parse(x)`: what counts is how the parser was made. */
function viaParser(site: Site, call: SyntaxNode): Rewrite | undefined {
  const object = call.child("function")?.child("object");
  const made = object === undefined ? undefined : constructionOf(site.program, object);
  return made === undefined ? undefined : edits(safeParser(made));
}

/** `parser.parse(x)` of a parser that `xml.sax.make_parser` made: how it was made. */
function saxParser({ program }: Site, call: SyntaxNode): SyntaxNode | undefined {
  const object = call.child("function")?.child("object");
  const made = object?.type === "identifier" ? program.valueOf(object) : undefined;
  return made !== undefined && program.callee(made) === "xml.sax.make_parser" ? made : undefined;
}

/** `setFeature(feature_external_ges, True)` becomes False. */
function saxFeature(program: Program): Edit[] {
  const out: Edit[] = [];
  for (const node of program.tree.root.descendants()) {
    if (node.type !== "call" || node.child("function")?.child("attribute")?.text !== "setFeature") continue;
    const feature = argument(node, 0);
    const state = argument(node, 1);
    if (feature === undefined || state === undefined) continue;
    if (!/feature_external_(ges|pes)|external-(general|parameter)-entities/.test(feature.text)) continue;
    if (/^(True|1)$/.test(state.text)) out.push(replace(state, state.text === "1" ? "0" : "False"));
  }
  return out;
}

function defuse(
  site: Site,
  call: SyntaxNode,
  { module, offers }: { module: string; offers: ReadonlySet<string> },
): Rewrite | undefined {
  const { program } = site;
  const name = program.callee(call)?.slice(module.length + 1) ?? "";
  if (!offers.has(name))
    return name.includes(".") ? undefined : needsDesign(`defusedxml has no ${module}.${name}.`);
  const defused = module.replace(/^xml\.(etree\.|dom\.)?/, "defusedxml.");
  const whole = wholeImport(program, module, offers);
  if (whole.length > 0) {
    const path = (node: SyntaxNode): string => (node.text === module ? defused : "defusedxml");
    return edits(whole.map((node) => replace(node, path(node))));
  }
  const target = call.child("function");
  if (target === undefined) return undefined;
  const names = new Names(program);
  const spelled = names.byModule(`${defused}.${name}`);
  return edits([replace(target, spelled)], {
    imports: names.needs,
    drops: [module, `${module}.${name}`, "xml"],
  });
}

/** The module's name in its import statement, when everything that is used of it is offered by defusedxml. */
function wholeImport(program: Program, module: string, offers: ReadonlySet<string>): SyntaxNode[] {
  const used = new Set<string>();
  for (const node of program.tree.root.descendants()) {
    if (node.type !== "attribute" || node.parent?.type === "attribute") continue;
    const full = program.fullName(node);
    if (full?.startsWith(`${module}.`) === true) used.add(full.slice(module.length + 1).split(".")[0] ?? "");
  }
  if ([...used].some((name) => !offers.has(name))) return [];
  return program.imports.names.flatMap(({ full, node, statement, from, local }) => {
    const path = node.type === "aliased_import" ? node.child("name") : undefined;
    // `import xml.etree.ElementTree as ET`: only the module's path changes.
    if (!from && full === module && local !== module && path !== undefined) return [path];
    const source = from ? statement.child("module_name") : undefined;
    // `from xml.etree import ElementTree as ET`: the package changes, the name stays.
    const alone = statement.childrenOf("name").length === 1;
    if (from && full === module && source !== undefined && alone) return [source];
    if (source?.text !== module) return [];
    const all = statement.childrenOf("name").every((name) => offers.has(name.text.split(" ")[0] ?? ""));
    return all ? [source] : [];
  });
}
