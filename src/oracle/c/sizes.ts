// The size of a block of which it is not known which of two it is: what another number says of both,
// such as the capacity that grew together with the buffer.
import { addScaled, constant, type Lin, minus, sameLin, times } from "./linear.ts";
import type { Changed } from "./relations.ts";

/** One size for two, as a multiple of a number that changed with it, and something more. */
export function sharedSize(changed: readonly Changed[], left: Lin, right: Lin): Lin | undefined {
  if (sameLin(left, right)) return left;
  for (const number of changed) {
    const factor = factorOf(minus(right, left), minus(number.right, number.left));
    if (factor === undefined) continue;
    const more = minus(left, times(number.left, factor));
    if (more === undefined || more.terms.length > 0) continue;
    const size = addScaled(times(number.right, factor), constant(more.k), 1);
    if (size !== undefined && sameLin(size, right)) return addScaled(constant(more.k), number.lin, factor);
  }
  return undefined;
}

/** How often one difference goes into another. */
function factorOf(size: Lin | undefined, number: Lin | undefined): number | undefined {
  if (size === undefined || number === undefined) return undefined;
  const [one, other] = [size.terms[0]?.c ?? size.k, number.terms[0]?.c ?? number.k];
  const factor = one / other;
  return Number.isInteger(factor) && factor > 0 && sameLin(times(number, factor), size) ? factor : undefined;
}
