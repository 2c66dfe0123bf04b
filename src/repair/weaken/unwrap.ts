// Calls that make a value harmless, dropped: `escape(x)` becomes `x`. A table.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { argumentsOf } from "../python/nodes.ts";
import { callWeakener, mentionsAround, type Weakener } from "./weakener.ts";

interface Row {
  readonly name: string;
  readonly cwe: string;
  /** Full names of the calls. */
  readonly calls: RegExp;
  /** What the function around must mention: elsewhere the value harms nothing. */
  readonly near: RegExp;
}

const rows: readonly Row[] = [
  {
    name: "unescaped-page",
    cwe: "79",
    calls:
      /^(html|cgi|markupsafe|flask|xml\.sax\.saxutils|django\.utils\.html|werkzeug\.utils|tornado\.escape|markupsafe\.Markup)\.(escape|conditional_escape|xhtml_escape|escape_silent)$|^bleach\.clean$/,
    near: /./,
  },
  { name: "unescaped-pattern", cwe: "730", calls: /^re\.escape$/, near: /\bre\.|compile/ },
  { name: "unquoted-argument", cwe: "78", calls: /^(shlex|pipes)\.quote$|(^|\.)shlex_quote$/, near: /./ },
  {
    name: "unclean-file-name",
    cwe: "22",
    calls: /^os\.path\.basename$|(^|\.)secure_filename$|(^|\.)get_valid_filename$/,
    near: /open\(|\bos\.(remove|unlink|rename|stat|listdir|mkdir|makedirs)|shutil\.|send_file|Path\(/,
  },
  {
    name: "unescaped-filter",
    cwe: "90",
    calls: /(^|\.)(escape_filter_chars|escape_dn_chars|escape_rdn)$/,
    near: /./,
  },
];

/** See the file's head. */
export const unwrappers: readonly Weakener[] = rows.map(({ name, cwe, calls, near }) =>
  callWeakener(name, parseCweId(cwe), (call, _program, callee) => {
    const { positional } = argumentsOf(call);
    const [value] = positional;
    if (value === undefined || !calls.test(callee) || isLiteral(value) || value.type === "list_splat")
      return undefined;
    if (!mentionsAround(call, near)) return undefined;
    return { edits: [replace(call, inPlaceOf(call, value))], drops: [callee, moduleOf(callee)] };
  }),
);

/** The text of an expression where a call stood: bound as tightly as the call was. */
export function inPlaceOf(call: SyntaxNode, value: SyntaxNode): string {
  const loose = /operator$|^(conditional_expression|lambda|named_expression|await|yield)$/.test(value.type);
  const closed = /^(argument_list|parenthesized_expression|subscript|interpolation|keyword_argument)$/.test(
    call.parent?.type ?? "",
  );
  return loose && !closed ? `(${value.text})` : value.text;
}

/** Whether an expression is a constant that is written out. */
export function isLiteral(node: SyntaxNode): boolean {
  if (/^(integer|float|true|false|none)$/.test(node.type)) return true;
  if (node.type !== "string" && node.type !== "concatenated_string") return false;
  return ![...node.descendants()].some(({ type }) => type === "interpolation");
}

/** The module of a full name. */
export function moduleOf(full: string): string {
  const dot = full.lastIndexOf(".");
  return dot < 0 ? full : full.slice(0, dot);
}
