// Statements: a set of states goes in, those that fall through come out; the others are kept with
// the loop, label or function that they left for. Loops run twice as they are and then to a widened
// fixpoint.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { checkWidening, initialise } from "./assignments.ts";
import { decide } from "./conditions.ts";
import { isText } from "./containers.ts";
import type { Region, State, Value } from "./domain.ts";
import { nextElement, roundsLeft, writeBack } from "./elements.ts";
import { evaluate } from "./expressions.ts";
import { forgetVariables } from "./forget.ts";
import { reduceStates } from "./join.ts";
import { constant, type Lin, times } from "./linear.ts";
import { begin, endLives, endTemporary, hasLife, leaving, takeElement } from "./lives.ts";
import { doStatement, loop, parts } from "./loops.ts";
import { type Machine, MOST_PATHS } from "./machine.ts";
import { convert, store } from "./memory.ts";
import { declare, find, withLength } from "./names.ts";
import { isOwner } from "./owners.ts";
import { referenceTo } from "./places.ts";
import { readEnumerators } from "./program.ts";
import { switchStatement } from "./switches.ts";
import { type CType, SIZE, sizeOf, typeOfDeclarator, typeOfSpecifier, withoutReference } from "./types.ts";

type States = readonly State[];

/** Runs a statement in several states. */
export function execute(machine: Machine, node: SyntaxNode, states: States): State[] {
  machine.spend();
  const waiting = machine.frame.gotos.size > 0 && holdsLabel(machine, node);
  if (states.length === 0 && !waiting) return [];
  const run = STATEMENTS[node.type];
  if (run !== undefined) return run(machine, node, states);
  if (
    node.type.endsWith("_specifier") ||
    node.type.startsWith("preproc_") ||
    node.type === "comment" ||
    !node.named
  ) {
    if (node.type === "enum_specifier") readTypes(machine, node);
    return [...states];
  }
  return machine.each(states, () => {
    machine.ops.evaluate(machine, node);
  });
}

function holdsLabel(machine: Machine, node: SyntaxNode): boolean {
  for (const descendant of node.descendants()) {
    machine.spend();
    if (
      descendant.type === "labeled_statement" &&
      machine.frame.gotos.has(descendant.child("label")?.text ?? "")
    )
      return true;
  }
  return false;
}

const STATEMENTS: Readonly<Record<string, (machine: Machine, node: SyntaxNode, states: States) => State[]>> =
  {
    compound_statement: block,
    expression_statement: (machine, node, states) => {
      const inner = node.namedChildren.find(({ type }) => type !== "comment");
      return inner === undefined ? [...states] : machine.each(states, () => void evaluate(machine, inner));
    },
    declaration: declaration,
    type_definition: (machine, node, states) => {
      readTypes(machine, node);
      return [...states];
    },
    if_statement: ifStatement,
    while_statement: (machine, node, states) => loop(machine, states, parts(node)),
    for_statement: (machine, node, states) => {
      machine.frame.scopes.push(new Map());
      const first = node.child("initializer");
      const begun = first === undefined ? states : execute(machine, first, states);
      return leaveScope(machine, loop(machine, begun, parts(node)));
    },
    for_range_loop: (machine, node, states) => {
      machine.frame.scopes.push(new Map());
      const right = node.child("right");
      const type = typeOfSpecifier(node.child("type"), machine.program.types);
      const declared = typeOfDeclarator(node.child("declarator"), type, machine.program.types);
      const own = withoutReference(declared.type);
      const variable = declare(machine, declared.name ?? "", { type: own, node });
      // By reference it is an element, which was there before.
      machine.statics.add(variable.id);
      const counter = declare(machine, "#round", { type: SIZE, node });
      let [once, object] = [false, undefined as Region | undefined];
      const ready = machine.each(states, () => {
        const range = right === undefined ? undefined : evaluate(machine, right);
        if (range !== undefined && isText(range)) once = true;
        object = range?.copyOf;
        machine.state.cells.set(counter.id, { type: SIZE, lin: constant(0) });
      });
      const after = loop(machine, ready, {
        once,
        each: () => {
          const range = right === undefined ? undefined : evaluate(machine, right);
          if (range === undefined) return;
          takeElement(machine, { variable, range, element: nextElement(machine, object, counter) });
        },
        condition: undefined,
        update: undefined,
        body: node.child("body"),
        ends: true,
        after: own === declared.type ? undefined : () => writeBack(machine, { object, counter, variable }),
        left: (state) => roundsLeft(machine, state, { object, counter }),
      });
      return leaveScope(machine, after);
    },
    do_statement: doStatement,
    switch_statement: switchStatement,
    return_statement: returnStatement,
    break_statement: (machine, _node, states) => {
      machine.frame.loops.at(-1)?.breaks.push(...states);
      return [];
    },
    continue_statement: (machine, _node, states) => {
      machine.frame.loops.findLast(({ continues }) => continues !== undefined)?.continues?.push(...states);
      return [];
    },
    goto_statement: (machine, node, states) => {
      const label = node.child("label")?.text ?? "";
      const { gotos } = machine.frame;
      gotos.set(label, reduceStates(machine, [...(gotos.get(label) ?? []), ...states], MOST_PATHS));
      return [];
    },
    labeled_statement: labeled,
    try_statement: (machine, node, states) => {
      const body = node.child("body");
      const after = body === undefined ? [...states] : execute(machine, body, states);
      const caught = node.namedChildren
        .filter(({ type }) => type === "catch_clause")
        .flatMap((clause) => {
          const handler = clause.child("body");
          return handler === undefined ? [] : execute(machine, handler, states);
        });
      return reduceStates(machine, [...after, ...caught], MOST_PATHS);
    },
    throw_statement: (machine, node, states) => {
      machine.each(states, () => {
        for (const child of node.namedChildren) evaluate(machine, child);
      });
      return [];
    },
    delete_expression: (_machine, _node, states) => [...states],
    function_definition: (_machine, _node, states) => [...states],
    template_declaration: (_machine, _node, states) => [...states],
    using_declaration: (_machine, _node, states) => [...states],
    case_statement: (machine, node, states) => run(machine, node.namedChildren, states),
  };

