// CWE-79 in inline templates: `render_template_string("<p>" + name)` puts the value into the
// template's code. It becomes a variable of the template, which autoescaping then covers.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { argument, argumentsOf } from "../python/nodes.ts";
import { builtTemplate, literalStart, type Piece } from "../python/strings.ts";
import { type Codemod, callOf, edits, type Rewrite, type Site } from "../rewrite.ts";

/** Calls whose first argument is template code. */
const RENDERERS = /^(flask\.render_template_string|\.from_string|jinja2\.Template)$/;

/** See the file's head. */
export const templateContext: Codemod = {
  name: "template-context",
  cwes: ["CWE-79", "CWE-94", "CWE-1336"].map(parseCweId),
  rewrite: inlineTemplate,
};

function inlineTemplate(site: Site): Rewrite | undefined {
  const call = callOf(site, (name) => RENDERERS.test(name));
  const source = call === undefined ? undefined : argument(call, 0, "source");
  // Only where rendering happens in the same call can the variables be handed over.
  if (
    call === undefined ||
    source === undefined ||
    site.program.callee(call) !== "flask.render_template_string"
  ) {
    return undefined;
  }
  const expression = source.type === "identifier" ? site.program.valueOf(source) : source;
  const template = expression === undefined ? undefined : builtTemplate(expression, site.program.literalOf);
  if (expression === undefined || template === undefined) return undefined;
  const variables = new Map<string, string>();
  const text = template.map((piece) => spell(piece, variables)).join("");
  const last = argumentsOf(call).list?.namedChildren.at(-1);
  if (last === undefined || variables.size === 0) return undefined;
  const handed = [...variables].map(([name, value]) => `, ${name}=${value}`).join("");
  return edits([
    replace(expression, literal(text, expression)),
    { start: last.end, end: last.end, text: handed },
  ]);
}

/** A value becomes `{{ name }}`; text stays, as Jinja reads it. */
function spell(piece: Piece, variables: Map<string, string>): string {
  if (piece.kind === "text") return piece.value;
  const value = piece.node.text;
  const known = [...variables].find(([, other]) => other === value)?.[0];
  if (known !== undefined) return `{{ ${known} }}`;
  const wanted = /(\w+)["']?\W*$/.exec(value)?.[1]?.replace(/^\d+/, "") || "value";
  let name = wanted;
  for (let number = 2; variables.has(name); number++) name = `${wanted}_${number}`;
  variables.set(name, value);
  return `{{ ${name} }}`;
}

/** A literal in the quotes of the first literal of the expression; triple ones where lines break. */
function literal(text: string, expression: SyntaxNode): string {
  const first = [...expression.descendants()].find((node) => node.type === "string");
  const { quote } = first === undefined ? { quote: '"' } : literalStart(first);
  const wide = text.includes("\n") ? quote.charAt(0).repeat(3) : quote;
  const body = text.replaceAll("\\", "\\\\");
  if (wide.length === 3) return `${wide}${body.replaceAll(wide, `\\${wide}`)}${wide}`;
  return `${wide}${body.replaceAll(wide, `\\${wide}`)}${wide}`;
}
