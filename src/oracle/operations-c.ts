// Which risky operations a C program performs, from data/operations/c.yml. By its syntax alone: where a value comes
// from is not asked, so the program of a task is at risk once it does what the task is about with any value.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { loadLanguage } from "../lang/registry.ts";
import type { SyntaxNode } from "../lang/syntax.ts";
import { sha256 } from "../util/hash.ts";
import { resource } from "../util/resources.ts";
import { parseYaml } from "../util/yaml.ts";

const callSchema = z.strictObject({
  /** Functions. */
  names: z.array(z.string()).min(1),
  /** The argument, from 0, that must not be a constant; absent: every call counts. */
  arg: z.int().min(0).optional(),
  /** This argument or a later one. */
  rest: z.boolean().default(false),
});

const operationSchema = z.strictObject({
  /** What is done with a value, for people. */
  says: z.string().min(1),
  calls: z.array(callSchema).default([]),
  /** Binary operators and assignments. */
  operators: z.array(z.string()).default([]),
  /** Whether a store through an index or a pointer is one. */
  stores: z.boolean().default(false),
  /** Whether a call of a function of the file that gives a pointer is one. */
  pointers: z.boolean().default(false),
});

const fileSchema = z.strictObject({ operations: z.record(z.string(), operationSchema) });

type Operation = z.infer<typeof operationSchema>;

/** What is known of operations in C. */
export interface COperations {
  /** Their names. */
  readonly names: readonly string[];
  /** Changes with the data. */
  readonly hash: string;
  /** The operations that a program performs; `unscanned` where it does not parse. */
  readonly in: (text: string) => ReadonlySet<string> | "unscanned";
}

/** Loads the data and the parser. */
export async function loadCOperations(): Promise<COperations> {
  const text = await readFile(resource("data", "operations", "c.yml"), "utf8");
  const operations = Object.entries(fileSchema.parse(parseYaml(text)).operations);
  const c = await loadLanguage("c");
  return {
    names: operations.map(([name]) => name),
    hash: sha256(text),
    in: (program) => {
      const { root, firstError } = c.parse(program);
      if (firstError !== undefined) return "unscanned";
      const own = pointerFunctions(root);
      const nodes = [...root.descendants()];
      const performed = operations.filter(([, operation]) =>
        nodes.some((node) => performs(node, operation, own)),
      );
      return new Set(performed.map(([name]) => name));
    },
  };
}

function performs(node: SyntaxNode, operation: Operation, own: ReadonlySet<string>): boolean {
  switch (node.type) {
    case "call_expression":
      return calls(node, operation, own);
    case "binary_expression":
      return hasOperator(node, operation);
    case "assignment_expression":
      return hasOperator(node, operation) || (operation.stores && isStore(node));
    default:
      return false;
  }
}

function calls(node: SyntaxNode, operation: Operation, own: ReadonlySet<string>): boolean {
  const name = node.child("function")?.text ?? "";
  if (operation.pointers && own.has(name)) return true;
  const call = operation.calls.find(({ names }) => names.includes(name));
  if (call === undefined) return false;
  if (call.arg === undefined) return true;
  const args = (node.child("arguments")?.namedChildren ?? []).filter(({ type }) => type !== "comment");
  return args.slice(call.arg, call.rest ? undefined : call.arg + 1).some((arg) => !isConstant(arg));
}

function hasOperator(node: SyntaxNode, { operators }: Operation): boolean {
  if (!operators.includes(node.child("operator")?.type ?? "")) return false;
  const sides = [node.child("left"), node.child("right")];
  // `x += 1` changes a value that is none of the constants, `1 + 2` does not.
  return sides.some((side) => side !== undefined && !isConstant(side));
}

function isStore(node: SyntaxNode): boolean {
  const place = node.child("left");
  const value = node.child("right");
  if (place === undefined || value === undefined || isConstant(value)) return false;
  if (place.type === "pointer_expression") return true;
  const index = place.type === "subscript_expression" ? place.child("index") : undefined;
  return index !== undefined && !isConstant(index);
}

const CONSTANTS: ReadonlySet<string> = new Set([
  "number_literal",
  "string_literal",
  "concatenated_string",
  "char_literal",
  "sizeof_expression",
  "null",
  "true",
  "false",
]);

/** Literals, what is made of them, and names in capitals, which are macros as a rule. */
function isConstant(node: SyntaxNode): boolean {
  if (CONSTANTS.has(node.type)) return true;
  if (node.type === "identifier") return /^[A-Z][A-Z0-9_]*$/.test(node.text);
  const made = ["binary_expression", "unary_expression", "parenthesized_expression", "cast_expression"];
  if (!made.includes(node.type)) return false;
  const parts = node.namedChildren.filter(({ type }) => type !== "type_descriptor" && type !== "comment");
  return parts.length > 0 && parts.every(isConstant);
}

/** Functions of the file that give a pointer. */
function pointerFunctions(root: SyntaxNode): Set<string> {
  const names = new Set<string>();
  for (const node of root.descendants()) {
    if (node.type !== "pointer_declarator") continue;
    const declared = node.child("declarator");
    const name = declared?.type === "function_declarator" ? declared.child("declarator") : undefined;
    if (name?.type === "identifier") names.add(name.text);
  }
  return names;
}
