// Collects verdicts of several judges, a program and a weakness at a time, and says how far each two of
// them agree. Verdicts stay apart by judge; what a judge did not look at, or does not look for, is none.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import {
  type AgreementCounts,
  type AgreementFigures,
  addCounts,
  agreementFigures,
  noCounts,
} from "./kappa.ts";

/** What a judge says of one weakness in one program. */
export type Verdict = "flagged" | "clean" | "none";

/** Agreement of two judges. */
export interface PairAgreement {
  /** Their names. */
  readonly judges: readonly [string, string];
  /** Over all weaknesses: every program counts once for each weakness on which both have a verdict. */
  readonly pooled: AgreementFigures;
  /** By weakness, those on which both have a verdict somewhere. */
  readonly byCwe: readonly { readonly cwe: CweId; readonly figures: AgreementFigures }[];
}

/** How often a judge had a verdict, and which. */
export interface JudgeCoverage {
  /** Its name. */
  readonly name: string;
  /** By weakness. */
  readonly byCwe: readonly {
    readonly cwe: CweId;
    readonly flagged: number;
    readonly clean: number;
    readonly none: number;
  }[];
}

/** Verdicts of judges, counted. Memory grows with judges and weaknesses, not with programs. */
export class AgreementTable {
  readonly #judges: readonly string[];
  readonly #tables = new Map<CweId, { pairs: Map<string, AgreementCounts>; verdicts: VerdictCounts[] }>();

  constructor(judges: readonly string[]) {
    this.#judges = judges;
  }

  /** Counts one program for one weakness; verdicts in the order of the judges. */
  add(cwe: CweId, verdicts: readonly Verdict[]): void {
    const table = this.#tables.get(cwe) ?? {
      pairs: new Map<string, AgreementCounts>(),
      verdicts: this.#judges.map(() => ({ flagged: 0, clean: 0, none: 0 })),
    };
    this.#tables.set(cwe, table);
    for (const [place, verdict] of verdicts.entries()) {
      const counts = table.verdicts[place];
      if (counts !== undefined) counts[verdict]++;
    }
    for (const { key, first, second } of this.#pairs()) {
      const cell = cellOf(verdicts[first], verdicts[second]);
      if (cell !== undefined) table.pairs.set(key, addCounts(table.pairs.get(key) ?? noCounts, cell));
    }
  }

  /** Agreement of each two judges, in the order in which they were named. */
  agreement(): PairAgreement[] {
    return this.#pairs().map(({ key, judges }) => {
      const byCwe = this.#cwes().flatMap((cwe) => {
        const counts = this.#tables.get(cwe)?.pairs.get(key);
        return counts === undefined ? [] : [{ cwe, figures: agreementFigures(counts) }];
      });
      const pooled = byCwe.reduce<AgreementCounts>((sum, { figures }) => addCounts(sum, figures), noCounts);
      return { judges, pooled: agreementFigures(pooled), byCwe };
    });
  }

  /** What each judge had a verdict on. */
  coverage(): JudgeCoverage[] {
    return this.#judges.map((name, place) => ({
      name,
      byCwe: this.#cwes().map((cwe) => {
        const { flagged = 0, clean = 0, none = 0 } = this.#tables.get(cwe)?.verdicts[place] ?? {};
        return { cwe, flagged, clean, none };
      }),
    }));
  }

  #cwes(): CweId[] {
    return [...this.#tables.keys()].sort(compareCwe);
  }

  #pairs(): { key: string; judges: [string, string]; first: number; second: number }[] {
    return this.#judges.flatMap((a, first) =>
      this.#judges
        .slice(first + 1)
        .map((b, after): { key: string; judges: [string, string]; first: number; second: number } => {
          const second = first + 1 + after;
          return { key: `${first} ${second}`, judges: [a, b], first, second };
        }),
    );
  }
}

type VerdictCounts = Record<Verdict, number>;

/** Where two verdicts are counted; nowhere when one of them is none. */
function cellOf(a: Verdict | undefined, b: Verdict | undefined): AgreementCounts | undefined {
  if (a === undefined || b === undefined || a === "none" || b === "none") return undefined;
  if (a === "flagged") return b === "flagged" ? { ...noCounts, both: 1 } : { ...noCounts, onlyFirst: 1 };
  return b === "flagged" ? { ...noCounts, onlySecond: 1 } : { ...noCounts, neither: 1 };
}
