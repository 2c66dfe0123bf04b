// Every name that the repaired program reads is bound: a fix that forgets its import, or removes
// one that is still needed, runs into a NameError.
import { hasWildcard, unboundNames } from "../python/unbound.ts";
import { failed, notApplicable, passed, type StaticGate } from "./gate.ts";

/** See the file's head. */
export const names: StaticGate = ({ before, after }) => {
  if (hasWildcard(after)) return notApplicable("A wildcard import may bind any name.");
  const loose = unboundNames(before);
  const unbound = [...unboundNames(after)].filter((name) => !loose.has(name));
  return unbound.length === 0 ? passed : failed(`Uses names that nothing binds: ${unbound.join(", ")}.`);
};