function readTypes(machine: Machine, node: SyntaxNode): void {
  const { types, enumerators } = machine.program;
  const type = node.type === "enum_specifier" ? node : node.child("type");
  // Enumerators of a block are taken for the file's own: the map is the program's.
  readEnumerators(type, { enumerators: enumerators as Map<string, number>, constant: types.constant });
  if (node.type !== "type_definition") return;
  const base = typeOfSpecifier(node.child("type"), types);
  for (const declarator of node.childrenOf("declarator")) {
    const declared = typeOfDeclarator(declarator, base, types);
    if (declared.name !== undefined) types.typedefs.set(declared.name, declared.type);
  }
}

function block(machine: Machine, node: SyntaxNode, states: States): State[] {
  machine.frame.scopes.push(new Map());
  let after = run(machine, node.namedChildren, states);
  after = again(machine, node, after);
  return leaveScope(machine, after, node);
}

/** Closes the innermost scope: its variables are gone. */
function leaveScope(machine: Machine, states: State[], node?: SyntaxNode): State[] {
  const variables = [...(machine.frame.scopes.at(-1)?.values() ?? [])];
  const left = node === undefined ? states : leaving(machine, states, { variables, kept: undefined, node });
  machine.frame.scopes.pop();
  for (const state of left) forgetVariables(state, variables);
  return left;
}

/** Jumps backwards: from the label to the end of the block once more. */
function again(machine: Machine, node: SyntaxNode, after: State[]): State[] {
  const { gotos } = machine.frame;
  if (gotos.size === 0) return after;
  const index = node.namedChildren.findIndex(
    (child) => child.type === "labeled_statement" && gotos.has(child.child("label")?.text ?? ""),
  );
  if (index < 0) return after;
  const rest = run(machine, node.namedChildren.slice(index), []);
  const label = node.namedChildren[index]?.child("label")?.text;
  if (label !== undefined) gotos.delete(label);
  return reduceStates(machine, [...after, ...rest], MOST_PATHS);
}

function run(machine: Machine, nodes: readonly SyntaxNode[], states: States): State[] {
  let current = [...states];
  for (const node of nodes) current = execute(machine, node, current);
  return current;
}

function labeled(machine: Machine, node: SyntaxNode, states: States): State[] {
  const label = node.child("label")?.text ?? "";
  const { gotos } = machine.frame;
  const arrived = gotos.get(label) ?? [];
  gotos.delete(label);
  const all = reduceStates(machine, [...states, ...arrived], MOST_PATHS);
  return run(
    machine,
    node.namedChildren.filter(({ field }) => field !== "label"),
    all,
  );
}

function declaration(machine: Machine, node: SyntaxNode, states: States): State[] {
  const { types } = machine.program;
  readTypes(machine, node);
  const base = typeOfSpecifier(node.child("type"), types);
  const isStatic = node.children.some(
    ({ type, text }) => type === "storage_class_specifier" && text === "static",
  );
  let current: States = states;
  for (const declarator of node.childrenOf("declarator")) {
    const value = declarator.child("value");
    const declared = typeOfDeclarator(declarator, base, types);
    const { name } = declared;
    const vexing = declared.type.k === "function" ? begunWith(machine, declarator, base) : undefined;
    const type = vexing === undefined ? declared.type : base;
    if (name === undefined || type.k === "function") continue;
    current = machine.each(current, () =>
      declareOne(machine, {
        name,
        type: withLength(type, value),
        value: vexing ?? value,
        isStatic,
        node: declarator,
      }),
    );
  }
  return [...current];
}

