// CWE-90: values in an LDAP filter are escaped, so that brackets and stars are text.
import { parseCweId } from "../../core/cwe.ts";
import { wrap } from "../edits.ts";
import { leavesOf } from "../python/leaves.ts";
import { Names } from "../python/names.ts";
import { argumentsOf } from "../python/nodes.ts";
import { type Codemod, callOf, edits, needsDesign } from "../rewrite.ts";

/** See the file's head. */
export const directoryFilter: Codemod = {
  name: "directory-filter",
  cwes: [parseCweId("CWE-90")],
  sanitizers: [
    "ldap.filter.escape_filter_chars",
    "ldap3.utils.conv.escape_filter_chars",
    "ldap.dn.escape_dn_chars",
  ],
  rewrite(site) {
    const call = callOf(site, (name) => /(^|\.)search(_\w+)?$/.test(name));
    if (call === undefined || !site.program.claim(call)) return undefined;
    const { positional, keywords } = argumentsOf(call);
    const given = [...positional, ...[...keywords.values()].flatMap((item) => item.child("value") ?? [])];
    const options = { program: site.program, taint: site.taint };
    const leaves = given.flatMap((value) => leavesOf(value, options));
    if (leaves.length === 0) return undefined;
    if (leaves.some(({ template }) => template.length === 0)) {
      return needsDesign("The whole filter comes from outside: what it may ask is a design decision.");
    }
    // What follows `name=` outside of brackets is a part of a distinguished name, which is escaped in another way.
    const names = new Names(site.program);
    const isNew = site.program.imports.names.some(({ full }) => full.startsWith("ldap3"));
    const ofName = isNew ? "ldap3.utils.dn.escape_rdn" : "ldap.dn.escape_dn_chars";
    const ofFilter = isNew ? "ldap3.utils.conv.escape_filter_chars" : "ldap.filter.escape_filter_chars";
    const list = leaves.flatMap(({ node, template }) => {
      const isFilter = template.some((piece) => piece.kind === "text" && piece.value.includes("("));
      return wrap(node, `${names.byName(isFilter ? ofFilter : ofName)}(`, ")");
    });
    return edits(list, { imports: names.needs });
  },
};
