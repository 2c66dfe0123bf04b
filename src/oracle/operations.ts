// Which risky operations a program performs on data of a request, in a safe way or not. An
// over-approximation of flow: every call passes data on, and no check or sanitizer stops it.
// Of C programs the syntax alone is asked (operations-c.ts).
import type { SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import { loadLanguage } from "../lang/registry.ts";
import { sha256 } from "../util/hash.ts";
import { MAX_PROGRAM_BYTES } from "./engines/builtin.ts";
import { loadOperations } from "./load.ts";
import { type COperations, loadCOperations } from "./operations-c.ts";
import { OutOfBudget, type Settings } from "./taint/machine.ts";
import { runProgram } from "./taint/run.ts";

/** Tells whether a program performs an operation that data/taint/operations.yml names. */
export interface OperationProbe {
  /** Identity with the models' hash, for manifests. */
  readonly identity: string;
  /** Names of the operations. */
  readonly operations: readonly string[];
  /** Whether the program performs the operation on a value of the request; `unscanned` when it cannot say. */
  performs(file: SourceFile, operation: string): boolean | "unscanned";
  /** All operations that the program performs on a value of the request; `unscanned` when it cannot say. */
  of(file: SourceFile): ReadonlySet<string> | "unscanned";
}

/** Loads the operations and the parser. */
export async function createOperationProbe(): Promise<OperationProbe> {
  const { model, names, hash } = await loadOperations();
  const [python, c] = await Promise.all([loadLanguage("python"), loadCOperations()]);
  const settings: Settings = {
    // Helpers are judged by their parameters.
    labels: new Set([model.label("remote"), model.label("parameters")]),
    parameterLabel: model.label("parameters"),
    everythingPasses: true,
  };
  const inPython = (text: string): ReadonlySet<string> | "unscanned" => {
    const tree = python.parse(text);
    if (tree.firstError !== undefined) return "unscanned";
    const found = new Set<string>();
    const sink = (bit: number): void => {
      for (const name of names) if ((model.bit(name) & bit) !== 0) found.add(name);
    };
    const misuse = (kind: string): void => {
      found.add(kind);
    };
    try {
      runProgram({ model, tree, settings, listener: { sink, misuse } });
    } catch (error) {
      if (error instanceof OutOfBudget || error instanceof RangeError) return "unscanned";
      throw error;
    }
    return found;
  };
  const known = {
    python: { names, in: inPython },
    c,
  } as const satisfies Record<Language, Pick<COperations, "names" | "in">>;
  // Several operations are asked of the same program in a row.
  let last: { file: SourceFile; found: ReadonlySet<string> | "unscanned" } | undefined;
  const of = (file: SourceFile): ReadonlySet<string> | "unscanned" => {
    if (!isText(file.text)) return "unscanned";
    if (last?.file.text !== file.text || last.file.language !== file.language)
      last = { file, found: known[file.language].in(file.text) };
    return last.found;
  };
  return {
    identity: `operations+${sha256(hash + c.hash).slice(0, 8)}`,
    operations: [...new Set([...names, ...c.names])],
    performs: (file, operation) => {
      // A language's list says nothing of what it does not have.
      if (!known[file.language].names.includes(operation)) return "unscanned";
      const found = of(file);
      return found === "unscanned" ? "unscanned" : found.has(operation);
    },
    of,
  };
}

function isText(text: string): boolean {
  return !text.includes("\0") && Buffer.byteLength(text) <= MAX_PROGRAM_BYTES;
}
