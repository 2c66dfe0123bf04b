// CWE-79 in Jinja: switches autoescaping on where an environment or a template is made.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argumentsOf } from "../python/nodes.ts";
import { callOf, edits, type Rewrite, type Site } from "../rewrite.ts";

const MAKERS = new Set([
  "jinja2.Environment",
  "jinja2.sandbox.SandboxedEnvironment",
  "jinja2.environment.Environment",
  "jinja2.Template",
  "jinja2.environment.Template",
  "aiohttp_jinja2.setup",
]);

/** `Environment(loader=x)` becomes `Environment(loader=x, autoescape=select_autoescape())`. */
export function autoescape(site: Site): Rewrite | undefined {
  const call = callOf(site, (name) => MAKERS.has(name)) ?? rendered(site);
  if (call === undefined) return undefined;
  const { keywords, list } = argumentsOf(call);
  if (list === undefined) return undefined;
  const names = new Names(site.program);
  const isTemplate = site.program.callee(call)?.endsWith("Template") === true;
  const known = keywords.get("autoescape")?.child("value");
  if (known !== undefined && known.text !== "False" && known.text !== "None") return undefined;
  const value = isTemplate || !namesHtml(site) ? "True" : `${names.byName("jinja2.select_autoescape")}()`;
  return edits([known === undefined ? added(list, value) : replace(known, value)], { imports: names.needs });
}

function added(list: SyntaxNode, value: string): Edit {
  const last = list.namedChildren.filter((child) => child.type !== "comment").at(-1);
  if (last === undefined) return replace(list, `(autoescape=${value})`);
  return { start: last.end, end: last.end, text: `, autoescape=${value}` };
}

/** The finding may be at `template.render(...)`: the construction is followed back from there. */
function rendered(site: Site): SyntaxNode | undefined {
  const call = callOf(site, (name) => /\.(render|render_async|generate|stream)$/.test(name));
  let object = call?.child("function")?.child("object");
  for (let step = 0; step < 4 && object !== undefined; step++) {
    const value: SyntaxNode | undefined =
      object.type === "identifier" ? site.program.valueOf(object) : object;
    if (value?.type !== "call") return undefined;
    if (MAKERS.has(site.program.callee(value) ?? "")) return value;
    object = value.child("function")?.child("object");
  }
  return undefined;
}

/** select_autoescape goes by the template's ending: it helps unless other endings than HTML's are used. */
function namesHtml(site: Site): boolean {
  const names = [...site.program.tree.source.matchAll(/["'][\w/.-]+\.(\w+)["']/g)].map(
    (match) => match[1] ?? "",
  );
  const isTemplate = /^(html?|xml|xhtml|j2|jinja2?|tmpl|tpl|txt)$/;
  return names
    .filter((ending) => isTemplate.test(ending))
    .every((ending) => /^(html?|xml|xhtml|txt)$/.test(ending));
}
