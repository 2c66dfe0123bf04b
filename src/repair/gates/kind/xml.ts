// CWE-611: no setting of the parser lets outside entities in.
import { argumentsOf } from "../../python/nodes.ts";
import { newCalls, type Objection } from "./objection.ts";

const DANGEROUS: readonly (readonly [setting: string, value: RegExp])[] = [
  ["resolve_entities", /^(True|1)$/],
  ["load_dtd", /^(True|1)$/],
  ["dtd_validation", /^(True|1)$/],
  ["no_network", /^(False|0)$/],
  ["forbid_entities", /^(False|0)$/],
  ["forbid_external", /^(False|0)$/],
];

const openParser: Objection = (sides) => {
  for (const call of newCalls(sides)) {
    const { keywords } = argumentsOf(call);
    for (const [setting, value] of DANGEROUS) {
      if (value.test(keywords.get(setting)?.child("value")?.text ?? ""))
        return `The parser is made with ${setting} open.`;
    }
  }
  return undefined;
};

/** Taking `<!ENTITY` out of the text by hand can be got round by encodings. */
const byText: Objection = (sides) => {
  const isTextual = newCalls(sides).some((call) => /["']<!(ENTITY|DOCTYPE)/i.test(call.text));
  const { before, after } = sides;
  const imports =
    after.imports.names.length !== before.imports.names.length || after.tree.source.includes("defusedxml");
  const parser = newCalls(sides).some((call) => argumentsOf(call).keywords.has("resolve_entities"));
  return isTextual && !imports && !parser
    ? "Looks for entities in the text; other encodings get round that."
    : undefined;
};

/** See the file's head. */
export const xmlObjections: readonly Objection[] = [openParser, byText];
