// Python string literals and string building. A template is what a string-building expression
// makes: literal text and placeholders in order, whether it was written with +, %, .format,
// an f-string or "".join.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argumentsOf, bare } from "./nodes.ts";

/** A piece of literal text in a template. */
export interface TextPiece {
  readonly kind: "text";
  /** The text, escapes decoded. */
  readonly value: string;
  /** How the source spells it. */
  readonly spelled: string;
  /** The source span that spells it: inside the quotes. */
  readonly span: { readonly start: number; readonly end: number };
  /** Whether the span is in a raw string. */
  readonly raw: boolean;
}

/** A value put into a template. */
export interface Placeholder {
  readonly kind: "value";
  /** The expression. */
  readonly node: SyntaxNode;
  /** How it is put in: what may be said about `None` and other non-strings differs. */
  readonly by: "concat" | "fstring" | "percent" | "format" | "join" | "bare";
  /** The source span of the placeholder's spelling in the literal (`{name}`, `%s`), where it has one. */
  readonly slot: { readonly start: number; readonly end: number } | undefined;
  /** Conversion or format specification, such as `!r`, `:>10`, `%d`; empty for plain ones. */
  readonly format: string;
}

/** One piece of a template. */
export type Piece = TextPiece | Placeholder;

/** What a literal's opening says: prefix letters in lower case and the quote. */
export function literalStart(node: SyntaxNode): { prefix: string; quote: string } {
  const open = node.children.find((child) => child.type === "string_start")?.text ?? '"';
  const quote = /['"]+$/.exec(open)?.[0] ?? '"';
  return { prefix: open.slice(0, open.length - quote.length).toLowerCase(), quote };
}

/** The value of a plain literal (also of implicit concatenation); undefined with placeholders in it. */
export function literalValue(node: SyntaxNode): string | undefined {
  const pieces = literalPieces(bare(node));
  if (pieces === undefined || pieces.some((piece) => piece.kind === "value")) return undefined;
  return pieces.map((piece) => (piece.kind === "text" ? piece.value : "")).join("");
}

/** Finds the literal text or list that a name stands for, so that `TEMPLATE.format(...)` can be read. */
export type LiteralResolver = (node: SyntaxNode) => SyntaxNode | undefined;

/** The template of an expression; a single bare placeholder when it builds no string. */
export function templateOf(expression: SyntaxNode, resolve: LiteralResolver = unresolved): Piece[] {
  return builtTemplate(expression, resolve) ?? [bareValue(bare(expression))];
}

function unresolved(): undefined {
  return undefined;
}

/** The template of an expression that builds a string out of literal text; undefined for others. */
export function builtTemplate(
  expression: SyntaxNode,
  resolve: LiteralResolver = unresolved,
): Piece[] | undefined {
  const node = bare(expression);
  switch (node.type) {
    case "string":
    case "concatenated_string":
      return literalPieces(node);
    case "binary_operator":
      return binaryTemplate(node, resolve);
    case "call":
      return formatTemplate(node, resolve);
    default:
      return undefined;
  }
}

function bareValue(node: SyntaxNode, by: Placeholder["by"] = "bare"): Placeholder {
  return { kind: "value", node, by, slot: undefined, format: "" };
}

function literalPieces(node: SyntaxNode): Piece[] | undefined {
  if (node.type === "concatenated_string") {
    const parts = node.namedChildren.filter((child) => child.type === "string").map(literalPieces);
    return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
  }
  if (node.type !== "string") return undefined;
  const { prefix } = literalStart(node);
  if (prefix.includes("b")) return undefined;
  return node.namedChildren.flatMap((child): Piece[] => {
    if (child.type === "string_content") return [textPiece(child, prefix)];
    if (child.type === "interpolation") return interpolation(child);
    return [];
  });
}

function textPiece(content: SyntaxNode, prefix: string): TextPiece {
  const raw = prefix.includes("r");
  const text = prefix.includes("f") ? content.text.replaceAll("{{", "{").replaceAll("}}", "}") : content.text;
  const span = { start: content.start, end: content.end };
  return { kind: "text", value: raw ? text : decodeEscapes(text), spelled: content.text, span, raw };
}

function interpolation(node: SyntaxNode): Piece[] {
  const expression = node.child("expression");
  if (expression === undefined) return [];
  const format = node.namedChildren
    .filter((child) => child.type === "type_conversion" || child.type === "format_specifier")
    .map((child) => child.text)
    .join("");
  const slot = { start: node.start, end: node.end };
  return [{ kind: "value", node: expression, by: "fstring", slot, format }];
}

function binaryTemplate(node: SyntaxNode, resolve: LiteralResolver): Piece[] | undefined {
  const left = node.child("left");
  const right = node.child("right");
  if (left === undefined || right === undefined) return undefined;
  const operator = node.child("operator")?.type;
  if (operator === "%") return percentTemplate(resolve(bare(left)) ?? left, right);
  if (operator !== "+") return undefined;
  const pieces = [...concatenated(left, resolve), ...concatenated(right, resolve)];
  return pieces.some((piece) => piece.kind === "text") ? pieces : undefined;
}

/** The operands of a chain of `+`, whether or not they are literal. */
function concatenated(operand: SyntaxNode, resolve: LiteralResolver): Piece[] {
  const node = bare(operand);
  const built = builtTemplate(node, resolve);
  if (built !== undefined) return built;
  const left = node.child("left");
  const right = node.child("right");
  const isChain = node.type === "binary_operator" && node.child("operator")?.type === "+";
  if (!isChain || left === undefined || right === undefined) return [bareValue(node, "concat")];
  return [...concatenated(left, resolve), ...concatenated(right, resolve)];
}

const PERCENT = /%(?:\((\w+)\))?([-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[hlL]?([diouxXeEfFgGcrsa%]))/g;

function percentTemplate(left: SyntaxNode, right: SyntaxNode): Piece[] | undefined {
  const pieces = literalPieces(bare(left));
  if (pieces === undefined || pieces.some((piece) => piece.kind === "value")) return undefined;
  const values = bare(right);
  const positional =
    values.type === "tuple" ? values.namedChildren.filter((child) => child.type !== "comment") : [values];
  const named = values.type === "dictionary" ? dictionaryOf(values) : new Map<string, SyntaxNode>();
  let next = 0;
  return splitSlots(pieces, PERCENT, (match) => {
    if (match[3] === "%") return { text: "%" };
    const node = match[1] === undefined ? positional[next++] : named.get(match[1]);
    return { node, format: match[2] === "s" ? "" : `%${match[2]}`, by: "percent" as const };
  });
}

const FORMAT = /\{\{|\}\}|\{(\w*)((?:\.\w+|\[[^\]]*\])*)((?:![rsa])?(?::[^{}]*)?)\}/g;

function formatTemplate(call: SyntaxNode, resolve: LiteralResolver): Piece[] | undefined {
  const target = call.child("function");
  const object = target?.type === "attribute" ? target.child("object") : undefined;
  if (target === undefined || object === undefined) return undefined;
  const method = target.child("attribute")?.text;
  if (method === "join") return joinTemplate(call, object, resolve);
  if (method !== "format") return undefined;
  const pieces = literalPieces(resolve(bare(object)) ?? bare(object));
  if (pieces === undefined || pieces.some((piece) => piece.kind === "value")) return undefined;
  const { positional, keywords } = argumentsOf(call);
  let next = 0;
  return splitSlots(pieces, FORMAT, (match) => {
    if (match[0] === "{{" || match[0] === "}}") return { text: match[0].charAt(0) };
    const key = match[1] ?? "";
    const node = /^\d*$/.test(key)
      ? positional[key === "" ? next++ : Number(key)]
      : keywords.get(key)?.child("value");
    return { node, format: `${match[2] ?? ""}${match[3] ?? ""}`, by: "format" as const };
  });
}

function joinTemplate(
  call: SyntaxNode,
  separator: SyntaxNode,
  resolve: LiteralResolver,
): Piece[] | undefined {
  const between = literalPieces(bare(separator));
  const given = argumentsOf(call).positional[0];
  const items = given === undefined ? undefined : (resolve(bare(given)) ?? given);
  if (between === undefined || items === undefined) return undefined;
  if (items.type !== "list" && items.type !== "tuple") return undefined;
  return items.namedChildren.flatMap((child, index) => {
    const inner = builtTemplate(child, resolve) ?? [bareValue(child, "join")];
    return index === 0 ? inner : [...between, ...inner];
  });
}

type Slot =
  | { text: string }
  | { node: SyntaxNode | undefined; format: string; by: "percent" | "format"; text?: never };

function splitSlots(
  pieces: readonly Piece[],
  pattern: RegExp,
  read: (match: RegExpMatchArray) => Slot,
): Piece[] | undefined {
  const out: Piece[] = [];
  for (const piece of pieces) {
    if (piece.kind === "value") return undefined;
    // Slots are looked for in the spelling, so that their spans are right; escapes hide none of them.
    const { spelled } = piece;
    let at = 0;
    for (const match of spelled.matchAll(pattern)) {
      const slot = read(match);
      const span = {
        start: piece.span.start + match.index,
        end: piece.span.start + match.index + match[0].length,
      };
      out.push(cut(piece, at, match.index));
      at = match.index + match[0].length;
      if (slot.text !== undefined) out.push({ ...piece, value: slot.text, spelled: match[0], span });
      else if (slot.node === undefined) return undefined;
      else out.push({ kind: "value", node: slot.node, by: slot.by, slot: span, format: slot.format });
    }
    out.push(cut(piece, at, spelled.length));
  }
  return out.filter((piece) => piece.kind === "value" || piece.value !== "");
}

function cut(piece: TextPiece, from: number, to: number): TextPiece {
  const spelled = piece.spelled.slice(from, to);
  return {
    kind: "text",
    value: piece.raw ? spelled : decodeEscapes(spelled),
    spelled,
    span: { start: piece.span.start + from, end: piece.span.start + to },
    raw: piece.raw,
  };
}

function dictionaryOf(node: SyntaxNode): Map<string, SyntaxNode> {
  const out = new Map<string, SyntaxNode>();
  for (const pair of node.namedChildren) {
    const key = pair.type === "pair" ? pair.child("key") : undefined;
    const value = pair.child("value");
    const name = key === undefined ? undefined : literalValue(key);
    if (name !== undefined && value !== undefined) out.set(name, value);
  }
  return out;
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** Decodes the escapes of a Python string (not of a raw one). */
export function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([0-7]{1,3})|([\s\S]))/g,
    (whole, x, u, o, s) => {
      if (x !== undefined || u !== undefined) return String.fromCharCode(Number.parseInt(x ?? u, 16));
      if (o !== undefined) return String.fromCharCode(Number.parseInt(o, 8));
      return SIMPLE[s] ?? whole;
    },
  );
}

/** Spells a text as a Python literal, in double quotes unless single ones need fewer escapes. */
export function quoted(text: string, preferred: "'" | '"' = '"'): string {
  const other = preferred === '"' ? "'" : '"';
  const quote = text.includes(preferred) && !text.includes(other) ? other : preferred;
  const body = text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(quote, `\\${quote}`);
  return `${quote}${body}${quote}`;
}