/** C++: `std::istringstream in(line);` reads as a function, and is none where `line` is a variable. */
function begunWith(machine: Machine, declarator: SyntaxNode, base: CType): SyntaxNode | undefined {
  const list = declarator.child("parameters");
  const isClass = base.k === "struct" || isOwner(base) || (base.k === "unknown" && base.object !== undefined);
  const items = list?.namedChildren ?? [];
  if (!isClass || items.length === 0) return undefined;
  const named = items.every(
    (item) => item.child("declarator") === undefined && find(machine, item.text) !== undefined,
  );
  return named ? list : undefined;
}

function declareOne(
  machine: Machine,
  about: { name: string; type: CType; value: SyntaxNode | undefined; isStatic: boolean; node: SyntaxNode },
): void {
  const { name, type, value, node } = about;
  const known = machine.frame.scopes.at(-1)?.get(name);
  let size: Lin | undefined;
  if (type.k === "array" && type.count === undefined && type.length !== undefined) {
    const length = evaluate(machine, type.length).lin;
    const one = sizeOf(type.of);
    if (length !== undefined && one !== undefined) size = times(length, one);
  }
  // The same variable in each state of this statement, so that states can be joined.
  const region =
    known?.node === node && size === undefined ? known : declare(machine, name, { type, node, size });
  if (about.isStatic) machine.statics.add(region.id);
  machine.state.cells.delete(region.id);
  if (type.k === "pointer" && type.ref && value !== undefined) {
    machine.state.cells.set(region.id, referenceTo(machine, { type, node: value, value: undefined }));
    return;
  }
  if (begin(machine, region, { value, node })) return;
  if (value === undefined) {
    return;
  }
  if (about.isStatic && type.k === "int") return;
  if (value.type === "argument_list") {
    const taint = machine.ops.evaluate(machine, value).taint;
    machine.state.cells.set(region.id, taint === undefined ? { type } : { type, taint });
    return;
  }
  initialise(machine, region, value);
  const held = machine.state.cells.get(region.id);
  if (held !== undefined) endTemporary(machine, held, node);
}

function ifStatement(machine: Machine, node: SyntaxNode, states: States): State[] {
  const condition = node.child("condition");
  if (condition === undefined) return [...states];
  machine.frame.scopes.push(new Map());
  const { yes, no } = machine.split(states, () => decide(machine, condition));
  const consequence = node.child("consequence");
  const alternative = node.child("alternative");
  const afterYes = consequence === undefined ? yes : execute(machine, consequence, yes);
  const otherwise =
    alternative?.type === "else_clause"
      ? alternative.namedChildren.filter(({ type }) => type !== "comment")
      : alternative === undefined
        ? []
        : [alternative];
  const afterNo = run(machine, otherwise, no);
  return reduceStates(machine, leaveScope(machine, [...afterYes, ...afterNo]), MOST_PATHS);
}

function returnStatement(machine: Machine, node: SyntaxNode, states: States): State[] {
  const { frame } = machine;
  const expression = node.namedChildren.find(({ type }) => type !== "comment");
  machine.each(states, () => {
    if (expression === undefined) {
      frame.returns.push({ state: machine.state, value: undefined });
      return;
    }
    const value = evaluate(machine, expression);
    checkWidening(machine, value, returnType(machine));
    const typed = convert(machine, value, returnType(machine));
    const kept = ownCopy(machine, typed);
    endAll(machine, node, expression);
    if (!machine.state.dead) frame.returns.push({ state: machine.state, value: kept });
  });
  return [];
}

/** A structure that is given back outlives the variable that it was. */
function ownCopy(machine: Machine, value: Value): Value {
  if (value.type.k !== "struct" || value.copyOf?.kind !== "variable") return value;
  const copy = machine.region({ name: value.copyOf.name, kind: "heap", type: value.type, nullness: "no" });
  store(machine, copy, value);
  return { ...value, copyOf: copy };
}

/** C++: what all scopes of the function hold goes, but what is given back. */
function endAll(machine: Machine, node: SyntaxNode, expression: SyntaxNode): void {
  const variables = machine.frame.scopes.flatMap((scope) => [...scope.values()]);
  const lively = variables.filter((variable) => hasLife(machine, variable));
  if (lively.length === 0) return;
  const kept = expression.type === "identifier" ? find(machine, expression.text) : undefined;
  endLives(machine, lively, { kept, node });
}

function returnType(machine: Machine): CType {
  for (const unit of machine.program.functions.values()) {
    if (unit.node === machine.frame.definition) return unit.returns;
  }
  return { k: "unknown" };
}
