// CWE-20 in regular expressions: escapes the dots of host names, anchors both ends where the
// pattern decides alone, and writes letter ranges as what they mean.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import { literalStart } from "../python/strings.ts";
import { edits, type Rewrite, type Site } from "../rewrite.ts";

/** Edits that repair the pattern literals of a finding. */
export function patternRewrite(site: Site): Rewrite | undefined {
  const list = literalsOf(site).flatMap((literal) => {
    const dots = hostDots(literal);
    const anchors = dots.length > 0 ? anchorEdits(site, literal) : [];
    return [...rawIfPossible(literal, [...dots, ...anchors]), ...ranges(literal)];
  });
  return list.length === 0 ? undefined : edits(list);
}

/** The string literals of the finding: its node, those in it, or what the name stands for. */
function literalsOf(site: Site): SyntaxNode[] {
  const own = stringsIn(site.node);
  if (own.length > 0) return own;
  const inside = site.node.ancestor("string", "concatenated_string");
  if (inside !== undefined) return stringsIn(inside);
  const names = [...site.node.descendants()].filter((node) => node.type === "identifier");
  return names.flatMap((name) => {
    const value = site.program.valueOf(name);
    return value === undefined ? [] : stringsIn(value);
  });
}

function stringsIn(node: SyntaxNode): SyntaxNode[] {
  return [...node.descendants()].filter((child) => child.type === "string");
}

const TOP_LEVEL =
  "com|org|net|edu|gov|io|dev|app|co|uk|de|eu|info|biz|fr|ch|at|nl|test|example|local|internal";
/** A host name with at least one unescaped dot, as patterns spell it. */
const HOST = new RegExp(
  `(?:[\\w-]+|\\([\\w|?:.-]+\\)[?*]?|\\[[^\\]]*\\][+*]?)(?:(?:\\\\*\\.)(?:[\\w-]+|\\([\\w|?:]+\\)))*(?:\\\\*\\.)(?:${TOP_LEVEL})\\b`,
  "g",
);

/** An optional label with its dot, `(www.)?`, in front of a host. */
const LABEL_GROUP = new RegExp(
  `\\((?:\\?:)?[\\w|-]+\\.\\)[?*](?=(?:[\\w-]+\\\\?\\.)+(?:${TOP_LEVEL})\\b)`,
  "g",
);

