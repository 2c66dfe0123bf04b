// Checks of a text's length: what takes long only for long texts is harmless where a constant bounds it.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Guard } from "./env.ts";
import type { Frame, Machine } from "./machine.ts";

const MAX_LENGTH = 1000;

/** `len(text) < 200`, `0 < len(text) <= 50`: what takes long only for long texts. */
export function lengthGuard(
  machine: Machine,
  compared: {
    operands: readonly SyntaxNode[];
    operators: readonly string[];
    frame: Frame;
    keyOf: (node: SyntaxNode) => string | undefined;
  },
): Guard | undefined {
  const { operands, operators, frame, keyOf } = compared;
  if (machine.model.lengthsMask === 0) return undefined;
  const at = operands.findIndex((one) => one.type === "call" && one.child("function")?.text === "len");
  const text = operands[at]?.child("arguments")?.namedChildren[0];
  const key = text === undefined ? undefined : keyOf(text);
  if (key === undefined) return undefined;
  const proven = [{ key, clearMask: machine.model.lengthsMask }];
  const isBound = (place: number): boolean => {
    const one = operands[place];
    const bound = one === undefined ? undefined : machine.evaluate(one, frame).lit?.value;
    return typeof bound === "number" && bound <= MAX_LENGTH;
  };
  const after = operators[at] ?? "";
  const before = operators[at - 1] ?? "";
  if ((after.startsWith("<") && isBound(at + 1)) || (before.startsWith(">") && isBound(at - 1)))
    return { whenTrue: proven, whenFalse: [] };
  if (operands.length > 2) return undefined;
  if ((after.startsWith(">") && isBound(at + 1)) || (before.startsWith("<") && isBound(at - 1)))
    return { whenTrue: [], whenFalse: proven };
  return undefined;
}
