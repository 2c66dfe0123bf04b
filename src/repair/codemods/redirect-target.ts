// CWE-601: redirects only within the site: a target with a scheme or a host is turned away, after
// backslashes have become the slashes that browsers take them for.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { rejection } from "../python/framework.ts";
import { insertBefore } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { argument, bare } from "../python/nodes.ts";
import { type Codemod, callOf, edits, type Site } from "../rewrite.ts";

const REDIRECT =
  /(^|\.)(redirect|HttpResponseRedirect|HttpResponsePermanentRedirect|RedirectResponse|HTTPFound|HTTPSeeOther)$/;

/** See the file's head. */
export const redirectTarget: Codemod = {
  name: "redirect-target",
  cwes: [parseCweId("CWE-601")],
  rewrite(site) {
    const call = callOf(site, (name) => REDIRECT.test(name));
    const given = call === undefined ? undefined : argument(call, 0, "location", "url", "redirect_to");
    if (call === undefined || given === undefined || isChecked(site, given.text)) return undefined;
    const { program } = site;
    const names = new Names(program);
    const name = program.freshName(call, "target", "redirect_target");
    const parts = program.freshName(call, "parts", "target_parts");
    const choice = choiceOf(call);
    if (choice !== undefined && !asksFor(choice, given.text)) return undefined;
    const isAtom = /^(identifier|call|subscript|attribute|parenthesized_expression)$/.test(bare(given).type);
    // Before the choice is made there may be no target.
    const value = choice !== undefined ? `(${given.text} or "")` : isAtom ? given.text : `(${given.text})`;
    const split = program.imports.spelling("urllib.parse.urlparse") ?? names.byName("urllib.parse.urlsplit");
    const refusal = rejection(program, call, "bad-request", "target is outside of the site");
    const before = insertBefore(program, choice ?? call, [
      `${name} = ${value}.replace("\\\\", "/")`,
      `${parts} = ${split}(${name})`,
      // Browsers read `///host` as `//host`, where urlsplit sees a path.
      `if ${parts}.scheme != "" or ${parts}.netloc != "" or ${name}.startswith("//"):`,
      [refusal.statement],
    ]);
    if (before === undefined) return undefined;
    return edits([before, replace(given, name)], { imports: [...names.needs, ...refusal.imports] });
  },
};

/** `redirect(x) if x else …`: the conditional expression in whose branch the call stands. */
function choiceOf(call: SyntaxNode): SyntaxNode | undefined {
  const { parent } = call;
  return parent?.type === "conditional_expression" && parent.namedChildren[1] !== call ? parent : undefined;
}

function asksFor(choice: SyntaxNode, target: string): boolean {
  const condition = choice.namedChildren[1]?.text ?? "";
  return choice.namedChildren[0]?.type === "call" && [target, `${target} is not None`].includes(condition);
}

function isChecked({ program }: Site, target: string): boolean {
  const value = program.tree.source;
  return (
    value.includes(`(${target})\n`) &&
    new RegExp(`\\b${target.replace(/\W/g, "\\$&")}\\.netloc\\b`).test(value)
  );
}
