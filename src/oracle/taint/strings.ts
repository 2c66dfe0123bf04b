// Python string literals: their value, where they are constant, and where in the source the value
// begins (for findings inside a regular expression).
import type { SyntaxNode } from "../../lang/syntax.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};
const ESCAPE = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S])/g;

/** The interpolations of an f-string; none for other strings. */
export function interpolations(node: SyntaxNode): SyntaxNode[] {
  return node.children.filter((child) => child.type === "interpolation");
}

/** The constant value of a `string` or `concatenated_string`; undefined for f-strings with values in them. */
export function constantString(node: SyntaxNode): string | undefined {
  if (node.type === "concatenated_string") {
    const parts = node.namedChildren.filter((child) => child.type === "string").map(constantString);
    return parts.includes(undefined) ? undefined : parts.join("");
  }
  if (interpolations(node).length > 0) return undefined;
  const { raw, body } = literalParts(node);
  return raw || !body.includes("\\") ? body : body.replace(ESCAPE, decodeEscape);
}

/** The text between the quotes of a `string`, and whether backslashes stand for themselves. */
export function literalParts(node: SyntaxNode): { raw: boolean; body: string; start: number } {
  const open = node.children[0];
  const close = node.children.at(-1);
  const prefix = open?.type === "string_start" ? open.text : "";
  const start = node.start + prefix.length;
  const end = close?.type === "string_end" ? close.start : node.end;
  return { raw: /r/i.test(prefix), body: node.text.slice(prefix.length, end - node.start), start };
}

function decodeEscape(whole: string, code: string): string {
  const simple = SIMPLE[code];
  if (simple !== undefined) return simple;
  if (/^[xuU][0-9a-fA-F]/.test(code)) {
    const point = Number.parseInt(code.slice(1), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  }
  return /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : whole;
}
