// Parsers that refuse entities, exchanged for the standard library's.
import { parseCweId } from "../../core/cwe.ts";
import { replace } from "../edits.ts";
import type { Program } from "../python/program.ts";
import type { Weakener, Weakening } from "./weakener.ts";

const MODULES: Readonly<Record<string, string>> = {
  ElementTree: "xml.etree",
  cElementTree: "xml.etree",
  minidom: "xml.dom",
  pulldom: "xml.dom",
  expatbuilder: "xml.dom",
  sax: "xml",
};

/** See the file's head. */
export const standardParser: Weakener = {
  name: "standard-parser",
  cwe: parseCweId("776"),
  weaken: (program: Program) =>
    [...program.tree.root.descendants()].flatMap((node): Weakening[] => {
      if (node.type !== "import_statement" && node.type !== "import_from_statement") return [];
      const text = standard(node.text);
      return text === undefined ? [] : [{ at: node, edits: [replace(node, text)] }];
    }),
};

function standard(statement: string): string | undefined {
  const whole = /^(from|import) defusedxml\.(\w+)\b(.*)$/s.exec(statement);
  const parent = MODULES[whole?.[2] ?? ""];
  if (whole !== null && parent !== undefined) return `${whole[1]} ${parent}.${whole[2]}${whole[3]}`;
  const part = /^from defusedxml import (\w+)((?: as \w+)?)$/.exec(statement);
  const module = MODULES[part?.[1] ?? ""];
  return part === null || module === undefined ? undefined : `from ${module} import ${part[1]}${part[2]}`;
}
