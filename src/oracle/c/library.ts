import type { SyntaxNode } from "../../lang/syntax.ts";
import { allocate, release } from "./allocation.ts";
import { checkBounds, checkPointer } from "./bounds.ts";
import { copyInto, fillFrom } from "./copies.ts";
import { number, rangeOfLin, type Value } from "./domain.ts";
import { saying } from "./ends.ts";
import { constant, constantOf, symbolic, type Taint, taintOfLin, times } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, fill, lengthOf, source, step, store, taintBehind } from "./memory.ts";
import { bytesFrom, checkText, type ModelCall, orNull } from "./model-call.ts";
import type { FunctionModel } from "./model-schema.ts";
import { formatInto } from "./prints.ts";
import { scanInto } from "./scans.ts";
import { found, lastPart, pointerInto, somewhereIn } from "./searches.ts";
import { clear } from "./texts.ts";
import { CHAR, type CType, INT, LONG, SIZE, STRING, sizeOf, targetOf, UNKNOWN } from "./types.ts";

/** Does what a function does; `otherwise` is for what the model does not say. */
export function applyModel(machine: Machine, call: ModelCall, otherwise: () => Value): Value {
  const { model, node, values } = call;
  checkArguments(machine, call);
  if (machine.state.dead) return { type: UNKNOWN };
  if (model.exits) {
    machine.die();
    return { type: UNKNOWN };
  }
  if (model.misuse !== undefined) machine.report(model.misuse, node);
  checkSinks(machine, call);
  if (model.helper) otherwise();
  const taint = model.source === undefined ? undefined : source(machine, node, model.source);
  if (model.copies !== undefined) copyInto(machine, call, model.copies);
  if (model.writes !== undefined) writeBytes(machine, call, model.writes);
  if (model.frees !== undefined) release(machine, values[model.frees], node);
  if (model.releases !== undefined) {
    release(machine, values[model.releases], node, call.name);
    return { type: UNKNOWN };
  }
  if (model.formats !== undefined) {
    const printed = formatInto(machine, call, model.formats);
    if (printed !== undefined) return printed;
  }
  if (model.scans !== undefined) return scanInto(machine, call, { ...model.scans, taint });
  if (model.fills !== undefined) {
    const filled = fillFrom(machine, call, { ...model.fills, taint });
    if (filled !== undefined) return filled;
  }
  if (model.gives !== undefined) giveOut(machine, values.slice(model.gives.from), taint);
  if (model.allocates !== undefined) return allocate(machine, call, model.allocates);
  return saying(machine, call, result(machine, call, { taint, otherwise }));
}

/** Numbers and texts that a function puts where its arguments point. */
function giveOut(machine: Machine, targets: readonly Value[], taint: Taint | undefined): void {
  for (const { to } of targets) {
    if (to === undefined || to.region.kind === "literal" || to.region.kind === "null") continue;
    const { region } = to;
    if (region.type.k === "array" || region.type.k === "struct") fill(machine, region, taint);
    else store(machine, region, machine.unknown(region.type, { taint, kind: "parameter" }));
  }
}

function checkArguments(machine: Machine, { model, values, node }: ModelCall): void {
  for (const position of model.derefs ?? []) {
    const value = values[position];
    if (value !== undefined) checkPointer(machine, value, node);
  }
  for (const position of model.strings ?? []) checkText(machine, values[position], node);
  for (const { from, bytes } of model.reads ?? []) {
    const value = values[from];
    const extent = bytesFrom(machine, values, bytes);
    if (value !== undefined && extent !== undefined)
      checkBounds(machine, { value, bytes: extent, kind: "read", node, how: "copy" });
  }
}

