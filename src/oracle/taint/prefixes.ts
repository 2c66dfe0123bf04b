// Text in front of a value: a URL whose beginning is constant can no longer lead to any host.
import type { Fact } from "./domain.ts";
import type { Model } from "./model.ts";

/** Facts of a value that comes after some text; undefined is a text that is not known, "" is none. */
export function prefixed(model: Model, facts: readonly Fact[], text: string | undefined): readonly Fact[] {
  if (facts.length === 0 || text === "") return facts;
  let bits = 0;
  for (const { by, bit } of model.prefixes)
    if (by === undefined || text === undefined || by.test(text)) bits |= bit;
  if (bits === 0) return facts;
  return facts.flatMap((fact): Fact[] => {
    let { mask } = fact;
    for (const { bit, becomes } of model.prefixes) {
      if ((mask & bit & bits) !== 0) mask = (mask & ~bit) | becomes;
    }
    return mask === 0 ? [] : [mask === fact.mask ? fact : { ...fact, mask }];
  });
}
