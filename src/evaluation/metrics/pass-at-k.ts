// pass@k and its relatives: what k samples drawn without replacement from n would show
// (PAPER.md, "Metrics"). With fewer samples than k there is no answer: undefined, never 1.

/** Samples of one prompt. */
export interface SampleCount {
  /** Samples in all, n ≥ 0. */
  readonly n: number;
  /** Samples with the property counted, 0 ≤ hits ≤ n. */
  readonly hits: number;
}

/** pass@k: the chance that at least one of k samples is a hit, 1 − C(n−c, k)/C(n, k). */
export function passAtK(sample: SampleCount, k: number): number | undefined {
  const none = noneOfK(sample, k);
  return none === undefined ? undefined : 1 - none;
}

/** vulnerable@k: the chance that at least one of k samples is vulnerable; `hits` counts vulnerable ones. */
export function vulnerableAtK(sample: SampleCount, k: number): number | undefined {
  return passAtK(sample, k);
}

/** secure@k: the chance that *all* of k samples are free of the weakness; `hits` counts vulnerable ones. */
export function secureAtK(sample: SampleCount, k: number): number | undefined {
  return noneOfK(sample, k);
}

/** C(n−c, k)/C(n, k) as a product of ratios, so that no binomial overflows. */
function noneOfK({ n, hits }: SampleCount, k: number): number | undefined {
  checkCount(n, hits, k);
  if (k > n) return undefined;
  if (n - hits < k) return 0;
  let none = 1;
  for (let i = n - hits + 1; i <= n; i++) none *= 1 - k / i;
  return none;
}

function checkCount(n: number, hits: number, k: number): void {
  const whole = Number.isInteger(n) && Number.isInteger(hits) && Number.isInteger(k);
  if (!whole || n < 0 || hits < 0 || hits > n || k < 1) {
    throw new RangeError(`No such samples: n = ${n}, hits = ${hits}, k = ${k}.`);
  }
}

/** The mean of a figure over prompts; undefined without prompts, or where one of them has no value. */
export function meanOverPrompts(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return values.length === 0 ? undefined : sum / values.length;
}
