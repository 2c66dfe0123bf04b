// C behind the builtin oracle: models and rules arranged once, findings for each program.
import { HexacoderError } from "../../core/errors.ts";
import type { Finding, FlowStep, Region } from "../../core/finding.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import type { SyntaxTree } from "../../lang/syntax.ts";
import { LineIndex } from "../../util/text.ts";
import type { Rule } from "../rule-schema.ts";
import { findWeaknesses } from "./analyse.ts";
import type { Taint, TaintStep } from "./linear.ts";
import type { Report } from "./machine.ts";
import type { Model } from "./model.ts";

/** Steps for one program: some tenths of a second. */
const BUDGET = 160_000;

/** Analyses programs of C and C++. */
export interface CEngine {
  /** What is found in a program that parses; throws OutOfBudget where that takes too many steps. */
  analyse(tree: SyntaxTree): Finding[];
}

/** Arranges rules; `labels` are the threat models that count. */
export function createCEngine(init: {
  model: Model;
  rules: readonly Rule[];
  labels: ReadonlySet<string>;
  language: LanguageSupport;
}): CEngine {
  const byKind = new Map<string, Rule[]>();
  for (const rule of init.rules) {
    for (const kind of [...(rule.sinks ?? []), ...(rule.misuses ?? [])]) {
      byKind.set(kind, [...(byKind.get(kind) ?? []), rule]);
    }
    if (rule.check !== undefined) throw noSuchCheck(rule);
  }
  const settings = { labels: init.labels, budget: BUDGET, parse: init.language.parse };
  return {
    analyse: (tree) => {
      const lines = new LineIndex(tree.source);
      return asFindings(findWeaknesses(tree, init.model, settings), { byKind, lines });
    },
  };
}

function noSuchCheck(rule: Rule): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `The rule ${rule.id} names a check that there is not for C: ${rule.check}.`,
    remedy: "Name what the engine finds under `sinks` or `misuses`; docs/oracle.md lists it.",
  });
}

function asFindings(
  reports: readonly Report[],
  about: { byKind: ReadonlyMap<string, readonly Rule[]>; lines: LineIndex },
): Finding[] {
  const found = new Map<string, { finding: Finding; order: number }>();
  for (const report of reports) {
    for (const rule of about.byKind.get(report.kind) ?? []) {
      const key = `${rule.id}:${report.node.start}:${report.node.end}`;
      const before = found.get(key);
      if (before !== undefined && (before.finding.codeFlow !== undefined || report.taint === undefined))
        continue;
      found.set(key, { finding: asFinding(report, rule, about.lines), order: report.node.start });
    }
  }
  return [...found.values()]
    .sort((a, b) => a.order - b.order || (a.finding.ruleId < b.finding.ruleId ? -1 : 1))
    .map(({ finding }) => finding);
}

function asFinding({ node, taint, detail }: Report, rule: Rule, lines: LineIndex): Finding {
  const region = lines.region(node.start, node.end);
  const flow = taint === undefined ? undefined : flowOf(taint, lines, region);
  const [first] = flow ?? [];
  const source =
    first === undefined
      ? "data of which nothing is known"
      : `${first.message} (line ${first.region.startLine})`;
  return {
    ruleId: rule.id,
    cwes: [...rule.cwes],
    level: rule.level,
    message: rule.message.replaceAll("{source}", source).replaceAll("{detail}", detail),
    region,
    ...(flow === undefined ? {} : { codeFlow: flow }),
  };
}

const MOST_STEPS = 40;

function flowOf(taint: Taint, lines: LineIndex, sink: Region): FlowStep[] {
  const steps: FlowStep[] = [];
  for (
    let step: TaintStep | undefined = taint.step;
    step !== undefined && steps.length < MOST_STEPS;
    step = step.previous
  ) {
    steps.push({ region: lines.region(step.start, step.end), message: step.message });
  }
  steps.reverse();
  const last = steps.at(-1);
  if (last === undefined || last.message !== "reaches the sink")
    steps.push({ region: sink, message: "reaches the sink" });
  return steps;
}