function checkSinks(machine: Machine, { model, values, nodes, node }: ModelCall): void {
  for (const { arg, rest, kind } of model.sinks ?? []) {
    const positions = rest
      ? values.map((_value, index) => index).filter((index) => index >= (arg[0] ?? 0))
      : arg;
    for (const position of positions) {
      const value = values[position];
      if (value === undefined) continue;
      if (kind.startsWith("shell-") && !runsShell(values[programOf(model)])) continue;
      const taint = kind === "shell-list" ? listTaint(machine, value) : taintBehind(machine, value);
      const known = kind.startsWith("shell-") ? "command" : kind;
      if (taint === undefined || taint.cleared.has(known) || taint.label === "random") continue;
      const half = known === "path" && taint.cleared.has("resolved");
      const within = kind === "format" && model.formats?.list === true ? callWithFormat(machine) : undefined;
      machine.report(half ? "resolved-path" : known, within ?? node, {
        taint: step(taint, nodes[position] ?? node, "reaches the sink"),
      });
      return;
    }
  }
}

/** The argument that names the program to start. */
function programOf(model: FunctionModel): number {
  return model.sinks?.find(({ kind }) => kind === "command")?.arg[0] ?? 0;
}

/** Where the format was given: outside of all functions that only hand a list of values on. */
function callWithFormat(machine: Machine): SyntaxNode | undefined {
  for (let i = machine.frames.length - 1; i >= 0; i--) {
    const outer = machine.frames[i - 1]?.definition.child("declarator")?.text ?? "";
    if (!/\.\.\.|\bva_list\b/.test(outer)) return machine.frames[i]?.call;
  }
  return undefined;
}

/** Whether a program that is started is a shell that reads a line: `sh -c`. */
function runsShell(value: Value | undefined): boolean {
  const program = value?.to?.region.text ?? "";
  return /(?:^|\/)(?:sh|bash|dash|zsh|ksh|cmd|cmd\.exe)$/.test(program);
}

function listTaint(machine: Machine, list: Value): Taint | undefined {
  if (list.to === undefined) return undefined;
  for (const child of list.to.region.children.values()) {
    const held = machine.state.cells.get(child.id);
    const taint = held === undefined ? undefined : taintBehind(machine, held);
    if (taint !== undefined) return taint;
  }
  return undefined;
}

function writeBytes(
  machine: Machine,
  { values, node, model }: ModelCall,
  { to, bytes }: { to: number; bytes: readonly number[] },
): void {
  const value = values[to];
  const asked = bytesFrom(machine, values, bytes);
  const extent = asked === undefined ? undefined : times(asked, model.wide ? 4 : 1);
  if (value?.to === undefined || extent === undefined) return;
  checkBounds(machine, { value, bytes: extent, kind: "write", node, how: "copy" });
  const { region } = value.to;
  for (const child of region.children.values()) machine.state.cells.delete(child.id);
  machine.state.taints.set(region.id, null);
  const zero = constantOf(values[1]?.lin) === 0;
  machine.state.lengths.delete(region.id);
  if (zero && constantOf(value.to.at) === 0) {
    machine.state.lengths.set(region.id, constant(0));
    for (const child of region.children.values()) {
      if (child.type.k === "int" || child.type.k === "pointer") {
        machine.state.cells.set(
          child.id,
          child.type.k === "int"
            ? number(constant(0), child.type)
            : machine.pointer(machine.nullRegion, child.type),
        );
      }
    }
  }
}

