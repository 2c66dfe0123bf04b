// Loops: their bodies run until nothing new comes of it.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { assignTo } from "./assign.ts";
import { callMethod } from "./attributes.ts";
import type { Value } from "./domain.ts";
import { type Env, joinEnv, refined, sameEnv } from "./env.ts";
import { guardOf, keyOf } from "./guards.ts";
import { keepLooked } from "./looks.ts";
import type { Frame, Machine } from "./machine.ts";
import { clearFacts, iteratedOf, mapFacts } from "./values.ts";

/** `for`. */
export function executeFor(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const left = node.child("left");
  const right = node.child("right");
  const body = node.child("body");
  if (left === undefined || right === undefined || body === undefined) return;
  const looped = machine.evaluate(right, frame);
  const written = elementsWritten(machine, node, { looped, right, body });
  if (written !== undefined) {
    for (const [value, part] of written) {
      if (frame.env === undefined) return;
      assignTo(machine, left, { value, frame });
      machine.execute(body, frame);
      keepChecks(machine, { left, parts: [part], body }, { frame, ended: frame.env });
    }
    return;
  }
  const iterated =
    callMethod(machine, looped, { names: ["__iter__", "__aiter__"], node: right, frame }) ?? looped;
  const next = callMethod(machine, iterated, { names: ["__next__", "__anext__"], node: right, frame });
  const element = next ?? iteratedOf(iterated, right);
  const ended = runLoop(machine, node, {
    frame,
    runsOnce: !machine.settings.everythingPasses && isFilled(right),
    round: () => {
      assignTo(machine, left, { value: element, frame });
      machine.execute(body, frame);
    },
    leave: () => undefined,
  });
  if (right.type === "tuple" || right.type === "list")
    keepChecks(machine, { left, parts: right.namedChildren, body }, { frame, ended });
}

const MOST_ROUNDS = 6;
const NO_PLAIN_ROUND = new Set(["break_statement", "continue_statement", "for_statement", "while_statement"]);

/** The elements of a short display that a loop goes through one after another; undefined where it is not that plain. */
function elementsWritten(
  machine: Machine,
  node: SyntaxNode,
  { looped, right, body }: { looped: Value; right: SyntaxNode; body: SyntaxNode },
): [Value, SyntaxNode][] | undefined {
  if (machine.settings.everythingPasses || node.child("alternative") !== undefined) return undefined;
  if (right.type !== "list" && right.type !== "tuple") return undefined;
  const parts = right.namedChildren.filter(({ type }) => type !== "comment");
  const fields = looped.items?.fields;
  if (fields?.size !== parts.length || parts.length > MOST_ROUNDS) return undefined;
  if (looped.items?.rest !== undefined || looped.facts.length > 0) return undefined;
  for (const { type } of body.descendants()) if (NO_PLAIN_ROUND.has(type)) return undefined;
  return parts.flatMap((part, place): [Value, SyntaxNode][] => {
    const value = fields.get(String(place));
    return value === undefined ? [] : [[value, part]];
  });
}

/** `for part in (a, b): if not is_good(part): raise …`: what each round has checked is checked for good. */
function keepChecks(
  machine: Machine,
  { left, parts, body }: { left: SyntaxNode; parts: readonly SyntaxNode[]; body: SyntaxNode },
  { frame, ended }: { frame: Frame; ended: Env | undefined },
): void {
  const { env } = frame;
  if (env === undefined || ended === undefined || left.type !== "identifier") return;
  if (machine.settings.everythingPasses || assigns(body, left.text)) return;
  const masks = new Map((ended.values.get(left.text)?.facts ?? []).map(({ origin, mask }) => [origin, mask]));
  for (const part of parts) {
    const key = keyOf(part);
    const value = key === undefined ? undefined : env.values.get(key);
    if (key === undefined || value === undefined) continue;
    const kept = (facts: Value["facts"]): Value["facts"] =>
      facts.flatMap((fact) => clearFacts([fact], masks.get(fact.origin) ?? 0));
    env.refine(key, mapFacts(value, kept));
  }
}

function assigns(body: SyntaxNode, name: string): boolean {
  return [...body.descendants()].some(({ type, field, text, parent }) => {
    if (type === "break_statement") return true;
    return (
      type === "identifier" && field === "left" && text === name && parent?.type !== "comparison_operator"
    );
  });
}

/** `while`. */
export function executeWhile(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const condition = node.child("condition");
  const body = node.child("body");
  if (condition === undefined || body === undefined) return;
  const isEndless = condition.type === "true" || condition.text === "1";
  const enter = (outcome: "whenTrue" | "whenFalse"): void => {
    if (frame.env === undefined) return;
    machine.evaluate(condition, frame);
    if (frame.env === undefined) return;
    frame.env = refined(frame.env, guardOf(machine, condition, frame)[outcome]);
  };
  runLoop(machine, node, {
    frame,
    runsOnce: false,
    round: () => {
      enter("whenTrue");
      machine.execute(body, frame);
    },
    leave: () => {
      if (isEndless) frame.env = undefined;
      else enter("whenFalse");
    },
  });
}

const DISPLAYS = new Set(["list", "tuple", "set", "expression_list"]);

/** Whether there is surely something to go through: a display with an element, `range(3)`. */
function isFilled(node: SyntaxNode): boolean {
  if (DISPLAYS.has(node.type))
    return node.namedChildren.some(({ type }) => type !== "list_splat" && type !== "comment");
  return node.type === "call" && /^range\(\s*[1-9]\d*\s*\)$/.test(node.text);
}

const MAX_ROUNDS = 12;

/** Runs a loop's body until nothing new comes of it; gives what holds at the end of a round. */
function runLoop(
  machine: Machine,
  node: SyntaxNode,
  loop: { frame: Frame; runsOnce: boolean; round: () => void; leave: () => void },
): Env | undefined {
  const { frame } = loop;
  const exits: Frame["loops"][number] = { breaks: undefined, continues: undefined };
  frame.loops.push(exits);
  let head = frame.env;
  let end: Frame["env"];
  for (let round = 0; head !== undefined && round < MAX_ROUNDS; round++) {
    machine.spend(1 + head.values.size);
    frame.env = head.copy();
    loop.round();
    end = joinEnv(frame.env, exits.continues);
    const next: Frame["env"] = joinEnv(head, end);
    if (next === undefined || sameEnv(head, next)) break;
    head = next;
  }
  frame.loops.pop();
  // What runs at least once leaves nothing as it was before, but what its last round leaves.
  const left = loop.runsOnce ? end : head;
  frame.env = left === undefined ? undefined : keepLooked(machine, left.copy(), end);
  loop.leave();
  const otherwise = node.child("alternative")?.child("body");
  if (otherwise !== undefined && frame.env !== undefined) machine.execute(otherwise, frame);
  frame.env = joinEnv(frame.env, exits.breaks);
  return end;
}

/** `break` and `continue`: what holds there holds after the loop, or in its next round. */
export function leaveLoop(frame: Frame, how: "breaks" | "continues"): void {
  const loop = frame.loops.at(-1);
  if (loop !== undefined) loop[how] = joinEnv(loop[how], frame.env);
  frame.env = undefined;
}