function hostDots(literal: SyntaxNode): Edit[] {
  const contents = literal.namedChildren.filter((child) => child.type === "string_content");
  const out: Edit[] = [];
  for (const content of contents) {
    for (const match of [...content.text.matchAll(HOST), ...content.text.matchAll(LABEL_GROUP)]) {
      for (const dot of match[0].matchAll(/\./g)) {
        const at = match.index + dot.index;
        // `.*`, `.+`, `.?` mean any character; `\.` is escaped; `[.]` is literal.
        if (/[\\[]/.test(content.text.charAt(at - 1)) || /[*+?{\]]/.test(content.text.charAt(at + 1)))
          continue;
        const start = content.start + at;
        out.push({ start, end: start, text: "\\" });
      }
    }
  }
  return out;
}

/** After the host name: a port, and its end, a path, a query or a fragment. `host:x@other` has no port. */
const HOST_END = "(?::\\d+)?(?:[/?#]|$)";

/** What keeps a checked host name from being a part of a longer one. */
function anchorEdits(site: Site, literal: SyntaxNode): Edit[] {
  const how = checkedBy(site, literal);
  const contents = literal.namedChildren.filter((child) => child.type === "string_content");
  const [content] = contents;
  if (how === undefined || content === undefined || contents.length > 1) return [];
  const out: Edit[] = [];
  if (how === "search" && /^(https?|\(|\w)/.test(content.text)) {
    const text = /^https?/.test(content.text) ? "^" : "^(?:https?://)?";
    out.push({ start: content.start, end: content.start, text });
  }
  // Only brackets and an optional slash after the name: nothing says where it ends.
  const open = new RegExp(`\\.(?:${TOP_LEVEL})\\)*(?:/\\?)?$`);
  if (how !== "fullmatch" && open.test(content.text)) {
    out.push({ start: content.end, end: content.end, text: HOST_END });
  }
  return out;
}

/** The function of `re` that decides by the pattern, where there is one. */
function checkedBy(site: Site, literal: SyntaxNode): "match" | "search" | "fullmatch" | undefined {
  const call = literal.ancestor("call");
  const name = call === undefined ? "" : (site.program.callee(call) ?? "");
  const direct = /^re\.(match|search|fullmatch)$/.exec(name)?.[1] ?? byVariable(site, literal);
  return direct === "match" || direct === "search" || direct === "fullmatch" ? direct : undefined;
}

/** `pattern = re.compile(...)`, `pattern.match(url)`, `re.match(pattern, url)`. */
function byVariable(site: Site, literal: SyntaxNode): string | undefined {
  const target = literal.ancestor("assignment")?.child("left")?.text;
  if (target === undefined) return undefined;
  const { source } = site.program.tree;
  const methods = new RegExp(`\\b${target}\\.(\\w+)\\(|\\bre\\.(\\w+)\\(\\s*${target}\\b`, "g");
  const names = new Set([...source.matchAll(methods)].map((match) => match[1] ?? match[2] ?? ""));
  const [only, ...others] = names;
  return others.length === 0 ? only : undefined;
}

/** A backslash in a plain literal wants a raw one; where other escapes are in it, it is doubled. */
function rawIfPossible(literal: SyntaxNode, list: Edit[]): Edit[] {
  if (list.length === 0 || literalStart(literal).prefix.includes("r")) return list;
  const hasEscapes = /\\[^.\w\s/-]|\\[nrtxu0-7abfv]/.test(literal.text);
  if (hasEscapes) return list.map((edit) => ({ ...edit, text: edit.text.replaceAll("\\", "\\\\") }));
  return [{ start: literal.start, end: literal.start, text: "r" }, ...list];
}

function ranges(literal: SyntaxNode): Edit[] {
  const out: Edit[] = [];
  for (const content of literal.namedChildren.filter((child) => child.type === "string_content")) {
    for (const set of content.text.matchAll(/(?<!\\)\[((?:\\.|[^\]\\])*)\]/g)) {
      const start = content.start + set.index + 1;
      out.push(...rangesIn(set[1] ?? "", start));
    }
  }
  const escapes = out.some(({ text }) => text.includes("\\"));
  return escapes ? rawIfPossible(literal, out) : out;
}

/** `A-z` becomes `A-Za-z`; a range between signs means its two ends and the dash. */
function rangesIn(set: string, start: number): Edit[] {
  const out: Edit[] = [];
  for (const match of set.matchAll(/(\\.|[^\\])-(\\.|[^\\])/g)) {
    const [whole, from = "", to = ""] = match;
    const at = start + match.index;
    const span = { start: at, end: at + whole.length };
    if (/^[A-Z]$/.test(from) && /^[a-z]$/.test(to)) out.push({ ...span, text: `${from}-Za-${to}` });
    else if (/^[0-9]$/.test(from) && /^[A-Za-z]$/.test(to))
      out.push({ ...span, text: alphanumeric(from, to) });
    else if (isOddRange(from, to)) out.push({ start: at + from.length, end: at + from.length, text: "\\" });
  }
  return out;
}

function alphanumeric(from: string, to: string): string {
  return /[A-Z]/.test(to) ? `${from}-9A-${to}` : `${from}-9A-Za-${to}`;
}

/** Ranges that are neither digits nor letters of one case. */
function isOddRange(from: string, to: string): boolean {
  if (/^\\[dwsDWS]$/.test(from) || /^\\[dwsDWS]$/.test(to)) return false;
  const plain = [/^[a-z]$/, /^[A-Z]$/, /^[0-9]$/, /^\\x/, /^\\u/].some(
    (kind) => kind.test(from) && kind.test(to),
  );
  return !plain && (from.at(-1) ?? "") < (to.at(-1) ?? "");
}
