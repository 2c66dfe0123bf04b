// The greatest and least number of a calculation's type, as C spells them.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import type { CProgram } from "../program.ts";

/** What a type can bear. */
export interface Limit {
  /** The greatest number. */
  readonly most: string;
  /** The least number; undefined for unsigned types, where it is 0. */
  readonly least: string | undefined;
  /** Where the names are declared. */
  readonly header: string;
}

/** The limits of an expression's type; undefined where it is no integer of 32 or 64 bits. */
export function limitOf(program: CProgram, expression: SyntaxNode): Limit | undefined {
  const target = expression.type === "assignment_expression" ? expression.child("left") : expression;
  const type = program.typeOf(target);
  if (type.k !== "int") return undefined;
  if (!type.signed) {
    if (type.size === 8) return { most: "SIZE_MAX", least: undefined, header: "stdint.h" };
    return type.size === 4 ? { most: "UINT_MAX", least: undefined, header: "limits.h" } : undefined;
  }
  if (type.size === 8) return { most: "LONG_MAX", least: "LONG_MIN", header: "limits.h" };
  return { most: "INT_MAX", least: "INT_MIN", header: "limits.h" };
}
