// Python: tree-sitter's grammar behind the LanguageSupport interface.
import { HexacoderError } from "../core/errors.ts";
import type { LanguageSupport } from "./lang.ts";
import { loadParser } from "./parse.ts";

let loaded: Promise<LanguageSupport> | undefined;

/** Python; the grammar is loaded once a process. */
export function loadPython(): Promise<LanguageSupport> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LanguageSupport> {
  const parse = await loadParser("tree-sitter-python/tree-sitter-python.wasm");
  const notYet = (): never => {
    throw new HexacoderError("unsupported-language", { message: "Not built yet.", remedy: "Wait for it." });
  };
  return {
    language: "python",
    parse,
    parses: (text) => parse(text).firstError === undefined,
    split: notYet,
    join: notYet,
    importsIn: notYet,
    cut: notYet,
    changedSpans: notYet,
  };
}
