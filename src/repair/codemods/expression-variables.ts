// Values in small languages: XPath gets variables (CWE-643), regular expressions get escaped
// text (CWE-730). A whole pattern or query from outside is a design.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace, wrap } from "../edits.ts";
import { leavesOf } from "../python/leaves.ts";
import { Names } from "../python/names.ts";
import { argument, argumentsOf, bare } from "../python/nodes.ts";
import { builtTemplate, quoted } from "../python/strings.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";

/** CWE-643: `tree.xpath("//user[@id=$id]", id=value)`. */
export const xpathVariables: Codemod = {
  name: "xpath-variables",
  cwes: [parseCweId("CWE-643")],
  rewrite(site) {
    const call = callOf(site, (name) => /\.(xpath|XPath)$/.test(name));
    const query = call === undefined ? undefined : argument(call, 0);
    if (call === undefined || query === undefined) return undefined;
    const source = query.type === "identifier" ? (site.program.valueOf(query) ?? query) : query;
    const template = builtTemplate(bare(source), site.program.literalOf);
    if (template === undefined)
      return needsDesign("The whole query comes from outside: what it may ask is a design decision.");
    return withVariables(site, query, { source, template });
  },
};

function withVariables(
  site: Site,
  query: SyntaxNode,
  { source, template }: { source: SyntaxNode; template: NonNullable<ReturnType<typeof builtTemplate>> },
): Rewrite | undefined {
  const variables: string[] = [];
  let text = "";
  for (const piece of template) {
    if (piece.kind === "text") {
      text += piece.value;
    } else if (!site.taint.isTainted(piece.node) || piece.format !== "") {
      return undefined;
    } else {
      const name = `${/(\w+)\W*$/.exec(piece.node.text)?.[1] ?? "value"}${variables.length === 0 ? "" : variables.length + 1}`;
      variables.push(`${name}=${piece.node.text}`);
      text += `\0$${name}\0`;
    }
  }
  // The quotes around a value go with it; a value that is only a part of a text, or a name, has none.
  const whole = text.replace(/(['"])\0(\$\w+)\0\1/g, "$2");
  if (whole.includes("\0") || variables.length === 0) return undefined;
  const added = { start: query.end, end: query.end, text: `, ${variables.join(", ")}` };
  return edits([replace(source, quoted(whole)), added]);
}

/** CWE-730: text from outside matches itself. */
export const patternText: Codemod = {
  name: "pattern-text",
  cwes: [parseCweId("CWE-730")],
  sanitizers: ["re.escape"],
  rewrite(site) {
    const call = callOf(site, (name) => /^re\.\w+$/.test(name));
    const pattern = call === undefined ? undefined : argumentsOf(call).positional[0];
    if (pattern === undefined) return undefined;
    const leaves = leavesOf(pattern, { program: site.program, taint: site.taint });
    if (leaves.length === 0) return undefined;
    if (leaves.some(({ template }) => template.length === 0)) {
      return needsDesign("The whole pattern comes from outside: it needs limits of another kind.");
    }
    const names = new Names(site.program);
    const escaper = names.byModule("re.escape");
    return edits(
      leaves.flatMap(({ node }) => wrap(node, `${escaper}(`, ")")),
      { imports: names.needs },
    );
  },
};
