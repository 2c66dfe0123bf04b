// What a check on a URL's text asks: which host, which scheme, which path, and how strictly.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argument, bare } from "../python/nodes.ts";
import { literalValue } from "../python/strings.ts";

/** What a check on a URL's text asks. */
export interface Question {
  /** The whole check. */
  readonly node: SyntaxNode;
  /** The URL. */
  readonly url: SyntaxNode;
  /** The text that is looked for. */
  readonly text: string;
  /** Where it is looked for. */
  readonly kind: "contains" | "starts" | "ends";
  /** Whether the check asks that the text is not there. */
  readonly negated: boolean;
}

/** The check around or in the finding's node. */
export function questionOf(at: SyntaxNode): Question | undefined {
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
export interface Target {
  /** The scheme, where the text names one. */
  readonly scheme: string | undefined;
  /** The host name. */
  readonly host: string;
  /** Whether hosts below it are meant. */
  readonly subdomains: "none" | "also" | "only";
  /** A path that the text goes on with. */
  readonly path: string;
}

/** Reads the looked-for text as a URL or host; undefined for other texts. */
export function targetOf({ text, kind }: Question): Target | undefined {
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
