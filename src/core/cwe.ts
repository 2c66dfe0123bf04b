// CWE identifiers in MITRE's spelling (https://cwe.mitre.org): `CWE-22`, no leading zeros.
// Other spellings (`CWE-022`, `cwe-22`, `22`) are read at the door by parseCweId and nowhere else.
import { z } from "zod";
import { HexacoderError } from "./errors.ts";

declare const cweBrand: unique symbol;

/** A CWE identifier in MITRE's spelling, made only by {@link parseCweId}. */
export type CweId = `CWE-${number}` & { readonly [cweBrand]: true };

const SPELLINGS = /^(?:cwe[-_ ]?)?0*([1-9]\d{0,4})$/i;

/** Reads any usual spelling, or returns undefined when the text is no CWE id. */
export function tryParseCweId(text: string): CweId | undefined {
  const number = SPELLINGS.exec(text.trim())?.[1];
  // The only place that brands: the pattern has just proved the spelling.
  return number === undefined ? undefined : (`CWE-${number}` as CweId);
}

/** Reads any usual spelling; throws `unknown-cwe` for anything else. */
export function parseCweId(text: string): CweId {
  const id = tryParseCweId(text);
  if (id === undefined) {
    throw new HexacoderError("unknown-cwe", {
      message: `"${text}" is not a CWE identifier.`,
      remedy: "Write it as MITRE does, for example CWE-22 (also read: CWE-022, cwe-22, 22).",
    });
  }
  return id;
}

/** The number of a CWE: 22 for `CWE-22`. */
export function cweNumber(id: CweId): number {
  return Number(id.slice(4));
}

/** The identifier as folders spell it, three digits: `CWE-022`. */
export function cweFolder(id: CweId): string {
  return `CWE-${id.slice(4).padStart(3, "0")}`;
}

/** Orders CWEs by number. */
export function compareCwe(a: CweId, b: CweId): number {
  return cweNumber(a) - cweNumber(b);
}

/** Zod door for CWE ids in any spelling. */
export const cweIdSchema = z.string().transform((text, context): CweId => {
  const id = tryParseCweId(text);
  if (id !== undefined) return id;
  context.addIssue({ code: "custom", message: `"${text}" is not a CWE identifier` });
  return z.NEVER;
});