function result(
  machine: Machine,
  call: ModelCall,
  about: { taint: Taint | undefined; otherwise: () => Value },
): Value {
  const { model, values, node } = call;
  const checked = applyChecks(machine, call);
  if (checked !== undefined) return checked;
  if (model.measures !== undefined) return measured(machine, values[model.measures], model.wide);
  if (model.within !== undefined) return countIn(machine, values[model.within]);
  if (model.parses !== undefined) return parsed(machine, call, values[model.parses]);
  if (model.random) {
    const taint: Taint = {
      label: "random",
      cleared: new Set(),
      step: { start: node.start, end: node.end, message: "a random number", previous: undefined },
    };
    return { type: INT, lin: symbolic(machine.symbol(INT, { taint, lo: model.range?.[0] })) };
  }
  if (model.pointsInto !== undefined) return pointerInto(machine, call, model.pointsInto);
  if (model.returns !== undefined) {
    const value = values[model.returns];
    if (value === undefined) return about.otherwise();
    return model.maybeNull && model.fills !== undefined ? orNull(machine, value) : value;
  }
  if (model.passes !== undefined) return passed(machine, call);
  if (about.taint !== undefined && model.range !== undefined) {
    return {
      type: INT,
      lin: symbolic(machine.symbol(INT, { taint: about.taint, lo: model.range[0], hi: model.range[1] })),
    };
  }
  if (model.maybeNull) {
    const asked = values[0]?.to?.region.text;
    const key = `${call.name}(${asked})`;
    const before =
      asked === undefined || about.taint === undefined ? undefined : machine.state.terms.get(key);
    if (before !== undefined) return before;
    const region = machine.region({
      name: call.name,
      kind: "heap",
      type: about.taint === undefined ? UNKNOWN : CHAR,
      nullness: "maybe",
      node,
      born: about.taint,
    });
    const value = machine.pointer(region, { k: "pointer", to: region.type });
    machine.state.terms.set(key, value);
    return value;
  }
  if (model.range !== undefined) {
    const type = model.range[1] > 2 ** 31 ? SIZE : INT;
    return { type, lin: symbolic(machine.symbol(type, { lo: model.range[0], hi: model.range[1] })) };
  }
  return { type: INT, lin: symbolic(machine.symbol(INT)) };
}

function applyChecks(machine: Machine, call: ModelCall): Value | undefined {
  const { model, values, nodes, node, name } = call;
  const applying = (model.checks ?? []).filter(({ arg, constant: against, holds, loop }) => {
    if (
      loop &&
      node.ancestor("for_statement", "while_statement", "do_statement", "for_range_loop") === undefined
    )
      return false;
    const value = values[arg];
    const taint = value === undefined ? undefined : (taintBehind(machine, value) ?? undefined);
    if (value === undefined || taint === undefined) return false;
    if (against === undefined) return true;
    // Equal from the middle on says nothing of the beginning.
    const whole = value.to === undefined || constantOf(value.to.at) === 0;
    if (holds === undefined && !whole) return false;
    const other = values[against];
    const code = constantOf(other?.lin);
    const text = code === undefined ? other?.to?.region.text : String.fromCodePoint(Math.max(0, code));
    if (holds === undefined) return other !== undefined && taintBehind(machine, other) === undefined;
    return text !== undefined && holds.some((part) => text === part || text.startsWith(part));
  });
  if (applying.length === 0) return undefined;
  const zero = machine.choose(() => [true, false]) === true;
  for (const { arg, kinds, when } of applying) {
    const value = values[arg];
    if (value !== undefined && zero === (when === "zero"))
      clear(machine, value, {
        kinds: isPrefix(values[1 - arg]) ? kinds.map(prefixed) : kinds,
        node: nodes[arg],
      });
  }
  const target = model.pointsInto === undefined ? undefined : values[model.pointsInto];
  if (target !== undefined) {
    if (zero) return machine.pointer(machine.nullRegion, STRING);
    return /rr?chr$|rindex$/.test(name) && name !== "strchr"
      ? lastPart(machine, target)
      : somewhereIn(machine, target, found(call));
  }
  return { type: INT, lin: zero ? constant(0) : symbolic(machine.symbol(INT, { lo: 1 })) };
}

/** A folder without a slash at its end, with which the name of another one may begin. */
function isPrefix(other: Value | undefined): boolean {
  const text = other?.to?.region.text;
  return text !== undefined && text !== "" && !text.endsWith("/");
}

const prefixed = (kind: string): string => (kind === "path-resolved" ? "path-prefix" : kind);

