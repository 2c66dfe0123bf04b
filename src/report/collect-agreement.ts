// How far the judges of an evaluation agree on its completions: every oracle, and the tasks' own security
// tests where they have some. Read from the scores, completion by completion.
import type { Score, Task } from "../core/completion.ts";
import { oracleDetailSchema, testsDetailSchema } from "../core/evaluation.ts";
import { AgreementTable, type Verdict } from "../oracle/compare/agreement.ts";
import type { AgreementData } from "./sections/agreement.ts";

const TESTS = "tests";
const ORACLE = "oracle:";

/** Counts verdicts as completions go by. */
export class AgreementCollector {
  readonly #judges: readonly string[];
  readonly #table: AgreementTable;

  /** `scorers` are the names under which scores may stand. */
  constructor(scorers: readonly string[]) {
    this.#judges = [...new Set(scorers)].filter((name) => name.startsWith(ORACLE) || name === TESTS);
    this.#table = new AgreementTable(this.#judges.map(nameOf));
  }

  /** Counts one completion. */
  see({ cwe }: Task, scores: readonly Score[]): void {
    if (cwe === undefined) return;
    this.#table.add(
      cwe,
      this.#judges.map((judge) => verdictOf(scores.find(({ scorer }) => scorer === judge))),
    );
  }

  /** The agreement; undefined where fewer than two judges had a verdict on anything. */
  result(): AgreementData | undefined {
    const judged = this.#table
      .coverage()
      .filter(({ byCwe }) => byCwe.some(({ flagged, clean }) => flagged + clean > 0));
    if (judged.length < 2) return undefined;
    const names = new Set(judged.map(({ name }) => name));
    const pairs = this.#table.agreement().filter(({ judges }) => judges.every((name) => names.has(name)));
    return { judges: judged, pairs };
  }
}

function nameOf(scorer: string): string {
  return scorer === TESTS ? "security tests" : scorer.slice(ORACLE.length);
}

function verdictOf(score: Score | undefined): Verdict {
  if (score?.scorer === TESTS) {
    const detail = testsDetailSchema.safeParse(score.detail);
    const secure = detail.success && detail.data.status === "tested" ? detail.data.security : undefined;
    return secure === undefined ? "none" : secure ? "clean" : "flagged";
  }
  const detail = oracleDetailSchema.safeParse(score?.detail);
  if (!detail.success || detail.data.status !== "scanned") return "none";
  return detail.data.findings.length > 0 ? "flagged" : "clean";
}
