// A call with its evaluated arguments, and the choice of arguments by position, keyword or `self`.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Given, UNKNOWN, type Value } from "./domain.ts";
import { fieldOf } from "./values.ts";

/** An argument. */
export type CallArgument = Given;

/** A call. */
export interface CallSite {
  readonly node: SyntaxNode;
  /** What is called. */
  readonly callee: Value;
  /** Last name of what is called, such as `execute`. */
  readonly name: string;
  /** The object before the dot. */
  readonly receiver: CallArgument | undefined;
  readonly positional: readonly CallArgument[];
  readonly keywords: ReadonlyMap<string, CallArgument>;
  /** What `*` spreads. */
  readonly spread: CallArgument | undefined;
  /** What `**` spreads. */
  readonly spreadKeywords: CallArgument | undefined;
}

/** A call without arguments, to build others of. */
export function emptyCall(node: SyntaxNode): CallSite {
  return {
    node,
    callee: UNKNOWN,
    name: "",
    receiver: undefined,
    positional: [],
    keywords: new Map(),
    spread: undefined,
    spreadKeywords: undefined,
  };
}

/** The arguments that selectors choose; alternatives add up. */
export function chooseArguments(call: CallSite, selectors: readonly (number | string)[]): CallArgument[] {
  const chosen: CallArgument[] = [];
  for (const selector of selectors) {
    if (selector === "*") {
      chosen.push(...call.positional);
      if (call.spread !== undefined) chosen.push(call.spread);
    } else if (selector === "**") {
      chosen.push(...call.keywords.values());
      if (call.spreadKeywords !== undefined) chosen.push(call.spreadKeywords);
    } else {
      const one = chooseArgument(call, selector);
      if (one !== undefined) chosen.push(one);
    }
  }
  return chosen;
}

/** The argument that a position, a keyword or `self` chooses. */
export function chooseArgument(call: CallSite, selector: number | string): CallArgument | undefined {
  if (selector === "self") return call.receiver;
  if (typeof selector === "number") {
    const given = call.positional[selector];
    if (given !== undefined || call.spread === undefined) return given;
    const place = String(selector - call.positional.length);
    return { node: call.spread.node, value: fieldOf(call.spread.value, place) };
  }
  const given = call.keywords.get(selector);
  if (given !== undefined || call.spreadKeywords === undefined) return given;
  const { value, node } = call.spreadKeywords;
  // A `**` of unknown keys gives nothing: else every keyword would be everywhere.
  return value.items?.fields.has(selector) === true ? { node, value: fieldOf(value, selector) } : undefined;
}
