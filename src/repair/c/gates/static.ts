// The gates for C that need nothing but the two sides, in the order in which they are asked.
import { changed } from "../../gates/changed.ts";
import { flagged } from "../../gates/flagged.ts";
import { failed, passed } from "../../gates/gate.ts";
import type { CGate } from "./gate.ts";
import { headers } from "./headers.ts";
import { intactC } from "./intact.ts";
import { kindC } from "./kind.ts";

/** The fixed side parses. */
const parses: CGate = ({ after, candidate }) => {
  const { firstError } = after.tree;
  if (firstError === undefined) return passed;
  const line = candidate.slice(0, firstError.start).split("\n").length;
  return failed(`The repaired program does not parse (line ${line}).`);
};

/** See the file's head. */
export const cStatic = { flagged, parses, changed, headers, kind: kindC, intact: intactC } satisfies Record<
  string,
  CGate
>;
