// The builtin oracle: our own engine, in this process, nothing to install. A program is parsed,
// run abstractly by the taint machine, and looked at by structural checks.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { ScanResult, SourceFile, UnscannedReason } from "../../core/finding.ts";
import type { Language } from "../../core/language.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadLanguage } from "../../lang/registry.ts";
import { packageVersion } from "../../util/versions.ts";
import { analyse, arrangeRules, type RuleTable } from "../analysis.ts";
import { MAX_PROGRAM_BYTES } from "../limits.ts";
import { type Knowledge, loadKnowledge } from "../load.ts";
import type { SecurityOracle, ThreatModel } from "../oracle.ts";
import type { Rule } from "../rule-schema.ts";
import { OutOfBudget, type Settings } from "../taint/machine.ts";

/** How the builtin oracle looks. */
export interface BuiltinOptions {
  /** What counts as untrusted. */
  readonly threatModels: readonly ThreatModel[];
  /** Only rules for these CWEs; all rules where it is not given. */
  readonly cwes?: readonly CweId[];
  /** Folders with further models and rules. */
  readonly modelsDirs?: readonly string[];
}

export { MAX_PROGRAM_BYTES };

/** The builtin oracle, with what it knows for documents and SARIF. */
export interface BuiltinOracle extends SecurityOracle {
  readonly rules: readonly Rule[];
}

/** Loads models, rules and the parser. */
export async function createBuiltinOracle(options: BuiltinOptions): Promise<BuiltinOracle> {
  const knowledge = await loadKnowledge(options.modelsDirs ?? []);
  const python = await loadLanguage("python");
  return new Builtin(knowledge, python, options);
}

class Builtin implements BuiltinOracle {
  readonly identity: string;
  readonly rules: readonly Rule[];
  readonly #covers: readonly CweId[];
  readonly #python: LanguageSupport;
  readonly #table: RuleTable;
  readonly #settings: Settings;

  constructor(knowledge: Knowledge, python: LanguageSupport, options: BuiltinOptions) {
    const { model } = knowledge;
    const wanted = options.cwes;
    this.rules = knowledge.rules.filter(
      (rule) => wanted === undefined || rule.cwes.some((cwe) => wanted.includes(cwe)),
    );
    this.#python = python;
    const untrusted = new Set(options.threatModels.map((name) => model.label(name)));
    this.#table = arrangeRules(model, this.rules, untrusted);
    this.#settings = {
      labels: new Set([...untrusted, ...this.#table.bySink.flatMap(({ labels }) => [...labels])]),
      parameterLabel: options.threatModels.includes("parameters") ? model.label("parameters") : undefined,
      everythingPasses: false,
    };
    const covered = this.rules.flatMap(({ cwes }) => cwes);
    this.#covers = [...new Set(covered)].sort(compareCwe);
    const choice = `${[...options.threatModels].sort().join(",")}${wanted === undefined ? "" : `;${[...wanted].sort(compareCwe).join(",")}`}`;
    this.identity = `builtin@${packageVersion()}+rules.${knowledge.hash.slice(0, 8)}(${choice})`;
  }

  covers(language: Language): readonly CweId[] {
    return language === "python" ? this.#covers : [];
  }

  async scan(files: readonly SourceFile[], options?: { signal?: AbortSignal }): Promise<ScanResult[]> {
    const results: ScanResult[] = [];
    for (const [index, file] of files.entries()) {
      options?.signal?.throwIfAborted();
      results.push(this.#scanOne(file));
      // Analysis never waits: give timers and signals their turn.
      if (index % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
    }
    return results;
  }

  #scanOne(file: SourceFile): ScanResult {
    const { path, text } = file;
    const unscanned = (reason: UnscannedReason, detail: string): ScanResult => ({
      status: "unscanned",
      path,
      reason,
      detail,
    });
    if (file.language !== "python") {
      return unscanned("unsupported-language", `The builtin oracle does not read ${file.language} yet.`);
    }
    if (text.includes("\0")) return unscanned("not-text", "The file is not UTF-8 text.");
    if (Buffer.byteLength(text) > MAX_PROGRAM_BYTES) {
      return unscanned("too-large", `Programs above ${MAX_PROGRAM_BYTES} bytes are not analysed.`);
    }
    try {
      const tree = this.#python.parse(text);
      if (tree.firstError !== undefined) {
        const line = text.slice(0, tree.firstError.start).split("\n").length;
        return unscanned("parse-error", `Line ${line} does not follow Python's grammar.`);
      }
      const findings = analyse(tree, this.#table, this.#settings);
      return { status: "scanned", path, findings, covers: [...this.#covers] };
    } catch (error) {
      if (error instanceof OutOfBudget) return unscanned("timeout", `Stopped: ${error.message}.`);
      // The bounds on nesting should come first; a program must not stop a scan in any case.
      if (error instanceof RangeError)
        return unscanned("timeout", "Stopped: the program is nested too deeply.");
      throw error;
    }
  }
}
