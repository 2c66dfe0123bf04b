// How a function in C is left when something failed: as it is left elsewhere for the same, else as
// its type and its callers say; what it holds at that point is released first.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { CType } from "../../oracle/c/types.ts";
import { argumentsOfCall, bareC, type CProgram, calledName } from "./program.ts";
import { functionAround, type Lines, loopAround, statementAround } from "./statements.ts";

/** How to leave, as lines; with the headers that they need. */
export interface Leave {
  readonly lines: Lines;
  readonly headers: readonly string[];
}

/** What is known of the failure. */
export interface Failure {
  /** The node before whose statement the check stands. */
  readonly at: SyntaxNode;
  /** The expression that failed, which itself holds nothing to release. */
  readonly failed?: string;
  /** The expression that the check is about, where the function may have looked at it before. */
  readonly about?: string;
  /** Whether it is about one piece of input, so that a loop can go on with the next one. */
  readonly skippable: boolean;
  /** Whether what the function says of other bad input would be wrong here. */
  readonly silent?: boolean;
  /** What `perror` is to say, where the system has set `errno`. */
  readonly system?: string;
}

/** The lines that leave; undefined where nothing fits the function. */
export function leaveFor(program: CProgram, failure: Failure): Leave | undefined {
  const loop = failure.skippable ? loopAround(failure.at) : undefined;
  if (loop !== undefined && readsOn(loop, failure)) {
    const asBefore = leaveAsBefore(loop, failure);
    if (asBefore !== undefined) return asBefore;
    return { lines: [...releases(failure, loop), "continue;"], headers: [] };
  }
  const definition = functionAround(failure.at);
  const unit = [...program.definitions.functions.values()].find(({ node }) => node === definition);
  if (definition === undefined || unit === undefined) return undefined;
  const asBefore = failure.skippable ? leaveAsBefore(definition, failure) : undefined;
  if (asBefore !== undefined) return asBefore;
  const same = sameGuard(definition, failure);
  if (same !== undefined) return { lines: [...releases(failure, definition), same], headers: [] };
  const isMain = unit.name === "main";
  const value = isMain ? mainValue(program, definition) : failedValue(program, unit, failure);
  if (value === undefined) return ending(program, failure);
  const said = isMain && failure.system !== undefined ? [`perror(${failure.system});`] : [];
  const headers = said.length > 0 ? ["stdio.h"] : [];
  if (value.startsWith("goto ")) return { lines: [...said, `${value};`], headers };
  const back = value === "" ? "return;" : `return ${value};`;
  return { lines: [...said, ...releases(failure, definition), back], headers };
}

/** A guard around lines: in braces only where there are several. */
export function guardLines(condition: string, { lines }: Leave): Lines {
  return lines.length === 1 ? [`if (${condition})`, lines] : [`if (${condition}) {`, lines, "}"];
}

/**
 * As the function turned bad input away right before: the same message and the same way out. What
 * the system said of another failure, and how the program is called, would be the wrong message.
 */
function leaveAsBefore(within: SyntaxNode, { at, failed, silent }: Failure): Leave | undefined {
  if (silent === true) return undefined;
  const guards = [...within.descendants()].filter((node) => {
    return node.type === "if_statement" && node.end <= at.start && loopAround(node) === loopAround(at);
  });
  const guard = guards.findLast((node) => leavesWithMessage(node, failed));
  const body = guard?.child("consequence");
  if (body === undefined || releases({ at, skippable: true }, within).length > 0) return undefined;
  return { lines: body.namedChildren.map(({ text }) => text), headers: [] };
}

