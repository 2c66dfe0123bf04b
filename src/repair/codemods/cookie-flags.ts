// CWE-614, CWE-1004, CWE-1275: the cookie is sent over encrypted connections only, is out of reach
// for scripts, and stays at home when another site sends the request. What the program says itself
// about scripts and sites stays as it is.
import { parseCweId } from "../../core/cwe.ts";
import { type Edit, replace } from "../edits.ts";
import { argumentsOf } from "../python/nodes.ts";
import { type Codemod, callOf, edits } from "../rewrite.ts";

/** See the file's head. */
export const cookieFlags: Codemod = {
  name: "cookie-flags",
  cwes: ["CWE-614", "CWE-1004", "CWE-1275"].map(parseCweId),
  rewrite(site) {
    const call = callOf(site, (name) => /(^|\.)set_(secure_|signed_)?cookie$/.test(name));
    const { keywords, positional, list } = call === undefined ? argumentsOf(site.node) : argumentsOf(call);
    const last = list?.namedChildren.findLast(({ type }) => type !== "comment");
    // Beyond the value, places mean different things in different frameworks.
    if (call === undefined || last === undefined || positional.length > 2 || !site.program.claim(call))
      return undefined;
    if (/^(dictionary|list)_splat$/.test(last.type)) return undefined;
    const secure = keywords.get("secure")?.child("value");
    const missing = [
      ...(secure === undefined ? ["secure=True"] : []),
      ...(keywords.has("httponly") ? [] : ["httponly=True"]),
      ...(keywords.has("samesite") ? [] : ['samesite="Lax"']),
    ];
    const changes: Edit[] = secure === undefined ? [] : [replace(secure, "True")];
    if (missing.length > 0) changes.push({ start: last.end, end: last.end, text: `, ${missing.join(", ")}` });
    return edits(changes);
  },
};
