// Reads a call: evaluates what is called and the arguments, without carrying it out.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { CallArgument, CallSite } from "./call-site.ts";
import { UNKNOWN, type Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { join } from "./values.ts";

/** The call at a node. */
export function readCall(machine: Machine, node: SyntaxNode, frame: Frame): CallSite {
  const callee = node.child("function");
  const object = callee?.type === "attribute" ? callee.child("object") : undefined;
  const receiver =
    object === undefined ? undefined : { node: object, value: machine.evaluate(object, frame) };
  return {
    node,
    callee: calleeValue(machine, { callee, receiver: receiver?.value, frame }),
    name: nameOf(callee),
    receiver,
    ...readArguments(machine, node.child("arguments"), frame),
  };
}

function calleeValue(
  machine: Machine,
  parts: { callee: SyntaxNode | undefined; receiver: Value | undefined; frame: Frame },
): Value {
  const { callee, receiver, frame } = parts;
  if (callee === undefined) return UNKNOWN;
  if (receiver === undefined) return machine.evaluate(callee, frame);
  return machine.attribute(receiver, callee.child("attribute")?.text ?? "", { node: callee, frame });
}

function nameOf(callee: SyntaxNode | undefined): string {
  if (callee?.type === "attribute") return callee.child("attribute")?.text ?? "";
  return callee?.type === "identifier" ? callee.text : "";
}

type Arguments = Pick<CallSite, "positional" | "keywords" | "spread" | "spreadKeywords">;

function readArguments(machine: Machine, list: SyntaxNode | undefined, frame: Frame): Arguments {
  const positional: CallArgument[] = [];
  const keywords = new Map<string, CallArgument>();
  let spread: CallArgument | undefined;
  let spreadKeywords: CallArgument | undefined;
  const children = list?.type === "generator_expression" ? [list] : (list?.children ?? []);
  for (const node of children) {
    if (!node.named || node.type === "comment") continue;
    const value = machine.evaluate(node, frame);
    if (node.type === "keyword_argument") {
      const name = node.child("name")?.text ?? "";
      keywords.set(name, { node: node.child("value") ?? node, value });
    } else if (node.type === "list_splat") {
      const known = value.items?.rest === undefined ? [...(value.items?.fields.values() ?? [])] : [];
      const isApart = value.facts.length === 0 && spread === undefined;
      if (isApart) for (const item of known) positional.push({ node, value: item });
      if (known.length === 0 || !isApart)
        spread = { node, value: spread === undefined ? value : join(spread.value, value) };
    } else if (node.type === "dictionary_splat") {
      spreadKeywords = { node, value };
    } else positional.push({ node, value });
  }
  return { positional, keywords, spread, spreadKeywords };
}
