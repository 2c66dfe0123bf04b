// What models of library functions share: the call, products of arguments, texts, results that may
// be null.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { checkPointer } from "./bounds.ts";
import type { Value } from "./domain.ts";
import { constant, constantOf, type Lin, symbolic, taintOfLin, times } from "./linear.ts";
import type { Machine } from "./machine.ts";
import { contentTaint, lengthOf, rootOf, setLength } from "./memory.ts";
import type { FunctionModel } from "./model-schema.ts";
import { SIZE } from "./types.ts";

/** A call of a function that a model knows. */
export interface ModelCall {
  readonly node: SyntaxNode;
  readonly name: string;
  readonly model: FunctionModel;
  readonly values: readonly Value[];
  readonly nodes: readonly SyntaxNode[];
}

/** Product of arguments. */
export function bytesFrom(
  machine: Machine,
  values: readonly Value[],
  positions: readonly number[] | undefined,
): Lin | undefined {
  let product: Lin | undefined = constant(1);
  for (const position of positions ?? []) {
    const lin = values[position]?.lin;
    if (lin === undefined || product === undefined) return undefined;
    const [a, b]: [number | undefined, number | undefined] = [constantOf(product), constantOf(lin)];
    if (a !== undefined) product = times(lin, a);
    else if (b !== undefined) product = times(product, b);
    else {
      product = symbolic(machine.symbol(SIZE, { taint: taintOfLin(product) ?? taintOfLin(lin) }));
    }
  }
  return positions === undefined ? undefined : product;
}

/** A text that is read to its zero must have one, and must not be gone. */
export function checkText(machine: Machine, value: Value | undefined, node: SyntaxNode): void {
  if (value?.to === undefined) return;
  const root = rootOf(value.to.region);
  if (machine.state.freed.has(root.id)) checkPointer(machine, value, node);
  if (lengthOf(machine, value) !== null) return;
  machine.report("read", node, { taint: contentTaint(machine, value.to.region) });
  setLength(machine, value, undefined);
}

/** A pointer that is the argument, or null: both ways are followed. */
export function orNull(machine: Machine, value: Value): Value {
  const some = machine.choose(() => [true, false]);
  return some === true ? value : machine.pointer(machine.nullRegion, value.type);
}
