// Sinks: the arguments of a call in which untrusted data does harm.
import type { ApiSink } from "./api.ts";
import { type CallSite, chooseArguments } from "./call-site.ts";
import { meets } from "./conditions.ts";
import type { Fact, Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { reachReceivers } from "./receivers.ts";
import { deepFacts, joinFacts, textsOf } from "./values.ts";

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

/** Arguments whose names make them sinks. */
export function reachNamedArguments(machine: Machine, call: CallSite): void {
  for (const [name, { node, value }] of call.keywords) reachReceivers(machine, value, { name, at: node });
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
  if (!isShellCall(program, items.fields.get("1"))) return facts;
  for (const field of items.fields.values()) facts = joinFacts(facts, deepFacts(field));
  if (items.rest !== undefined) facts = joinFacts(facts, deepFacts(items.rest));
  return facts;
}

/** `["sh", "-c", …]`, also where it may be one of several shells. */
function isShellCall(program: Value, flag: Value | undefined): boolean {
  const flags = flag === undefined ? undefined : textsOf(flag);
  if (flags?.some((text) => SHELL_FLAGS.has(text)) !== true) return false;
  const programs = textsOf(program);
  return programs === undefined || programs.some((text) => SHELLS.test(text));
}
