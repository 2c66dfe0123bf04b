// Values that were passed beside a query are put into its text: `execute("… = ?", (x,))` becomes
// `execute("… = '%s'" % (x,))`.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argumentsOf } from "../python/nodes.ts";
import { callWeakener, type Weakener } from "./weakener.ts";

/** See the file's head. */
export const builtQuery: Weakener = callWeakener("built-query", parseCweId("89"), (call, program) => {
  const name = call.child("function")?.child("attribute")?.text;
  if (name !== "execute" && name !== "raw") return undefined;
  const { positional } = argumentsOf(call);
  const [query, values, ...more] = positional;
  if (query === undefined || values === undefined || more.length > 0) return undefined;
  const literal = query.type === "identifier" ? program.literalOf(query) : query;
  const text = literal === query ? filledIn(query) : undefined;
  const operand = operandOf(values);
  if (text === undefined || operand === undefined) return undefined;
  return { edits: [{ start: query.start, end: values.end, text: `${text} % ${operand}` }] };
});

function filledIn(query: SyntaxNode): string | undefined {
  if (query.type !== "string" && query.type !== "concatenated_string") return undefined;
  if ([...query.descendants()].some(({ type }) => type === "interpolation")) return undefined;
  const { text } = query;
  const quoted = /["']%s["']/;
  if (text.includes("%s")) {
    return /%(?!s)/.test(text) || quoted.test(text) ? undefined : withQuotes(text, /%s/g);
  }
  return text.includes("?") && !text.includes("%") ? withQuotes(text, /\?/g) : undefined;
}

/** Quotes of the other kind than those of the literal. */
function withQuotes(text: string, slot: RegExp): string {
  const inner = /^[a-zA-Z]*'(?!'')/.test(text) ? '"' : "'";
  return text.replace(slot, `${inner}%s${inner}`);
}

function operandOf(values: SyntaxNode): string | undefined {
  if (values.type === "tuple") return values.text;
  if (values.type !== "list") return values.type === "identifier" ? `tuple(${values.text})` : undefined;
  const items = values.namedChildren.map((item) => item.text);
  return items.length === 0 ? undefined : `(${items.join(", ")}${items.length === 1 ? "," : ""})`;
}
