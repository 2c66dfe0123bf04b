// CWE-117: takes line breaks out of untrusted values where they enter a log message, so that one
// call writes one line.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, wrap } from "../edits.ts";
import { nameBefore } from "../python/named-value.ts";
import { argumentsOf, bare } from "../python/nodes.ts";
import { builtTemplate, literalValue } from "../python/strings.ts";
import { isSurelyString } from "../python/types.ts";
import { type Codemod, callOf, edits, type Site } from "../rewrite.ts";

const LEVEL = /\.(debug|info|warning|warn|error|critical|exception|fatal|log|msg|write)$/;
const STRIP = '.replace("\\r", "").replace("\\n", "")';

/** See the file's head. */
export const logNewlines: Codemod = {
  name: "log-newlines",
  cwes: [parseCweId("CWE-117")],
  rewrite(site) {
    const call = callOf(site, (name) => LEVEL.test(name));
    if (call === undefined) return undefined;
    const { positional, keywords } = argumentsOf(call);
    const values = [...positional, ...[...keywords.values()].flatMap((node) => node.child("value") ?? [])];
    const numbers = numberArguments(positional);
    const wanted = values.filter((value) => !numbers.has(value));
    const texts = wanted.flatMap((value) => clean(site, value));
    const asNumbers = [...numbers].flatMap(([value, call]) => {
      return site.taint.isTainted(value) ? wrap(value, `${call}(`, ")") : [];
    });
    const list = [...texts, ...asNumbers];
    return list.length === 0 ? undefined : edits(list);
  },
};

/** Arguments that the message formats as numbers, with the call that makes sure of it: `%d` takes no text. */
function numberArguments(positional: readonly SyntaxNode[]): Map<SyntaxNode, "int" | "float"> {
  const out = new Map<SyntaxNode, "int" | "float">();
  const place = positional.findIndex((value) => literalValue(value) !== undefined);
  const message = positional[place];
  if (message === undefined) return out;
  const slots = [...(literalValue(message) ?? "").matchAll(/%[-#0 +]*\d*(?:\.\d+)?([a-zA-Z%])/g)].filter(
    (match) => match[1] !== "%",
  );
  for (const [index, value] of positional.slice(place + 1).entries()) {
    const conversion = slots[index]?.[1] ?? "s";
    if (/[dioxX]/.test(conversion)) out.set(value, "int");
    else if (/[eEfFgG]/.test(conversion)) out.set(value, "float");
  }
  return out;
}

function clean(site: Site, value: SyntaxNode): Edit[] {
  const node = bare(value);
  if (!site.taint.isTainted(node) || isClean(node)) return [];
  const template = builtTemplate(node, site.program.literalOf);
  if (template === undefined) return stripped(site, node);
  const values = template.filter((piece) => piece.kind === "value");
  if (!values.some(({ by }) => by === "fstring")) return values.flatMap((piece) => clean(site, piece.node));
  const inside = values.filter(({ node: inner }) => site.taint.isTainted(inner) && !isClean(inner));
  const named = inside.map((piece) => cleanedBefore(site, piece.node));
  // Before Python 3.12 an f-string's expressions hold no backslash: the value is cleaned before, or the whole text.
  if (named.some((list) => list === undefined)) return wrapped(site, node);
  return named.flatMap((list) => list ?? []);
}

/** `clean_name = name.replace(...)` in front of the statement, and the new name in the f-string. */
function cleanedBefore({ program }: Site, node: SyntaxNode): Edit[] | undefined {
  const value = isSurelyString(program, node) && isAtom(node) ? node.text : `str(${node.text})`;
  return nameBefore(program, [node], { prefix: "clean", value: `${value}${STRIP}` });
}

/** Whether line breaks are out already: `x.replace(..., "")` with a line break, or `!r` spelled as repr(x). */
function isClean(node: SyntaxNode): boolean {
  return /\.replace\(\s*["']\\n["']/.test(node.text) || /^(repr|ascii|json\.dumps)\(/.test(node.text);
}

/** By name, else in place: a line of calls around calls is hard to read, and a model that learns it loses its brackets. */
function stripped(site: Site, node: SyntaxNode): Edit[] {
  return cleanedBefore(site, node) ?? wrapped(site, node);
}

function wrapped(site: Site, node: SyntaxNode): Edit[] {
  if (!isSurelyString(site.program, node)) return wrap(node, "str(", `)${STRIP}`);
  return isAtom(node) ? wrap(node, "", STRIP) : wrap(node, "(", `)${STRIP}`);
}

function isAtom(node: SyntaxNode): boolean {
  return /^(identifier|attribute|subscript|call|string)$/.test(node.type);
}
