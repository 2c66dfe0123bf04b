// What many looks cost when each is one of many models or arms: Benjamini and Hochberg's procedure (1995). Of the
// looks that are called sure at 5 %, at most 5 % are expected to be chance.

/** Adjusted p values ("q"), in the order given; those that are undefined do not count as looks. */
export function falseDiscovery(ps: readonly (number | undefined)[]): (number | undefined)[] {
  const ranked = ps
    .flatMap((p, place) => (p === undefined ? [] : [{ p, place }]))
    .sort((a, b) => b.p - a.p || b.place - a.place);
  const adjusted: (number | undefined)[] = ps.map(() => undefined);
  let lowest = 1;
  for (const [i, { p, place }] of ranked.entries()) {
    lowest = Math.min(lowest, (p * ranked.length) / (ranked.length - i));
    adjusted[place] = lowest;
  }
  return adjusted;
}
