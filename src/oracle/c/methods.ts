// C++: what methods of the standard library's classes do with the object that they are called on.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { compare } from "./conditions.ts";
import {
  assignObject,
  beginEmpty,
  classOf,
  contentsOf,
  countOf,
  forgetContents,
  moveAway,
  reserve,
  setCount,
  temporary,
  textTaint,
} from "./containers.ts";
import type { Region, Value } from "./domain.ts";
import { dropFirst, elementAs, knownCount, knownElement, putElement } from "./elements.ts";
import { applyModel } from "./library.ts";
import { addScaled, constant, constantOf, type Lin, plus, symbolic, times } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, setTaint, step } from "./memory.ts";
import { clear } from "./texts.ts";
import { INT, SIZE, sizeOf, UNKNOWN } from "./types.ts";

/** A call of a method. */
export interface MethodCall {
  readonly node: SyntaxNode;
  readonly name: string;
  readonly object: Region;
  readonly values: readonly Value[];
  readonly nodes: readonly SyntaxNode[];
}

/** What it gives; undefined for a method of which nothing is known. */
export function objectMethod(machine: Machine, call: MethodCall): Value | undefined {
  const { name, object } = call;
  const own = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  const known = own?.(machine, call);
  if (known !== undefined) return known;
  const model = machine.model.function(`std::${classOf(object)?.name ?? ""}::${name}`);
  if (model === undefined) return undefined;
  return applyModel(machine, { ...call, model }, () => ({ type: UNKNOWN }));
}

const VOID: Value = { type: { k: "void" } };
const NPOS = 2 ** 64;
const ALL = ["command", "shell-argument", "path", "format"];
/** Where the end of containers lies that are no block. */
const END = 2 ** 40;

const METHODS: Readonly<Record<string, (machine: Machine, call: MethodCall) => Value | undefined>> = {
  c_str: contents,
  data: contents,
  size: count,
  length: count,
  empty: (machine, { object }) => {
    const size: Value = { type: SIZE, lin: countOf(machine, object) };
    const empty = machine.choose(() => [true, false]) === true;
    compare(machine, empty ? "==" : "!=", size, { type: INT, lin: constant(0) });
    return { type: INT, lin: constant(empty ? 1 : 0) };
  },
  begin: contents,
  cbegin: contents,
  end: endOf,
  cend: endOf,
  front: (machine, { object }) => elementValue(machine, object, constant(0)),
  back: (machine, { object }) => elementValue(machine, object, constant(-1)),
  at: (machine, { object, values }) => elementValue(machine, object, values[0]?.lin),
  push_back: (machine, call) => grow(machine, call, 1),
  emplace_back: (machine, call) => grow(machine, call, 1),
  push_front: (machine, call) => grow(machine, call, undefined),
  emplace: (machine, call) => grow(machine, call, undefined),
  insert: (machine, call) => grow(machine, call, undefined),
  append: (machine, call) => grow(machine, call, undefined),
  replace: (machine, call) => grow(machine, call, undefined),
  pop_back: (machine, { object }) => {
    setCount(machine, object, addScaled(countOf(machine, object), constant(1), -1));
    moveAway(machine, object, undefined);
    return VOID;
  },
  pop_front: (machine, { object, node }) => {
    dropFirst(machine, object);
    setCount(machine, object, addScaled(countOf(machine, object), constant(1), -1));
    moveAway(machine, object, node);
    return VOID;
  },
  assign: (machine, { object, values, node }) => {
    const [first] = values;
    if (first !== undefined) assignObject(machine, object, first, node);
    return VOID;
  },
  clear: (machine, { object, node }) => {
    moveAway(machine, object, node);
    beginEmpty(machine, object);
    return VOID;
  },
  resize: (machine, { object, values, node }) => {
    moveAway(machine, object, node);
    setCount(machine, object, values[0]?.lin);
    return VOID;
  },
  reserve: (machine, { object, node }) => {
    moveAway(machine, object, node);
    reserve(machine, object);
    return VOID;
  },
  erase,
  find: search,
  rfind: search,
  find_first_of: search,
  find_first_not_of: search,
  contains: member,
  count: member,
  substr: part,
  str: (machine, call) => {
    const { object, values, node } = call;
    if (values[0] === undefined) return part(machine, call);
    assignObject(machine, object, values[0], node);
    return VOID;
  },
};

function contents(machine: Machine, { object }: MethodCall): Value | undefined {
  const behaves = classOf(object)?.behaves;
  return behaves === "input" || behaves === "stream" || behaves === "file"
    ? undefined
    : contentsOf(machine, object);
}

function count(machine: Machine, { object }: MethodCall): Value {
  return { type: SIZE, lin: countOf(machine, object) };
}

function endOf(machine: Machine, { object }: MethodCall): Value {
  const start = contentsOf(machine, object);
  const about = classOf(object);
  const one = about?.of === undefined ? undefined : sizeOf(about.of);
  const at: Lin | undefined =
    about?.behaves === "nodes" || one === undefined ? constant(END) : times(countOf(machine, object), one);
  return start.to === undefined ? start : { type: start.type, to: { region: start.to.region, at } };
}

/** One of the elements: that at an index where they are known, whichever where not. */
function elementValue(machine: Machine, object: Region, index: Lin | undefined): Value | undefined {
  const of = classOf(object)?.of;
  if (of === undefined) return undefined;
  const known = index === undefined ? undefined : knownElement(machine, object, index);
  if (known !== undefined) return elementAs(machine, known);
  const taint = contentTaint(machine, object);
  if (of.k === "unknown" && of.object !== undefined) return temporary(machine, of, { taint });
  return machine.unknown(of, { taint });
}