function measured(machine: Machine, value: Value | undefined, wide: boolean): Value {
  const bytes = value === undefined ? undefined : lengthOf(machine, value);
  const length = wide && bytes != null ? times(bytes, 1 / 4) : bytes;
  if (length != null && Number.isInteger(length.k) && length.terms.every(({ c }) => Number.isInteger(c)))
    return { type: SIZE, lin: length };
  return { type: SIZE, lin: symbolic(machine.symbol(SIZE)) };
}

/** A number of characters of a text. */
function countIn(machine: Machine, value: Value | undefined): Value {
  const length = value === undefined ? undefined : lengthOf(machine, value);
  const most = length == null ? Infinity : rangeOfLin(machine.state, length).hi;
  const sym = machine.symbol(SIZE, { lo: 0, ...(most < 2 ** 40 ? { hi: most } : {}) });
  if (value?.to !== undefined) machine.spans.set(sym.id, value.to.region);
  const [term] = length?.terms ?? [];
  if (length != null && term?.c === 1 && length.terms.length === 1) {
    machine.state.differences.set(`${sym.id}:${term.sym.id}`, length.k);
  }
  return { type: SIZE, lin: symbolic(sym) };
}

function parsed(machine: Machine, { name, node, values }: ModelCall, value: Value | undefined): Value {
  const taint = value === undefined ? undefined : taintBehind(machine, value);
  const type = /(?:strtod|strtof|atof)$/.test(name)
    ? { k: "float" as const, size: 8 }
    : /u(?:l|ll)$|stoul/.test(name)
      ? SIZE
      : /atoi|stoi/.test(name)
        ? INT
        : LONG;
  const end = values[1];
  if (end?.to !== undefined && end.to.region.kind !== "null" && value?.to !== undefined) {
    machine.state.cells.set(end.to.region.id, somewhereIn(machine, value));
  }
  const way = taint === undefined ? undefined : step(taint, node, "is read as a number");
  if (type.k === "float") return way === undefined ? { type } : { type, taint: way };
  return {
    type,
    lin: symbolic(
      machine.symbol(type, {
        taint: way,
        kind: value?.to?.region.parameter === true ? "parameter" : "other",
      }),
    ),
  };
}

const UNSIGNED: CType = { k: "int", size: 4, signed: false };

/** A text that is made of several: untrusted as the first of them that is, in the model's order. */
function madeOf(machine: Machine, { values, node }: ModelCall, positions: readonly number[]): Value {
  const taint = positions
    .map((position) => values[position])
    .map((value) => (value === undefined ? undefined : taintBehind(machine, value)))
    .find((found) => found !== undefined);
  const born = taint === undefined ? undefined : step(taint, node, "becomes a part of a text");
  const region = machine.region({ name: "text", kind: "heap", type: CHAR, nullness: "unknown", node, born });
  return machine.pointer(region, STRING);
}

function passed(machine: Machine, call: ModelCall): Value {
  const { model, values } = call;
  if (model.passes !== undefined && model.passes.length > 1) return madeOf(machine, call, model.passes);
  const value = values[(model.passes ?? [0])[0] ?? 0];
  if (value === undefined) return { type: UNKNOWN };
  if (value.to !== undefined) {
    const cleared = contentTaint(machine, value.to.region);
    if (cleared === undefined || model.clears === undefined) return value;
    const region = machine.region({
      name: "",
      kind: "outside",
      type: targetOf(value.type),
      born: { ...cleared, cleared: new Set([...cleared.cleared, ...model.clears]) },
      nullness: "no",
    });
    return machine.pointer(region, value.type);
  }
  const taint = value.lin === undefined ? value.taint : taintOfLin(value.lin);
  const type = (model.range?.[1] ?? 0) > 2 ** 31 ? UNSIGNED : sizeOf(value.type) === 8 ? LONG : INT;
  if (value.lin === undefined) return value;
  const sym = machine.symbol(type, { taint, lo: model.range?.[0], hi: model.range?.[1] });
  // What is asked of the result was asked of the number: `abs(x) > 100`.
  machine.bases.set(
    sym.id,
    value.lin.terms.map((term) => term.sym),
  );
  return { type, lin: symbolic(sym) };
}
