// Hashes and keys that are too weak: `md5` and `sha1` of secrets become SHA-256 (CWE-327), RSA and
// DSA keys get 2048 bits (CWE-326). A password needs a slow hash with a salt, and so a place to keep
// the salt, which is a design decision (CWE-916).
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argument } from "../python/nodes.ts";
import { literalValue, quoted } from "../python/strings.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";

const WEAK = /^(hashlib\.)?(md5|sha1|md4)$/;
const BITS = "2048";

/** See the file's head. */
export const strongHash: Codemod = {
  name: "strong-hash",
  cwes: ["CWE-327", "CWE-328", "CWE-916"].map(parseCweId),
  rewrite(site) {
    if (!/hashing/.test(site.finding.ruleId)) return undefined;
    if (/password/.test(site.finding.ruleId)) {
      return needsDesign(
        "A password needs a slow hash with a salt of its own, and the program no place to keep it.",
      );
    }
    const call = callOf(site, (name) => /^hashlib\.(md5|sha1|new)$/.test(name));
    return call === undefined ? made(site) : strong(site, call);
  },
};

/** `digest.update(secret)`: the weak hash was made elsewhere. */
function made(site: Site): Rewrite | undefined {
  const update = callOf(site, (name) => /\.update$/.test(name));
  const object = update?.child("function")?.child("object");
  const call = object === undefined ? undefined : site.program.valueOf(object);
  return call?.type === "call" && WEAK.test(site.program.callee(call) ?? "") ? strong(site, call) : undefined;
}

function strong(site: Site, call: SyntaxNode): Rewrite | undefined {
  const target = call.child("function");
  if (target === undefined || !site.program.claim(call)) return undefined;
  if (site.program.callee(call) === "hashlib.new") {
    const name = argument(call, 0, "name");
    return name === undefined || literalValue(name) === undefined
      ? undefined
      : edits([replace(name, quoted("sha256"))]);
  }
  const names = new Names(site.program);
  const spelled =
    target.type === "identifier" ? names.byName("hashlib.sha256") : names.byModule("hashlib.sha256");
  return edits([replace(target, spelled)], { imports: names.needs, drops: ["hashlib.md5", "hashlib.sha1"] });
}

/** See the file's head. */
export const longKey: Codemod = {
  name: "long-key",
  cwes: [parseCweId("CWE-326")],
  rewrite(site) {
    const call = callOf(site, (name) => /\.(generate_private_key|generate)$/.test(name));
    const sizes = call === undefined ? [] : [...call.descendants()].filter(({ type }) => type === "integer");
    // The public exponent is an integer, too, and a great one.
    const short = sizes.filter(({ text }) => Number(text) >= 256 && Number(text) < Number(BITS));
    const list: Edit[] = short.map((node) => replace(node, BITS));
    return list.length === 0 ? undefined : edits(list);
  },
};