function grow(
  machine: Machine,
  { object, values, node }: MethodCall,
  by: number | undefined,
): Value | undefined {
  const behaves = classOf(object)?.behaves;
  const given = values.map((value) => textTaint(machine, value)).find((taint) => taint !== undefined);
  if (behaves === "text" || behaves === "sequence") {
    const before = countOf(machine, object);
    const known = by === 1 && values.length === 1 ? knownCount(machine, object) : undefined;
    if (known !== undefined) putElement(machine, object, known, values[0]);
    moveAway(machine, object, node);
    setCount(machine, object, by === undefined ? undefined : plus(before, constant(by)));
  }
  if (given !== undefined) setTaint(machine, object, step(given, node, `goes into ${object.name}`));
  return behaves === "text" ? { type: object.type, copyOf: object } : VOID;
}

/** An element goes: the others of a block move, those of a tree or list stay. */
function erase(machine: Machine, { object, values, nodes, node }: MethodCall): Value | undefined {
  const behaves = classOf(object)?.behaves;
  const [at] = values;
  if (behaves === "sequence" || behaves === "text") {
    moveAway(machine, object, node);
    setCount(machine, object, undefined);
    return contentsOf(machine, object);
  }
  if (behaves !== "nodes" || at?.to === undefined) return undefined;
  const name = nodes[0]?.type === "identifier" ? nodes[0].text : undefined;
  const variable =
    name === undefined ? undefined : machine.frame.scopes.findLast((scope) => scope.has(name))?.get(name);
  if (variable !== undefined) {
    const gone = machine.region({ name: object.name, kind: "heap", type: UNKNOWN, nullness: "no", node });
    machine.state.freed.set(gone.id, { node, frames: [...machine.frames], erased: true });
    machine.state.cells.set(variable.id, machine.pointer(gone, at.type));
  }
  return {
    type: at.type,
    to: {
      region: contentsOf(machine, object).to?.region ?? at.to.region,
      at: symbolic(machine.symbol(SIZE, { lo: 0, hi: END })),
    },
  };
}

/** `find`: in a text where something is, in a container an element. */
function search(machine: Machine, call: MethodCall): Value | undefined {
  const { object, values, name } = call;
  const found = machine.choose(() => [true, false]) === true;
  if (classOf(object)?.behaves === "nodes") {
    const start = contentsOf(machine, object);
    if (found) allowed(machine, call);
    return start.to === undefined
      ? undefined
      : { type: start.type, to: { region: start.to.region, at: constant(found ? 0 : END) } };
  }
  if (classOf(object)?.behaves !== "text") return undefined;
  if (found) return { type: SIZE, lin: symbolic(machine.symbol(SIZE, { lo: 0, hi: 2 ** 62 })) };
  const code = constantOf(values[0]?.lin);
  const needle = code === undefined ? values[0]?.to?.region.text : String.fromCodePoint(Math.max(0, code));
  // From a place on, nothing is said of what stands before it.
  if (needle !== undefined && values.length === 1) {
    const kinds = absent(name, needle);
    if (kinds.length > 0) clear(machine, { type: object.type, copyOf: object }, { kinds });
  }
  return { type: SIZE, lin: constant(NPOS) };
}

/** To what a text does no harm in which something is not. */
function absent(name: string, needle: string): readonly string[] {
  if (name === "find_first_not_of") return /[/;&|$`'"<>\\%]/.test(needle) ? [] : ALL;
  const kinds: string[] = [];
  if (needle === ".." || needle === "/" || (name === "find_first_of" && needle.includes("/")))
    kinds.push("path");
  if (name === "find_first_of" && /[;&|`$]/.test(needle)) kinds.push("command", "shell-argument");
  return kinds;
}

/** `count` and `contains`: in a container of what is allowed, or of a text. */
function member(machine: Machine, call: MethodCall): Value | undefined {
  const behaves = classOf(call.object)?.behaves;
  if (behaves !== "nodes" && behaves !== "text") return undefined;
  const found = machine.choose(() => [true, false]) === true;
  if (found && behaves === "nodes") allowed(machine, call);
  const needle = call.values[0]?.to?.region.text;
  if (!found && behaves === "text" && needle !== undefined)
    clear(machine, { type: call.object.type, copyOf: call.object }, { kinds: absent("find", needle) });
  return { type: INT, lin: constant(found ? 1 : 0) };
}

/** What is one of the elements does no harm, unless they came from outside. */
function allowed(machine: Machine, { object, values, nodes }: MethodCall): void {
  const [value] = values;
  if (value === undefined || contentTaint(machine, object) !== undefined) return;
  clear(machine, value, { kinds: ALL, node: nodes[0] });
}

function part(machine: Machine, { object, node }: MethodCall): Value | undefined {
  const about = classOf(object);
  if (about?.behaves !== "text" && about?.behaves !== "stream") return undefined;
  const taint = contentTaint(machine, object);
  const type = about.behaves === "text" ? object.type : STRING_OBJECT;
  return temporary(machine, type, {
    taint: taint === undefined ? undefined : step(taint, node, "is taken out"),
  });
}

const STRING_OBJECT = {
  k: "unknown",
  object: { name: "string", behaves: "text", of: { k: "int", size: 1, signed: true }, count: undefined },
} as const;

/** Objects that are handed to a function of which nothing is known may come back changed. */
export function mayHaveChanged(machine: Machine, values: readonly Value[]): void {
  for (const { copyOf } of values)
    if (copyOf !== undefined && classOf(copyOf) !== undefined) forgetContents(machine, copyOf);
}
