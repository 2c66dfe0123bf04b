// Turns one run of the taint machine, and the structural checks, into findings.
import { HexacoderError } from "../core/errors.ts";
import type { Finding, Region } from "../core/finding.ts";
import type { SyntaxNode, SyntaxTree } from "../lang/syntax.ts";
import { LineIndex } from "../util/text.ts";
import type { Check } from "./checks/checks.ts";
import { checks } from "./checks/registry.ts";
import { flowOf, goesBeyond } from "./flow.ts";
import type { Rule } from "./rule-schema.ts";
import type { CallSite } from "./taint/call-site.ts";
import type { Fact, Literal } from "./taint/domain.ts";
import type { Settings } from "./taint/machine.ts";
import type { Model } from "./taint/model.ts";
import { runProgram } from "./taint/run.ts";

/** Rules arranged for use. */
export interface RuleTable {
  readonly model: Model;
  /** Rules by bit of the sink's kind. */
  readonly bySink: readonly {
    readonly bit: number;
    readonly labels: ReadonlySet<number>;
    readonly rule: Rule;
  }[];
  readonly byMisuse: ReadonlyMap<string, readonly Rule[]>;
  readonly byCheck: readonly { readonly check: Check; readonly rule: Rule }[];
}

/** Arranges rules; `untrusted` stands for the labels of the threat models. */
export function arrangeRules(
  model: Model,
  rules: readonly Rule[],
  untrusted: ReadonlySet<number>,
): RuleTable {
  const byMisuse = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const kind of rule.misuses ?? []) byMisuse.set(kind, [...(byMisuse.get(kind) ?? []), rule]);
  }
  const bySink = rules.flatMap((rule) => {
    const labels = labelsOf(model, rule, untrusted);
    return (rule.sinks ?? []).map((kind) => ({ bit: model.bit(kind), labels, rule }));
  });
  const byCheck = rules.flatMap((rule) => {
    if (rule.check === undefined) return [];
    const check = checks[rule.check];
    if (check !== undefined) return [{ check, rule }];
    throw new HexacoderError("bad-input", {
      message: `The rule ${rule.id} names a check that there is not: ${rule.check}.`,
      remedy: `Use one of ${Object.keys(checks).join(", ")}.`,
    });
  });
  return { model, bySink, byMisuse, byCheck };
}

function labelsOf(model: Model, rule: Rule, untrusted: ReadonlySet<number>): ReadonlySet<number> {
  const labels = new Set<number>();
  for (const name of rule.sources ?? []) {
    if (name === "untrusted") for (const label of untrusted) labels.add(label);
    else labels.add(model.label(name));
  }
  return labels;
}

/** Analyses a program that parses; throws OutOfBudget where that takes too many steps. */
export function analyse(tree: SyntaxTree, table: RuleTable, settings: Settings): Finding[] {
  const collector = new Collector(tree, table);
  const patterns: { literal: Literal; call: CallSite }[] = [];
  runProgram({
    model: table.model,
    tree,
    settings,
    listener: {
      sink: (bit, fact, node) => collector.sink(bit, fact, node),
      misuse: (kind, node) => collector.misuse(kind, node),
      pattern: (literal, call) => patterns.push({ literal, call }),
    },
  });
  for (const { check, rule } of table.byCheck) {
    for (const { node, detail } of check({ tree, patterns })) collector.add(rule, node, { detail });
  }
  return collector.findings();
}

class Collector {
  readonly #table: RuleTable;
  readonly #lines: LineIndex;
  readonly #found = new Map<string, Finding & { order: number }>();

  constructor(tree: SyntaxTree, table: RuleTable) {
    this.#table = table;
    this.#lines = new LineIndex(tree.source);
  }

  sink(bit: number, fact: Fact, node: SyntaxNode): void {
    const { origin } = fact;
    if (origin.kind !== "source") return;
    for (const entry of this.#table.bySink) {
      if ((entry.bit & bit & fact.mask) === 0 || !entry.labels.has(origin.label)) continue;
      this.add(entry.rule, node, { fact });
    }
  }

  misuse(kind: string, node: SyntaxNode): void {
    for (const rule of this.#table.byMisuse.get(kind) ?? []) this.add(rule, node, {});
  }

  add(rule: Rule, node: SyntaxNode, about: { fact?: Fact; detail?: string }): void {
    const key = `${rule.id}:${node.start}:${node.end}`;
    const { fact, detail } = about;
    const level = fact !== undefined && goesBeyond(fact) ? "note" : rule.level;
    const known = this.#found.get(key);
    if (known !== undefined && (known.level !== "note" || level === "note")) return;
    const region = this.#region(node);
    const finding: Finding = {
      ruleId: rule.id,
      cwes: [...rule.cwes],
      level,
      message: this.#message(rule, { fact, detail }),
      region,
      ...(fact === undefined ? {} : { codeFlow: flowOf(fact, node, (at) => this.#region(at)) }),
    };
    this.#found.set(key, { ...finding, order: node.start });
  }

  /** Findings in the order of their places. */
  findings(): Finding[] {
    const sorted = [...this.#found.values()].sort(
      (a, b) => a.order - b.order || (a.ruleId < b.ruleId ? -1 : a.ruleId > b.ruleId ? 1 : 0),
    );
    return sorted.map(({ order: _order, ...finding }) => finding);
  }

  #message(rule: Rule, about: { fact: Fact | undefined; detail: string | undefined }): string {
    const { fact, detail } = about;
    let source = rule.misuses === undefined ? "untrusted data" : "an archive";
    if (fact?.origin.kind === "source") {
      source = `${fact.origin.says} (line ${this.#region(fact.origin.node).startLine})`;
    }
    return rule.message.replaceAll("{source}", source).replaceAll("{detail}", detail ?? "");
  }

  #region(node: SyntaxNode): Region {
    return this.#lines.region(node.start, node.end);
  }
}
