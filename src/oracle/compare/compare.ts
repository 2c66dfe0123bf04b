// Has several judges look at the same programs, and notes where they differ. A program is looked at by
// all of them before the next ones are read, so that memory does not grow with their number.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { Finding, ScanResult, SourceFile } from "../../core/finding.ts";
import type { SecurityOracle } from "../oracle.ts";
import { AgreementTable, type JudgeCoverage, type PairAgreement, type Verdict } from "./agreement.ts";

/** A judge under the name that the user gave it. */
export interface Judge {
  readonly name: string;
  readonly oracle: SecurityOracle;
}

/** One weakness in one program on which judges with a verdict differ. */
export interface Disagreement {
  readonly path: string;
  readonly cwe: CweId;
  /** Judges that flag it. */
  readonly flaggedBy: readonly string[];
  /** Judges that looked for it and do not flag it. */
  readonly cleanFor: readonly string[];
  /** Judges without a verdict. */
  readonly noVerdict: readonly string[];
  /** Findings of those that flag it. */
  readonly findings: readonly { readonly judge: string; readonly finding: Finding }[];
}

/** What comparing gives. */
export interface Comparison {
  readonly judges: readonly JudgeFigures[];
  readonly pairs: readonly PairAgreement[];
  /** Programs that were shown to the judges. */
  readonly programs: number;
  /** Pairs of a program and a weakness on which judges differ. */
  readonly disagreements: number;
}

/** What a judge did. */
export interface JudgeFigures extends JudgeCoverage {
  /** With its version. */
  readonly identity: string;
  /** Programs that it could not look at, by reason. */
  readonly unscanned: Readonly<Record<string, number>>;
}

/** Compares judges program by program. */
export class OracleComparison {
  readonly #judges: readonly Judge[];
  readonly #table: AgreementTable;
  readonly #unscanned: Record<string, number>[];
  #programs = 0;
  #disagreements = 0;

  constructor(judges: readonly Judge[]) {
    this.#judges = judges;
    this.#table = new AgreementTable(judges.map(({ name }) => name));
    this.#unscanned = judges.map(() => ({}));
  }

  /** Has all judges look at programs; returns where they differ, in the order of the programs. */
  async look(files: readonly SourceFile[], options?: { signal?: AbortSignal }): Promise<Disagreement[]> {
    const answers: ScanResult[][] = [];
    for (const { oracle } of this.#judges) answers.push(await oracle.scan(files, options));
    return files.flatMap((file, index) => {
      this.#programs++;
      const found = this.#compare(
        file,
        answers.map((results) => results[index]),
      );
      this.#disagreements += found.length;
      return found;
    });
  }

  /** The figures so far. */
  result(): Comparison {
    const coverage = this.#table.coverage();
    return {
      judges: this.#judges.map(({ name, oracle: { identity } }, place) => ({
        name,
        identity,
        byCwe: coverage[place]?.byCwe ?? [],
        unscanned: this.#unscanned[place] ?? {},
      })),
      pairs: this.#table.agreement(),
      programs: this.#programs,
      disagreements: this.#disagreements,
    };
  }

  #compare(file: SourceFile, results: readonly (ScanResult | undefined)[]): Disagreement[] {
    for (const [place, result] of results.entries()) {
      const reason =
        result === undefined ? "tool-failed" : result.status === "unscanned" ? result.reason : undefined;
      const counts = this.#unscanned[place];
      if (reason !== undefined && counts !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
    }
    const cwes = [...new Set(results.flatMap(concernedBy))].sort(compareCwe);
    return cwes.flatMap((cwe): Disagreement[] => {
      const verdicts = results.map((result) => verdictOf(result, cwe));
      this.#table.add(cwe, verdicts);
      return verdicts.includes("flagged") && verdicts.includes("clean")
        ? [this.#disagreement({ file, cwe, results, verdicts })]
        : [];
    });
  }

  #disagreement(at: {
    file: SourceFile;
    cwe: CweId;
    results: readonly (ScanResult | undefined)[];
    verdicts: readonly Verdict[];
  }): Disagreement {
    const { file, cwe, results, verdicts } = at;
    const named = (verdict: Verdict): string[] =>
      this.#judges.flatMap(({ name }, place) => (verdicts[place] === verdict ? [name] : []));
    const findings = this.#judges.flatMap(({ name }, place) =>
      findingsOf(results[place], cwe).map((finding) => ({ judge: name, finding })),
    );
    return {
      path: file.path,
      cwe,
      flaggedBy: named("flagged"),
      cleanFor: named("clean"),
      noVerdict: named("none"),
      findings,
    };
  }
}

/** Weaknesses that a judge looked for in a program; a finding of another is a verdict, too. */
function concernedBy(result: ScanResult | undefined): CweId[] {
  if (result?.status !== "scanned") return [];
  return [...result.covers, ...result.findings.filter(isVerdict).flatMap(({ cwes }) => cwes[0] ?? [])];
}

function verdictOf(result: ScanResult | undefined, cwe: CweId): Verdict {
  if (findingsOf(result, cwe).length > 0) return "flagged";
  return result?.status === "scanned" && result.covers.includes(cwe) ? "clean" : "none";
}

/** Findings count for their first weakness; notes are advice. */
function findingsOf(result: ScanResult | undefined, cwe: CweId): Finding[] {
  if (result?.status !== "scanned") return [];
  return result.findings.filter((finding) => isVerdict(finding) && finding.cwes[0] === cwe);
}

function isVerdict({ level }: Finding): boolean {
  return level !== "note";
}
