// CWE-94 where code is put together only to assign: `exec("limits['" + name + "'] = " + value)` is
// an assignment that can be written as one, of a value that is data.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argumentsOf, bare } from "../python/nodes.ts";
import { type Piece, templateOf } from "../python/strings.ts";
import { edits, type Rewrite, type Site } from "../rewrite.ts";

/** The assignment that an `exec` call stands for; undefined for any other code. */
export function assignedCode(site: Site, call: SyntaxNode): Rewrite | undefined {
  if (call.parent?.type !== "expression_statement") return undefined;
  const [code, scope] = argumentsOf(call).positional;
  if (code === undefined) return undefined;
  const source = code.type === "identifier" ? (site.program.valueOf(code) ?? code) : code;
  const template = templateOf(bare(source), site.program.literalOf);
  const value = template.at(-1);
  if (value?.kind !== "value" || value.format !== "") return undefined;
  const target = targetOf(site, template.slice(0, -1), scope);
  if (target === undefined) return undefined;
  const names = new Names(site.program);
  const data = `${names.byModule("ast.literal_eval")}(${value.node.text})`;
  return edits([replace(call, target(data))], { imports: names.needs });
}

/** How the assignment's left side is written, with the name in it as a value where it is one. */
function targetOf(
  site: Site,
  before: readonly Piece[],
  scope: SyntaxNode | undefined,
): ((data: string) => string) | undefined {
  const values = before.flatMap((piece) => (piece.kind === "value" ? [piece] : []));
  const [name] = values;
  // A name from outside would let it choose what is overwritten.
  if (values.length > 1 || (name !== undefined && (site.taint.isTainted(name.node) || name.format !== "")))
    return undefined;
  const text = before.map((piece) => (piece.kind === "text" ? piece.value : "\0")).join("");
  const [, object, how] = /^\s*([\w.]+?)(\.\0|\[(['"])\0\3\])? *= *$/.exec(text) ?? [];
  if (object === undefined) return undefined;
  if (name === undefined) {
    const isLocal = /^\w+$/.test(object);
    if (isLocal && scope === undefined) return undefined;
    return (data) => (isLocal ? `${scope?.text}["${object}"] = ${data}` : `${object} = ${data}`);
  }
  if (how === undefined) return undefined;
  return (data) =>
    how.startsWith(".")
      ? `setattr(${object}, ${name.node.text}, ${data})`
      : `${object}[${name.node.text}] = ${data}`;
}
