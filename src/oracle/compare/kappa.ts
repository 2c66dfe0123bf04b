// Agreement of two judges on the same programs. Pure arithmetic: a figure that is not defined is null,
// never 0 or 1. Kappa as in Cohen, "A coefficient of agreement for nominal scales" (1960).

/** How often two judges said what about the programs on which both have a verdict. */
export interface AgreementCounts {
  /** Both flag. */
  readonly both: number;
  /** Only the first flags. */
  readonly onlyFirst: number;
  /** Only the second flags. */
  readonly onlySecond: number;
  /** Neither flags. */
  readonly neither: number;
}

/** Figures of agreement. */
export interface AgreementFigures extends AgreementCounts {
  /** Programs on which both have a verdict. */
  readonly n: number;
  /** Share on which they say the same; null without programs. */
  readonly observed: number | null;
  /** Of those that one of the two flags, the share that both do (counted for each of them); null when none is. */
  readonly positive: number | null;
  /** Cohen's kappa; null without programs, and where chance alone makes them agree. */
  readonly kappa: number | null;
  /** 95 % interval of kappa for large samples; null where kappa is, and where no spread shows. */
  readonly ci95: readonly [number, number] | null;
}

const Z = 1.959963984540054;

/** All figures of a table of counts. */
export function agreementFigures(counts: AgreementCounts): AgreementFigures {
  const { both, onlyFirst, onlySecond, neither } = counts;
  const n = both + onlyFirst + onlySecond + neither;
  const flags = 2 * both + onlyFirst + onlySecond;
  const positive = flags === 0 ? null : (2 * both) / flags;
  if (n === 0) return { ...counts, n, observed: null, positive, kappa: null, ci95: null };
  const observed = (both + neither) / n;
  // Whole numbers as long as possible: whether chance is certain must not depend on rounding.
  const chance = (both + onlyFirst) * (both + onlySecond) + (onlySecond + neither) * (onlyFirst + neither);
  const rest = n * n - chance;
  if (rest === 0) return { ...counts, n, observed, positive, kappa: null, ci95: null };
  const kappa = (n * (both + neither) - chance) / rest;
  const spread = (Z * n * Math.sqrt((observed * (1 - observed)) / n) * n) / rest;
  const ci95 = spread === 0 ? null : ([Math.max(-1, kappa - spread), Math.min(1, kappa + spread)] as const);
  return { ...counts, n, observed, positive, kappa, ci95 };
}

/** Counts added up. */
export function addCounts(a: AgreementCounts, b: AgreementCounts): AgreementCounts {
  return {
    both: a.both + b.both,
    onlyFirst: a.onlyFirst + b.onlyFirst,
    onlySecond: a.onlySecond + b.onlySecond,
    neither: a.neither + b.neither,
  };
}

/** Nothing counted yet. */
export const noCounts: AgreementCounts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
