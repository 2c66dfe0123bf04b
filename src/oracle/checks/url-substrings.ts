// CWE-20: a host looked for somewhere in a URL, or at its unbounded beginning or end.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { constantString } from "../taint/strings.ts";
import type { CheckHit, CheckInput } from "./checks.ts";

// A host under a common top-level domain, with or without scheme and port …
const HOST = /^(?:[a-z]*:?\/\/)?\.?(?:[a-z0-9-]+\.)+(?:com|org|edu|gov|uk|net|io)(?::[0-9]+)?\/?$/i;
// … or a web address under any.
const ADDRESS = /^https?:\/\/(?:[a-z0-9-]+\.)+[a-z]+(?::[0-9]+)?\/?$/i;
const BOUNDED_START = /^https?:\/\/[.a-z0-9-]+(?::[0-9]+)?\//i;
const BOUNDED_END = /^\.(?:[a-z0-9-]+)(?:\.[a-z0-9-]+)+$/i;

/** Comparisons and calls that take a part of a URL for its host. */
export function incompleteUrlSubstrings({ tree }: CheckInput): CheckHit[] {
  if (!/\.startswith|\.endswith|\bin\b/.test(tree.source)) return [];
  const hits: CheckHit[] = [];
  for (const node of tree.root.descendants()) {
    if (node.type === "comparison_operator") hits.push(...membership(node));
    else if (node.type === "call") hits.push(...boundCheck(node));
  }
  return hits;
}

/** `"example.com" in url`; in a collection it is a comparison of wholes. */
function membership(node: SyntaxNode): CheckHit[] {
  const [operator] = node.childrenOf("operators");
  const [left, right] = node.namedChildren;
  if (operator?.type !== "in" || left === undefined || right === undefined) return [];
  if (["list", "tuple", "set", "dictionary"].includes(right.type)) return [];
  const host = hostIn(left);
  if (host === undefined) return [];
  return [{ node, detail: `The string '${host}' may be at an arbitrary position in the sanitized URL.` }];
}

function boundCheck(node: SyntaxNode): CheckHit[] {
  const callee = node.child("function");
  const name = callee?.type === "attribute" ? callee.child("attribute")?.text : undefined;
  if (name !== "startswith" && name !== "endswith") return [];
  const [argument] = node.child("arguments")?.namedChildren ?? [];
  if (argument === undefined) return [];
  const options = argument.type === "tuple" ? argument.namedChildren : [argument];
  for (const option of options) {
    const host = hostIn(option);
    if (host === undefined) continue;
    if (name === "startswith" && !BOUNDED_START.test(host)) {
      return [{ node, detail: `The string '${host}' may be followed by an arbitrary host name.` }];
    }
    if (name === "endswith" && !BOUNDED_END.test(host)) {
      return [{ node, detail: `The string '${host}' may be preceded by an arbitrary host name.` }];
    }
  }
  return [];
}

function hostIn(node: SyntaxNode): string | undefined {
  if (node.type !== "string" && node.type !== "concatenated_string") return undefined;
  const text = constantString(node);
  return text !== undefined && (HOST.test(text) || ADDRESS.test(text)) ? text : undefined;
}
