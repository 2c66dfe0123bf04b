// What the builtin oracle says of generated C programs that carry a label: does each one parse, is it flagged for
// the weakness that it was made for where it was made weak, and not where it was made careful?
import type { CweId } from "../../src/core/cwe.ts";
import { loadLanguage } from "../../src/lang/registry.ts";
import { createBuiltinOracle } from "../../src/oracle/engines/builtin.ts";

/** A program as models/tiny/recipe writes it. */
export interface LabelledProgram {
  /** The program. */
  readonly text: string;
  /** The weakness that it was made for. */
  readonly cwe: CweId;
  /** Whether it was made with it. */
  readonly weak: boolean;
}

/** The counts of one weakness. */
export interface CorpusCounts {
  /** Programs. */
  readonly n: number;
  /** Programs that parse. */
  readonly parse: number;
  /** Programs that could not be scanned. */
  readonly unscanned: number;
  /** Programs that were made weak. */
  readonly weak: number;
  /** Programs that are flagged for the weakness. */
  readonly flagged: number;
  /** Weak programs that are not flagged. */
  readonly missed: readonly LabelledProgram[];
  /** Careful programs that are flagged. */
  readonly wrong: readonly LabelledProgram[];
}

/** Judges programs, by weakness. */
export async function judgeCorpus(programs: readonly LabelledProgram[]): Promise<Map<CweId, CorpusCounts>> {
  const c = await loadLanguage("c");
  const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
  const files = programs.map(({ text }, at) => ({ path: `${at}.c`, language: "c" as const, text }));
  const results = await oracle.scan(files);
  const judged = programs.map((program, at) => {
    const result = results[at];
    const found = result?.status === "scanned" ? result.findings : undefined;
    const flagged = found?.some(({ level, cwes }) => level !== "note" && cwes[0] === program.cwe);
    return { program, parses: c.parses(program.text), flagged };
  });
  const cwes = [...new Set(programs.map(({ cwe }) => cwe))].sort();
  return new Map(
    cwes.map((cwe) => {
      const own = judged.filter(({ program }) => program.cwe === cwe);
      const programsWhere = (test: (one: (typeof own)[number]) => boolean): LabelledProgram[] =>
        own.filter(test).map(({ program }) => program);
      return [
        cwe,
        {
          n: own.length,
          parse: programsWhere(({ parses }) => parses).length,
          unscanned: programsWhere(({ flagged }) => flagged === undefined).length,
          weak: programsWhere(({ program }) => program.weak).length,
          flagged: programsWhere(({ flagged }) => flagged === true).length,
          missed: programsWhere(({ program, flagged }) => program.weak && flagged === false),
          wrong: programsWhere(({ program, flagged }) => !program.weak && flagged === true),
        },
      ];
    }),
  );
}
