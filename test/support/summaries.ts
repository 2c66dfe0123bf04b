// Summaries of evaluations as small as a test needs them: an arm is a flagged rate and a pass@1.

import { parseCweId } from "../../src/core/cwe.ts";
import type { ArmSummary, EvaluationSummary, RateFigure } from "../../src/core/evaluation.ts";

/** What an arm came to. */
export interface ArmFigures {
  readonly role: "base" | "adapter";
  readonly strategy: ArmSummary["strategy"];
  readonly oracle: string;
  /** Flagged of all, of ten completions. */
  readonly flagged: number;
  /** pass@1; null without tests. */
  readonly pass1: number | null;
}

/** A summary of these arms; the headlines go from the first arm of an oracle to its last. */
export function summaryOf(figures: readonly ArmFigures[]): EvaluationSummary {
  const arms = figures.map(armOf);
  const oracles = [...new Set(arms.map(({ oracle }) => oracle))];
  const headlines = oracles.flatMap((oracle) => {
    const own = arms.filter((arm) => arm.oracle === oracle);
    const [before, after] = [own[0], own.at(-1)];
    if (before === undefined || after === undefined || before === after) return [];
    const reduction = 1 - (after.flaggedRate ?? 0) / (before.flaggedRate ?? 1);
    const rest = { ci95: null, difference: null, differenceCi95: null, families: 1 };
    return [{ before: before.name, after: after.name, reduction, ...rest }];
  });
  return { arms, headline: headlines[0] ?? null, headlines, benchmarks: [] };
}

function rate(value: number): RateFigure {
  return {
    rate: value,
    ci95: [Math.max(0, value - 0.1), Math.min(1, value + 0.1)],
    hits: value * 10,
    of: 10,
  };
}

function armOf({ role, strategy, oracle, flagged, pass1 }: ArmFigures): ArmSummary {
  const cwe = { cwe: parseCweId("22"), prompts: 1, unscanned: 0 };
  const figures = { flagged: rate(flagged), atRisk: rate(1), parsed: rate(0.9) };
  const nothing = { duplicate: 0, unparsable: 0, notAnalysed: 0 };
  const atK = { k: 1, funcCi95: null, sec: null, funcSec: null, funcSecCi95: null, vulnerable: null };
  const tests = {
    tested: 10,
    untested: 0,
    untestedReasons: {},
    promptsUntested: 0,
    functional: rate(pass1 ?? 0),
    functionalBounds: null,
    security: rate(0),
    functionalAndSecure: rate(0),
    securePass: rate(0),
    atK: [{ ...atK, func: pass1, securePass: null }],
  };
  return {
    name: `own/${role}/${strategy}/${oracle}`,
    model: "m",
    adapter: role === "base" ? null : "a",
    strategy,
    benchmark: "own",
    language: "python",
    oracle,
    n: 10,
    flagged: flagged * 10,
    flaggedRate: flagged,
    ci95: figures.flagged.ci95,
    parseRate: 0.9,
    unscanned: 0,
    duplicates: 0,
    atRisk: 10,
    metrics: {
      n: 10,
      ...figures,
      flaggedBounds: [flagged, flagged],
      flaggedOfParsed: rate(flagged),
      flaggedOfAtRisk: rate(flagged),
      atRiskUnknown: 0,
      unscanned: 0,
      unscannedReasons: {},
      duplicates: 0,
      truncated: 0,
      atK: [],
      secRate: { rate: 1 - flagged, prompts: 1, valid: 10, dropped: nothing },
      byCwe: [{ ...cwe, ...figures }],
      byPrompt: [],
      ...(pass1 === null ? {} : { tests }),
    },
  };
}
