// C++: the classes of the standard library that the machine knows, and how their objects behave. An object
// is a region whose type says its class; what it holds is a block of memory of its own (containers.ts).
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Behaviour, CType } from "./ctype.ts";

const CLASSES: Readonly<Record<string, Behaviour>> = {
  string: "text",
  wstring: "text",
  vector: "sequence",
  deque: "sequence",
  array: "fixed",
  map: "nodes",
  unordered_map: "nodes",
  multimap: "nodes",
  set: "nodes",
  unordered_set: "nodes",
  multiset: "nodes",
  list: "nodes",
  istream: "input",
  ifstream: "input",
  fstream: "input",
  ofstream: "file",
  istringstream: "stream",
  ostringstream: "stream",
  stringstream: "stream",
};

/** The type of an object of a class; undefined for a class that is not known. */
export function objectTypeOf(
  name: string,
  of: CType | undefined = undefined,
  count: number | undefined = undefined,
): CType | undefined {
  const behaves = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (behaves === undefined) return undefined;
  const held: CType | undefined = behaves === "text" ? { k: "int", size: 1, signed: true } : of;
  return { k: "unknown", object: { name, behaves, of: held, count } };
}

/** The owner that a smart pointer is. */
export const OWNERS: Readonly<Record<string, "unique" | "shared" | "weak">> = {
  unique_ptr: "unique",
  shared_ptr: "shared",
  weak_ptr: "weak",
};

/** The type that `vector<int>`, `array<char, 8>` or `unique_ptr<T>` names; undefined for other templates. */
export function templateType(
  node: SyntaxNode,
  typeOf: (node: SyntaxNode | undefined) => CType,
  constant: (node: SyntaxNode) => number | undefined,
): CType | undefined {
  const name = node.child("name")?.text ?? "";
  const [first, second] = node.child("arguments")?.namedChildren ?? [];
  const owner = Object.hasOwn(OWNERS, name) ? OWNERS[name] : undefined;
  if (owner !== undefined) {
    const held = typeOf(first);
    return { k: "pointer", to: held.k === "array" ? held.of : held, owner };
  }
  const mapped = /map$/.test(name) ? second : first;
  return objectTypeOf(
    name,
    mapped === undefined ? undefined : typeOf(mapped),
    name === "array" && second !== undefined ? constant(second) : undefined,
  );
}
