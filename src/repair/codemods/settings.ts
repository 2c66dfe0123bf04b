// Weaknesses that are one wrong argument: certificates unchecked, permissions wide open, the
// debugger left on, old protocols, temporary names without a file. A table of small rewrites.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { insertBefore } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { argumentsOf } from "../python/nodes.ts";
import { type Codemod, callOf, edits, type Rewrite, type Site } from "../rewrite.ts";

/** CWE-295: the certificate is checked, the host's key known. */
export const trustChecks: Codemod = {
  name: "trust-checks",
  cwes: [parseCweId("CWE-295")],
  rewrite(site) {
    const policy = callOf(site, (name) => /\.set_missing_host_key_policy$/.test(name));
    if (policy !== undefined) return knownHostsOnly(site, policy);
    const call = callOf(
      site,
      (_name, node) => argumentsOf(node).keywords.get("verify")?.child("value")?.text === "False",
    );
    const verify = call === undefined ? undefined : argumentsOf(call).keywords.get("verify");
    if (call === undefined || verify === undefined) return undefined;
    const list = call.child("arguments");
    return list === undefined ? undefined : edits([withoutArgument(list, verify)]);
  },
};

/** Unknown hosts are refused, and those in the user's known_hosts are known. */
function knownHostsOnly(site: Site, call: SyntaxNode): Rewrite | undefined {
  const [policy] = argumentsOf(call).positional;
  const client = call.child("function")?.child("object")?.text;
  if (policy === undefined || client === undefined) return undefined;
  const spelled = policy.text.replace(/(AutoAdd|Warning)Policy/, "RejectPolicy");
  if (spelled === policy.text) return undefined;
  const names = new Names(site.program);
  const refused = /^\w+(\(\))?$/.test(policy.text) ? `${names.byName("paramiko.RejectPolicy")}()` : spelled;
  const list: Edit[] = [replace(policy, refused)];
  if (!site.program.tree.source.includes("load_system_host_keys(")) {
    const before = insertBefore(site.program, call, [`${client}.load_system_host_keys()`]);
    if (before === undefined) return undefined;
    list.push(before);
  }
  return edits(list, { imports: names.needs, drops: ["paramiko.AutoAddPolicy", "paramiko.WarningPolicy"] });
}

/** CWE-732: permissions for the owner alone. */
export const ownerOnly: Codemod = {
  name: "owner-only",
  cwes: [parseCweId("CWE-732")],
  rewrite(site) {
    const call = callOf(site, (name) => /(^|\.)(chmod|fchmod|lchmod|mkdir|makedirs|open)$/.test(name));
    const modes = (call === undefined ? [] : [...call.descendants()]).filter((node) =>
      /^0o?[0-7]{3,4}$/i.test(node.text),
    );
    const list = modes
      .filter((node) => node.type === "integer")
      .map((node) => replace(node, ownersPart(node.text)));
    return list.length === 0 ? undefined : edits(list);
  },
};

function ownersPart(mode: string): string {
  const bits = Number.parseInt(mode.replace(/^0o?/i, ""), 8);
  return `0o${(bits & 0o700).toString(8)}`;
}

/** CWE-215: no debugger for whoever reaches the server. */
export const debuggerOff: Codemod = {
  name: "debugger-off",
  cwes: [parseCweId("CWE-215"), parseCweId("CWE-489")],
  rewrite(site) {
    const call = callOf(site, (name) => /\.run$/.test(name));
    const debug = call === undefined ? undefined : argumentsOf(call).keywords.get("debug")?.child("value");
    return debug === undefined || debug.text === "False" ? undefined : edits([replace(debug, "False")]);
  },
};

/** CWE-327: TLS 1.2 at least. */
export const currentProtocol: Codemod = {
  name: "current-protocol",
  cwes: [parseCweId("CWE-327")],
  rewrite(site) {
    const call = callOf(site, (name) => /wrap_socket$|SSLContext$|Context$/.test(name)) ?? site.node;
    const old = [...call.descendants()].filter((node) =>
      /(^|\.)PROTOCOL_(SSLv2|SSLv3|TLSv1|TLSv1_1)$/.test(node.text),
    );
    const whole = old.filter((node) => node.type === "attribute" || node.parent?.type !== "attribute");
    const list = whole.map((node) => replace(node, node.text.replace(/PROTOCOL_\w+$/, "PROTOCOL_TLSv1_2")));
    return list.length === 0 || whole.some(({ type }) => type === "identifier") ? undefined : edits(list);
  },
};

/** CWE-377: the file is made together with its name. */
export const temporaryFile: Codemod = {
  name: "temporary-file",
  cwes: [parseCweId("CWE-377")],
  rewrite(site) {
    const call = callOf(site, (name) => /(^|\.)(mktemp|tempnam|tmpnam)$/.test(name));
    if (call === undefined) return undefined;
    const { positional, keywords } = argumentsOf(call);
    const given = positional.map(
      (value, index) => `${["suffix", "prefix", "dir"][index] ?? "dir"}=${value.text}`,
    );
    const all = [...given, ...[...keywords.values()].map(({ text }) => text), "delete=False"];
    const names = new Names(site.program);
    const target = call.child("function");
    const make =
      target?.type === "identifier"
        ? names.byName("tempfile.NamedTemporaryFile")
        : names.byModule("tempfile.NamedTemporaryFile");
    return edits([replace(call, `${make}(${all.join(", ")}).name`)], {
      imports: names.needs,
      drops: ["tempfile.mktemp"],
    });
  },
};

/** Takes an argument out of a list together with one comma. */
export function withoutArgument(list: SyntaxNode, item: SyntaxNode): Edit {
  const index = list.children.indexOf(item);
  const before = list.children[index - 1];
  const after = list.children[index + 1];
  if (before?.type === ",") return { start: before.start, end: item.end, text: "" };
  const next = after?.type === "," ? list.children[index + 2] : undefined;
  return { start: item.start, end: next?.start ?? item.end, text: "" };
}
