// The builtin oracle: our own engine, in this process, nothing to install. A program is parsed and
// run abstractly: Python by the taint machine and structural checks, C by the machine in c/.
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { Finding, ScanResult, SourceFile, UnscannedReason } from "../../core/finding.ts";
import type { Language } from "../../core/language.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadLanguage } from "../../lang/registry.ts";
import type { SyntaxTree } from "../../lang/syntax.ts";
import { packageVersion } from "../../util/versions.ts";
import { analyse, arrangeRules, type RuleTable } from "../analysis.ts";
import { MAX_PROGRAM_BYTES, MOST_CHARACTERS_OF_C, MOST_CHARACTERS_OF_PYTHON } from "../limits.ts";
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
  // The grammar is compiled beside the reading of models.
  const [python, knowledge] = await Promise.all([
    loadLanguage("python"),
    loadKnowledge(options.modelsDirs ?? []),
  ]);
  return new Builtin(knowledge, python, options);
}

/** How programs of one language are read. */
interface Reader {
  readonly language: LanguageSupport;
  /** Characters up to which a program is analysed within the bounds on time. */
  readonly longest: number;
  /** Whose grammar, for messages. */
  readonly grammar: string;
  analyse(tree: SyntaxTree): Finding[];
}

function rulesFor(rules: readonly Rule[], language: Language): Rule[] {
  return rules.filter((rule) => rule.language === language);
}

function coveredBy(rules: readonly Rule[], language: Language): CweId[] {
  return [...new Set(rulesFor(rules, language).flatMap(({ cwes }) => cwes))].sort(compareCwe);
}

class Builtin implements BuiltinOracle {
  readonly identity: string;
  readonly rules: readonly Rule[];
  readonly #covers: Readonly<Record<Language, readonly CweId[]>>;
  readonly #knowledge: Knowledge;
  readonly #options: BuiltinOptions;
  #c: Promise<Reader> | undefined;
  readonly #pythonReader: Reader;
  readonly #table: RuleTable;
  readonly #settings: Settings;

  constructor(knowledge: Knowledge, python: LanguageSupport, options: BuiltinOptions) {
    const { model } = knowledge;
    const wanted = options.cwes;
    this.rules = knowledge.rules.filter(
      (rule) => wanted === undefined || rule.cwes.some((cwe) => wanted.includes(cwe)),
    );
    this.#pythonReader = {
      language: python,
      longest: MOST_CHARACTERS_OF_PYTHON,
      grammar: "Python's",
      analyse: (tree) => analyse(tree, this.#table, this.#settings),
    };
    this.#knowledge = knowledge;
    this.#options = options;
    const untrusted = new Set(options.threatModels.map((name) => model.label(name)));
    this.#table = arrangeRules(model, rulesFor(this.rules, "python"), untrusted);
    this.#settings = {
      labels: new Set([...untrusted, ...this.#table.bySink.flatMap(({ labels }) => [...labels])]),
      parameterLabel: options.threatModels.includes("parameters") ? model.label("parameters") : undefined,
      everythingPasses: false,
    };
    this.#covers = { python: coveredBy(this.rules, "python"), c: coveredBy(this.rules, "c") };
    const choice = `${[...options.threatModels].sort().join(",")}${wanted === undefined ? "" : `;${[...wanted].sort(compareCwe).join(",")}`}`;
    this.identity = `builtin@${packageVersion()}+rules.${knowledge.hash.slice(0, 8)}(${choice})`;
  }

  covers(language: Language): readonly CweId[] {
    return this.#covers[language];
  }

  async scan(files: readonly SourceFile[], options?: { signal?: AbortSignal }): Promise<ScanResult[]> {
    const results: ScanResult[] = [];
    for (const [index, file] of files.entries()) {
      options?.signal?.throwIfAborted();
      results.push(this.#scanOne(file, await this.#reader(file.language)));
      // Analysis never waits: give timers and signals their turn.
      if (index % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
    }
    return results;
  }

  /** C is loaded when the first program of it comes, code, models and grammar: most scans start without. */
  #reader(language: Language): Reader | Promise<Reader> {
    switch (language) {
      case "python":
        return this.#pythonReader;
      case "c":
        this.#c ??= this.#loadC();
        return this.#c;
      default:
        return language satisfies never;
    }
  }

  async #loadC(): Promise<Reader> {
    const [language, model, { createCEngine }] = await Promise.all([
      loadLanguage("c"),
      this.#knowledge.cModel(),
      import("../c/engine.ts"),
    ]);
    const labels = new Set<string>(this.#options.threatModels);
    // What is run from a shell reads its arguments and input: for C both are taken together.
    if (labels.has("remote")) labels.add("local");
    const rules = rulesFor(this.rules, "c");
    const engine = createCEngine({ model, rules, labels, language });
    return {
      language,
      longest: MOST_CHARACTERS_OF_C,
      grammar: "C's or C++'s",
      analyse: (tree) => engine.analyse(tree),
    };
  }

  #scanOne(file: SourceFile, reader: Reader): ScanResult {
    const { path, text } = file;
    const unscanned = (reason: UnscannedReason, detail: string): ScanResult => ({
      status: "unscanned",
      path,
      reason,
      detail,
    });
    if (text.includes("\0")) return unscanned("not-text", "The file is not UTF-8 text.");
    if (Buffer.byteLength(text) > MAX_PROGRAM_BYTES) {
      return unscanned("too-large", `Programs above ${MAX_PROGRAM_BYTES} bytes are not analysed.`);
    }
    if (text.length > reader.longest) {
      return unscanned("too-large", `Programs of it above ${reader.longest} characters are not analysed.`);
    }
    try {
      const tree = reader.language.parse(text);
      if (tree.firstError !== undefined) {
        const line = text.slice(0, tree.firstError.start).split("\n").length;
        return unscanned("parse-error", `Line ${line} does not follow ${reader.grammar} grammar.`);
      }
      const findings = reader.analyse(tree);
      return { status: "scanned", path, findings, covers: [...this.covers(file.language)] };
    } catch (error) {
      if (error instanceof OutOfBudget) return unscanned("timeout", `Stopped: ${error.message}.`);
      // The bounds on nesting should come first; a program must not stop a scan in any case.
      if (error instanceof RangeError)
        return unscanned("timeout", "Stopped: the program is nested too deeply.");
      throw error;
    }
  }
}
