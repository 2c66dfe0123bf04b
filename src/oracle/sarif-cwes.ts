// Which CWEs a SARIF result is about. Tools say it in five ways: taxa of the result, a property `cwe`,
// relationships of the rule, and tags (`external/cwe/cwe-079`, `CWE-79`, `CWE-79: Cross-site …`).
import { type CweId, tryParseCweId } from "../core/cwe.ts";
import type {
  ComponentReference,
  DescriptorReference,
  LogResult,
  SarifProperties,
  SarifRule,
} from "./sarif-schema.ts";

/** Where to look. */
export interface CweSources {
  readonly result: LogResult;
  readonly rule: SarifRule | undefined;
  /** The name of a taxonomy. */
  readonly taxonomy: (reference: ComponentReference) => string | undefined;
}

/** CWEs in the order of how particular their source is; each once. */
export function cwesOf({ result, rule, taxonomy }: CweSources): CweId[] {
  const related = (rule?.relationships ?? []).map(({ target }) => target);
  const found = [
    ...(result.taxa ?? []).flatMap((one) => ofTaxon(one, taxonomy)),
    ...ofProperty(result.properties),
    ...ofProperty(rule?.properties),
    ...related.flatMap((one) => ofTaxon(one, taxonomy)),
    ...(result.properties?.tags ?? []).flatMap(ofTag),
    ...(rule?.properties?.tags ?? []).flatMap(ofTag),
  ];
  return [...new Set(found)];
}

/** The CWE of a tag, or none: a bare number is no CWE here, nor is `CWE-noinfo`. */
function ofTag(tag: string): CweId[] {
  const number = /^(?:\w+\/cwe\/)?cwe[-_ :]?0*([1-9]\d{0,4})(?!\w)/i.exec(tag.trim())?.[1];
  const id = number === undefined ? undefined : tryParseCweId(number);
  return id === undefined ? [] : [id];
}

/** An entry of a taxonomy that is MITRE's: then its id may be a bare number. */
function ofTaxon({ id, toolComponent }: DescriptorReference, taxonomy: CweSources["taxonomy"]): CweId[] {
  if (id === undefined) return [];
  const name = toolComponent === undefined ? undefined : taxonomy(toolComponent);
  if (name === undefined || !/^cwe\b/i.test(name)) return ofTag(id);
  const cwe = tryParseCweId(id);
  return cwe === undefined ? ofTag(id) : [cwe];
}

/** `cwe` as a text, a number, or a list of them. */
function ofProperty(properties: SarifProperties | undefined): CweId[] {
  const value = properties?.cwe;
  return (Array.isArray(value) ? value : [value]).flatMap((one): CweId[] => {
    if (typeof one !== "string" && typeof one !== "number") return [];
    const id = tryParseCweId(String(one));
    return id === undefined ? ofTag(String(one)) : [id];
  });
}
