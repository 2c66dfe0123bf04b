// Functions that call a function they are given: map, threads, executors.
import { type CallArgument, type CallSite, chooseArguments, emptyCall } from "./call-site.ts";
import { NOTHING, type Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import type { CallbackModel } from "./model-schema.ts";
import { elementOf, join, makeValue } from "./values.ts";

/** Calls the callbacks of a call; the result is what the call returns. */
export function runCallbacks(
  machine: Machine,
  models: readonly CallbackModel[],
  at: { call: CallSite; frame: Frame },
): Value {
  const { call, frame } = at;
  let value = NOTHING;
  for (const model of models) {
    const given = chooseArguments(call, model.with);
    for (const callback of chooseArguments(call, model.calls)) {
      if (model.returns === "partial") {
        const [, ...positional] = call.positional;
        const { node, keywords } = call;
        const ref = { kind: "partial", node, callee: callback.value, positional, keywords } as const;
        value = join(value, makeValue({ refs: [ref] }));
        continue;
      }
      const inner = innerCall(call, { model, callback, given });
      value = join(value, resultOf(model, machine.call(inner, frame)));
    }
  }
  return value;
}

function innerCall(
  call: CallSite,
  parts: { model: CallbackModel; callback: CallArgument; given: readonly CallArgument[] },
): CallSite {
  const { model, callback, given } = parts;
  const positional = given.flatMap(({ node, value }): CallArgument[] => {
    if (model.passes === "whole") return [{ node, value }];
    if (model.passes === "elements") return [{ node, value: elementOf(value) }];
    const known = [...(value.items?.fields.values() ?? [])];
    return known.map((field) => ({ node, value: field }));
  });
  const method = callback.node.type === "attribute" && callback.value.refs.length === 0;
  const [receiver, ...rest] = positional;
  if (method && receiver !== undefined) {
    // An unbound method: `map(str.strip, names)`.
    const name = callback.node.child("attribute")?.text ?? "";
    return { ...emptyCall(call.node), callee: callback.value, name, receiver, positional: rest };
  }
  return {
    node: call.node,
    callee: callback.value,
    name: callback.node.type === "identifier" ? callback.node.text : "",
    receiver: undefined,
    positional,
    keywords: new Map(),
    spread: undefined,
    spreadKeywords: undefined,
  };
}

function resultOf(model: CallbackModel, value: Value): Value {
  if (model.returns === "nothing") return NOTHING;
  if (model.returns === "result") return value;
  return makeValue({ items: { shape: "list", fields: new Map(), rest: value } });
}
