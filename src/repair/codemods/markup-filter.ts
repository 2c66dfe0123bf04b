// CWE-116: tags cannot be taken out of HTML by a pattern, as browsers read more than any pattern
// does. A parser that lets only harmless elements through does what the program is after.
import { parseCweId } from "../../core/cwe.ts";
import { replace } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argument } from "../python/nodes.ts";
import { literalValue } from "../python/strings.ts";
import { type Codemod, callOf, edits, needsDesign } from "../rewrite.ts";

/** See the file's head. */
export const markupFilter: Codemod = {
  name: "markup-filter",
  cwes: [parseCweId("CWE-116")],
  rewrite(site) {
    const call = callOf(site, (name) => /^re\.sub$|\.sub$/.test(name));
    if (call === undefined) {
      return needsDesign(
        "The program asks a pattern whether HTML is harmless: what it lets through must be decided.",
      );
    }
    const isCompiled = site.program.callee(call) !== "re.sub";
    const filler = argument(call, isCompiled ? 0 : 1, "repl");
    const html = argument(call, isCompiled ? 1 : 2, "string");
    if (html === undefined || filler === undefined || literalValue(filler)?.trim() !== "") return undefined;
    const names = new Names(site.program);
    return edits([replace(call, `${names.byModule("nh3.clean")}(${html.text})`)], {
      imports: names.needs,
      drops: ["re"],
    });
  },
};