/** The `return` of a check that the function makes of the same expression before. */
function sameGuard(definition: SyntaxNode, { at, about }: Failure): string | undefined {
  if (about === undefined) return undefined;
  const guard = [...definition.descendants()].findLast((node) => {
    const condition = node.child("condition")?.text ?? "";
    return (
      node.type === "if_statement" && node.end <= at.start && condition.split(/[^\w>.-]+/).includes(about)
    );
  });
  const body = guard?.child("consequence");
  const way = body?.type === "compound_statement" ? body.namedChildren.at(-1) : body;
  return way?.type === "return_statement" && !/\(/.test(way.text) ? way.text : undefined;
}

function leavesWithMessage(guard: SyntaxNode, failed: string | undefined): boolean {
  const body = guard.child("consequence");
  if (body?.type !== "compound_statement" || guard.child("alternative") !== undefined) return false;
  const statements = body.namedChildren;
  const way = statements.at(-1);
  const said = statements.slice(0, -1);
  const isWayOut = /^(return|continue)_statement$/.test(way?.type ?? "");
  if (way === undefined || !isWayOut || said.length === 0 || said.length > 2 || body.text.includes("\n\n"))
    return false;
  const isPlain = said.every(({ type, text }) => type === "expression_statement" && /^\w+\(/.test(text));
  const isOther = /\b(perror|strerror|errno|free|f?close|usage|exit)\b/i.test(body.text);
  return (
    isPlain && !isOther && (failed === undefined || !body.text.includes(failed)) && !body.text.includes("//")
  );
}

/**
 * Whether a loop goes from one piece of input to the next: `continue` in another one would go round
 * for ever, or leave something out of a whole.
 */
function readsOn(loop: SyntaxNode, { at }: Failure): boolean {
  return callsSomething(loop.child("condition")) || readsBefore(loop, at);
}

function callsSomething(node: SyntaxNode | undefined): boolean {
  return node !== undefined && [...node.descendants()].some(({ type }) => type === "call_expression");
}

function readsBefore(loop: SyntaxNode, at: SyntaxNode): boolean {
  const body = loop.child("body");
  const first = body?.namedChildren.filter(({ end }) => end <= at.start) ?? [];
  return first.some(callsSomething);
}

/** The program ends where it cannot go on, as command-line programs do. */
function ending(program: CProgram, { system }: Failure): Leave | undefined {
  if (!program.hasMain) return undefined;
  const said = system === undefined ? [] : [`perror(${system});`];
  return {
    lines: [...said, "exit(EXIT_FAILURE);"],
    headers: ["stdlib.h", ...(said.length > 0 ? ["stdio.h"] : [])],
  };
}

function mainValue(program: CProgram, definition: SyntaxNode): string {
  const known = failingReturns(program, definition).find((value) =>
    /^([1-9]\d*|EXIT_FAILURE|-1)$/.test(value),
  );
  return known ?? (program.mentions("EXIT_FAILURE") ? "EXIT_FAILURE" : "1");
}

/** What the function returns when something failed; "" for a function that returns nothing. */
function failedValue(
  program: CProgram,
  { node, name, returns }: { node: SyntaxNode; name: string; returns: CType },
  failure: Failure,
): string | undefined {
  const jump = jumpOf(node, failure.at);
  if (jump !== undefined) return jump;
  if (returns.k === "void") return failure.system !== undefined && program.hasMain ? undefined : "";
  const known = failingReturns(program, node);
  if (returns.k === "pointer") {
    const own = known.find((value) => /^(NULL|nullptr|0)$/.test(value));
    // Whoever does not look at the result would run into the null pointer instead.
    const isTrusted = failure.system !== undefined && program.hasMain && !callersAsk(program, name);
    return own ?? (isTrusted ? undefined : "NULL");
  }
  const type = node.child("type")?.text ?? "";
  if (/^_?bool$/i.test(type)) return known.includes("FALSE") ? "FALSE" : "false";
  if (returns.k !== "int") return undefined;
  const [first] = known;
  return (
    first ??
    valueThatCallersCheck(program, name, returns.signed) ??
    plainFailure(node, returns.signed) ??
    nothingCounted(node, failure.at)
  );
}

/** Whether the file looks at what a function gives back wherever it calls it. */
function callersAsk(program: CProgram, name: string): boolean {
  const calls = [...program.tree.root.descendants()].filter(
    (node) => node.type === "call_expression" && calledName(node) === name,
  );
  return calls.every((call) => {
    const holder = call.parent;
    const target = holder?.child("left")?.text ?? holder?.child("declarator")?.text.replace(/^[*\s]+/, "");
    if (/^(binary|unary)_expression$/.test(holder?.type ?? "")) return true;
    // `list = add(list, …)` is looked at for another reason.
    const isOwn = argumentsOfCall(call).some(({ text }) => text === target);
    const rest = target === undefined || isOwn ? "" : (functionAround(call)?.text ?? "");
    return (
      target !== undefined &&
      new RegExp(
        `(${escaped(target)}\\s*[=!]= *(NULL|nullptr|0)|!\\s*${escaped(target)}\\b|if \\(${escaped(target)}\\))`,
      ).test(rest)
    );
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A function that counts from 0 on has counted nothing. */
function nothingCounted(definition: SyntaxNode, at: SyntaxNode): string | undefined {
  const counter = lastReturn(definition);
  if (counter === undefined || !/^\w+$/.test(counter)) return undefined;
  const block = statementAround(at)?.parent;
  const starts = [...definition.descendants()].some((node) => {
    const isStart = node.type === "init_declarator" && node.child("declarator")?.text === counter;
    return isStart && node.child("value")?.text === "0" && node.parent?.parent === block;
  });
  return starts ? counter : undefined;
}

/** `goto fail;` where the function leaves that way, for a label that is still to come. */
function jumpOf(definition: SyntaxNode, at: SyntaxNode): string | undefined {
  const nodes = [...definition.descendants()];
  const jumps = nodes.filter(({ type, end }) => type === "goto_statement" && end <= at.start);
  const label = jumps.at(-1)?.child("label")?.text;
  const isAhead = nodes.some(
    (node) =>
      node.type === "labeled_statement" && node.start > at.start && node.child("label")?.text === label,
  );
  return label !== undefined && isAhead ? `goto ${label}` : undefined;
}

/** Values of the function's `if (…) return VALUE;` that say that something failed, the nearest first. */
function failingReturns(program: CProgram, definition: SyntaxNode): string[] {
  const out: string[] = [];
  for (const node of definition.descendants()) {
    if (node.type !== "return_statement" || node.ancestor("if_statement") === undefined) continue;
    const value = bareC(node.namedChildren.find(({ type }) => type !== "comment"));
    const number = value === undefined ? undefined : program.constant(value);
    const isFailure =
      /^(NULL|nullptr|false|FALSE|EXIT_FAILURE)$/.test(value?.text ?? "") ||
      (number !== undefined && number < 0) ||
      (number !== undefined && number > 0 && lastReturn(definition) === "0") ||
      (number === 0 && lastReturn(definition) === "1");
    if (value !== undefined && isFailure) out.push(value.text);
  }
  return out;
}

function lastReturn(definition: SyntaxNode): string | undefined {
  const last = definition.child("body")?.namedChildren.findLast(({ type }) => type === "return_statement");
  return last?.namedChildren.find(({ type }) => type !== "comment")?.text;
}

/** `if (load(x) < 0)` and its like tell what the function is expected to return. */
function valueThatCallersCheck(program: CProgram, name: string, signed: boolean): string | undefined {
  for (const call of program.tree.root.descendants()) {
    if (call.type !== "call_expression" || calledName(call) !== name) continue;
    const { parent } = call;
    const operator = parent?.type === "binary_expression" ? parent.child("operator")?.text : undefined;
    const right = parent?.child("right")?.text;
    if (signed && operator !== undefined && (right === "-1" || (operator === "<" && right === "0")))
      return "-1";
    if (operator === "!=" && right === "0") return signed ? "-1" : "1";
    if (parent?.type === "unary_expression" && parent.child("operator")?.text === "!") return "0";
    if (operator === "==" && right === "0") return signed ? "-1" : "1";
  }
  return undefined;
}

/** A function that ends in `return 0;` reports success by it. */
function plainFailure(definition: SyntaxNode, signed: boolean): string | undefined {
  return lastReturn(definition) === "0" && signed ? "-1" : undefined;
}

const RELEASES = /^(free|fclose|close|closedir|pclose|freeaddrinfo|g_free)$/;

/** What the function (or the loop's turn) got before this point and releases after it, last got first. */
function releases({ at, failed }: Failure, within: SyntaxNode): string[] {
  const found = new Map<string, { text: string; got: number }>();
  for (const call of within.descendants()) {
    if (call.type !== "call_expression" || !RELEASES.test(calledName(call)) || call.start < at.start)
      continue;
    const [held] = argumentsOfCall(call);
    if (held === undefined || held.text === failed) continue;
    const got = gotAt(held.text, at, within);
    if (got !== undefined && !isReleased(held.text, { from: got, to: at.start }, within))
      found.set(held.text, { text: `${call.text};`, got });
  }
  return [...found.values()].sort((a, b) => b.got - a.got).map(({ text }) => text);
}

/** Where a name got what it holds: from a call, in a statement that runs before this point. */
function gotAt(name: string, at: SyntaxNode, within: SyntaxNode): number | undefined {
  const statement = statementAround(at);
  for (const node of within.descendants()) {
    if (node.end > (statement?.start ?? at.start)) continue;
    const isGot =
      (node.type === "init_declarator" && node.child("declarator")?.text.replace(/^[*\s]+/, "") === name) ||
      (node.type === "assignment_expression" && node.child("left")?.text === name);
    const value = node.child("value") ?? node.child("right");
    if (!isGot || !callsSomething(value)) continue;
    // Something that was got in another branch may not be there.
    const block = statementAround(node)?.parent;
    if (block !== undefined && block.start <= at.start && at.end <= block.end) return node.start;
  }
  return undefined;
}

/** Whether it is released on the way already: only releases that do not stand in a branch that leaves count. */
function isReleased(name: string, { from, to }: { from: number; to: number }, within: SyntaxNode): boolean {
  for (const call of within.descendants()) {
    if (call.type !== "call_expression" || !RELEASES.test(calledName(call))) continue;
    if (call.start < from || call.end > to || argumentsOfCall(call)[0]?.text !== name) continue;
    const branch = call.ancestor("if_statement");
    if (branch === undefined || branch.start < from) return true;
  }
  return false;
}
