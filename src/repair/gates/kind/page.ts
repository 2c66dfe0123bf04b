// CWE-79: escaped once, and in a place of the page where escaping helps.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { escapable, htmlContext } from "../../html-context.ts";
import { argument, bare } from "../../python/nodes.ts";
import type { Program } from "../../python/program.ts";
import { builtTemplate, type Piece } from "../../python/strings.ts";
import { lastName, newCalls, type Objection } from "./objection.ts";

const ESCAPES = /^(escape|html_escape|xhtml_escape|conditional_escape|escape_html|clean)$/;

function isEscape(node: SyntaxNode): boolean {
  return (
    node.type === "call" && ESCAPES.test(lastName(node)) && !/^re\./.test(node.child("function")?.text ?? "")
  );
}

/** `escape(escape(x))`, or escaping a name that holds an escaped value. */
const twice: Objection = ({ after }) => {
  for (const call of after.tree.root.descendants()) {
    if (!isEscape(call)) continue;
    const value = argument(call, 0);
    if (value !== undefined && holdsEscape(after, value)) return `Escapes twice: ${call.text}`;
  }
  return undefined;
};

function holdsEscape(program: Program, expression: SyntaxNode): boolean {
  const node = bare(expression);
  if (isEscape(node)) return true;
  if (node.type === "identifier") {
    const found = program.reaching(node);
    return found.length > 0 && found.every(({ value }) => value !== undefined && isEscape(bare(value)));
  }
  return [...node.descendants()].some(isEscape);
}

/** Escaping in scripts, unquoted attributes and at the start of links stops nothing. */
const place: Objection = ({ after }) => {
  for (const node of after.tree.root.descendants()) {
    if (!/^(string|concatenated_string|binary_operator|call)$/.test(node.type)) continue;
    if (node.parent?.type === "binary_operator" || node.parent?.type === "concatenated_string") continue;
    const template = builtTemplate(node, after.literalOf) ?? [];
    const wrong = wrongPlace(template);
    if (wrong !== undefined) return `Escapes a value in a place (${wrong}) where escaping does not help.`;
  }
  return undefined;
};

function wrongPlace(template: readonly Piece[]): string | undefined {
  let text = "";
  for (const piece of template) {
    if (piece.kind === "value" && isEscape(unwrapped(piece.node))) {
      const context = htmlContext(text);
      if (!escapable.has(context)) return context;
    }
    text += piece.kind === "text" ? piece.value : "\0";
  }
  return undefined;
}

function unwrapped(node: SyntaxNode): SyntaxNode {
  const inner = bare(node);
  const value =
    inner.type === "call" && inner.child("function")?.text === "str" ? argument(inner, 0) : undefined;
  return value === undefined ? inner : bare(value);
}

/** `"<p>" + markupsafe.escape(x)` escapes the page's own tags. */
const markupPlus: Objection = (sides) => {
  const { after } = sides;
  for (const call of newCalls(sides)) {
    const full = after.callee(call) ?? "";
    if (!/^(markupsafe|flask|jinja2)\.escape$/.test(full)) continue;
    const { parent } = call;
    if (parent?.type === "binary_operator" && parent.child("operator")?.type === "+") {
      const template = builtTemplate(parent, after.literalOf) ?? [];
      const hasTags = template.some((piece) => piece.kind === "text" && /[<>&"']/.test(piece.value));
      if (hasTags) return "Markup added to text escapes the page's own tags, too.";
    }
  }
  return undefined;
};

/** Taking `<script>` out, or declaring text safe, is no escaping. */
const denyList: Objection = (sides) => {
  for (const call of newCalls(sides)) {
    const what = argument(call, 0)?.text ?? "";
    if (
      lastName(call) === "replace" &&
      /script|^["'][<>]["']$/i.test(what) &&
      /^["']["']$/.test(argument(call, 1)?.text ?? "")
    ) {
      return `Takes ${what} out instead of escaping.`;
    }
    const declared = /^(Markup|mark_safe)$/.test(lastName(call));
    if (declared && !call.text.includes("escape"))
      return `Declares text safe without escaping it: ${call.text}`;
  }
  return undefined;
};

/** See the file's head. */
export const pageObjections: readonly Objection[] = [twice, place, markupPlus, denyList];
