// Types of expressions without running them, for `sizeof`.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Machine } from "./machine.ts";
import { find, withLength } from "./names.ts";
import {
  CHAR,
  type CType,
  INT,
  namedType,
  SIZE,
  targetOf,
  typeOfSpecifier,
  UNKNOWN,
  WIDE,
  withoutReference,
} from "./types.ts";

/** The type of an expression; `unknown` where it cannot be told. */
export function typeOfExpression(machine: Machine, node: SyntaxNode): CType {
  const inner = (child: SyntaxNode | undefined): CType =>
    child === undefined ? UNKNOWN : typeOfExpression(machine, child);
  switch (node.type) {
    case "identifier":
      return declaredType(machine, node.text) ?? globalType(machine, node.text) ?? macroOrType(machine, node);
    case "parenthesized_expression":
      return inner(node.namedChildren[0]);
    case "field_expression": {
      const base = inner(node.child("argument"));
      const structure = base.k === "pointer" ? base.to : base;
      return structure.k === "struct"
        ? (structure.fields.get(node.child("field")?.text ?? "") ?? UNKNOWN)
        : UNKNOWN;
    }
    case "subscript_expression":
      return targetOf(inner(node.child("argument")));
    case "pointer_expression": {
      const argument = inner(node.child("argument"));
      return node.child("operator")?.text === "*" ? targetOf(argument) : { k: "pointer", to: argument };
    }
    case "cast_expression":
      return typeOfSpecifier(node.child("type"), machine.program.types);
    case "string_literal":
      return {
        k: "array",
        of: node.text.startsWith("L") ? WIDE : CHAR,
        count: lengthOfLiteral(node.text) + 1,
      };
    case "number_literal":
    case "char_literal":
      return INT;
    case "sizeof_expression":
      return SIZE;
    case "call_expression": {
      const name = node.child("function")?.text ?? "";
      return machine.program.functions.get(name)?.returns ?? machine.program.declared.get(name) ?? UNKNOWN;
    }
    case "binary_expression":
    case "assignment_expression":
      return inner(node.child("left"));
    default:
      return UNKNOWN;
  }
}

function lengthOfLiteral(text: string): number {
  return text.replace(/^\w*"|"$/g, "").replace(/\\(?:x[0-9a-fA-F]+|[0-7]{1,3}|[\s\S])/g, ".").length;
}

function declaredType(machine: Machine, name: string): CType | undefined {
  const region = find(machine, name);
  return region === undefined ? undefined : withoutReference(region.type);
}

/** `const char *names[] = {…}` is as long as its list. */
function globalType(machine: Machine, name: string): CType | undefined {
  const global = machine.program.globals.get(name);
  return global === undefined ? undefined : withLength(global.type, global.value);
}

/** `2 * sizeof(name)` reads as a variable, and may be a type. */
function macroOrType(machine: Machine, node: SyntaxNode): CType {
  const { program } = machine;
  const macro = program.macros.get(node.text);
  if (macro === undefined || /^\w+$/.test(macro.text))
    return namedType(macro?.text ?? node.text, program.types);
  const body = program.macroBody(node.text);
  return body === undefined ? UNKNOWN : typeOfExpression(machine, body);
}
