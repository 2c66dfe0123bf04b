// Sinks: the arguments of a call in which untrusted data does harm.
import type { ApiSink } from "./api.ts";
import { type CallSite, chooseArguments } from "./call-site.ts";
import { meets } from "./conditions.ts";
import type { Fact, Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { deepFacts, joinFacts } from "./values.ts";

/** Reports data that reaches the sinks of a call. */
export function reachSinks(
  machine: Machine,
  call: CallSite,
  sinks: readonly ApiSink[],
  overrides: (method: string) => boolean = () => false,
): void {
  for (const sink of sinks) {
    if (!meets(call, sink.when) || (sink.unless !== undefined && overrides(sink.unless))) continue;
    for (const { node, value } of chooseArguments(call, sink.arg)) {
      machine.reach(sink.bit, partFacts(value, sink.part), node);
      if (sink.bit === machine.model.patternBit && value.lit !== undefined) {
        machine.listener.pattern?.(value.lit, call);
      }
    }
  }
}

/** Constants given to arguments that are named like credentials. */
export function findCredentials(machine: Machine, call: CallSite): void {
  if (call.keywords.size === 0) return;
  for (const { names, literal, kind } of machine.model.credentials) {
    for (const [name, { node, value }] of call.keywords) {
      const text = value.lit?.value;
      if (typeof text === "string" && names.test(name) && literal.test(text))
        machine.listener.misuse(kind, node);
    }
  }
}

function partFacts(value: Value, part: ApiSink["part"]): readonly Fact[] {
  return part === "program" ? programFacts(value) : deepFacts(value);
}

const SHELLS = /(?:^|\/)(?:ba|da|z|k|a)?sh$|cmd(?:\.exe)?$|powershell(?:\.exe)?$/i;
const SHELL_FLAGS = new Set(["-c", "-lc", "/c", "/C", "-Command"]);

/** The part of an argument list that chooses the program: its first element, or what a shell is told to run. */
function programFacts(value: Value): readonly Fact[] {
  const { items } = value;
  const isList = items?.shape === "list" || items?.shape === "tuple";
  if (!isList) return deepFacts(value);
  const program = items.fields.get("0");
  if (program === undefined) return deepFacts(value);
  let facts = joinFacts(value.facts, deepFacts(program));
  const flag = items.fields.get("1")?.lit?.value;
  if (program.lit === undefined && SHELL_FLAGS.has(String(flag))) {
    // One of several shells: what follows the flag is what it runs.
    const line = items.fields.get("2");
    return line === undefined ? facts : joinFacts(facts, deepFacts(line));
  }
  if (
    typeof program.lit?.value === "string" &&
    SHELLS.test(program.lit.value) &&
    SHELL_FLAGS.has(String(flag))
  ) {
    for (const field of items.fields.values()) facts = joinFacts(facts, deepFacts(field));
    if (items.rest !== undefined) facts = joinFacts(facts, deepFacts(items.rest));
  }
  return facts;
}
