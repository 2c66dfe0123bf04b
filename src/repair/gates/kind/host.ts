// CWE-20: a host is compared whole, or with the dot in front; a pattern for hosts ends where the
// host ends.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { argument } from "../../python/nodes.ts";
import { literalValue } from "../../python/strings.ts";
import { newNodes } from "../tokens.ts";
import { methodOf, newCalls, type Objection } from "./objection.ts";

const HOST = /^(?:[\w-]+\.)+[a-z]{2,}$/i;

/** `host.endswith("example.com")` lets `evil-example.com` in. */
const noDot: Objection = (sides) => {
  for (const call of newCalls(sides)) {
    const text = textOf(call);
    if (methodOf(call) === "endswith" && text !== undefined && HOST.test(text)) {
      return `Accepts hosts that merely end in ${text}.`;
    }
  }
  return undefined;
};

/** `url.startswith("https://example.com")` lets `https://example.com.evil` in. */
const openPrefix: Objection = (sides) => {
  for (const call of newCalls(sides)) {
    const text = textOf(call);
    if (methodOf(call) === "startswith" && text !== undefined && /^(https?:)?\/\/[\w.-]+$/.test(text)) {
      return `Accepts URLs that merely begin with ${text}.`;
    }
  }
  return undefined;
};

function textOf(call: SyntaxNode): string | undefined {
  const first = argument(call, 0);
  return first === undefined ? undefined : literalValue(first);
}

/** `"example.com" in url`. */
const substring: Objection = ({ before, after }) => {
  const checks = newNodes(before.tree.root, after.tree.root, ({ type }) => type === "comparison_operator");
  const check = checks.find((node) => {
    const [left, right] = node.namedChildren;
    const text = left === undefined ? undefined : literalValue(left);
    const isIn = node.children.some(({ type }) => type === "in" || type === "not in");
    return (
      isIn &&
      text !== undefined &&
      HOST.test(text) &&
      right?.type !== "list" &&
      right?.type !== "set" &&
      right?.type !== "tuple"
    );
  });
  return check === undefined ? undefined : `Looks for the host anywhere in the text: ${check.text}`;
};

const DOMAIN = "(?:com|org|net|edu|gov|io|dev|app)";

/** New patterns must escape the dots of hosts and say where the host ends. */
const pattern: Objection = ({ before, after }) => {
  const literals = newNodes(before.tree.root, after.tree.root, ({ type }) => type === "string");
  for (const literal of literals) {
    const call = literal.ancestor("call");
    const name = call === undefined ? "" : (after.callee(call) ?? "");
    if (!/^re\.(match|search|compile)$/.test(name)) continue;
    if (new RegExp(`\\w\\.${DOMAIN}\\b`).test(literal.text))
      return `A dot of the host in ${literal.text} stands for any character.`;
    if (name !== "re.compile" && new RegExp(`\\\\.${DOMAIN}\\)*["']+$`).test(literal.text)) {
      return `Nothing says where the host ends in ${literal.text}.`;
    }
  }
  return undefined;
};

/** See the file's head. */
export const hostObjections: readonly Objection[] = [noDot, openPrefix, substring, pattern];
