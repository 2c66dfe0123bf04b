// What a dataset leaves out, in words: counts by reason, for messages.

/** How many were left out for each reason: `3 flagged, 1 near-duplicate`; empty where nothing was. */
export function leftOutWords(leftOut: Readonly<Record<string, number>>): string {
  return Object.entries(leftOut)
    .map(([reason, n]) => `${n} ${reason}`)
    .join(", ");
}
