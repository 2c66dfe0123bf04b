// How oracles are written on the command line:
//   spec    = name | name "+" name … (any) | name "&" name … (all) | quorum ":" name "+" name …
//   quorum  = number "of" (at least so many of them) | "majority" (more than half)
// No commas and no parentheses: commas part oracles that judge separately, and shells read parentheses.

/** What a spec says. */
export interface OracleSpec {
  /** The engines' names, in order. */
  readonly names: readonly string[];
  /** How many of them must flag a weakness. */
  readonly needed: number;
  /** The spec again, with other names in the places of these. */
  readonly write: (names: readonly string[]) => string;
}

/** A spec, or why the text is none. */
export type SpecReading =
  | { readonly ok: true; readonly spec: OracleSpec }
  | { readonly ok: false; readonly why: string };

/** Reads a spec. */
export function parseOracleSpec(text: string): SpecReading {
  const [, quorum, listed = text] = /^\s*(\d+of|majority):(.*)$/s.exec(text) ?? [];
  if (listed.includes("+") && listed.includes("&")) return no(`"${text}" mixes + (any) with & (all)`);
  const sign = listed.includes("&") ? "&" : "+";
  const names = listed.split(sign).map((name) => name.trim());
  if (quorum === undefined) return yes(names, sign === "&" ? names.length : 1, (all) => all.join(sign));
  if (sign === "&") return no(`"${text}" says twice how many must agree: part the names with +`);
  if (new Set(names).size < names.length)
    return no(`"${text}" names an oracle twice, which would vote twice`);
  const needed = quorum === "majority" ? Math.floor(names.length / 2) + 1 : Number.parseInt(quorum, 10);
  if (needed < 1 || needed > names.length) {
    return no(`"${text}" asks for ${needed} of ${names.length} oracles`);
  }
  return yes(names, needed, (all) => `${needed}of:${all.join("+")}`);
}

function yes(names: readonly string[], needed: number, write: OracleSpec["write"]): SpecReading {
  return { ok: true, spec: { names, needed, write } };
}

function no(why: string): SpecReading {
  return { ok: false, why };
}
