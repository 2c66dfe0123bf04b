// Annotations of parameters: types that the API trie or the file knows.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type FunctionUnit, type Parameter, type Ref, UNKNOWN, type Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { makeValue } from "./values.ts";

/** The value that an annotation promises: an instance of the annotated class. */
export function annotationValue(machine: Machine, parameter: Parameter, unit: FunctionUnit): Value {
  const type = parameter.annotation?.namedChildren[0];
  if (type === undefined) return UNKNOWN;
  const value = machine.constant(coreOf(type), unit);
  const refs = value.refs.flatMap((ref): Ref[] => {
    if (ref.kind === "class") return [{ kind: "instance", unit: ref.unit }];
    if (ref.kind !== "api") return [];
    const instance = ref.step("()");
    return instance === undefined ? [] : [instance];
  });
  return refs.length === 0 ? UNKNOWN : makeValue({ refs });
}

/** `Optional[X]`, `X | None` and `Annotated[X, …]` are X. */
function coreOf(type: SyntaxNode): SyntaxNode {
  if (type.type === "generic_type" || type.type === "subscript") {
    const inner = type.namedChildren[1];
    return inner === undefined
      ? type
      : coreOf(inner.type === "type_parameter" ? (inner.namedChildren[0] ?? inner) : inner);
  }
  if (type.type === "type") return coreOf(type.namedChildren[0] ?? type);
  if (type.type === "binary_operator") return coreOf(type.child("left") ?? type);
  return type;
}
