// The fix is of a kind that holds, which is stricter than any oracle: published "fixes" often
// satisfy the checker and not the attacker (a path compared by startswith, HTML escaping against
// log injection). One list of objections a weakness; a fix passes when none of them speaks.
import type { CweId } from "../../core/cwe.ts";
import { failed, notApplicable, passed, type StaticGate } from "./gate.ts";
import { codeObjections } from "./kind/code.ts";
import { commandObjections } from "./kind/command.ts";
import { hostObjections } from "./kind/host.ts";
import { loaderObjections } from "./kind/loader.ts";
import { logObjections } from "./kind/log.ts";
import type { Objection } from "./kind/objection.ts";
import { pageObjections } from "./kind/page.ts";
import { pathObjections } from "./kind/path.ts";
import { xmlObjections } from "./kind/xml.ts";

const objections: Readonly<Record<string, readonly Objection[]>> = {
  "CWE-20": hostObjections,
  "CWE-22": pathObjections,
  "CWE-78": commandObjections,
  "CWE-79": pageObjections,
  "CWE-94": codeObjections,
  "CWE-95": codeObjections,
  "CWE-117": logObjections,
  "CWE-502": loaderObjections,
  "CWE-611": xmlObjections,
  "CWE-776": xmlObjections,
};

/** See the file's head. */
export const kind: StaticGate = (sides) => {
  const list = objectionsTo(sides.cwe);
  if (list === undefined) return notApplicable(`No objections are known for ${sides.cwe}.`);
  for (const objection of list) {
    const complaint = objection(sides);
    if (complaint !== undefined) return failed(complaint);
  }
  return passed;
};

function objectionsTo(cwe: CweId): readonly Objection[] | undefined {
  return Object.hasOwn(objections, cwe) ? objections[cwe] : undefined;
}
