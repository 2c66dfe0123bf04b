// Which risky operations a program performs on data of a request, in a safe way or not. An
// over-approximation of flow: every call passes data on, and no check or sanitizer stops it.
import type { SourceFile } from "../core/finding.ts";
import { loadLanguage } from "../lang/registry.ts";
import { MAX_PROGRAM_BYTES } from "./engines/builtin.ts";
import { loadOperations } from "./load.ts";
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
}

/** Loads the operations and the parser. */
export async function createOperationProbe(): Promise<OperationProbe> {
  const { model, names, hash } = await loadOperations();
  const python = await loadLanguage("python");
  const settings: Settings = {
    // Helpers are judged by their parameters.
    labels: new Set([model.label("remote"), model.label("parameters")]),
    parameterLabel: model.label("parameters"),
    everythingPasses: true,
  };
  const operationsOf = (text: string): ReadonlySet<string> | "unscanned" => {
    if (text.includes("\0") || Buffer.byteLength(text) > MAX_PROGRAM_BYTES) return "unscanned";
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
  // Several operations are asked of the same program in a row.
  let last: { text: string; found: ReadonlySet<string> | "unscanned" } | undefined;
  return {
    identity: `operations+${hash.slice(0, 8)}`,
    operations: names,
    performs: (file, operation) => {
      if (file.language !== "python") return "unscanned";
      if (last?.text !== file.text) last = { text: file.text, found: operationsOf(file.text) };
      return last.found === "unscanned" ? "unscanned" : last.found.has(operation);
    },
  };
}
